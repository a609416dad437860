"""The drawing that a run with the starter models starts from.

Pooled statistics tell which grain and palette a style has, not where a tile ends or how a whorl
turns: a hundred steps of descent find the grain and miss the tile. Drawn first, then learned, the
style has its shapes from the first step on.
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
DARKEST = 0.05  # of a luminance, before its logit is taken
SURROUNDINGS = 9  # pixels of the working size; finer light is the style's grain, not the photo's

_COLOURS = {word: colour for colour, words in COLOUR_SYNONYMS.items() for word in (colour, *words)}
_COLOURS |= {colour: colour for colour in COLOURS}
_NAMES = {" ".join(split_words(name)): style for style in STYLES.values() for name in style.names}


class StyleSketcher:
    """Draws the known style that is nearest to a prompt (a `Sketcher`).

    Args:
        encoder: says which style that is.
    """

    def __init__(self, encoder: Starter) -> None:
        self.encoder = encoder
        self.styles = tuple(STYLES.values())

    @cached_property
    def _texts(self) -> Tensor:
        return self.encoder.encode_text([style.names[0] for style in self.styles])

    def find(self, prompt: str) -> tuple[Style, str | None]:
        """The style that a prompt asks for, and the colour word that it is drawn in.

        The style with the longest name in the prompt, "red rocks" before "rocks"; where none is
        named, the one whose text is nearest.

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
            style = self.styles[int((self._texts @ embedding).argmax())]
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
    """Give a drawing the photo's light and shade.

    Many styles draw the photo's tones themselves, some in part and some not at all: the photo's
    own are added up to a common slope of the drawing's luminance against the photo's, both as
    logits.

    Args:
        drawing: [1, 3, H, W] in [0, 1].
        photo: likewise.
        mask: [1, 1, H, W] in [0, 1], where the drawing will be seen.
        light: the slope; 1 is the photo's own contrast.
        times: the picture is so many times the working size.

    Returns:
        [1, 3, H, W] in (0, 1).
    """
    shade, own = _shade(photo), _shade(drawing)
    weights = mask / mask.sum().clamp(min=1e-6)
    radius = times * (SURROUNDINGS // 2)
    smooth = _blur(shade, radius)
    centred = smooth - (weights * smooth).sum()
    slope = (weights * centred * _blur(own, radius)).sum() / ((weights * centred**2).sum() + 1e-3)
    missing = (light - slope).clamp(min=0)
    return torch.sigmoid(_logit(drawing) + missing * (shade - (weights * shade).sum()))


def _logit(x: Tensor) -> Tensor:
    return torch.logit(x.clamp(DARKEST, 1 - DARKEST))


def _shade(image: Tensor) -> Tensor:
    return _logit(luminance(image))


def _blur(x: Tensor, radius: int) -> Tensor:
    return F.avg_pool2d(F.pad(x, (radius,) * 4, mode="replicate"), 2 * radius + 1, stride=1)
