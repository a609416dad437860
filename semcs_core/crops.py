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
        """[H + 1, W + 1], the region's pixels above and left of each corner, int64, on the CPU."""
        inside = (self.mask_at_hand[0, 0] >= 0.5).long()
        return F.pad(inside.cumsum(0).cumsum(1), (1, 0, 1, 0))


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

    A square of a region that has its share is replaced by one of the regions that have not, which
    is where drawing again would end. Where there is none it stays: the published loop never ends.
    """
    height, width = areas[0].mask.shape[-2:]
    extent = torch.tensor([width, height], dtype=torch.float32)
    side = min(settings.crop_size, width, height)
    owners = find_owners(areas, side)
    columns, owners = owners.shape[1], owners.flatten()
    left = torch.tensor([round(area.controls.share * settings.crops) for area in areas])
    owned = (owners >= 0).nonzero()[:, 0]
    places, allowed = _drawn(owned, settings.crops, generator), owned[left[owners[owned]] > 0]
    for number in range(settings.crops):
        if left[owners[places[number]]] <= 0 and len(allowed):
            places[number] = _drawn(allowed, 1, generator)
        owner = owners[places[number]]
        left[owner] -= 1
        if left[owner] == 0:
            allowed = owned[left[owners[owned]] > 0]
    chosen = owners[places].tolist()
    corner = torch.stack([places % columns, places // columns], dim=1).float()
    inward = 1 - settings.distortion * torch.rand(len(chosen), 4, 2, generator=generator)
    quadrilaterals = SQUARE * inward
    if settings.perspective == "black":
        # RandomPerspective shrinks the crop to the quadrilateral: the square's corners then show
        # what is outside the crop, which is black.
        quadrilaterals = _transform(torch.linalg.inv(_homographies(quadrilaterals)), SQUARE)
    crops = []
    for owner, low, quadrilateral in zip(chosen, corner, quadrilaterals, strict=True):
        high = low + side
        corners = low + (quadrilateral + 1) / 2 * side
        window = torch.cat([low / extent, high / extent]) * 2 - 1
        crops.append(Crop(areas[owner], corners / extent * 2 - 1, window))
    return crops


def find_owners(areas: Sequence[Area], side: int) -> Tensor:
    """For each square of the picture the region that judges it, by its top left pixel.

    It is the first region that has a pixel in its own band at the square's bottom (Generative
    Artisan eq. 18; any pixel, as in the code that carries it on).

    Returns:
        [H - side + 1, W - side + 1], int64; -1 where no region has any, or the last everywhere if
        that is so of all squares.
    """
    height, width = areas[0].mask.shape[-2:]
    owners = torch.full((height - side + 1, width - side + 1), -1)
    for area in reversed(areas):
        band = min(side, max(1, round(area.controls.band * side)))
        rows = area.integral[side:] - area.integral[side - band : height + 1 - band]
        owners[rows[:, side:] > rows[:, :-side]] = area.index
    return owners if (owners >= 0).any() else torch.full_like(owners, areas[-1].index)


def _drawn(places: Tensor, count: int, generator: torch.Generator) -> Tensor:
    return places[torch.randint(len(places), (count,), generator=generator)]


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
