"""The drawing that a run with the starter models starts from.

Pooled statistics describe a style's grain and palette, not where a tile ends or how a whorl turns:
a hundred steps of descent find the grain and miss the tile. A drawing has the style's shapes from
the first step on.
"""

from __future__ import annotations

from functools import cached_property

import torch
import torch.nn.functional as F
from torch import Tensor

from models.starter.encoder import FILLERS, Starter, split_words
from styles import STYLES, Colouring, Style, render
from styles.palettes import COLOUR_SYNONYMS, COLOURS
from styles.scene import luminance

# A training render is 112 pixels and one plane unit high; a patch shows two thirds of it.
UNIT = 1.5  # crop sizes
DARKEST = 0.05  # luminance below which logits do not fall
SURROUNDINGS = 9  # pixels of the working size; finer light belongs to the style, not to the photo

_COLOURS = {word: c for c in COLOURS for word in (c, *COLOUR_SYNONYMS.get(c, ()))}
_NAMES = {" ".join(split_words(name)): style for style in STYLES.values() for name in style.names}


class StyleSketcher:
    """Draws the known style that is nearest to a prompt by the encoder (a `Sketcher`)."""

    def __init__(self, encoder: Starter) -> None:
        self.encoder = encoder

    @cached_property
    def _texts(self) -> Tensor:
        return self.encoder.encode_text([style.names[0] for style in STYLES.values()])

    def find(self, prompt: str) -> tuple[Style, str | None]:
        """The style that a prompt asks for, and the colour word that it is drawn in.

        That is the style with the longest name in the prompt, "red rocks" before "rocks"; where the
        prompt names none, the style whose text is nearest.

        Raises:
            UserError: the starter knows no word of the prompt.
        """
        words = split_words(prompt)
        text = f" {' '.join(words)} "
        colours = [_COLOURS[word] for word in words if word in _COLOURS]
        named = max((name for name in _NAMES if f" {name} " in text), key=len, default="")
        if named:
            style = _NAMES[named]
        elif colours and set(words) <= _COLOURS.keys() | FILLERS:
            style = STYLES["tint"]
        else:
            embedding = self.encoder.encode_text([prompt])[0]
            style = list(STYLES.values())[int((self._texts @ embedding).argmax())]
        free = style.colouring is not Colouring.FIXED
        return style, colours[0] if colours and free else None

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
        style, colour = self.find(prompt)
        content = photo.cpu()
        scale = photo.shape[-2] / (UNIT * crop_size * times)
        drawing = render(style, content, generator, [colour], strength=1.0, scale=scale)
        return with_light(drawing, content, mask.cpu(), light, times).to(photo)


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
