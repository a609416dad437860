"""The mask as a whole: no crumbs, no holes."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

SMALLEST_SHARE = 0.1
"""Components under this share of the largest one are dropped. Melas-Kyriazi et al. (2022) keep only
the largest, which would lose one of two similar things."""


def clean_regions(mask: np.ndarray) -> np.ndarray:
    """Drop small components and fill holes; all other soft edges stay as they are.

    [H, W], float32, in [0, 1], above 0.5 is object, to the same.
    """
    hard = mask > 0.5
    filled = ndimage.binary_fill_holes(hard & ~_crumbs(hard))
    return np.where(filled & ~hard, 1, np.where(hard & ~filled, 0, mask)).astype(np.float32)


def drop_crumbs(mask: np.ndarray) -> np.ndarray:
    """Drop the small components of the object, then those of the background.

    For a mask that may be the background: in it the object is a hole, which must not be filled.
    [H, W], float32, in [0, 1], above 0.5 is object, to the same.
    """
    background = 1 - np.where(_crumbs(mask > 0.5), 0, mask)
    return 1 - np.where(_crumbs(background > 0.5), 0, background)


def largest_component(mask: np.ndarray) -> np.ndarray:
    """The largest component of the object alone, as published: [H, W] in [0, 1] to the same."""
    labels, _ = ndimage.label(mask > 0.5)
    areas = np.bincount(labels.ravel())
    areas[0] = 0  # the background
    return np.where((labels > 0) & (labels != areas.argmax()), 0, mask).astype(np.float32)


def _crumbs(hard: np.ndarray) -> np.ndarray:
    """Where the small components of a hard mask are: [H, W], bool."""
    labels, _ = ndimage.label(hard)
    area = np.bincount(labels.ravel())
    small = area < SMALLEST_SHARE * area[1:].max(initial=0)
    small[0] = False
    return small[labels]
