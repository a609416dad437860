"""The mask as a whole: no crumbs, no holes."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

SMALLEST_SHARE = 0.1
"""Components under this share of the largest one are dropped. Two like things are both kept, so
the largest alone (Melas-Kyriazi et al., 2022) isn't enough."""


def clean_regions(mask: np.ndarray) -> np.ndarray:
    """Drop small components and fill holes, leaving the soft edges of the rest as they are.

    Args:
        mask: [H, W], float32, in [0, 1]; above 0.5 is object.

    Returns:
        [H, W], float32, in [0, 1].
    """
    hard = mask > 0.5
    labels, count = ndimage.label(hard)
    if count == 0:
        return np.zeros_like(mask)
    area = np.bincount(labels.ravel())
    keep = area >= SMALLEST_SHARE * area[1:].max()
    keep[0] = False
    kept = keep[labels]
    filled = ndimage.binary_fill_holes(kept)
    # The soft edge of a dropped crumb goes with it, that of a kept region stays.
    cleaned = np.where(hard & ~kept & ~filled, 0, mask)
    return np.where(filled & ~hard, 1, cleaned).astype(np.float32)


def drop_crumbs(mask: np.ndarray) -> np.ndarray:
    """Drop the small components of either side: of the object, then of the background.

    For a mask that may be the background: in it the object is a hole, which must not be filled.

    Args:
        mask: [H, W], float32, in [0, 1]; above 0.5 is object.

    Returns:
        [H, W], float32, in [0, 1].
    """
    return 1 - _drop_components(1 - _drop_components(mask))


def _drop_components(mask: np.ndarray) -> np.ndarray:
    labels, _ = ndimage.label(mask > 0.5)
    area = np.bincount(labels.ravel())
    small = area < SMALLEST_SHARE * area[1:].max(initial=0)
    small[0] = False
    return np.where(small[labels], 0, mask).astype(np.float32)
