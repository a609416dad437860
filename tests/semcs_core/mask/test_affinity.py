import numpy as np
import pytest

from semcs_core.mask.affinity import (
    cosine_affinity,
    gaussian_affinity,
    graph_affinity,
    neighbour_affinity,
)
from semcs_core.mask.descriptors import Cells, appearance, describe_cells, grid_shape, rgb_to_lab


@pytest.fixture
def cells() -> Cells:
    rgb = np.random.default_rng(3).integers(0, 256, (60, 90, 3), dtype=np.uint8)
    return describe_cells(rgb, (8, 12))


def test_every_affinity_is_symmetric_and_has_no_negatives(cells):
    features = np.random.default_rng(0).standard_normal((8, 12, 5)).astype(np.float32)
    for affinity in (
        gaussian_affinity(cells),
        cosine_affinity(features),
        neighbour_affinity(cells),
        graph_affinity(np.zeros((96, 96), np.float32), cells),
    ):
        assert affinity.shape == (96, 96)
        assert affinity.dtype == np.float32
        np.testing.assert_array_equal(affinity, affinity.T)
        assert affinity.min() >= 0
    assert graph_affinity(np.zeros((96, 96), np.float32), cells).min() > 0  # all are connected


def test_without_colour_neighbours_the_features_alone_make_the_graph(cells):
    features = cosine_affinity(np.random.default_rng(0).standard_normal((8, 12, 5)))
    alone, with_colours = (graph_affinity(features, cells, weight) for weight in (0, 10))
    np.testing.assert_allclose(alone, features, atol=1e-3)
    assert np.abs(with_colours - features).max() > 9


def test_cosine_affinity_cuts_negatives_and_ignores_length():
    features = np.array([[1, 0], [5, 0], [-1, 0], [3, 3]], np.float32)
    half = np.sqrt(0.5)
    expected = [[1, 1, 0, half], [1, 1, 0, half], [0, 0, 1, 0], [half, half, 0, 1]]
    np.testing.assert_allclose(cosine_affinity(features), expected, atol=1e-6)


def test_neighbours_are_counted_from_both_sides(cells):
    # Each cell names itself once for each of the two neighbourhoods, and is named by itself.
    affinity = neighbour_affinity(cells)
    np.testing.assert_array_equal(np.diag(affinity), 4)
    assert affinity.max() == 4
    assert affinity.sum() == 2 * 96 * (20 + 10)


def test_lab_of_known_colours():
    # CIE Lab of the sRGB primaries, rounded (for instance Lindbloom's calculator).
    rgb = np.array([[1, 1, 1], [0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]])
    lab = [
        [100, 0, 0],
        [0, 0, 0],
        [53.24, 80.09, 67.2],
        [87.73, -86.18, 83.18],
        [32.3, 79.2, -107.9],
    ]
    np.testing.assert_allclose(rgb_to_lab(rgb), lab, atol=0.1)


@pytest.mark.parametrize("size", [(427, 640), (1, 1), (4, 9000)])
def test_the_grid_stays_in_bounds(size):
    rows, columns = grid_shape(*size)
    assert min(rows, columns) >= 4
    assert 64 <= rows * columns <= 1400


def test_texture_tells_apart_what_colour_does_not():
    x = np.arange(128)
    grey = np.where((x[None, :] < 64) | (x[None, :] // 2 % 2 == 0), 120, 136).repeat(128, 0)
    grey[:, :64] = 128
    cells = describe_cells(grey.astype(np.uint8)[..., None].repeat(3, 2), (8, 8))
    look = appearance(cells).reshape(8, 8, -1)
    flat, striped = look[:, 1], look[:, 6]
    assert np.linalg.norm(flat.mean(0) - striped.mean(0)) > 5 * np.linalg.norm(flat.std(0))
    assert np.abs(flat[:, :3].mean(0) - striped[:, :3].mean(0)).max() < 1
