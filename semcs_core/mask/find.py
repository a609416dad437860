"""Find the object of a picture."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy import ndimage

from semcs_core.mask.affinity import (
    NEIGHBOUR_WEIGHT,
    cosine_affinity,
    gaussian_affinity,
    graph_affinity,
)
from semcs_core.mask.cleanup import clean_regions
from semcs_core.mask.descriptors import Cells, describe_cells, grid_shape
from semcs_core.mask.frame import photo_inside_frame
from semcs_core.mask.guided_filter import guided_upsample
from semcs_core.mask.learn import object_by_eyes, object_by_graph
from semcs_core.mask.prior import object_prior
from semcs_core.mask.spectral import Spectrum, laplacian_spectrum, spectral_embedding
from semcs_core.protocols import ObjectFeatures, PatchFeatures

LEAST_PRIOR_RANGE = 1e-3
"""Below it no cell stands out: the picture has one colour."""
LEAST_COLOUR_RANGE = 2 / 255
"""Of the cells' mean RGB: below it the picture has one colour, whatever the features say."""
LOW_CONFIDENCE = 0.1
"""Below it the page says `UNSURE`: noise and walls score less."""
LOW_WITH_EYES = 0.4
"""As that, where a network sees: 29 of 30 photos of things scored more, fine noise 0.1."""
CLOSER, ROOM = 0.6, 0.25
"""Eyes look again at an object that takes, with this share of its length as room on each side, less
than this share of the picture: in a plane of a hundredth of it there is more to see from near."""
LEAST_TRANSPARENT, LEAST_OPAQUE = 0.01, 0.001
"""Shares of the picture: with less, as with rounded corners, transparency is not a mask."""

NO_OBJECT = "No object found: draw one with the brush, or style the whole picture."
UNSURE = "The object is hard to tell from what is around it: correct the mask with the brush."


@dataclass(frozen=True)
class ObjectMask:
    """Where the object is, how sure that is, and the eigenvectors that show why."""

    mask: np.ndarray
    """[H, W], float32 in [0, 1], 1 = object, at the picture's size; above 0.5 is object."""
    confidence: float
    """0 to 1 by `learn.best_supported`; 0 = no object found, and the mask is 0 everywhere. A clean
    cut-out scores 0.9, a busy photo 0.5 to 0.8, without eyes 0.1 to 0.7. 1 for a mask from the
    picture's own transparency. For people: the mean probability."""
    eigenvectors: np.ndarray
    """[K, gh, gw], float32, over the whole picture, smallest eigenvalue first: y_0 is constant,
    y_1 the Fiedler vector; each signed so that it is higher where the border prior says object.
    [0, 1, 1] for a mask without a graph."""
    eigenvalues: np.ndarray
    """[K], float32, mu in [0, 2], mu_0 = 0."""
    message: str
    """One sentence for the user, or empty."""


def find_object(
    rgb: np.ndarray,
    alpha: np.ndarray | None = None,
    features: PatchFeatures | None = None,
    eyes: ObjectFeatures | None = None,
    neighbours: float = NEIGHBOUR_WEIGHT,
) -> ObjectMask:
    """Separate the object from the background: with eyes, learned features, or without a model.

    Deep Spectral Methods (Melas-Kyriazi et al., CVPR 2022) with a border prior (Zhu et al., CVPR
    2014) that chooses the object's side. The mask is not the thresholded Fiedler vector, which
    seldom shows the object: it is learned from the photo itself (`learn`), from where the network
    sees things and the border prior, or without eyes from the prior and the first sixteen
    eigenvectors. The same picture gives the same mask, bit for bit.

    Args:
        rgb: [H, W, 3], uint8; any size from 1x1 up.
        alpha: [H, W], in [0, 1], 1 = opaque, or None. If part of the picture is opaque and part
            transparent, the opaque part is the object.
        features: such as the keys of DINO; on a grid of 2 x 2 cells at least. Memory grows with
            the square of their number: about 0.5 GiB for 4096. They make the published graph, and
            cells are then alike if they are near in its eigenvectors.
        eyes: a network that knows things; `features` is not read then.
        neighbours: lambda, the weight of cells that are near in colour, 0 or more.

    Raises:
        ValueError: the arrays have another shape or dtype, or features aren't finite.
    """
    if rgb.ndim != 3 or rgb.shape[2] != 3 or rgb.dtype != np.uint8 or rgb.size == 0:
        raise ValueError(f"rgb must be [H, W, 3] uint8, not {list(rgb.shape)} {rgb.dtype}")
    if alpha is not None:
        if alpha.shape != rgb.shape[:2]:
            raise ValueError(f"alpha must be {list(rgb.shape[:2])}, not {list(alpha.shape)}")
        if LEAST_OPAQUE <= (alpha > 0.5).mean() <= 1 - LEAST_TRANSPARENT:
            # The eigenvectors are computed nevertheless, since the page shows them.
            eigen = _towards_object(*_graph(rgb, features, eyes, neighbours)[:3])
            return ObjectMask(np.clip(alpha, 0, 1).astype(np.float32), 1.0, *eigen, "")

    rows, columns = photo_inside_frame(rgb)
    photo = rgb[rows, columns]
    found = _find_in_photo(photo, features, eyes, neighbours)
    if photo.shape == rgb.shape:
        return found
    if found.confidence == 0:
        # The supposed frame was the background of one plain thing.
        return _find_in_photo(rgb, features, eyes, neighbours)
    return _with_frame(found, rgb.shape[:2], rows, columns)


def _find_in_photo(
    rgb: np.ndarray,
    features: PatchFeatures | None,
    eyes: ObjectFeatures | None,
    neighbours: float,
    again: bool = True,
) -> ObjectMask:
    """`find_object` without a frame; `again`: eyes look at a small object a second time, closer."""
    cells, spectrum, prior, seen = _graph(rgb, features, eyes, neighbours)
    eigen = _towards_object(cells, spectrum, prior)
    nothing = ObjectMask(np.zeros(rgb.shape[:2], np.float32), 0.0, *eigen, NO_OBJECT)
    if np.ptp(prior) < LEAST_PRIOR_RANGE:
        return nothing
    if seen is None:
        least = LOW_CONFIDENCE
        best, sureness = object_by_graph(cells, spectrum, prior)
    else:
        least = LOW_WITH_EYES
        cells = describe_cells(rgb, seen[0].shape[:2])
        best, sureness = object_by_eyes(cells, *seen, prior)
    mask = clean_regions(guided_upsample(best.reshape(cells.shape), rgb))
    if sureness == 0 or not (mask > 0.5).any():
        return nothing
    if eyes is not None and again:
        window = _around(mask)
        closer = np.ascontiguousarray(rgb[window])
        if closer.size < CLOSER * rgb.size:
            found = _find_in_photo(closer, None, eyes, neighbours, again=False)
            if found.confidence > 0:
                mask = np.zeros_like(mask)
                mask[window] = found.mask
    return ObjectMask(mask, sureness, *eigen, UNSURE if sureness < least else "")


def _around(mask: np.ndarray) -> tuple[slice, slice]:
    """The rows and columns of the object of a mask [H, W], not empty, with some room."""
    (rows, columns), *_ = ndimage.find_objects((mask > 0.5).astype(np.uint8))
    room = round(ROOM * max(rows.stop - rows.start, columns.stop - columns.start))
    rows, columns = (slice(max(0, s.start - room), s.stop + room) for s in (rows, columns))
    return rows, columns


def _graph(
    rgb: np.ndarray,
    features: PatchFeatures | None,
    eyes: ObjectFeatures | None,
    neighbours: float,
) -> tuple[Cells, Spectrum, np.ndarray, tuple[np.ndarray, np.ndarray] | None]:
    """The cells, the spectrum of their graph, the border prior, [N] in [0, 1], and what eyes saw.

    For eyes, a node of the graph is 2 x 2 of their cells: objects are not that small, and the
    spectrum takes a sixteenth of the time.
    """
    seen = None if eyes is None else eyes.see(rgb)
    if seen is not None:
        height, width = seen[1].shape
        described = seen[0].reshape(height, 2, width, 2, -1).mean(axis=(1, 3))
    elif features is not None:
        described = features.describe(rgb)
    else:
        cells = describe_cells(rgb, grid_shape(*rgb.shape[:2]))
        spectrum = laplacian_spectrum(graph_affinity(gaussian_affinity(cells), cells, neighbours))
        return cells, spectrum, object_prior(cells), None
    if described.ndim != 3 or min(described.shape[:2]) < 2:
        raise ValueError(f"features must be [gh, gw, C], 2 x 2 at least, not {described.shape}")
    if not np.isfinite(described).all():
        raise ValueError("features must be finite")
    cells = describe_cells(rgb, described.shape[:2])
    spectrum = laplacian_spectrum(graph_affinity(cosine_affinity(described), cells, neighbours))
    prior = object_prior(cells)
    if seen is None:
        cells = replace(cells, learned=spectral_embedding(spectrum))
        prior = (prior + object_prior(cells)) / 2
    if np.ptp(cells.rgb, axis=0).max() < LEAST_COLOUR_RANGE:
        prior = np.full_like(prior, prior.mean())
    return cells, spectrum, prior, seen


def _towards_object(
    cells: Cells, spectrum: Spectrum, prior: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The eigenvectors [K, gh, gw], signed to agree with the prior, and the eigenvalues [K]."""
    # y_j is orthogonal to the constant, so this is a covariance for all but y_0.
    agreement = spectrum.eigenvectors.T @ (spectrum.degree * prior)
    eigenvectors = (spectrum.eigenvectors * np.where(agreement < 0, -1, 1)).T.astype(np.float32)
    return eigenvectors.reshape(-1, *cells.shape), spectrum.eigenvalues.astype(np.float32)


def _with_frame(
    found: ObjectMask, size: tuple[int, int], rows: slice, columns: slice
) -> ObjectMask:
    """Put the frame back: background in the mask, the nearest cell's value in the eigenvectors."""
    mask = np.zeros(size, np.float32)
    mask[rows, columns] = found.mask
    padding = [(0, 0)]
    for axis, inside in enumerate((rows, columns)):
        cell = found.mask.shape[axis] / found.eigenvectors.shape[axis + 1]
        padding.append((round(inside.start / cell), round((size[axis] - inside.stop) / cell)))
    eigenvectors = np.pad(found.eigenvectors, padding, mode="edge")
    return replace(found, mask=mask, eigenvectors=eigenvectors)
