"""Draw a style over photos."""

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from styles import palettes
from styles.fields import glow
from styles.record import Colouring, Style
from styles.scene import Scene, luminance, mix

SCALE_RANGE = (0.7, 1.5)  # plane units that a picture is high if none is asked for; log-uniform
STRENGTH_RANGE = (0.72, 1.0)  # share of the style in the picture when none is asked for
MARK = 0.06  # half the width of a common mark, plane units; wider light is the photo's
DETAIL = 0.6  # share of the photo's finer light in the picture
HARSH = 1.8  # spread of the marks' light, as logits, at which they would drown the photo's
DARKEST = 0.05  # the darkest that a drawing is, and as far from white


def _colour_word(style: Style, word: str | None, generator: torch.Generator) -> str | None:
    if style.colouring is Colouring.FIXED:
        return None
    if word is None and style.colouring is Colouring.REQUIRED:
        words = list(palettes.COLOURS)
        return words[int(torch.randint(len(words), (1,), generator=generator))]
    return word


def _palettes(
    style: Style, words: Sequence[str | None], generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Blended and pure palettes, two [n, LEVELS, 3], each colour a little off its own."""
    blended, pure = [], []
    for asked in words:
        word = _colour_word(style, asked, generator)
        if word is not None:
            colours = palettes.ramp(word)
        else:
            number = int(torch.randint(len(style.palettes), (1,), generator=generator))
            colours = palettes.swatches(style.palettes[number])
        cast = 0.03 * torch.randn(1, 3, generator=generator)
        spread = 0.025 * torch.randn(len(colours), 3, generator=generator)
        colours = (colours + cast + spread).clamp(0, 1)
        blended.append(palettes.blend_levels(colours))
        pure.append(palettes.step_levels(colours))
    return torch.stack(blended), torch.stack(pure)


def with_likeness(scene: Scene, picture: Tensor) -> Tensor:
    """Give a drawing [n, 3, H, W] the photo's light, so that a face stays one under any marks.

    Light wider than a mark takes the place of the drawing's own, which is chance; finer light is
    laid over the marks, and marks of harsh contrast are softened. All sums are of logits, where
    no white burns and no dark is scorched.
    """
    drawing, own = _logit(picture), _logit(luminance(picture))
    seen = _logit(0.12 + 0.76 * scene.sharp)
    wide, level = glow(seen, MARK / scene.scale), glow(own, MARK / scene.scale)
    middle = level.mean((2, 3), keepdim=True)
    broad = wide - wide.mean((2, 3), keepdim=True) - (level - middle)
    marks = own - level
    harsh = 1 - 1 / (1 + marks.square().mean((2, 3), keepdim=True) / HARSH**2).sqrt()
    share = scene.uniform(0.65, 0.85)
    shift = share * broad + DETAIL * (seen - wide) - 0.2 * middle - harsh * marks
    return torch.sigmoid(drawing + shift)


def _logit(x: Tensor) -> Tensor:
    return torch.logit(x.clamp(DARKEST, 1 - DARKEST))


def render(
    style: Style,
    content: Tensor,
    generator: torch.Generator,
    colours: Sequence[str | None] | None = None,
    strength: float | None = None,
    scale: float | None = None,
) -> Tensor:
    """Draw a style over photos.

    Args:
        style: The style.
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
    blended, pure = _palettes(style, words, generator)
    frame = (count, height, width, generator, scale)
    scene = Scene(*frame, content=content, palette=blended, swatches=pure)
    picture = with_likeness(scene, style.draw(scene))
    share = scene.uniform(*STRENGTH_RANGE) if strength is None else strength
    return mix(content, picture, share).clamp(0, 1)
