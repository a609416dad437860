"""From a mask of cells to one of pixels, whose edges are the picture's.

Guided filter (He, Sun and Tang, PAMI 2013): within each window the result is a linear function of
the guide, so the mask's edges fall on the picture's. As in the fast guided filter (He and Sun,
2015), the linear functions are computed on a reduced picture and applied to the full one.
"""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from semcs_core.image import resize_map
from semcs_core.mask.descriptors import Cells

WORKING_SIDE = 512
"""Longer side in pixels of the reduced picture."""
REGULARISATION = 3e-3
"""Variance of the guide (in [0, 1]) at which half of a step is passed on."""
SHARPENING = 3.0
"""Gain of the contrast about 0.5 between the two passes."""
COLOUR_NOISE = 1e-3
"""Variance of RGB (in [0, 1]) added to that within the classes, which may be 0."""


def separating_guide(rgb: np.ndarray, mask: np.ndarray, cells: Cells) -> np.ndarray:
    """The grey picture that separates this mask's object from its background best.

    Fisher's linear discriminant of the two classes' colours, instead of the fixed weights of
    luminance: red on a green of the same brightness has an edge too. A guide of three channels
    is as good, but costs four times as much.

    Args:
        rgb: [H, W, 3], uint8.
        mask: [N], in [0, 1], strictly between for some cells or both 0 and 1 present.
        cells: the picture on the mask's grid.

    Returns:
        [H, W], float32, in [0, 1].
    """
    colours = cells.rgb.astype(np.float64)
    mean_object = mask @ colours / mask.sum()
    mean_background = (1 - mask) @ colours / (1 - mask).sum()
    within = COLOUR_NOISE * np.eye(3)
    for weight, mean in ((mask, mean_object), (1 - mask, mean_background)):
        within += (weight[:, None] * (colours - mean)).T @ (colours - mean) / len(mask)
    direction = np.linalg.solve(within, mean_object - mean_background)
    seen = colours @ direction
    spread = max(float(np.ptp(seen)), 1e-9)
    guide = rgb @ (direction / (255 * spread)).astype(np.float32)
    return np.clip(guide - np.float32(seen.min() / spread), 0, 1)


def guided_upsample(coarse: np.ndarray, guide: np.ndarray) -> np.ndarray:
    """Enlarge a mask along the guide's edges.

    The first of two passes, in windows of two cells, moves the mask's edge, a cell wide, to the
    guide's; the second, on the sharpened result and in half the window, removes the halo.

    Args:
        coarse: [h, w], in [0, 1], the mask on any grid over the same picture.
        guide: [H, W], float32, in [0, 1].

    Returns:
        [H, W], float32, in [0, 1].
    """
    height, width = guide.shape
    cell_side = (height / coarse.shape[0] + width / coarse.shape[1]) / 2
    shrink = min(1.0, WORKING_SIDE / max(height, width))
    shape = (max(1, round(height * shrink)), max(1, round(width * shrink)))
    small_guide = resize_map(guide, shape)
    radius = max(1, round(cell_side * shrink))
    slope, offset = guided_coefficients(small_guide, resize_map(coarse, shape), radius)
    moved = slope * small_guide + offset
    sharpened = np.clip(0.5 + SHARPENING * (moved - 0.5), 0, 1)
    radius = max(1, round(cell_side * shrink / 2))
    slope, offset = guided_coefficients(small_guide, sharpened, radius)
    full = resize_map(slope, guide.shape) * guide + resize_map(offset, guide.shape)
    return np.clip(full, 0, 1)


def guided_coefficients(
    guide: np.ndarray, signal: np.ndarray, radius: int, regularisation: float = REGULARISATION
) -> tuple[np.ndarray, np.ndarray]:
    """The linear functions of the guide that come nearest to the signal (eq. 5, 6 and 8).

    Args:
        guide: [H, W], float32, in [0, 1].
        signal: [H, W], float32, to be filtered.
        radius: the window is a square of 2 * radius + 1 pixels.
        regularisation: epsilon of eq. 5.

    Returns:
        slope and offset, each [H, W] float32; the filter's result is slope * guide + offset.
    """
    # In float64: the variance of a flat window is the difference of two equal numbers.
    guide = guide.astype(np.float64)
    signal = signal.astype(np.float64)

    def mean(image: np.ndarray) -> np.ndarray:
        return ndimage.uniform_filter(image, 2 * radius + 1, mode="reflect")

    mean_guide, mean_signal = mean(guide), mean(signal)
    variance = mean(guide * guide) - mean_guide**2
    slope = (mean(guide * signal) - mean_guide * mean_signal) / (variance + regularisation)
    offset = mean_signal - slope * mean_guide
    return mean(slope).astype(np.float32), mean(offset).astype(np.float32)
