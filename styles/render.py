"""Draw a style over a photo."""

import torch
from torch import Tensor

from styles import palettes
from styles.fields import glow
from styles.record import Colouring, Style
from styles.scene import Scene, luminance

MARK = 0.06  # half the width of a common mark, plane units; wider light is the photo's
BROAD, DETAIL = 0.45, 0.7  # shares of the photo's wide and finer light in the picture
HARSH = 2.6  # spread of the marks' light, as logits, at which they would drown the photo's
NEGATIVE = -0.5  # a drawing that agrees less with the photo's light is a negative, and stays one
DARKEST = 0.05  # the darkest that a drawing is, and as far from white


def render(
    style: Style,
    photo: Tensor,
    generator: torch.Generator,
    colour: str | None = None,
    scale: float = 1.0,
) -> Tensor:
    """Draw a style over a photo.

    Args:
        style: The style.
        photo: RGB in 0..1, float32 [1, 3, H, W].
        generator: CPU generator, the source of all chance.
        colour: A colour word; styles with fixed colours ignore it.
        scale: Height of the picture in plane units: 2 halves the size of every feature.

    Returns:
        A picture, RGB in 0..1, [1, 3, H, W].

    Raises:
        KeyError: The colour word is unknown.
    """
    blended, pure = _palettes(style, colour, generator)
    frame = (1, *photo.shape[-2:], generator, scale)
    scene = Scene(*frame, content=photo, palette=blended, swatches=pure)
    return with_likeness(scene, style.draw(scene), style.detail)


def with_likeness(scene: Scene, picture: Tensor, detail: float = 1.0) -> Tensor:
    """Give a drawing [1, 3, H, W] the photo's light, so that a face stays one under any marks.

    Light wider than a mark takes the place of the drawing's own, which is chance; finer light is
    laid over the marks, and marks of harsh contrast are softened. All sums are of logits, where
    no white burns and no dark is scorched.
    """
    drawing, own = _logit(picture), _logit(luminance(picture))
    seen = _logit(0.12 + 0.76 * scene.sharp)
    wide, level = glow(seen, MARK / scene.scale), glow(own, MARK / scene.scale)
    middle = level.mean((2, 3), keepdim=True)
    light, shade = wide - wide.mean((2, 3), keepdim=True), level - middle
    agreement = (light * shade).mean() / (light.std() * shade.std() + 1e-6)
    turn = -1 if agreement < NEGATIVE else 1
    marks = own - level
    harsh = 1 - 1 / (1 + marks.square().mean((2, 3), keepdim=True) / HARSH**2).sqrt()
    broad = BROAD * (turn * light - shade)
    shift = broad + turn * detail * DETAIL * (seen - wide) - 0.2 * middle - harsh * marks
    return torch.sigmoid(drawing + shift)


def _palettes(style: Style, word: str | None, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """A blended and a pure palette, two [1, LEVELS, 3]."""
    if word is None and style.colouring is Colouring.REQUIRED:
        words = list(palettes.COLOURS)
        word = words[int(torch.randint(len(words), (1,), generator=generator))]
    if word is not None and style.colouring is not Colouring.FIXED:
        colours = palettes.ramp(word)
    else:
        number = int(torch.randint(len(style.palettes), (1,), generator=generator))
        colours = palettes.swatches(style.palettes[number])
    return palettes.blend_levels(colours)[None], palettes.step_levels(colours)[None]


def _logit(x: Tensor) -> Tensor:
    return torch.logit(x.clamp(DARKEST, 1 - DARKEST))
