"""E_T of the built-in models: a text is drawn over the photo, and the drawing is looked at.

A run also starts from it. Pooled statistics describe a style's grain and palette, not where a tile
ends or how a whorl turns: descent finds the grain and misses the tile.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from models.starter.words import find_style
from styles import render
from styles.scene import luminance

UNIT = 1.5  # crop sizes that a plane unit of the drawing is high
MARK_SIZES = 0.6, 1.2
DARKEST = 0.05  # luminance below which logits do not fall
SURROUNDINGS = 9  # pixels of the working size; finer light belongs to the style, not to the photo


class StyleSketcher:
    """Draws the known style that a prompt asks for (a `Sketcher`)."""

    def sketch(
        self,
        prompt: str,
        photo: Tensor,
        mask: Tensor,
        crop_size: int,
        light: float,
        generator: torch.Generator,
        times: int = 1,
    ) -> Tensor:
        """Draw a style over a photo (a `Sketcher`)."""
        style, colour = find_style(prompt)
        content = photo.cpu()
        unit = UNIT * crop_size * times * mark_size(float(mask.mean()))
        scale = photo.shape[-2] / unit
        drawing = render(style, content, generator, colour, scale)
        return with_light(drawing, content, mask.cpu(), light, times).to(photo)


def mark_size(share: float) -> float:
    """How large a style's marks are in a region that is this share of the picture, 1 for half.

    On a small thing they are smaller, or it would hold only a few of them.
    """
    return min(MARK_SIZES[1], max(MARK_SIZES[0], (2 * share) ** 0.25))


def with_light(
    drawing: Tensor, photo: Tensor, mask: Tensor, light: float, times: int = 1
) -> Tensor:
    """Give a drawing [1, 3, H, W] in [0, 1] the light and shade of a photo of that shape.

    Styles draw the photo's tones in full, in part or not at all. This adds as much of the photo's
    luminance as raises the slope of the drawing's luminance against it, both as logits, to `light`,
    where 1 is the photo's own contrast. The slope is measured in the mask [1, 1, H, W] in [0, 1].
    The picture is `times` the working size; the result is in (0, 1).
    """
    shade, own = _logit(luminance(photo)), _logit(luminance(drawing))
    weights = mask / mask.sum().clamp(min=1e-6)
    radius = times * (SURROUNDINGS // 2)
    smooth = _blur(shade, radius)
    centred = smooth - (weights * smooth).sum()
    slope = (weights * centred * _blur(own, radius)).sum() / ((weights * centred**2).sum() + 1e-3)
    missing = (light - slope).clamp(min=0)
    return torch.sigmoid(_logit(drawing) + missing * (shade - (weights * shade).sum()))


def _logit(x: Tensor) -> Tensor:
    return torch.logit(x.clamp(DARKEST, 1 - DARKEST))


def _blur(x: Tensor, radius: int) -> Tensor:
    return F.avg_pool2d(F.pad(x, (radius,) * 4, mode="replicate"), 2 * radius + 1, stride=1)
