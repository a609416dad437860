"""Colour words, colour ramps and their lookup.

A palette is float32 [n, LEVELS, 3], RGB in 0..1, one a picture, usually dark to light.
"""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

LEVELS = 16
"""Entries of a palette tensor."""

COLOURS: dict[str, str] = {
    "red": "d01818",
    "green": "18a038",
    "blue": "1c48d8",
    "yellow": "f4d820",
    "orange": "f47c14",
    "purple": "7c20b4",
    "pink": "f46cb0",
    "brown": "7c4c24",
    "white": "f4f4f4",
    "black": "181818",
    "gray": "808080",
    "cyan": "18c8d8",
    "turquoise": "20b8a8",
}
"""The colour words that a colourable style takes, and the colour each means."""

COLOUR_SYNONYMS = {"purple": ("violet",), "gray": ("grey",), "turquoise": ("teal",)}
"""Other words for some of them."""

RAINBOW = "8030b0 2060d0 e02020 30b040 f08020 f0e030"
"""Six pure colours, dark to light, so that a photo's tones stay in order."""


def rgb(colour: str) -> Tensor:
    """A hex colour such as "d01818" as RGB in 0..1, [3]."""
    return torch.tensor([int(colour[i : i + 2], 16) / 255 for i in (0, 2, 4)])


def flat(colour: str) -> Tensor:
    """A hex colour shaped to be mixed with pictures, [1, 3, 1, 1]."""
    return rgb(colour).view(1, 3, 1, 1)


def swatches(colours: Sequence[str]) -> Tensor:
    """Hex colours as RGB in 0..1, [k, 3]."""
    return torch.stack([rgb(colour) for colour in colours])


def ramp(word: str) -> Tensor:
    """Four steps dark to light around a colour word, [4, 3].

    Raises:
        KeyError: The word is not in COLOURS.
    """
    colour = rgb(COLOURS[word])
    if word == "black":
        return torch.stack((colour * 0.2, colour, colour + 0.15, colour + 0.35))
    if word == "white":
        return torch.stack((colour * 0.6, colour * 0.82, colour * 0.95, torch.ones(3)))
    return torch.stack((colour * 0.18, colour * 0.62, colour, colour + 0.55 * (1 - colour)))


def blend_levels(colours: Tensor) -> Tensor:
    """Resample [k, 3] to [LEVELS, 3], colours running into each other."""
    line = colours.T[None]
    return F.interpolate(line, size=LEVELS, mode="linear", align_corners=True)[0].T


def step_levels(colours: Tensor) -> Tensor:
    """Resample [k, 3] to [LEVELS, 3], keeping every colour pure."""
    index = torch.arange(LEVELS) * len(colours) // LEVELS
    return colours[index]


def _gather(palette: Tensor, index: Tensor) -> Tensor:
    count, _, height, width = index.shape
    places = index.long().flatten(2).expand(-1, 3, -1)
    return palette.transpose(1, 2).gather(2, places).view(count, 3, height, width)


def lookup(palette: Tensor, position: Tensor) -> Tensor:
    """Colours at a position along the palette, between its entries a mix.

    Args:
        palette: [n, LEVELS, 3].
        position: Field in 0..1 (clamped), [n, 1, H, W].

    Returns:
        RGB [n, 3, H, W].
    """
    last = palette.shape[1] - 1
    place = position.clamp(0, 1) * last
    lower = place.floor().clamp(0, last - 1)
    below = _gather(palette, lower)
    above = _gather(palette, lower + 1)
    return torch.lerp(below, above, place - lower)


def pick(palette: Tensor, position: Tensor) -> Tensor:
    """Colours at a position along the palette, always one of its entries; shapes as in lookup."""
    last = palette.shape[1] - 1
    place = (position.clamp(0, 1) * palette.shape[1]).floor().clamp(0, last)
    return _gather(palette, place)
