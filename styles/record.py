"""The record of one style, and the decorator that writes it beside the style's drawing."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from functools import partial

from torch import Tensor

from styles.scene import Scene

Drawing = Callable[[Scene], Tensor]
"""Draws RGB [n, 3, H, W] over a scene; values outside 0..1 are clamped afterwards."""


class Colouring(Enum):
    """What a colour word does to a style."""

    FIXED = "fixed"
    """The style has its own colours; a colour word is ignored."""
    OPTIONAL = "optional"
    """A colour word puts its ramp in the place of the palette."""
    REQUIRED = "required"
    """The style is nothing but its colour; drawn without a word it takes one by chance."""


@dataclass(frozen=True)
class Style:
    """One style.

    Args:
        key: Its short name, as in `styles.STYLES`.
        names: Prompts that mean it; the first is the canonical one.
        draw: Draws it.
        palettes: Its colours, hex; one palette is taken by chance for each picture. Dark to
            light, so that the photo's tones keep their order, or in the drawing's own order.
        colouring: What a colour word does.
        reserved: Colour words that make the name of another style when put before this one's,
            as "green" before "crystal"; no picture should be described by them.
        detail: How much of the photo's fine light shows, 1 for as much as usual.
    """

    key: str
    names: tuple[str, ...]
    draw: Drawing
    palettes: tuple[tuple[str, ...], ...]
    colouring: Colouring = Colouring.FIXED
    reserved: tuple[str, ...] = ()
    detail: float = 1.0


DECORATED: dict[str, Style] = {}
"""Every style by its key, in the order in which the families were imported."""


def style(
    key: str,
    names: str,
    *palettes: str,
    colouring: Colouring = Colouring.FIXED,
    reserved: tuple[str, ...] = (),
    detail: float = 1.0,
) -> Callable[[Drawing], Drawing]:
    """Make the decorated drawing a style; stack several for styles that differ in colours alone.

    `names` are prompts separated by semicolons, each of `palettes` hex colours separated by
    spaces; the rest is as in `Style`.

    Raises:
        ValueError: There is a style of that key already.
    """
    if key in DECORATED:
        raise ValueError(f"two styles have the key {key!r}")

    def record(draw: Drawing) -> Drawing:
        prompts = tuple(name.strip() for name in names.split(";"))
        colours = tuple(tuple(palette.split()) for palette in palettes)
        DECORATED[key] = Style(key, prompts, draw, colours, colouring, reserved, detail)
        return draw

    return record


colourable = partial(style, colouring=Colouring.OPTIONAL)
"""The same for a style that a colour word may recolour."""
