"""From a mask of cells to one of pixels, whose edges are the picture's.

Guided filter (He, Sun and Tang, PAMI 2013): within each window the result is a linear function of
the guide, so the mask's edges fall on the picture's. As in the fast guided filter (He and Sun,
2015), the linear functions are computed on a reduced picture and applied to the full one.
"""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from semcs_core.image import resize_map
from semcs_core.mask.descriptors import MOST_CELLS

WORKING_SIDE = 512
"""Longer side in pixels of the reduced picture."""
REGULARISATION = 1e-3
"""Variance of the guide (in [0, 1]) at which half of a step is passed on."""
SHARPENING = 3.0
"""Gain of the contrast about 0.5 after each pass. Without the last, a third of the pixels near an
outline are neither object nor background, and two styles would fog into each other there."""


def guided_upsample(coarse: np.ndarray, rgb: np.ndarray) -> np.ndarray:
    """Enlarge a mask along the picture's edges, of any colours.

    The first of two passes, in windows of two cells, or on finer grids of a sixteenth of the side,
    moves the mask's edge, a cell wide, to the guide's; the second, on the sharpened result and in
    half the window, removes the halo.

    Args:
        coarse: [h, w], in [0, 1], the mask on any grid over the same picture.
        rgb: [H, W, 3], uint8, the picture.

    Returns:
        [H, W], float32, in [0, 1], nearly all of it 0 or 1.
    """
    height, width = shape = rgb.shape[:2]
    guide = rgb / np.float32(255)
    cell_side = (height * width / min(coarse.size, MOST_CELLS)) ** 0.5
    shrink = min(1.0, WORKING_SIDE / max(height, width))
    working = (max(1, round(height * shrink)), max(1, round(width * shrink)))
    small = resize_map(guide, working)
    mask = resize_map(coarse, working)
    for side in (cell_side, cell_side / 2):
        slope, offset = guided_coefficients(small, mask, max(1, round(side * shrink)))
        mask = _sharpened((slope * small).sum(axis=2) + offset)
    if working == shape:
        return mask
    return _sharpened((resize_map(slope, shape) * guide).sum(axis=2) + resize_map(offset, shape))


def guided_coefficients(
    guide: np.ndarray, signal: np.ndarray, radius: int, regularisation: float = REGULARISATION
) -> tuple[np.ndarray, np.ndarray]:
    """The linear functions of the guide that come nearest to the signal (eq. 8, 19 and 20).

    Args:
        guide: [H, W, C], float32, in [0, 1].
        signal: [H, W], float32, to be filtered.
        radius: the window is a square of 2 * radius + 1 pixels.
        regularisation: epsilon of eq. 19.

    Returns:
        slope [H, W, C] and offset [H, W], float32; the result is the sum of slope * guide, plus
        offset.
    """
    # In float64: the variance of a flat window is the difference of two equal numbers.
    guide = guide.astype(np.float64)
    signal = signal.astype(np.float64)

    def mean(image: np.ndarray) -> np.ndarray:
        return ndimage.uniform_filter(image, 2 * radius + 1, mode="reflect", axes=(0, 1))

    mean_guide, mean_signal = mean(guide), mean(signal)
    spread = mean(guide[..., None] * guide[..., None, :])
    spread -= mean_guide[..., None] * mean_guide[..., None, :]
    spread += regularisation * np.eye(guide.shape[2])
    shared = mean(guide * signal[..., None]) - mean_guide * mean_signal[..., None]
    slope = np.linalg.solve(spread, shared[..., None])[..., 0]
    offset = mean_signal - (slope * mean_guide).sum(axis=2)
    return mean(slope).astype(np.float32), mean(offset).astype(np.float32)


def _sharpened(mask: np.ndarray) -> np.ndarray:
    return np.clip(0.5 + SHARPENING * (mask - 0.5), 0, 1).astype(np.float32)
