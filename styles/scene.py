"""What a drawing is handed: the photo to draw over, its tones, and the colours to draw with."""

from dataclasses import dataclass, field

import torch
from torch import Tensor

from styles import palettes
from styles.cells import Pieces
from styles.curves import smoothstep
from styles.fields import Frame, blur, stretch_to_unit


def luminance(image: Tensor) -> Tensor:
    """Luma of RGB [n, 3, H, W], [n, 1, H, W]."""
    weights = torch.tensor([0.3, 0.59, 0.11]).view(1, 3, 1, 1)
    return (image * weights).sum(1, keepdim=True)


def mix(below: Tensor, above: Tensor, amount: Tensor | float) -> Tensor:
    """`below` where the amount is 0, `above` where it is 1."""
    return below + amount * (above - below)


@dataclass(frozen=True, kw_only=True)
class Scene(Frame):
    """A frame with the photo and the palette: what noise and fields are asked of, too.

    Args:
        content: Photos, RGB in 0..1, [n, 3, H, W].
        palette: Colours that run into each other, [n, LEVELS, 3].
        swatches: The same colours kept pure, [n, LEVELS, 3].

    Attributes:
        light: Luminance of the photo as it is, [n, 1, H, W].
        tone: Luminance, smoothed and stretched to 0..1, [n, 1, H, W].
    """

    content: Tensor
    palette: Tensor
    swatches: Tensor
    light: Tensor = field(init=False)
    tone: Tensor = field(init=False)

    def __post_init__(self) -> None:
        light = luminance(self.content)
        object.__setattr__(self, "light", light)
        object.__setattr__(self, "tone", stretch_to_unit(blur(light, 0.018)))

    @property
    def outline(self) -> Tensor:
        """Lines of the photo's edges, 0..1, [n, 1, H, W]."""
        slope = self.steepness(blur(self.tone, 0.012)) * self.scale
        return smoothstep(slope, 2.5, 9.0)

    @property
    def drawn(self) -> Tensor:
        """Thin lines on the dark side of the photo's edges, 0..1, [n, 1, H, W]."""
        difference = blur(self.tone, 0.035) - blur(self.tone, 0.008)
        return smoothstep(difference, 0.02, 0.09)

    def colour(self, position: Tensor) -> Tensor:
        """Blended palette colour at a position 0..1 (dark to light), [n, 3, H, W]."""
        return palettes.lookup(self.palette, position)

    def swatch(self, position: Tensor) -> Tensor:
        """Pure palette colour at a position 0..1, [n, 3, H, W]."""
        return palettes.pick(self.swatches, position)

    def entry(self, position: float) -> Tensor:
        """One palette colour a picture, [n, 3, 1, 1]."""
        index = round(position * (palettes.LEVELS - 1))
        return self.palette[:, index, :, None, None]

    def tone_at(self, pieces: Pieces) -> Tensor:
        """The photo's tone at each piece's centre, one value for the whole piece, [n, 1, H, W]."""
        return self.sample(self.tone, pieces.centre_x, pieces.centre_y)
