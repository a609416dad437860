import numpy as np
import pytest

from semcs_core.mask.threshold import otsu_threshold, soft_split, stretched


def every_cut(values: np.ndarray) -> tuple[np.ndarray, list[float]]:
    """The 63 cuts of the histogram, and the variance within the classes of each."""
    count, edges = np.histogram(values, bins=64)
    binned = np.repeat((edges[:-1] + edges[1:]) / 2, count)
    variances = [
        sum(part.size * part.var() for part in (binned[binned < cut], binned[binned >= cut]))
        for cut in edges[1:-1]
    ]
    return edges[1:-1], variances


@pytest.mark.parametrize("seed", range(2))
def test_otsu_against_every_possible_cut(seed):
    random = np.random.default_rng(seed)
    values = np.r_[random.normal(0, 1, 300), random.normal(4, 0.5 + seed, 40 + 400 * seed)]
    cuts, variances = every_cut(values)
    # Binned values are the same on both sides of an edge and of any cut in empty bins beside it.
    chosen = variances[np.searchsorted(cuts, otsu_threshold(values) - 1e-9)]
    assert chosen == pytest.approx(min(variances), rel=1e-9)


def test_otsu_falls_half_way_between_two_clusters():
    # Any cut between them is the best; at one end of the gap a soft split would be undecided.
    values = np.r_[np.full(90, 0.1), np.full(10, 0.9)]
    assert otsu_threshold(values) == pytest.approx(0.5)
    np.testing.assert_allclose(soft_split(values, 16.0), values > 0.5, atol=1e-3)


def test_soft_split_is_a_half_at_the_threshold_and_keeps_the_order():
    values = np.r_[np.linspace(0, 0.2, 50), np.linspace(0.8, 1, 20)]
    split = soft_split(values, 12.0)
    assert (np.diff(split) > 0).all()
    np.testing.assert_array_equal(split > 0.5, values > otsu_threshold(values))


def test_soft_split_ignores_scale_and_knows_nothing_of_a_constant():
    values = np.random.default_rng(0).random(100)
    np.testing.assert_allclose(soft_split(7 * values + 3, 12.0), soft_split(values, 12.0))
    np.testing.assert_array_equal(soft_split(np.full(9, 0.3), 12.0), 0.5)


def test_stretched_values_reach_from_0_to_1_and_equal_ones_are_0():
    np.testing.assert_allclose(stretched(np.array([[-2, 0], [1, 2]])), [[0, 0.5], [0.75, 1]])
    np.testing.assert_array_equal(stretched(np.full((2, 3), 7.0)), np.zeros((2, 3)))
