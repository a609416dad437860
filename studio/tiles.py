"""A picture too large for memory, in tiles that agree at their borders.

Values on another grid over the same picture are resampled by coordinates: a pixel gets the same
value whichever tile it is in. The two grids may have another ratio of their sides.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from semcs_core.image import MULTIPLE

SIDE = 512  # pixels of a tile, a multiple of 8
SHARPNESS = -0.5  # of the cubic kernel: third-order accurate


@dataclass(frozen=True)
class Tile:
    """The pixels from `top` up to `bottom` and from `left` up to `right` of a picture."""

    top: int
    left: int
    bottom: int
    right: int

    @property
    def area(self) -> tuple[slice, slice]:
        """Rows and columns of the tile, to index an array [H, W, ...]."""
        return slice(self.top, self.bottom), slice(self.left, self.right)

    def grown(self, margin: int, size: tuple[int, int]) -> Tile:
        """The tile with its surroundings, where a picture of that (height, width) has them."""
        top, left = max(0, self.top - margin), max(0, self.left - margin)
        bottom, right = min(size[0], self.bottom + margin), min(size[1], self.right + margin)
        return Tile(top, left, bottom, right)

    def within(self, other: Tile) -> tuple[slice, slice]:
        """Where the tile's pixels are among those of a larger one."""
        top, left = self.top - other.top, self.left - other.left
        return slice(top, self.bottom - other.top), slice(left, self.right - other.left)


def tiles(size: tuple[int, int], side: int = SIDE) -> Iterator[Tile]:
    """All tiles of a picture of that (height, width), row by row."""
    height, width = size
    for top in range(0, height, side):
        for left in range(0, width, side):
            yield Tile(top, left, min(height, top + side), min(width, left + side))


def resampled(image: Tensor, size: tuple[int, int], tile: Tile) -> Tensor:
    """One tile of a picture [..., h, w] at another (height, width), bicubic (Keys, 1981).

    Returns:
        [..., tile's height, tile's width], float32; where edges are steep it overshoots.
    """
    height, width = image.shape[-2:]
    top, rows = _weights(height, size[0], tile.top, tile.bottom)
    left, columns = _weights(width, size[1], tile.left, tile.right)
    part = image[..., top : top + rows.shape[1], left : left + columns.shape[1]].float()
    return rows.to(part.device) @ part @ columns.to(part.device).T


def _weights(inputs: int, outputs: int, first: int, last: int) -> tuple[int, Tensor]:
    """The first input that the outputs from `first` to `last` depend on, and [outputs, inputs]."""
    ratio = inputs / outputs
    width = max(1.0, ratio)  # in inputs; a reduced picture must not alias
    centres = (torch.arange(first, last, dtype=torch.float64) + 0.5) * ratio - 0.5
    low = max(0, math.ceil(centres[0] - 2 * width))
    high = min(inputs, math.floor(centres[-1] + 2 * width) + 1)
    far = (centres[:, None] - torch.arange(low, high)).abs() / width
    a = SHARPNESS
    near = ((a + 2) * far - (a + 3)) * far**2 + 1
    outer = a * (((far - 5) * far + 8) * far - 4)
    weights = torch.where(far <= 1, near, torch.where(far < 2, outer, 0.0))
    # Inputs beyond the border have no weight.
    return low, (weights / weights.sum(dim=1, keepdim=True)).float()


class Original:
    """The photo at its own size, [H, W, 3] uint8, and what the layers start from there.

    Layers start as the photo where there are no sketches, [3, h, w] uint8, one for each layer;
    else as a mixture, of which the sketch has `share`.
    """

    def __init__(self, rgb: np.ndarray, device: torch.device) -> None:
        self.rgb = rgb
        self.device = device
        self.size: tuple[int, int] = (rgb.shape[0], rgb.shape[1])
        self.sketches: list[Tensor] = []
        self.share = 0.0

    @property
    def padded(self) -> tuple[int, int]:
        """The size with sides that are multiples of 8."""
        height, width = (MULTIPLE * -(-side // MULTIPLE) for side in self.size)
        return height, width

    def photo(self, tile: Tile) -> Tensor:
        """[1, 3, height, width] in [0, 1]; beyond the border its last pixels are repeated."""
        area = self.rgb[tile.area]
        height, width = tile.bottom - tile.top, tile.right - tile.left
        missing = (0, height - area.shape[0]), (0, width - area.shape[1]), (0, 0)
        pixels = torch.from_numpy(np.pad(area, missing, mode="edge")).to(self.device)
        return pixels.permute(2, 0, 1)[None].float() / 255

    def start(self, tile: Tile) -> Tensor:
        """What the layers start from, [R, 3, height, width] in [0, 1], or [1, ...] for all."""
        photo = self.photo(tile)
        if not self.sketches:
            return photo
        drawn = [resampled(sketch, self.size, tile) / 255 for sketch in self.sketches]
        sketches = torch.stack(drawn).to(photo).clamp(0, 1)
        return torch.lerp(photo, sketches, self.share)
