"""Grow, shrink or feather a mask; an object at the picture's border stays at the border.

All take and return a mask [H, W], float32 in [0, 1], 1 = object. `pixels` is a distance from 1 to
64, in whole or half pixels; a `UserError` says so where it is not.
"""

from __future__ import annotations

import math

import numpy as np
from scipy import ndimage

from semcs_core.errors import UserError

LEAST, MOST = 1, 64
"""Pixels that an edge may be moved or softened by at once."""
DISC_MARGIN = 0.25
"""Pixels on top of a disc's radius. What a disc of whole pixels moves an edge by depends on the
edge's angle; with it the error is at most half a pixel, and without, 0.7."""


def grow(mask: np.ndarray, pixels: float) -> np.ndarray:
    """Move the outline outwards, by the same distance in every direction, to half a pixel.

    A dilation of the soft mask by a disc: every level of a soft edge moves alike, so it stays as
    soft as it was.
    """
    _check(pixels)
    return _dilate(mask.astype(np.float32), pixels)


def shrink(mask: np.ndarray, pixels: float) -> np.ndarray:
    """Move the outline inwards: `grow` for the background."""
    _check(pixels)
    return -_dilate(-mask.astype(np.float32), pixels)


def feather(mask: np.ndarray, pixels: float) -> np.ndarray:
    """Soften the outline with a Gaussian; a straight edge stays where it is.

    The edge then reaches `pixels`, two standard deviations, to either side.
    """
    _check(pixels)
    soft = ndimage.gaussian_filter(mask.astype(np.float32), pixels / 2, mode="nearest")
    return soft.clip(0, 1)


def _dilate(values: np.ndarray, pixels: float) -> np.ndarray:
    """The largest value in the disc around each pixel, one row of the disc after the other."""
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
    if not isinstance(pixels, (int, float)) or not LEAST <= pixels <= MOST:  # NaN is not
        raise UserError(
            f"Grow, shrink and feather take {LEAST} to {MOST} pixels: choose a number in between."
        )
