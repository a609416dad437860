"""What a drawing is handed: the photo to draw over, its tones, and the colours to draw with."""

from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from styles import palettes
from styles.cells import Pieces
from styles.curves import smoothstep
from styles.fields import Frame, blur, glow


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
    """

    content: Tensor
    palette: Tensor
    swatches: Tensor

    @cached_property
    def light(self) -> Tensor:
        """Luminance of the photo as it is, [n, 1, H, W]."""
        return luminance(self.content)

    @cached_property
    def sharp(self) -> Tensor:
        """Luminance stretched so that 2 of 100 pixels are 0 and 2 are 1, [n, 1, H, W]."""
        step = max(1, self.height // 96)  # a sample will do, and sorting all takes long
        some = self.light[..., ::step, ::step].flatten(1)
        low, high = torch.quantile(some, torch.tensor([0.02, 0.98]), dim=1)[..., None, None, None]
        return ((self.light - low) / (high - low + 0.05)).clamp(0, 1)

    @cached_property
    def tone(self) -> Tensor:
        """The same smoothed, with its small details raised, [n, 1, H, W]."""
        smooth = blur(self.sharp, 0.008)
        return (smooth + 0.3 * (smooth - glow(smooth, 0.06))).clamp(0, 1)

    @cached_property
    def outline(self) -> Tensor:
        """Lines of the photo's edges, 0..1, [n, 1, H, W]."""
        slope = self.steepness(blur(self.tone, 0.008)) * self.scale
        return smoothstep(slope, 4.0, 12.0)

    @cached_property
    def drawn(self) -> Tensor:
        """Thin lines on the dark side of the photo's edges, 0..1, [n, 1, H, W]."""
        difference = glow(self.sharp, 0.012) - blur(self.sharp, 0.004)
        return smoothstep(difference, 0.03, 0.14)

    @cached_property
    def calm(self) -> Tensor:
        """1 where the photo has little detail and ornaments hide none, else 0, [n, 1, H, W]."""
        detail = glow((self.sharp - glow(self.sharp, 0.02)).abs(), 0.04)
        # The mean over the detail, not over the picture, most of which may be plain.
        squares, mean = (x.mean((2, 3), keepdim=True) for x in (detail.square(), detail))
        usual = squares / (mean + 1e-6)
        return 1 - smoothstep(detail / (usual + 1e-3), 0.8, 1.5)

    def calm_at(self, pieces: Pieces) -> Tensor:
        """The same at each piece's centre, 1.0 or 0.0 for the whole piece, [n, 1, H, W]."""
        return (self.sample(self.calm, pieces.centre_x, pieces.centre_y) > 0.5).float()

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
