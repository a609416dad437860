"""Changes of a mask by hand: larger, smaller, softer, or the other way round.

Nothing is known outside the picture: an object that is cut by the picture's border stays at it.
"""

from __future__ import annotations

import math

import numpy as np
from scipy import ndimage

from semcs_core.errors import UserError

LEAST, MOST = 1, 64
"""Pixels that an edge may be moved or softened by in one go."""
DISC_MARGIN = 0.25
"""Pixels on top of a disc's radius. What a disc of whole pixels moves an edge by depends on the
edge's angle; with it the error is at most half a pixel, and without, 0.7."""


def grow(mask: np.ndarray, pixels: float) -> np.ndarray:
    """Move the outline outwards, by the same distance in every direction.

    A dilation of the soft mask by a disc: every level of a soft edge moves alike, so it stays as
    soft as it was.

    Args:
        mask: [H, W], float32 in [0, 1], 1 = object.
        pixels: 1 to 64; the distance, kept to half a pixel.

    Returns:
        [H, W], float32 in [0, 1], nowhere less than `mask`.

    Raises:
        UserError: `pixels` is out of range.
    """
    _check(pixels)
    return _dilate(mask.astype(np.float32), pixels)


def shrink(mask: np.ndarray, pixels: float) -> np.ndarray:
    """Move the outline inwards: `grow` for the background, with the same arguments and errors."""
    _check(pixels)
    return -_dilate(-mask.astype(np.float32), pixels)


def feather(mask: np.ndarray, pixels: float) -> np.ndarray:
    """Soften the outline with a Gaussian; that of a straight edge stays where it is.

    Args:
        mask: [H, W], float32 in [0, 1], 1 = object.
        pixels: 1 to 64; how far the softened edge reaches to either side, two standard deviations.

    Returns:
        [H, W], float32 in [0, 1].

    Raises:
        UserError: `pixels` is out of range.
    """
    _check(pixels)
    soft = ndimage.gaussian_filter(mask.astype(np.float32), pixels / 2, mode="nearest")
    return soft.clip(0, 1)


def invert(mask: np.ndarray) -> np.ndarray:
    """Object and background change places: [H, W] in [0, 1] to the same in float32."""
    return 1 - mask.astype(np.float32)


def _dilate(values: np.ndarray, pixels: float) -> np.ndarray:
    """The largest value in the disc around each pixel, row by row of the disc: [H, W]."""
    height = len(values)
    largest = values.copy()
    radius = pixels + DISC_MARGIN
    for shift in range(min(math.floor(radius), height - 1) + 1):
        half = math.floor(math.sqrt(radius**2 - shift**2))
        rows = ndimage.maximum_filter1d(values, 2 * half + 1, axis=1, mode="constant", cval=-np.inf)
        np.maximum(largest[shift:], rows[: height - shift], out=largest[shift:])
        np.maximum(largest[: height - shift], rows[shift:], out=largest[: height - shift])
    return largest


def _check(pixels: float) -> None:
    is_number = isinstance(pixels, (int, float)) and not isinstance(pixels, bool)
    if not is_number or not LEAST <= pixels <= MOST:  # NaN isn't either
        raise UserError(
            f"The mask's edge changes by {LEAST} to {MOST} pixels: choose such a number."
        )
