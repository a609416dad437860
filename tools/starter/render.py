"""Draw a style over photos, and make photo-like content without photos."""

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from tools.starter import palettes
from tools.starter.fields import Frame, coordinates, fbm, rotate, smoothstep
from tools.starter.recipe import Colouring, Recipe
from tools.starter.scene import Scene, luminance, mix

SCALE_RANGE = (0.7, 1.5)
"""Plane units that a picture is high when no scale is asked for; drawn log-uniformly."""

STRENGTH_RANGE = (0.72, 1.0)
"""Share of the style in the picture when no strength is asked for."""


def _colour_word(recipe: Recipe, word: str | None, generator: torch.Generator) -> str | None:
    if recipe.colouring is Colouring.FIXED:
        return None
    if word is None and recipe.colouring is Colouring.REQUIRED:
        words = list(palettes.COLOURS)
        return words[int(torch.randint(len(words), (1,), generator=generator))]
    return word


def _palettes(
    recipe: Recipe, words: Sequence[str | None], generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Blended and pure palettes, two [n, LEVELS, 3], each colour a little off its own."""
    blended = []
    pure = []
    for asked in words:
        word = _colour_word(recipe, asked, generator)
        if word is not None:
            colours = palettes.ramp(word)
        else:
            number = int(torch.randint(len(recipe.palettes), (1,), generator=generator))
            colours = palettes.swatches(recipe.palettes[number])
            if recipe.shuffle:
                colours = colours[torch.randperm(len(colours), generator=generator)]
        cast = 0.03 * torch.randn(1, 3, generator=generator)
        spread = 0.025 * torch.randn(len(colours), 3, generator=generator)
        colours = (colours + cast + spread).clamp(0, 1)
        blended.append(palettes.blend_levels(colours))
        pure.append(palettes.step_levels(colours))
    return torch.stack(blended), torch.stack(pure)


def render(
    recipe: Recipe,
    content: Tensor,
    generator: torch.Generator,
    colours: Sequence[str | None] | None = None,
    strength: float | None = None,
    scale: float | None = None,
) -> Tensor:
    """Draw a style over photos.

    Args:
        recipe: The style.
        content: Photos, RGB in 0..1, float32 [n, 3, H, W].
        generator: CPU generator, the source of all chance.
        colours: A colour word or None for each photo; styles with fixed colours ignore them.
        strength: Share of the style, 0 (the photo as it is) to 1; by chance when None.
        scale: Height of a picture in plane units: 2 halves the size of every feature; by
            chance, one for the batch, when None.

    Returns:
        Pictures, RGB in 0..1, [n, 3, H, W].

    Raises:
        ValueError: `colours` has not one entry for each photo.
        KeyError: A colour word is unknown.
    """
    count, _, height, width = content.shape
    words = [None] * count if colours is None else list(colours)
    if len(words) != count:
        raise ValueError(f"{len(words)} colours for {count} photos")
    if scale is None:
        low, high = SCALE_RANGE
        scale = low * math.exp(math.log(high / low) * float(torch.rand(1, generator=generator)))
    blended, pure = _palettes(recipe, words, generator)
    scene = Scene(
        count,
        height,
        width,
        generator,
        scale,
        content=content,
        palette=blended,
        swatches=pure,
    )
    picture = recipe.pattern(scene).clamp(0, 1)
    shade = 0.72 + 0.56 * luminance(content)
    picture = picture * (1 + scene.uniform(0.2, 0.8) * (shade - 1))
    share = scene.uniform(*STRENGTH_RANGE) if strength is None else strength
    return mix(content, picture, share).clamp(0, 1)


def photolike(n: int, size: int, generator: torch.Generator) -> Tensor:
    """Photo-like content: gradients, soft-edged lit objects, fine detail, muted colours.

    Args:
        n: How many pictures.
        size: Pixels down and across.
        generator: CPU generator, the source of all chance.

    Returns:
        RGB in 0..1, float32 [n, 3, size, size].
    """
    frame = Frame(n, size, size, generator)
    x, y = coordinates(frame)

    def colour(saturation: Tensor | float) -> Tensor:
        values = frame.rand(n, 3, 1, 1)
        grey = values.mean(1, keepdim=True)
        return grey + (values - grey) * saturation

    def slope(size: float) -> Tensor:
        return size * (frame.rand(n, 3, 1, 1) - 0.5)

    picture = 0.2 + 0.6 * colour(0.5) + slope(0.5) * y + slope(0.3) * x
    picture = picture + 0.12 * frame.uniform() * (fbm(frame, 4, 4, 0.7) - 0.5)
    for _ in range(5):
        centre_x, centre_y = frame.point()
        along, across = rotate(x - centre_x, y - centre_y, frame.uniform(0, 2 * math.pi))
        flattened = across / frame.uniform(0.4, 1.6)
        distance = (along**2 + flattened**2).sqrt() + 0.1 * (fbm(frame, 3, 3) - 0.5)
        radius = frame.uniform(0.1, 0.45)
        inside = 1 - smoothstep(distance, radius, radius + frame.uniform(0.005, 0.15))
        lit = 1 + 0.7 * (along * frame.uniform(-1, 1) + across * frame.uniform(-1, 1))
        detail = 1 + frame.uniform(0, 0.5) * (fbm(frame, 6, 4, 0.7) - 0.5)
        picture = mix(picture, colour(frame.uniform(0.2, 0.9)) * lit * detail, inside)
    return picture.clamp(0, 1)
