"""Learn from one photo what its object looks like, starting from evidence of where it is.

A linear classifier of the cells' descriptors is trained on the surest cells, then again and again
on its own answer, so that the object grows over whatever looks like it (self-training, as in
GrabCut: Rother et al., SIGGRAPH 2004, with a discriminant for the colour models and no cut).
Every constant here was varied over 16 photos, and none mattered much.
"""

from __future__ import annotations

import numpy as np
from scipy.stats import rankdata

from semcs_core.image import resize_map
from semcs_core.mask.descriptors import Cells
from semcs_core.mask.threshold import stretched

SUREST_OBJECT, SUREST_BACKGROUND = 0.75, 0.2
"""The first classifier learns the evidence's top quarter of range and lowest fifth of cells."""
ROUNDS = 3
RIDGE = 0.02
SLOPE = 8.0
EVIDENCE_WEIGHT = 0.4
"""Against the classifier's answer: enough to break ties, or the object could not grow."""
LAB_LENGTH, LAB_SCALE_FLOOR = 0.5, 8.0
"""Of the colour beside the descriptors' 1, and in Lab units: less spread than that is noise."""
SEEN_WEIGHT = 2.0
"""Of where the network sees things, against the border prior and the photo's middle."""


def surest_object(
    cells: Cells, descriptors: np.ndarray, attention: np.ndarray, prior: np.ndarray
) -> tuple[np.ndarray, float]:
    """The object that `borne_out` finds best of three.

    One may be of any size, one is small, and one may own the border: no evidence is right on every
    photo. An object is more often in the middle third of a photo than at its left or right.

    Args:
        cells: the picture on the descriptors' grid.
        descriptors: [gh, gw, C], as of `ObjectFeatures`.
        attention: [gh/2, gw/2], as of `ObjectFeatures`.
        prior: [N/4], the border prior on the grid of `attention`.

    Returns:
        How likely each cell is object, [gh, gw] in [0, 1], and `borne_out` of that.
    """
    across = cells.position[:, 1] - cells.position[:, 1].mean()
    seen, inner = (
        resize_map(known.reshape(attention.shape), cells.shape).ravel()
        for known in (attention, prior)
    )
    there = SEEN_WEIGHT * stretched(seen) + np.exp(-((across / across.max()) ** 2))
    evidence = stretched(there + inner)
    colour = cells.lab - cells.lab.mean(axis=0)
    scale = max(np.sqrt((colour**2).sum(axis=1).mean()), LAB_SCALE_FLOOR)
    look = np.column_stack([descriptors.reshape(len(colour), -1), LAB_LENGTH / scale * colour])
    ways = (evidence, 0.75), (evidence, 0.25), (stretched(there), 0.75)
    found = [learn_object(look, *way) for way in ways]
    support = [borne_out(mask, look, evidence) for mask in found]
    best = int(np.argmax(support))
    return found[best].reshape(cells.shape), support[best]


def learn_object(look: np.ndarray, evidence: np.ndarray, balance: float) -> np.ndarray:
    """How likely each cell is object.

    Args:
        look: [N, C], the cells' descriptors, of length about 1.
        evidence: [N], in [0, 1], higher on the object.
        balance: 1 if object and background count alike however small one is; less, and a small
            object does not grow as easily.

    Returns:
        [N], float64, in [0, 1].
    """
    sure = evidence > SUREST_OBJECT, evidence <= np.quantile(evidence, SUREST_BACKGROUND)
    answer = _discriminant(look, *(cells.astype(float) for cells in sure), 1.0)
    for _ in range(ROUNDS):
        likely = _soft(answer, evidence)
        answer = _discriminant(look, likely, 1 - likely, balance)
    return _soft(answer, evidence)


def borne_out(mask: np.ndarray, look: np.ndarray, evidence: np.ndarray) -> float:
    """How well photo and evidence support a mask, whatever made it.

    The product of three: the share of the mask's variance that a classifier of the cells explains,
    at even odds; the overlap of that classifier's object with the mask's; and how often the
    evidence ranks object above background, 0 if by chance.

    Args:
        mask: [N], in [0, 1]; above 0.5 is object.
        look: [N, C], as in `learn_object`.
        evidence: [N], in [0, 1].

    Returns:
        0 to 1; 0 for an empty or a full mask.
    """
    hard = mask > 0.5
    if hard.all() or not hard.any():
        return 0.0
    answer = _discriminant(look, hard.astype(float), 1.0 - hard, 1.0)
    error = (answer - np.where(hard, 1, -1)) ** 2
    explained = 1 - (error[hard].mean() + error[~hard].mean()) / 2
    overlap = (hard & (answer > 0)).sum() / (hard | (answer > 0)).sum()
    # The Mann-Whitney statistic: the area under the receiver operating characteristic.
    above = (rankdata(evidence)[hard].mean() - (hard.sum() + 1) / 2) / (~hard).sum()
    return float(max(explained, 0) * overlap * max(2 * above - 1, 0))


def _soft(answer: np.ndarray, evidence: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-SLOPE * (answer + EVIDENCE_WEIGHT * (evidence - 0.5))))


def _discriminant(
    look: np.ndarray, of_object: np.ndarray, of_background: np.ndarray, balance: float
) -> np.ndarray:
    """[N], about 1 on the object and -1 on the background: ridge regression with an offset."""
    x = np.column_stack([look, np.ones(len(look))]).astype(np.float64)
    positive = of_object / of_object.sum() ** balance
    negative = of_background / of_background.sum() ** balance
    total = positive.sum() + negative.sum()
    weighted = x * ((positive + negative) / total)[:, None]
    system = x.T @ weighted + RIDGE * np.eye(x.shape[1])
    return x @ np.linalg.solve(system, x.T @ (positive - negative) / total)
