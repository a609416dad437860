"""The record of one style."""

from dataclasses import dataclass
from enum import Enum

from styles.scene import Pattern

Palette = tuple[str, ...]


class Colouring(Enum):
    """What a colour word does to a style."""

    FIXED = "fixed"
    """The style has its own colours; a colour word is ignored."""
    OPTIONAL = "optional"
    """A colour word puts its ramp in the place of the palette."""
    REQUIRED = "required"
    """The style is nothing but its colour; drawn without a word it takes one by chance."""


@dataclass(frozen=True)
class Recipe:
    """One style.

    Args:
        key: Short name of the style, as in RECIPES.
        names: Prompts that mean it; the first is the canonical one.
        pattern: Draws it.
        palettes: Its colours, hex; one palette is taken by chance for each picture. Dark to
            light, unless the pattern takes swatches from it.
        colouring: What a colour word does.
        shuffle: Whether the colours of a palette change places from picture to picture.
        reserved: Colour words that make the name of another style when put before this one's,
            as "green" before "crystal"; no picture should be described by them.
    """

    key: str
    names: tuple[str, ...]
    pattern: Pattern
    palettes: tuple[Palette, ...]
    colouring: Colouring = Colouring.FIXED
    shuffle: bool = False
    reserved: tuple[str, ...] = ()


def names(prompts: str) -> tuple[str, ...]:
    """Prompts from one line, split at semicolons."""
    return tuple(part.strip() for part in prompts.split(";"))


def colours(*lines: str) -> tuple[Palette, ...]:
    """Palettes from lines of hex colours, split at spaces."""
    return tuple(tuple(line.split()) for line in lines)
