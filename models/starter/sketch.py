"""E_T of the built-in models: a text is drawn over the photo, and the drawing is looked at.

A run also starts from it. Pooled statistics describe a style's grain and palette, not where a tile
ends or how a whorl turns: descent finds the grain and misses the tile.
"""

from __future__ import annotations

import torch
from torch import Tensor

from models.starter.words import find_style
from styles import render

UNIT = 1.5  # crop sizes that a plane unit of the drawing is high
MARK_SIZES = 0.6, 1.2


class StyleSketcher:
    """Draws the known style that a prompt asks for (a `Sketcher`)."""

    def sketch(
        self,
        prompt: str,
        photo: Tensor,
        mask: Tensor,
        crop_size: int,
        generator: torch.Generator,
        times: int = 1,
    ) -> Tensor:
        """Draw a style over a photo (a `Sketcher`)."""
        style, colour = find_style(prompt)
        unit = UNIT * crop_size * times * mark_size(float(mask.mean()))
        scale = photo.shape[-2] / unit
        return render(style, photo.cpu(), generator, colour, scale).to(photo)


def mark_size(share: float) -> float:
    """How large a style's marks are in a region that is this share of the picture, 1 for half.

    On a small thing they are smaller, or it would hold only a few of them.
    """
    return min(MARK_SIZES[1], max(MARK_SIZES[0], (2 * share) ** 0.25))
