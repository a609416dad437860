"""The painter: what is optimised. One layer for each region, laid over each other by the masks."""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from semcs_core.stylenet import StyleNet, initialise

NOISE_CELLS = (1, 3, 8, 20)
PYRAMID_GAINS = {1: 0.5, 2: 0.7, 4: 1.0, 8: 1.0, 16: 1.0, 32: 1.0}
BOUND = 3.5  # logits; white stays within reach of black, and nothing runs away to one colour


class Painter(nn.Module):
    """StyleNet and a pyramid of free pixels, added to the photo in logit space.

    Departs from the papers, where StyleNet alone paints the whole picture:

    - Every region has its own output layer and sees no mask, so one region's style cannot bleed
      into another, and a mask can be changed while the network learns.
    - The picture starts as the photo (the last convolution starts at zero) and moves away from it
      by a bounded amount, which keeps content and cannot diverge to a single colour.
    - Fixed noise beside the photo, and free pixels from coarse to fine, give texture to places
      where the photo has none: a convolution of a flat sky is flat.

    Args:
        photo: [1, 3, H, W] in [0, 1], sides multiples of 8.
        layers: how many regions.
        generator: on the CPU; draws all weights and noise.
    """

    photo: Tensor
    entry: Tensor

    def __init__(self, photo: Tensor, layers: int, generator: torch.Generator) -> None:
        super().__init__()
        size = photo.shape[-2:]
        noise = [_noise(size, cells, generator) for cells in NOISE_CELLS]
        self.register_buffer("photo", photo)
        self.register_buffer("entry", torch.cat([photo, *(n.to(photo) for n in noise)], dim=1))
        self.layers = layers
        self.stylenet = StyleNet(inputs=3 + len(noise), outputs=3 * layers)
        initialise(self.stylenet, generator)
        for parameter in self.stylenet.exit.parameters():
            nn.init.zeros_(parameter)
        self.pyramid = nn.ParameterList(
            0.02 * torch.randn(1, 3 * layers, *_cells(size, cell), generator=generator)
            for cell in PYRAMID_GAINS
        )
        self.to(photo.device)

    def forward(self) -> Tensor:
        """The layers [R, 3, H, W], in (0, 1)."""
        change = self.stylenet(self.entry).float()
        for pixels, gain in zip(self.pyramid, PYRAMID_GAINS.values(), strict=True):
            change = change + gain * F.interpolate(
                pixels, size=change.shape[-2:], mode="bilinear", align_corners=False
            )
        change = change.view(self.layers, 3, *change.shape[-2:])
        return torch.sigmoid(
            torch.logit(self.photo.clamp(0.02, 0.98)) + BOUND * torch.tanh(change / BOUND)
        )


def compose(photo: Tensor, layers: Tensor, masks: Sequence[Tensor]) -> Tensor:
    """Lay the regions' layers over the photo.

    Args:
        photo: [1, 3, H, W].
        layers: [R, 3, H, W].
        masks: R of [1, 1, H, W] in [0, 1], adding up to at most 1.

    Returns:
        [1, 3, H, W].
    """
    picture = photo
    for layer, mask in zip(layers, masks, strict=True):
        picture = picture + mask * (layer - photo)
    return picture


def _cells(size: torch.Size, cell: int) -> tuple[int, int]:
    return max(2, size[0] // cell), max(2, size[1] // cell)


def _noise(size: torch.Size, cell: int, generator: torch.Generator) -> Tensor:
    noise = torch.randn(1, 1, *_cells(size, cell), generator=generator)
    return 0.5 * F.interpolate(noise, size=size, mode="bilinear", align_corners=False)
