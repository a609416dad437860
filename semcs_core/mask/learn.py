"""Learn from one photo what its object looks like, starting from evidence of where it is.

A linear classifier of the cells is trained on the surest ones, then again and again on its own
answer, so that the object grows over whatever looks like it (self-training, as in GrabCut: Rother
et al., SIGGRAPH 2004, with a discriminant for the colour models and no cut). No evidence is right
on every photo, so there are three candidates. On 16 photos no constant here mattered much.
"""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from semcs_core.image import resize_map
from semcs_core.mask.descriptors import Cells, appearance
from semcs_core.mask.prior import grid_neighbours
from semcs_core.mask.spectral import Spectrum, low_pass, spectral_embedding
from semcs_core.mask.threshold import MASK_SLOPE, soft_split, stretched

SUREST_OBJECT, SUREST_BACKGROUND = 0.75, 0.2
"""Where the first classifier learns: above this evidence, and in this share of cells below."""
ROUNDS = 3
RIDGE = 0.02
SLOPE = 8.0
EVIDENCE_WEIGHT = 0.4
"""Against the classifier's answer: enough to break ties, or the object could not grow."""
ANY_SIZE, SMALL = 0.75, 0.25
"""How far a small object counts as much as a large background: what is rare grows less."""
WITH_EYES = (0.0, 0.65, 1.0, 0.6), (0.0, 0.75, 1.0, 0.6), (0.25, 0.75, 3.0, 0.8)
"""The numbers of `learn_object`: it starts from much and grows far, from less, and hardly grows."""
CLEAR_OUTLINE = 0.15
"""How much more unlike cells are across an outline than elsewhere: on noise and gravel 0.03."""
COMPONENTS = 64
"""Of the descriptors, for speed: each classifier solves a system of this size."""
COLOUR_WEIGHT = 0.5
"""Of the cells' mean colour, beside descriptors of weight 1."""
LEAST_LENGTH = 8.0
"""In Lab units, of the deviation from the mean: below it there is only noise."""


def object_by_eyes(
    cells: Cells, descriptors: np.ndarray, attention: np.ndarray, prior: np.ndarray
) -> tuple[np.ndarray, float]:
    """The object by what a network sees, as `best_supported` of `WITH_EYES`.

    Args:
        cells: the picture on the descriptors' grid.
        descriptors: [gh, gw, C], as of `ObjectFeatures`.
        attention: [gh/2, gw/2], as of `ObjectFeatures`.
        prior: [N/4], the border prior on the grid of `attention`.
    """
    seen, inner = (
        resize_map(known.reshape(attention.shape), cells.shape).ravel()
        for known in (attention, prior)
    )
    there = 3 * stretched(seen) + _middle(cells)
    evidence = stretched(there + inner)
    look = _compressed(np.column_stack([descriptors.reshape(len(seen), -1), _colour(cells)]))
    # Learned without the border prior, which takes a portrait's coat for background.
    masks = [learn_object(look, stretched(there), *way) for way in WITH_EYES]
    mask, support = best_supported(masks, look, evidence, cells.shape)
    # Hysteresis: a piece without any of the surest cells is something else that looks alike.
    pieces, _ = ndimage.label(mask.reshape(cells.shape) > 0.5)
    sure = np.unique(pieces.ravel()[evidence > SUREST_OBJECT])
    if sure.any():
        mask = np.where(np.isin(pieces.ravel(), [0, *sure]), mask, 0)
    return mask, support


def object_by_graph(
    cells: Cells, spectrum: Spectrum, prior: np.ndarray
) -> tuple[np.ndarray, float]:
    """The object by the eigenvectors, as `best_supported`: small, of any size, or not learned.

    The last is the border prior [N], spread over the graph. All are judged by how the cells look:
    in the eigenvectors noise has objects too.
    """
    evidence = stretched(2 * prior + _middle(cells))
    look = np.column_stack([_of_unit_length(spectral_embedding(spectrum)), _colour(cells)])
    spread = soft_split(low_pass(spectrum, prior), MASK_SLOPE)
    learned = [learn_object(look, evidence, balance) for balance in (ANY_SIZE, SMALL)]
    look = _of_unit_length(appearance(cells))
    return best_supported([spread, *learned], look, evidence, cells.shape)


def learn_object(
    look: np.ndarray,
    evidence: np.ndarray,
    balance: float,
    surest: float = SUREST_OBJECT,
    weight: float = EVIDENCE_WEIGHT,
    undecided: float = 0.5,
) -> np.ndarray:
    """How likely each cell is object, [N], by its look [N, C], of length about 1, and evidence [N].

    `balance` is how far a small object counts as much as a large background; the first classifier
    starts from evidence above `surest`; `undecided` evidence has no `weight` on either side.
    """
    sure = (evidence > surest).astype(float)
    other = (evidence <= np.quantile(evidence, SUREST_BACKGROUND)).astype(float)
    answer = _discriminant(look, sure, other, 1.0)
    for _ in range(ROUNDS):
        likely = _soft(answer + weight * (evidence - undecided))
        answer = _discriminant(look, likely, 1 - likely, balance)
    return _soft(answer + weight * (evidence - undecided))


def best_supported(
    masks: list[np.ndarray], look: np.ndarray, evidence: np.ndarray, shape: tuple[int, int]
) -> tuple[np.ndarray, float]:
    """The mask [N] in [0, 1] that look [N, C] and evidence [N] support best, and how well.

    The choice is by a product: the share of the mask's variance that a classifier of the look
    explains, at even odds; the overlap of that classifier's object with the mask's; and the mask's
    overlap with as many cells of most evidence as overlap it best, since ranks say little of small
    objects. How well is, in [0, 1], the first two, times how often the evidence ranks object above
    background, 0 if by chance, times how clear the outline is on the grid of this shape: noise has
    the rest too. An empty or full mask has 0.
    """
    support = [_support(mask > 0.5, look, evidence, grid_neighbours(shape)) for mask in masks]
    best = max(range(len(masks)), key=lambda index: support[index][0])
    return masks[best], support[best][1]


def _support(
    hard: np.ndarray, look: np.ndarray, evidence: np.ndarray, near: tuple[np.ndarray, np.ndarray]
) -> tuple[float, float]:
    if hard.all() or not hard.any():
        return 0.0, 0.0
    answer = _discriminant(look, hard.astype(float), 1.0 - hard, 1.0)
    error = (answer - np.where(hard, 1, -1)) ** 2
    explained = max(1 - (error[hard].mean() + error[~hard].mean()) / 2, 0)
    overlap = (hard & (answer > 0)).sum() / (hard | (answer > 0)).sum()
    inside = np.cumsum(hard[np.argsort(-evidence, kind="stable")])
    agreed = (inside / (np.arange(1, len(hard) + 1) + hard.sum() - inside)).max()
    unlike, cut = (
        np.linalg.norm(look[near[0]] - look[near[1]], axis=1),
        hard[near[0]] != hard[near[1]],
    )
    outline = unlike[cut].mean() / max(unlike[~cut].mean(), 1e-6)
    # The area under the receiver operating characteristic; scipy.stats would take 30 MiB.
    around, own = np.sort(evidence[~hard]), evidence[hard]
    below = np.searchsorted(around, own), np.searchsorted(around, own, "right")
    above = np.mean(below) / len(around)
    known, certain = explained * overlap, np.clip((outline - 1) / CLEAR_OUTLINE, 0, 1)
    return float(known * agreed), float(known * max(2 * above - 1, 0) * certain)


def _soft(answer: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-SLOPE * answer))


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


def _compressed(look: np.ndarray) -> np.ndarray:
    """The first `COMPONENTS` principal components of [N, C], not scaled."""
    centred = look - look.mean(axis=0)
    return centred @ np.linalg.eigh(centred.T @ centred)[1][:, -COMPONENTS:]


def _colour(cells: Cells) -> np.ndarray:
    return COLOUR_WEIGHT * _of_unit_length(cells.lab)


def _of_unit_length(look: np.ndarray) -> np.ndarray:
    centred = look - look.mean(axis=0)
    return centred / max(np.sqrt((centred**2).sum(axis=1).mean()), LEAST_LENGTH)


def _middle(cells: Cells) -> np.ndarray:
    """[N], 1 in the middle column, 0.4 at the left and right: photos are framed that way."""
    across = cells.position[:, 1] - cells.position[:, 1].mean()
    return np.exp(-((across / across.max()) ** 2))
