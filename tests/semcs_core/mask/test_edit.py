"""Laws of the changes of a mask by hand."""

import numpy as np
import pytest

from semcs_core.errors import UserError
from semcs_core.mask.edit import feather, grow, shrink

ROWS, COLUMNS = np.mgrid[:256, :256] - 127.5


def half_plane(angle: float, softness: float = 4.0) -> np.ndarray:
    """Object on one side of a straight edge through the middle, at an angle in degrees."""
    across = ROWS * np.sin(np.radians(angle)) + COLUMNS * np.cos(np.radians(angle))
    return (0.5 - across / (2 * softness)).clip(0, 1).astype(np.float32)


@pytest.mark.parametrize("angle", range(0, 360, 15))
@pytest.mark.parametrize("pixels", [1, 2, 7, 30])
def test_a_soft_edge_moves_as_it_is_in_every_direction(angle, pixels):
    inner = (slice(60, -60), slice(60, -60))  # nothing comes in from outside the picture
    ramp = 8.0
    moved = grow(half_plane(angle), pixels) - half_plane(angle)
    across = ROWS * np.sin(np.radians(angle)) + COLUMNS * np.cos(np.radians(angle))
    expected = (0.5 - (across - pixels) / ramp).clip(0, 1) - half_plane(angle)
    assert np.abs(moved - expected)[inner].max() <= 0.5 / ramp


@pytest.mark.parametrize("pixels", [1, 4, 16, 64])
@pytest.mark.parametrize("edge", [100, 128, 180])
def test_feathering_leaves_a_straight_edge_where_it_is(edge, pixels):
    mask = np.zeros((256, 256), np.float32)
    mask[:, :edge] = 1
    soft = feather(mask, pixels)
    assert np.array_equal(soft > 0.5, mask > 0.5)
    # Of a Gaussian, 0.977 lies below two standard deviations.
    assert soft[:, edge - pixels - 1].min() > 0.95
    assert soft[:, edge + pixels].max() < 0.05
    steps = np.diff(soft[0])
    assert (steps <= 1e-6).all()


@pytest.mark.parametrize("change", [grow, shrink, feather])
@pytest.mark.parametrize("shape", [(1, 1), (3, 200), (200, 3), (40, 60)])
def test_every_change_keeps_shape_range_and_what_it_was_given(change, shape):
    mask = np.random.default_rng(1).random(shape).astype(np.float32)
    before = mask.copy()
    for pixels in (1, 2.5, 64):
        changed = change(mask, pixels)
        assert changed.shape == shape
        assert changed.dtype == np.float32
        assert changed.min() >= 0
        assert changed.max() <= 1
    assert np.array_equal(mask, before)


@pytest.mark.parametrize("change", [grow, shrink, feather])
@pytest.mark.parametrize("pixels", [0, 0.5, -3, 65, float("nan"), float("inf")])
def test_a_distance_out_of_range_is_refused_in_one_sentence(change, pixels):
    with pytest.raises(UserError, match="1 to 64 pixels") as caught:
        change(np.ones((8, 8), np.float32), pixels)
    assert str(caught.value).count(". ") == 0
