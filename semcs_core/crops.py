"""Crops: random patches of the picture, each bound to the region it is judged by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from semcs_core.settings import Settings


@dataclass(frozen=True)
class Target:
    """What a region's crops are judged against, on the device of the run.

    Attributes:
        index: the region's place in the sequence of regions, and its layer of the painter.
        mask: [1, 1, H, W], in [0, 1].
        text: [D], unit embedding of its prompt.
        direction: [D], unit text direction.
        crop_source: [D], embedding of the photo's own crops in the region.
        global_source: [D], embedding of the photo's region seen as a whole.
        weight: of its style losses (the weight penalty of Generative Artisan).
        threshold: tau, below which a crop is left alone.
    """

    index: int
    mask: Tensor
    text: Tensor
    direction: Tensor
    crop_source: Tensor
    global_source: Tensor
    weight: float
    threshold: float


@dataclass(frozen=True)
class Crop:
    """A quadrilateral of the picture and the target that judges it.

    Attributes:
        target: the region it was drawn in; its text, weight and threshold come with it.
        corners: [4, 2], (x, y) in [-1, 1] over the picture's width and height: top left, top
            right, bottom right, bottom left.
    """

    target: Target
    corners: Tensor


def sample_corners(
    mask: Tensor, count: int, settings: Settings, generator: torch.Generator
) -> Tensor:
    """Random quadrilaterals whose centres lie in a region.

    Centres are drawn from the mask itself, not by trial and rejection, so a region of any size
    gets its crops at once. As in CLIPstyler, a square of `crop_size` is seen in a random
    perspective of strength `distortion`. It departs in two things: the square varies by
    `crop_jitter`, since one scale alone teaches the network one grain; and it may reach over the
    picture's edge, which `cut` mirrors, or the corners would hardly ever be looked at.

    Args:
        mask: [1, 1, H, W] in [0, 1], on any device.
        count: how many.
        settings: crop size, jitter and distortion.
        generator: on the CPU.

    Returns:
        [count, 4, 2], (x, y) over the picture's [-1, 1], on the CPU.
    """
    height, width = mask.shape[-2:]
    chosen = torch.multinomial(
        mask.flatten().float().cpu().square() + 1e-12, count, replacement=True, generator=generator
    )
    centre = torch.stack([chosen % width, chosen // width], dim=1) + torch.rand(
        count, 2, generator=generator
    )
    extent = torch.tensor([width, height], dtype=torch.float32)
    jitter = 1 + settings.crop_jitter * (2 * torch.rand(count, 1, generator=generator) - 1)
    half = (settings.crop_size * jitter / 2).clamp(max=min(width, height) / 2)
    square = torch.tensor([[-1.0, -1], [1, -1], [1, 1], [-1, 1]])
    inward = 1 - settings.distortion * torch.rand(count, 4, 2, generator=generator)
    corners = centre[:, None] + half[:, None] * square * inward
    return corners / extent * 2 - 1


def allot(total: int, areas: Sequence[float]) -> list[int]:
    """How many crops each region gets: by the square root of its area, at least one each.

    A share by the area alone would leave a small object with hardly any; the same number for each
    would leave a large background ungrained.
    """
    roots = [area**0.5 for area in areas]
    return [max(1, round(total * root / sum(roots))) for root in roots]


def perspective_grid(corners: Tensor, size: int) -> Tensor:
    """Sampling grids of the homographies that take a square onto quadrilaterals.

    Args:
        corners: [N, 4, 2], as in `Crop`.
        size: side of the square in pixels.

    Returns:
        [N, size, size, 2], for `grid_sample(align_corners=False)`.
    """
    square = corners.new_tensor([[-1.0, -1], [1, -1], [1, 1], [-1, 1]])
    u, v = square.expand(len(corners), 4, 2).unbind(dim=2)
    one, zero = torch.ones_like(u), torch.zeros_like(u)
    x, y = corners.unbind(dim=2)
    # x = (a u + b v + c) / (g u + h v + 1), y likewise with d, e, f: eight unknowns, eight rows.
    rows_x = torch.stack([u, v, one, zero, zero, zero, -u * x, -v * x], dim=2)
    rows_y = torch.stack([zero, zero, zero, u, v, one, -u * y, -v * y], dim=2)
    solution = torch.linalg.solve(torch.cat([rows_x, rows_y], dim=1), torch.cat([x, y], dim=1))
    homography = torch.cat([solution, torch.ones_like(solution[:, :1])], dim=1).view(-1, 3, 3)
    axis = (torch.arange(size, dtype=corners.dtype, device=corners.device) + 0.5) * 2 / size - 1
    vv, uu = torch.meshgrid(axis, axis, indexing="ij")
    points = torch.stack([uu, vv, torch.ones_like(uu)], dim=-1).view(1, -1, 3)
    mapped = points @ homography.transpose(1, 2)
    return (mapped[..., :2] / mapped[..., 2:]).view(-1, size, size, 2)


def cut(image: Tensor, corners: Tensor, size: int) -> Tensor:
    """Cut quadrilaterals out of one picture, differentiably, as one batched warp.

    All grids are sampled as one tall picture: with the picture repeated N times, its gradient
    would take N pictures of memory.

    Args:
        image: [1, C, H, W].
        corners: [N, 4, 2], as in `Crop`.
        size: side of the patches in pixels.

    Returns:
        [N, C, size, size].
    """
    grid = perspective_grid(corners, size).to(image)
    count, channels = len(corners), image.shape[1]
    tall = F.grid_sample(
        image, grid.view(1, count * size, size, 2), padding_mode="reflection", align_corners=False
    )
    return tall.view(channels, count, size, size).transpose(0, 1)
