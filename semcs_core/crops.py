"""Crops: random patches of the picture, each bound to the region it is judged by."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import torch
import torch.nn.functional as F
from torch import Tensor

from semcs_core.settings import RegionControls, Settings

SQUARE = torch.tensor([[-1.0, -1], [1, -1], [1, 1], [-1, 1]])  # corners in the order of a `Crop`
EVERYWHERE = torch.tensor([-torch.inf, -torch.inf, torch.inf, torch.inf])  # a window without edges


@dataclass(frozen=True)
class Area:
    """A region as its crops see it: mask [1, 1, H, W] in [0, 1], on the device of the run."""

    index: int  # in the regions' order; also the painter's layer
    mask: Tensor
    controls: RegionControls

    @cached_property
    def share(self) -> float:
        """How much of the picture it is, from 0 to 1."""
        return float(self.mask.mean())

    @cached_property
    def mask_at_hand(self) -> Tensor:
        """The mask on the CPU, where crops are drawn: copied once, not at each step."""
        return self.mask.float().cpu()

    @cached_property
    def integral(self) -> Tensor:
        """[H + 1, W + 1], sums of the mask above and left of each corner, on the CPU."""
        return F.pad(self.mask_at_hand[0, 0].cumsum(0).cumsum(1), (1, 0, 1, 0))


@dataclass(frozen=True)
class Crop:
    """A quadrilateral of the picture and the region that judges it.

    Attributes:
        area: the region.
        corners: [4, 2], (x, y) in [-1, 1] over the picture's width and height: top left, top
            right, bottom right, bottom left.
        window: [4], (left, top, right, bottom) in the same units; the crop is black outside it.
    """

    area: Area
    corners: Tensor
    window: Tensor


def sample_crops(
    areas: Sequence[Area], settings: Settings, generator: torch.Generator
) -> list[Crop]:
    """The crops of one step, each with the region that judges it; `generator` is on the CPU."""
    if settings.crop_choice == "band":
        return _crops_from_anywhere(areas, settings, generator)
    counts = allot(settings.crops, [area.share for area in areas])
    return [
        Crop(area, corners, EVERYWHERE)
        for area, count in zip(areas, counts, strict=True)
        for corners in sample_corners(area.mask_at_hand, count, settings, generator)
    ]


def sample_corners(
    mask: Tensor, count: int, settings: Settings, generator: torch.Generator
) -> Tensor:
    """Random quadrilaterals whose centres lie in a region.

    Centres are drawn from the mask [1, 1, H, W] itself, so a region of any size gets its crops
    without rejecting any. As in CLIPstyler, a square of `crop_size` is seen in a random perspective
    of strength `distortion`. This departs from it twice: the square's size varies by `crop_jitter`,
    since one scale alone teaches the network one grain; and the square may reach over the picture's
    edge, which `cut` mirrors, since otherwise crops would hardly ever show the corners.

    Returns:
        [count, 4, 2], (x, y) in [-1, 1] over the picture, on the CPU, as is `generator`.
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
    inward = 1 - settings.distortion * torch.rand(count, 4, 2, generator=generator)
    corners = centre[:, None] + half[:, None] * SQUARE * inward
    return corners / extent * 2 - 1


def _crops_from_anywhere(
    areas: Sequence[Area], settings: Settings, generator: torch.Generator
) -> list[Crop]:
    """Squares from anywhere in the picture, as published; a band at the bottom decides whose.

    Eight times too many are drawn. A region beyond its share gets more of them only if the other
    regions do not have enough, for instance none: there the published loop would draw for ever.
    """
    height, width = areas[0].mask.shape[-2:]
    extent = torch.tensor([width, height], dtype=torch.float32)
    side = float(min(settings.crop_size, width, height))
    corner = torch.rand(8 * settings.crops, 2, generator=generator) * (extent - side)
    owners = _owners(areas, corner, side)
    left = [round(area.controls.share * settings.crops) for area in areas]
    taken: list[int] = []
    spare: list[int] = []
    for number, owner in enumerate(owners):
        (taken if left[owner] > 0 else spare).append(number)
        left[owner] -= 1
    chosen = (taken + spare)[: settings.crops]
    inward = 1 - settings.distortion * torch.rand(len(chosen), 4, 2, generator=generator)
    quadrilaterals = SQUARE * inward
    if settings.perspective == "black":
        # RandomPerspective shrinks the crop to the quadrilateral: the square's corners then show
        # what is outside the crop, which is black.
        quadrilaterals = _transform(torch.linalg.inv(_homographies(quadrilaterals)), SQUARE)
    crops = []
    for number, quadrilateral in zip(chosen, quadrilaterals, strict=True):
        low, high = corner[number], corner[number] + side
        corners = low + (quadrilateral + 1) / 2 * side
        window = torch.cat([low / extent, high / extent]) * 2 - 1
        crops.append(Crop(areas[owners[number]], corners / extent * 2 - 1, window))
    return crops


def _owners(areas: Sequence[Area], corner: Tensor, side: float) -> list[int]:
    """For each square, the region that covers most of its own band (Generative Artisan eq. 18)."""
    left, right = corner[:, 0].round().long(), (corner[:, 0] + side).round().long()
    bottom = (corner[:, 1] + side).round().long()
    covered = []
    for area in areas:
        integral = area.integral
        top = (corner[:, 1] + side * (1 - area.controls.band)).round().long().clamp(max=bottom - 1)
        strip = integral[bottom, right] - integral[top, right]
        inside = strip - integral[bottom, left] + integral[top, left]
        covered.append(inside / ((bottom - top) * (right - left)))
    owners: list[int] = torch.stack(covered).argmax(dim=0).tolist()
    return owners


def allot(total: int, areas: Sequence[float]) -> list[int]:
    """How many crops each region gets: in proportion to the square root of its area, at least one.

    In proportion to the area a small object would get hardly any; with equal numbers a large
    background would not be covered.
    """
    roots = [area**0.5 for area in areas]
    return [max(1, round(total * root / sum(roots))) for root in roots]


def perspective_grid(corners: Tensor, size: int, device: torch.device) -> Tensor:
    """Sampling grids of the homographies that take a square onto quadrilaterals.

    [N, 4, 2] corners as in `Crop`, on the CPU, to [N, size, size, 2] on the device, for
    `grid_sample(align_corners=False)`.
    """
    axis = (torch.arange(size, dtype=corners.dtype, device=device) + 0.5) * 2 / size - 1
    v, u = torch.meshgrid(axis, axis, indexing="ij")
    homographies = sent(_homographies(corners), device)
    points = _transform(homographies, torch.stack([u, v], dim=-1).view(-1, 2))
    return points.view(-1, size, size, 2)


def _homographies(corners: Tensor) -> Tensor:
    """Matrices [N, 3, 3] that take the square [-1, 1] onto quadrilaterals [N, 4, 2]."""
    u, v = SQUARE.to(corners).expand(len(corners), 4, 2).unbind(dim=2)
    one, zero = torch.ones_like(u), torch.zeros_like(u)
    x, y = corners.unbind(dim=2)
    # x = (a u + b v + c) / (g u + h v + 1), y likewise with d, e, f: eight unknowns, eight rows.
    rows_x = torch.stack([u, v, one, zero, zero, zero, -u * x, -v * x], dim=2)
    rows_y = torch.stack([zero, zero, zero, u, v, one, -u * y, -v * y], dim=2)
    solution = torch.linalg.solve(torch.cat([rows_x, rows_y], dim=1), torch.cat([x, y], dim=1))
    return torch.cat([solution, torch.ones_like(solution[:, :1])], dim=1).view(-1, 3, 3)


def _transform(homographies: Tensor, points: Tensor) -> Tensor:
    """Points [P, 2] seen through homographies [N, 3, 3], [N, P, 2]."""
    homogeneous = F.pad(points, (0, 1), value=1.0)
    mapped = homogeneous @ homographies.transpose(1, 2)
    return mapped[..., :2] / mapped[..., 2:]


def reduced(image: Tensor, crop_size: int, size: int) -> Tensor:
    """The picture at the scale of its patches, or up to twice as fine.

    `cut` reads four pixels for each pixel of a patch. In a crop of far more than `size` pixels a
    side it would skip the pixels between, and a free pixel that no patch shows learns nothing.

    [N, C, H, W], sides multiples of 8, to [N, C, H/f, W/f], where f is 1, 2, 4 or 8. `crop_size`
    is the side of a crop in pixels of the picture, `size` that of a patch in pixels.
    """
    factor = 2 ** max(0, min(3, int(math.log2(crop_size / size))))
    if factor == 1:
        return image
    return F.interpolate(image, scale_factor=1 / factor, mode="bilinear", antialias=True)


def cut(image: Tensor, corners: Tensor, size: int, windows: Tensor | None = None) -> Tensor:
    """Cut quadrilaterals out of one picture [1, C, H, W], differentiably, as one batched warp.

    All grids are sampled as one tall picture: if the picture were repeated N times, its gradient
    would take N pictures of memory.

    Args:
        image: the picture.
        corners: [N, 4, 2], as in `Crop`, on the CPU.
        size: side of the patches in pixels.
        windows: [N, 4], as in `Crop`, on the CPU; None if nothing is black.

    Returns:
        [N, C, size, size].
    """
    grid = perspective_grid(corners, size, image.device)
    count, channels = len(corners), image.shape[1]
    tall = F.grid_sample(
        image, grid.view(1, count * size, size, 2), padding_mode="reflection", align_corners=False
    )
    patches = tall.view(channels, count, size, size).transpose(0, 1)
    if windows is None:
        return patches
    low, high = sent(windows, image.device)[:, None, None].split(2, dim=3)
    return patches * ((grid >= low) & (grid <= high)).all(dim=3)[:, None]


def sent(numbers: Tensor, device: torch.device) -> Tensor:
    """Copy a CPU tensor to a device without synchronising (pinned, non-blocking)."""
    if device.type == "cuda":
        return numbers.pin_memory().to(device, non_blocking=True)
    return numbers.to(device)
