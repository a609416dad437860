"""The first eigenvectors of the graph's Laplacian, and a signal's projection on them.

The generalised problem (D - W) y = mu D y (Shi and Malik, PAMI 2000) is solved as the symmetric
one A u = (1 - mu) u with A = D^-1/2 W D^-1/2 and y = D^-1/2 u: the smallest mu are the largest
eigenvalues of A, which Lanczos finds by products with A alone, without factorising it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse.linalg import eigsh

EIGENVECTORS = 16
TOLERANCE = 1e-4
REFERENCE_EIGENVALUES = 8
UNIT_IN_LAB = 20.0
"""Lab units that one standard deviation of the Fiedler vector is worth."""


@dataclass(frozen=True)
class Spectrum:
    """The low end of the normalised Laplacian's spectrum."""

    eigenvalues: np.ndarray
    """[K] float64 in [0, 2], mu, smallest first; mu_0 is 0."""
    eigenvectors: np.ndarray
    """[N, K] float64; y_j' D y_k = 1 if j = k, else 0; y_0 is constant, y_1 the Fiedler vector."""
    degree: np.ndarray
    """[N] float64, positive: the diagonal of D."""


def laplacian_spectrum(affinity: np.ndarray, count: int = EIGENVECTORS) -> Spectrum:
    """Solve (D - W) y = mu D y for the smallest mu.

    The sign is fixed, without a meaning: the entry of y that is largest in magnitude is positive.

    Args:
        affinity: [N, N], float32, symmetric, no negatives, every row with a positive sum; N >= 3.
        count: how many eigenvectors, at least 2; N - 1 at most are returned.
    """
    nodes = len(affinity)
    degree = affinity.sum(axis=1, dtype=np.float64)
    root = np.sqrt(degree)
    inverse_root = (1 / root).astype(np.float32)
    normalised = affinity * inverse_root[:, None] * inverse_root[None, :]

    # The first pair is known: mu = 0, y constant. It is moved to the far end of the spectrum,
    # below -1, so that the solver need not find it, and y_1 is orthogonal to it even in a graph of
    # several pieces, where the constant is only one of many vectors with mu = 0.
    first = root / np.linalg.norm(root)
    normalised -= np.multiply.outer(np.float32(3) * first, first).astype(np.float32)

    start = np.random.default_rng(0).standard_normal(nodes).astype(np.float32)
    values, vectors = eigsh(
        normalised, k=min(count, nodes - 1) - 1, which="LA", v0=start, tol=TOLERANCE
    )
    order = np.argsort(-values, kind="stable")
    eigenvalues = np.clip(1 - values[order].astype(np.float64), 0, 2)
    y = np.column_stack([first, vectors[:, order]]) / root[:, None]
    y /= np.sqrt(np.einsum("n,nk,nk->k", degree, y, y))
    peak = np.take_along_axis(y, np.abs(y).argmax(axis=0)[None, :], axis=0)
    return Spectrum(np.concatenate([[0.0], eigenvalues]), y * np.sign(peak), degree)


def low_pass(spectrum: Spectrum, signal: np.ndarray) -> np.ndarray:
    """Let a signal spread as heat over the graph, which smooths it within the graph's parts.

    s = sum_j exp(-mu_j / m) y_j <y_j, p>_D, with m the mean of mu_1 to mu_8, and p the signal [N].

    Returns:
        [N], float64, s: about in the range of `signal`.
    """
    reference = spectrum.eigenvalues[1 : REFERENCE_EIGENVALUES + 1].mean()
    gain = np.exp(-spectrum.eigenvalues / max(reference, 1e-9))
    coefficients = spectrum.eigenvectors.T @ (spectrum.degree * signal)
    return spectrum.eigenvectors @ (gain * coefficients)


def spectral_embedding(spectrum: Spectrum) -> np.ndarray:
    """Coordinates of the nodes in which strongly connected nodes are near each other.

    The diffusion map (Coifman and Lafon, 2006) after one step: y_1, y_2, ... times 1 - mu_j, so
    that vectors of noise, whose mu is nearly 1, hardly count. It is scaled by the Fiedler vector,
    so that its units do not depend on the features and their number.

    Returns:
        [N, K - 1], float32, in units that compare with Lab.
    """
    kept = np.maximum(1 - spectrum.eigenvalues[1:], 0)
    gain = UNIT_IN_LAB * np.sqrt(spectrum.degree.sum()) * kept / max(kept[0], 1e-9)
    return (spectrum.eigenvectors[:, 1:] * gain).astype(np.float32)
