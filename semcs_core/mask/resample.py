"""Changing the size of a picture or a map, both ways, without aliasing.

A separable triangle filter whose width grows with the reduction: bilinear interpolation when a
map is enlarged, a weighted area mean when a picture is shrunk. Each axis is one sparse matrix, so
that the cost grows with the picture and not with the width of the filter times it.
"""

from __future__ import annotations

import numpy as np
from scipy import sparse


def resample(image: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Resize the first two axes.

    Args:
        image: [H, W] or [H, W, C], any real dtype.
        shape: the new (height, width), each at least 1.

    Returns:
        [height, width] or [height, width, C], float32, within the range of `image`.
    """
    image = np.asarray(image, dtype=np.float32)
    resized = _resample_rows(image, shape[0])
    return np.swapaxes(_resample_rows(np.swapaxes(resized, 0, 1), shape[1]), 0, 1)


def _resample_rows(image: np.ndarray, rows: int) -> np.ndarray:
    if image.shape[0] == rows:
        return image
    flat = np.ascontiguousarray(image).reshape(image.shape[0], -1)
    return (_triangle_matrix(image.shape[0], rows) @ flat).reshape(rows, *image.shape[1:])


def _triangle_matrix(old: int, new: int) -> sparse.csr_matrix:
    """[new, old], rows of sum 1: each new sample as a weighted mean of the old ones."""
    step = old / new
    half_width = max(step, 1.0)
    centre = (np.arange(new) + 0.5) * step - 0.5
    reach = int(np.ceil(half_width))
    index = np.floor(centre).astype(int)[:, None] + np.arange(-reach, reach + 2)
    weight = np.maximum(1 - np.abs(index - centre[:, None]) / half_width, 0)
    weight[(index < 0) | (index >= old)] = 0
    weight /= weight.sum(axis=1, keepdims=True)
    index = np.clip(index, 0, old - 1)  # of weight 0, but within the matrix
    row = np.broadcast_to(np.arange(new)[:, None], index.shape)
    matrix = sparse.coo_matrix(
        (weight.ravel().astype(np.float32), (row.ravel(), index.ravel())), shape=(new, old)
    )
    return matrix.tocsr()
