"""How much each two cells belong together: the weights of the graph.

Two ways to compare features, for two kinds of features, and one set of colour neighbours that is
added to either (Melas-Kyriazi et al., CVPR 2022, section 3): W = W_feat + lambda W_knn.
"""

from __future__ import annotations

import numpy as np
from scipy.spatial import cKDTree

from semcs_core.mask.descriptors import Cells

GAUSSIAN_WIDTH = 0.3
"""Width of the Gaussian in units of the root of the median squared distance."""
TEXTURE_WEIGHT = 0.5
POSITION_WEIGHT = 4.0
LAB_SCALE_FLOOR = 8.0
"""Lab units: below this spread, noise would be stretched to contrast."""
TEXTURE_SCALE_FLOOR = 0.25
NEIGHBOURS = ((20, 2.0), (10, 0.1))
"""(k, weight of the position against RGB in [0, 1]): near and far colour neighbours."""
NEIGHBOUR_WEIGHT = 10.0
"""lambda: the value in the published function (its command's default is 0, no colour)."""


def gaussian_affinity(cells: Cells) -> np.ndarray:
    """W_feat for the descriptors that need no weights: a Gaussian of their distance.

    Returns:
        [N, N], float32, symmetric, in [0, 1], ones on the diagonal.
    """
    lab_scale = max(cells.lab.std(axis=0).mean(), LAB_SCALE_FLOOR)
    lab = (cells.lab - cells.lab.mean(axis=0)) / (lab_scale * np.sqrt(3))
    texture_scale = np.maximum(cells.texture.std(axis=0), TEXTURE_SCALE_FLOOR)
    texture = (cells.texture - cells.texture.mean(axis=0)) / texture_scale
    texture *= np.sqrt(TEXTURE_WEIGHT / texture.shape[1])
    position = np.sqrt(POSITION_WEIGHT) * cells.position
    features = np.concatenate([lab, texture, position], axis=1).astype(np.float32)
    distance = squared_distances(features)
    scale = 2 * GAUSSIAN_WIDTH**2 * max(float(np.median(distance)), 1e-3)
    return np.exp(-distance / np.float32(scale))


def cosine_affinity(features: np.ndarray) -> np.ndarray:
    """W_feat for learned features: cosines, negatives set to 0, divided by the largest.

    [N, C] or [gh, gw, C] to [N, N], float32, symmetric, in [0, 1].
    """
    flat = np.asarray(features, dtype=np.float32).reshape(-1, features.shape[-1])
    norm = np.linalg.norm(flat, axis=1, keepdims=True)
    unit = flat / np.maximum(norm, np.finfo(np.float32).tiny)
    cosine = np.maximum(unit @ unit.T, 0)
    return cosine / max(float(cosine.max()), 1e-12)


def neighbour_affinity(cells: Cells) -> np.ndarray:
    """W_knn: which cells are near in colour and position.

    Returns:
        [N, N], float32, symmetric: how often one is among the other's nearest (0 to 4).
    """
    gh, gw = cells.shape
    count = gh * gw
    # Here each axis runs over [0, 1] whatever the aspect, as in the published code.
    y, x = np.mgrid[0 : 1 : gh * 1j, 0 : 1 : gw * 1j].reshape(2, count)
    affinity = np.zeros((count, count), dtype=np.float32)
    for k, weight in NEIGHBOURS:
        points = np.column_stack([cells.rgb, weight * y, weight * x])
        # The published code fails on a grid of fewer than k cells.
        _, nearest = cKDTree(points).query(points, k=min(k, count - 1))
        # `nearest` of one cell has no repeats, so plain assignment adds each once.
        affinity[np.arange(count)[:, None], nearest] += 1
    return affinity + affinity.T


def graph_affinity(
    feature_affinity: np.ndarray, cells: Cells, neighbours: float = NEIGHBOUR_WEIGHT
) -> np.ndarray:
    """W of the graph: the features' affinity and the colour neighbours, every cell connected.

    `neighbours` is lambda. [N, N], from `gaussian_affinity` or `cosine_affinity`, to [N, N],
    float32, symmetric, positive.
    """
    affinity = feature_affinity + np.float32(neighbours) * neighbour_affinity(cells)
    # Departs from the paper: a faint link between all cells. Without it a graph of several pieces
    # has as many eigenvectors with mu = 0, and y_1 is any mixture of them.
    return affinity + np.float32(1e-4 * affinity.sum(axis=1).mean() / len(affinity))


def squared_distances(points: np.ndarray) -> np.ndarray:
    """Squared Euclidean distances of all pairs: [N, C] to [N, N], exactly symmetric, >= 0."""
    norm = np.einsum("nc,nc->n", points, points)
    inner = points @ points.T
    distance = norm[:, None] + norm[None, :] - (inner + inner.T)
    np.fill_diagonal(distance, 0)
    return np.maximum(distance, 0)
