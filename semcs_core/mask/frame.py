"""The photo inside a uniform frame.

A frame owns the whole border, so the border prior would call everything in the photo "object":
the frame must be removed first.
"""

from __future__ import annotations

import numpy as np

UNIFORM = 8
"""Levels of 255 by which a frame's pixels may differ from its colour, because of compression."""
STEP = 24
"""Levels of 255 by which the photo's edge differs from the frame."""
EDGE_SHARE = 0.75
"""Share of the photo's edge that must differ: an object on a plain backdrop has no such edge."""
RINGING = 16
"""Pixels beside a hard edge in which compression leaves traces: JPEG's largest block."""
THICKEST = 0.15
"""Of the side: letterbox bars of 2.35:1 in 16:9 take 0.12. A thicker margin is a backdrop."""


def photo_inside_frame(rgb: np.ndarray) -> tuple[slice, slice]:
    """Where the photo is, without frame or letterbox bars.

    Args:
        rgb: [H, W, 3], uint8.

    Returns:
        Rows and columns of the photo: all of them if there is no frame.
    """
    height, width = rgb.shape[:2]
    by_column = rgb.swapaxes(0, 1)
    top, bottom = _thickness(rgb), _thickness(rgb[::-1])
    left, right = _thickness(by_column), _thickness(by_column[::-1])
    return slice(top, height - bottom), slice(left, width - right)


def _thickness(lines: np.ndarray) -> int:
    """How many lines, from the first on, belong to a frame: [lines, length, 3] uint8."""
    most = int(THICKEST * len(lines))
    ringing = min(RINGING, len(lines) // 25)
    outer = lines[: most + ringing + 1].astype(np.int16)
    difference = np.abs(outer - np.median(outer[0], axis=0)).max(axis=-1)
    plain = (difference <= UNIFORM).all(axis=1)
    if plain.all():
        return 0
    uniform = int(np.argmin(plain))
    if uniform == 0:
        return 0
    # Only the middle, where the frame's other two sides cannot be.
    end = int(THICKEST * lines.shape[1])
    middle = difference[:, end : lines.shape[1] - end]
    edge = (middle >= STEP).mean(axis=1) >= EDGE_SHARE
    for thickness in range(uniform, min(uniform + ringing, most) + 1):
        if edge[thickness]:
            return thickness
    return 0
