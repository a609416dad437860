"""From cells to pixels: the guided filter and the clean-up."""

import numpy as np
import pytest

from semcs_core.mask.cleanup import clean_regions
from semcs_core.mask.guided_filter import guided_coefficients, guided_upsample


def test_a_constant_guide_makes_the_filter_a_plain_mean():
    signal = np.random.default_rng(0).random((40, 40)).astype(np.float32)
    slope, offset = guided_coefficients(np.full((40, 40, 3), 0.4, np.float32), signal, 3, 1e-3)
    filtered = (slope * 0.4).sum(axis=2) + offset
    expected = signal[14:27, 14:27].astype(np.float64)
    # Two box means of side 7: a pyramid of side 13.
    pyramid = np.convolve(np.ones(7), np.ones(7))
    assert filtered[20, 20] == pytest.approx(pyramid @ expected @ pyramid / 49**2, abs=1e-6)


@pytest.mark.parametrize("size", [64, 640])
def test_a_coarse_mask_takes_over_the_edge_between_colours_of_one_brightness(size):
    edge = round(0.58 * size)  # not a multiple of the cell's side: the coarse mask can't have it
    rgb = np.full((size, size, 3), (0, 128, 0), np.uint8)
    rgb[:, edge:] = (255, 12, 0)  # the same luma as the green: 0.299 R + 0.587 G + 0.114 B
    coarse = np.broadcast_to(np.array([0, 0, 0, 0, 0.4, 1, 1, 1], np.float32), (8, 8))
    mask = guided_upsample(coarse, rgb)
    np.testing.assert_allclose(mask[:, : edge - 1], 0, atol=0.05)
    np.testing.assert_allclose(mask[:, edge + 1 :], 1, atol=0.05)


def test_crumbs_go_holes_are_filled_and_likes_are_kept():
    mask = np.zeros((60, 80), np.float32)
    mask[10:40, 10:40] = 0.9
    mask[20:25, 20:25] = 0.1  # a hole
    mask[10:30, 50:70] = 0.8  # a second thing, 400 pixels against 900
    mask[50:53, 5:8] = 1.0  # a crumb
    cleaned = clean_regions(mask)
    expected = np.zeros((60, 80), bool)
    expected[10:40, 10:40] = True
    expected[10:30, 50:70] = True
    np.testing.assert_array_equal(cleaned > 0.5, expected)
