import numpy as np
import scipy.linalg

from semcs_core.mask.spectral import laplacian_spectrum


def random_affinity(nodes: int, seed: int = 0) -> np.ndarray:
    points = np.random.default_rng(seed).random((nodes, 3))
    squared = ((points[:, None] - points[None]) ** 2).sum(-1)
    return np.exp(-squared / 0.08).astype(np.float32)


def two_blocks(left: int, right: int, link: float) -> np.ndarray:
    side = np.r_[np.zeros(left), np.ones(right)]
    return np.where(side[:, None] == side[None, :], 1, link).astype(np.float32)


def test_against_the_dense_generalised_problem():
    affinity = random_affinity(200)
    exact = affinity.astype(np.float64)
    degree = np.diag(exact.sum(axis=1))
    values, vectors = scipy.linalg.eigh(degree - exact, degree)

    spectrum = laplacian_spectrum(affinity, count=8)

    np.testing.assert_allclose(spectrum.eigenvalues, values[:8], atol=1e-5)
    alignment = vectors[:, :8].T @ degree @ spectrum.eigenvectors
    np.testing.assert_allclose(np.abs(alignment), np.eye(8), atol=1e-3)


def test_the_fiedler_vector_separates_two_blocks():
    fiedler = laplacian_spectrum(two_blocks(30, 12, 0.01), count=3).eigenvectors[:, 1]
    # The larger entries are those of the smaller block, and the sign rule makes them positive.
    assert (fiedler[:30] < 0).all()
    assert (fiedler[30:] > 0).all()


def test_no_more_eigenvectors_than_the_graph_has():
    assert laplacian_spectrum(random_affinity(5)).eigenvectors.shape == (5, 4)
