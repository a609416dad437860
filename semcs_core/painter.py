"""The painter: what is optimised, and how its layers are laid over each other by the masks."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from semcs_core.stylenet import StyleNet, initialise

STYLENET_CELL = 8
RATE = 25.0  # free pixels learn this many times faster than shared weights
# From a photo Adam forgets quickly (docs/performance.md, "Fewer steps"): once a pixel's crops are
# below the threshold its gradients are small, and old large ones would hide them.
BETAS_FROM_PHOTO = (0.5, 0.7)
BETAS_FROM_SKETCH = (0.9, 0.95)
NOISE_CELLS = (1, 3, 8, 20)
# By side of a cell, coarse first.
PYRAMID_GAINS = {32: 1.0, 16: 1.0, 8: 1.0, 4: 1.0, 2: 0.7, 1: 0.4}
BOUND = 5.0  # logits; keeps the picture from running away to one colour
MARGIN = 0.05  # between the start and black or white, which no bounded change could cover


class StyleNetPainter(nn.Module):
    """One StyleNet for the whole picture, as in the papers: every region's layer is the same.

    The photo is [1, 3, H, W] in [0, 1], its sides multiples of 8; `layers` is the number of
    regions; `generator`, on the CPU, draws all weights. They are float32, and the network computes
    in `dtype`.
    """

    photo: Tensor

    def __init__(
        self,
        photo: Tensor,
        layers: int,
        generator: torch.Generator,
        dtype: torch.dtype = torch.float32,
    ) -> None:
        super().__init__()
        self.register_buffer("photo", photo)
        self.layers, self.dtype = layers, dtype
        self.stylenet = StyleNet()
        initialise(self.stylenet, generator)
        self.to(photo.device)

    def forward(self) -> Tensor:
        """The layers [R, 3, H, W], in (0, 1)."""
        if self.dtype == torch.float32:
            # The backward pass computes it again, when the encoder's memory is free: at 512 pixels
            # this saves half a gigabyte.
            change = checkpoint(self.stylenet, self.photo, use_reentrant=False)
        else:
            with torch.autocast(self.photo.device.type, self.dtype):
                change = self.stylenet(self.photo)
        picture = torch.sigmoid(change.float())
        return picture.expand(self.layers, -1, -1, -1)

    def optimiser(self) -> torch.optim.Optimizer:
        """Adam; each group's "scale" multiplies the learning rate of the step."""
        return torch.optim.Adam([{"params": list(self.parameters()), "scale": 1.0}], fused=True)

    def rearranged(
        self,
        photo: Tensor,
        optimiser: torch.optim.Optimizer,
        origins: Sequence[int | None],
        generator: torch.Generator,
        start: Tensor | None = None,
    ) -> tuple[StyleNetPainter, torch.optim.Optimizer]:
        """This painter and its optimiser, for another number of regions."""
        self.layers = len(origins)
        return self, optimiser


class Painter(nn.Module):
    """StyleNet and a pyramid of free pixels, added to the photo in logit space.

    Departs from the papers, where StyleNet alone paints the whole picture:

    - Every region has its own output layer and sees no mask, so one region's style cannot bleed
      into another, and a mask can be changed while the network learns.
    - The picture starts as the photo, or as a sketch of its styles (the last convolution starts at
      zero), and moves away from it by a bounded amount: the content is kept, and the picture cannot
      diverge to a single colour.
    - StyleNet works at an eighth of the size, at little cost; free pixels from coarse to fine add
      finer detail, and texture where the photo has none. Fixed noise beside the photo does the same
      for StyleNet, whose convolution of a flat sky would be flat.

    Args:
        photo: [1, 3, H, W] in [0, 1].
        layers: how many regions.
        generator: on the CPU; draws all weights and noise.
        start: [R, 3, H, W] in [0, 1], what the layers start from; the photo when None.
    """

    start: Tensor
    entry: Tensor

    def __init__(
        self, photo: Tensor, layers: int, generator: torch.Generator, start: Tensor | None = None
    ) -> None:
        super().__init__()
        size = photo.shape[-2:]
        # At least 16 pixels: a norm of what StyleNet shrinks to an eighth takes two.
        reduced = [8 * max(2, math.ceil(side / (8 * STYLENET_CELL))) for side in size]
        small = F.interpolate(photo, size=reduced, mode="bilinear", antialias=True)
        noise = [_noise(reduced, cell, generator) for cell in NOISE_CELLS]
        self.betas = BETAS_FROM_PHOTO if start is None else BETAS_FROM_SKETCH
        start = photo if start is None else start
        self.register_buffer("start", torch.logit(start.clamp(MARGIN, 1 - MARGIN)))
        self.register_buffer("entry", torch.cat([small, *(n.to(photo) for n in noise)], dim=1))
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
        return moved(self.start, self.change())

    def change(self) -> Tensor:
        """The change that is learned, [R, 3, H, W] in logits, not yet bounded."""
        change = torch.zeros_like(self.pyramid[0])
        for (cell, gain), pixels in zip(PYRAMID_GAINS.items(), self.pyramid, strict=True):
            # Each level enlarges the sum so far: enlarging each to full size would cost most.
            size = pixels.shape[-2:]
            change = _resize(change, size) + gain * pixels
            if cell == STYLENET_CELL:
                change = change + _resize(self.stylenet(self.entry).float(), size)
        return change.view(self.layers, 3, *change.shape[-2:])

    def optimiser(self) -> torch.optim.Optimizer:
        """Adam; each group's "scale" multiplies the learning rate of the step."""
        return torch.optim.Adam(
            [
                {"params": list(self.stylenet.parameters()), "scale": 1.0},
                {"params": list(self.pyramid.parameters()), "scale": RATE},
            ],
            betas=self.betas,
            fused=True,
        )

    def rearranged(
        self,
        photo: Tensor,
        optimiser: torch.optim.Optimizer,
        origins: Sequence[int | None],
        generator: torch.Generator,
        start: Tensor | None = None,
    ) -> tuple[Painter, torch.optim.Optimizer]:
        """A painter of other layers that goes on from what this one has learned.

        The network below the last convolution is common to all layers and stays as it is; a layer
        is its share of that convolution and of the pyramid. Adam's moments move with them.

        Args:
            photo: the one that this painter was built for.
            optimiser: of this painter.
            origins: for each new layer, the old one that it goes on from, or None for a new one.
            generator: as in the constructor; draws what new layers begin with.
            start: as in the constructor.

        Returns:
            The new painter and its optimiser; the old ones do not change.
        """
        painter = Painter(photo, len(origins), generator, start)
        painter.entry.copy_(self.entry)
        new_optimiser = painter.optimiser()
        learned = dict(self.named_parameters())
        with torch.no_grad():
            for name, new in painter.named_parameters():
                old = learned[name]
                # Adam also counts its steps, once for all layers.
                new_optimiser.state[new] = {
                    key: _pick(name, value, torch.zeros_like(new), origins)
                    if value.shape == old.shape
                    else value.clone()
                    for key, value in optimiser.state.get(old, {}).items()
                }
                new.copy_(_pick(name, old, new, origins))
        return painter, new_optimiser


def compose(
    photo: Tensor,
    layers: Tensor,
    masks: Sequence[Tensor],
    strengths: Sequence[float] | None = None,
) -> Tensor:
    """Lay the regions' layers [R, 3, H, W] over the photo [1, 3, H, W], whose shape is returned.

    The R masks [1, 1, H, W] in [0, 1] add up to at most 1. The R strengths say how far each region
    goes from the photo: 0 is the photo, 1 the layer; with one above 1 the picture is clipped to
    [0, 1]. They are all 1 when None.
    """
    picture = photo
    strengths = [1.0] * len(masks) if strengths is None else strengths
    for layer, mask, strength in zip(layers, masks, strengths, strict=True):
        picture = picture + strength * mask * (layer - photo)
    return picture.clamp(0, 1) if max(strengths, default=0) > 1 else picture


def moved(start: Tensor, change: Tensor) -> Tensor:
    """Layers [R, 3, H, W] in (0, 1), from their start in logits and a change not yet bounded."""
    return torch.sigmoid(start + BOUND * torch.tanh(change / BOUND))


def _pick(name: str, old: Tensor, new: Tensor, origins: Sequence[int | None]) -> Tensor:
    """Three channels for each layer, from the old tensor, or from the new where it has no origin.

    Of a tensor that all layers share, a copy of the old one.
    """
    if not name.startswith(("stylenet.exit.", "pyramid.")):
        return old.clone()
    dim = 1 if name.startswith("pyramid.") else 0
    return torch.cat(
        [
            new.narrow(dim, 3 * n, 3) if origin is None else old.narrow(dim, 3 * origin, 3)
            for n, origin in enumerate(origins)
        ],
        dim=dim,
    )


def _resize(x: Tensor, size: Sequence[int]) -> Tensor:
    return F.interpolate(x, size=list(size), mode="bilinear", align_corners=False)


def _cells(size: Sequence[int], cell: int) -> tuple[int, int]:
    return max(2, size[0] // cell), max(2, size[1] // cell)


def _noise(size: Sequence[int], cell: int, generator: torch.Generator) -> Tensor:
    noise = torch.randn(1, 1, *_cells(size, cell), generator=generator)
    return 0.5 * _resize(noise, size)
