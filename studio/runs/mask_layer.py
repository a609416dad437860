"""The mask as the editor holds it: the alpha of one translucent layer over the photo."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from semcs_core.image import Photo, open_photo

SIZE = 512  # long side in pixels of the editor's picture, whatever the run's working size is
COLOUR = (255, 0, 255)
"""Magenta: laid half over 41 photos it differs from all of their colours the most."""
BRUSH = "#ff00ff"
OPACITY = 0.5
OPAQUE = 127  # alpha of a pixel that is fully in the mask; strokes over each other go above it
NO_PHOTO = "There is no photo yet: upload one, or pick an example."
NO_MASK = "The mask is gone: press “Find the object”."


def to_editor(shown: Photo, mask: np.ndarray | None = None) -> dict[str, Any]:
    """A photo of the editor's size and its mask as a value of `gr.ImageEditor`.

    `mask` is [H, W] in [0, 1], 1 = object, of that size; None for an empty one.
    """
    layer = np.zeros((*shown.rgb.shape[:2], 4), np.uint8)
    layer[..., :3] = COLOUR
    if mask is not None:
        layer[..., 3] = to_alpha(mask)
    return {"background": shown.rgb, "layers": [layer], "composite": None}


def read_layer(path: str | Path) -> np.ndarray:
    """The mask that the visitor sees, from the PNG of the layer as the page sent it.

    Returns:
        [H, W], float32 in [0, 1], 1 = object.

    Raises:
        UserError: it cannot be read.
    """
    layer = open_photo(path)
    if layer.alpha is None:
        return np.ones(layer.rgb.shape[:2], np.float32)
    return from_alpha((layer.alpha * 255).round())


def to_alpha(mask: np.ndarray) -> np.ndarray:
    """A mask [H, W] in [0, 1] as the layer's alpha [H, W], uint8 from 0 to 127."""
    return (mask.clip(0, 1) * OPAQUE).round().astype(np.uint8)


def from_alpha(alpha: np.ndarray) -> np.ndarray:
    """The layer's alpha [H, W] from 0 to 255 as a mask [H, W], float32 in [0, 1]."""
    return (alpha / OPAQUE).clip(0, 1).astype(np.float32)
