import numpy as np

from semcs_core.mask.descriptors import Cells, appearance, describe_cells
from semcs_core.mask.prior import border_connectivity, object_prior


def cells_of(grid: np.ndarray) -> Cells:
    """One cell of 8 x 8 equal pixels for each grey value of the grid."""
    grey = grid.astype(np.uint8).repeat(8, 0).repeat(8, 1)
    return describe_cells(grey[..., None].repeat(3, 2), grid.shape)


def noisy_grid(seed: int) -> np.ndarray:
    grid = np.random.default_rng(seed).integers(90, 110, (7, 9))
    grid[2:5, 3:6] += 60
    return grid


def test_border_connectivity_against_its_definition():
    for seed in range(3):
        cells = cells_of(noisy_grid(seed))
        look = appearance(cells).astype(np.float64)
        row, column = np.divmod(np.arange(63), 9)
        border = (row == 0) | (row == 6) | (column == 0) | (column == 8)
        near = np.maximum(np.abs(row[:, None] - row), np.abs(column[:, None] - column)) == 1
        step = np.linalg.norm(look[:, None] - look[None], axis=-1)
        free = np.where(near, step, np.inf).min(axis=1).mean()
        cost = np.where(near | (border[:, None] & border), np.maximum(step - free, 0), np.inf)
        distance = cost
        np.fill_diagonal(distance, 0)
        for via in range(63):  # Floyd and Warshall
            distance = np.minimum(distance, distance[:, via, None] + distance[None, via])
        region = np.exp(-(distance**2) / (2 * 5.5**2))
        weight = border * np.where(row == 6, 0.5, 1.0)
        expected = region @ weight / np.sqrt(region.sum(axis=1))
        np.testing.assert_allclose(border_connectivity(cells), expected, rtol=1e-3)


def test_what_does_not_touch_the_border_is_the_object():
    grid = np.full((12, 12), 60)
    grid[4:8, 4:8] = 200
    prior = object_prior(cells_of(grid)).reshape(12, 12)
    assert prior[5:7, 5:7].min() > 0.9
    assert np.delete(prior, slice(3, 9), axis=0).max() < 0.1


def test_background_cut_in_two_by_the_object_is_still_background():
    grid = np.full((12, 12), 60)
    grid[:, 5:7] = 200
    prior = object_prior(cells_of(grid)).reshape(12, 12)
    assert prior[:, 5:7].min() > prior[:, :4].max()
    assert prior[:, 5:7].min() > prior[:, 8:].max()


def test_an_object_on_the_lower_edge_is_likelier_than_on_the_upper():
    grid = np.full((12, 12), 60)
    grid[8:, 4:8] = 200
    below = object_prior(cells_of(grid))[-6 - 12]
    above = object_prior(cells_of(grid[::-1]))[6 + 12]
    assert below > above
