"""Where a mask can come from: the graph as a whole, one of its eigenvectors, or the people."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from semcs_core.errors import UserError
from semcs_core.mask.cleanup import drop_crumbs, largest_component
from semcs_core.mask.find import ObjectMask
from semcs_core.mask.frame import photo_inside_frame
from semcs_core.mask.guided_filter import guided_upsample
from semcs_core.mask.threshold import MASK_SLOPE, otsu_threshold, stretched
from semcs_core.protocols import Segmenter

MASK_SOURCES = ("spectral", "dino", "sem-cs", "person")
"""The built-in network, or colours and texture without it; all that DINO's features show; their
first eigenvector alone, as published; people, by FCN."""

LAST_EIGENVECTOR = 4
"""Later ones show parts of things; y_0 is constant."""

NO_PERSON = "No person found: draw a mask with the brush, or choose another source of the mask."


def mask_from_eigenvector(
    found: ObjectMask,
    rgb: np.ndarray,
    number: int = 1,
    threshold: float | None = None,
    flip: bool = False,
) -> np.ndarray:
    """A mask from one eigenvector alone (Melas-Kyriazi et al., CVPR 2022, section 4).

    The paper cuts at 0, takes the side with fewer cells as the object, and keeps the largest
    component alone; here all from a tenth of the largest stay. Unlike in `find_object`, only small
    holes are filled: with the wrong sign, or flipped, the object itself is a hole.

    Args:
        found: the result of `find_object` for this picture.
        rgb: [H, W, 3], uint8, the picture.
        number: 1 to 4; 1 is the Fiedler vector.
        threshold: 0 to 1, on the eigenvector stretched to [0, 1], as signed in `found`; above it
            is object. None: Otsu's.
        flip: take what is below the threshold as the object.

    Returns:
        [H, W], float32, in [0, 1]; all 0, or flipped all 1, for an eigenvector without contrast.
        A frame around the photo is 0 either way.

    Raises:
        UserError: `number` or `threshold` is out of range, or there is no such eigenvector.
        ValueError: the picture is of another size than the mask.
    """
    if rgb.shape[:2] != found.mask.shape:
        raise ValueError(f"rgb must be {list(found.mask.shape)}, not {list(rgb.shape[:2])}")
    if len(found.eigenvectors) == 0:
        raise UserError("This mask has no eigenvectors: choose the source spectral or dino first.")
    last = min(LAST_EIGENVECTOR, len(found.eigenvectors) - 1)
    if isinstance(number, bool) or number not in range(1, last + 1):
        raise UserError(f"Choose an eigenvector from 1 to {last}.")
    is_number = isinstance(threshold, (int, float)) and not isinstance(threshold, bool)
    if threshold is not None and not (is_number and 0 <= threshold <= 1):  # NaN isn't either
        raise UserError("Choose a threshold of the eigenvector from 0 to 1.")

    mask = _cut(found.eigenvectors[int(number)], rgb, threshold)
    if flip:
        mask = 1 - mask
    if found.confidence == 0:
        return mask  # `find_object` removed no frame
    rows, columns = photo_inside_frame(rgb)
    inside = np.zeros_like(mask)
    inside[rows, columns] = mask[rows, columns]
    return inside


def published_mask(found: ObjectMask, rgb: np.ndarray) -> ObjectMask:
    """The mask of Sem-CS (line 4): y_1 cut at 0, and the largest component of the object's side.

    The side is that of the border prior, since fewer cells, the reference's rule, were right on 11
    of 24 photos; a guided filter brings it to the picture's edges, where the reference has a CRF.
    No object, and one that the picture's own transparency shows, stay as they are.

    Args:
        found: the result of `find_object` for this picture, from DINO's features.
        rgb: [H, W, 3], uint8, the picture.
    """
    if found.confidence in (0, 1):
        return found
    values = found.eigenvectors[1]
    zero = -values.min() / max(np.ptp(values), np.finfo(np.float32).tiny)
    mask = mask_from_eigenvector(found, rgb, 1, float(np.clip(zero, 0, 1)))
    return replace(found, mask=largest_component(mask))


def person_mask(segmenter: Segmenter, rgb: np.ndarray) -> ObjectMask:
    """The people of a picture [H, W, 3], uint8, as in Generative Artisan.

    Returns:
        The segmenter's probabilities as the mask, and as the confidence their mean where they are
        above 0.5; no object if none is above. There are no eigenvectors: [0, 1, 1].
    """
    mask = segmenter.segment(rgb).astype(np.float32)
    no_graph = np.zeros((0, 1, 1), np.float32), np.zeros(0, np.float32)
    inside = mask > 0.5
    if not inside.any():
        return ObjectMask(np.zeros_like(mask), 0.0, *no_graph, NO_PERSON)
    return ObjectMask(mask, float(mask[inside].mean(dtype=np.float64)), *no_graph, "")


def _cut(eigenvector: np.ndarray, rgb: np.ndarray, threshold: float | None) -> np.ndarray:
    """[gh, gw] to [H, W], float32 in [0, 1]."""
    values = stretched(eigenvector)
    if not values.any():
        return np.zeros(rgb.shape[:2], np.float32)
    cut = otsu_threshold(values) if threshold is None else threshold
    soft = 1 / (1 + np.exp(-MASK_SLOPE * (values - cut)))
    return drop_crumbs(guided_upsample(soft, rgb))
