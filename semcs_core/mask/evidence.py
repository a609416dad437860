"""How well the picture supports a mask, whatever made the mask."""

from __future__ import annotations

import numpy as np

from semcs_core.mask.descriptors import Cells, appearance
from semcs_core.mask.grouping import colour_posterior


def mask_confidence(mask: np.ndarray, cells: Cells, same_colour: np.ndarray) -> float:
    """(1 - 1 / outline contrast) times colour separation.

    The contrast is the mean step in appearance from cell to cell across the outline, over the
    mean step everywhere else: 1 for a mask that ignores the picture. The separation is the mean
    `colour_posterior` inside the mask minus that outside: 0 if both have the same colours, 1 if
    they share none. Either alone can be high without an object: noise separates well by colour,
    and a few strong edges need not surround one thing.

    Args:
        mask: [N], in [0, 1]; above 0.5 is object.
        cells: the picture on the same grid.
        same_colour: [N, N], `colour_kernel` of these cells.

    Returns:
        0 to 1; 0 for an empty or a full mask.
    """
    hard = mask > 0.5
    if hard.all() or not hard.any():
        return 0.0
    posterior = colour_posterior(same_colour, hard.astype(np.float32))
    separation = float(posterior[hard].mean() - posterior[~hard].mean())
    return max(1 - 1 / max(_outline_contrast(hard, cells), 1.0), 0.0) * max(separation, 0.0)


def _outline_contrast(hard: np.ndarray, cells: Cells) -> float:
    gh, gw = cells.shape
    look = appearance(cells).reshape(gh, gw, -1)
    inside = hard.reshape(gh, gw)
    across, within = [], []
    for axis in (0, 1):
        step = np.linalg.norm(np.diff(look, axis=axis), axis=-1)
        outline = np.diff(inside, axis=axis)
        across.append(step[outline])
        within.append(step[~outline])
    # The floor, in Lab units, is less than the eye sees: inside flat colours there are no steps.
    return float(np.concatenate(across).mean() / max(np.concatenate(within).mean(), 0.1))
