"""Partitions of the plane and marks strewn over it: Voronoi cells, stamps, scallops."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from styles.curves import Number
from styles.fields import Frame


@dataclass(frozen=True, kw_only=True)
class Pieces:
    """What the plane is cut into or strewn with, one value for each pixel.

    Attributes:
        random: Random numbers in 0..1 for each piece, [n, k, H, W].
        centre_x: Plane coordinate of the piece's centre, [n, 1, H, W].
        centre_y: The same, down.
    """

    random: Tensor
    centre_x: Tensor
    centre_y: Tensor

    def chance(self, index: int) -> Tensor:
        """The piece's random number `index` (one of three; scallops have one), [n, 1, H, W]."""
        return self.random[:, index : index + 1]


@dataclass(frozen=True, kw_only=True)
class Cells(Pieces):
    """A Voronoi partition.

    Attributes:
        near: Distance to the centre of the pixel's cell, in cells, [n, 1, H, W].
        border: Distance to the next centre less `near`: 0 on the border, [n, 1, H, W].
        offset_x: From the centre to the pixel, in cells, [n, 1, H, W].
        offset_y: The same, down.
    """

    near: Tensor
    border: Tensor
    offset_x: Tensor
    offset_y: Tensor

    @property
    def bearing(self) -> Tensor:
        """Angle from the cell's centre to the pixel, -pi..pi."""
        return torch.atan2(self.offset_y, self.offset_x)


def _distance(dx: Tensor, dy: Tensor, metric: str) -> Tensor:
    if metric == "square":
        return torch.maximum(dx.abs(), dy.abs())
    if metric == "diamond":
        return dx.abs() + dy.abs()
    return (dx.square() + dy.square()).sqrt()


def voronoi(
    frame: Frame,
    frequency: Number,
    jitter: float = 1.0,
    at: tuple[Tensor, Tensor] | None = None,
    metric: str = "round",
    staggered: bool = False,
    shift: float = 0.0,
) -> Cells:
    """Cells around one point in each square of a grid, moved at random within its square.

    Args:
        frame: Where to draw.
        frequency: Squares a plane unit; a number, or one a picture.
        jitter: 0 keeps the points in the middle of the squares, 1 lets them go anywhere inside.
        at: Plane coordinates to use in place of the pixels' own (rotated or bent ones).
        metric: "round", "square" (tiles) or "diamond".
        staggered: Shift every other row by half a square (hexagons when jitter is 0).
        shift: How far the grid is moved left and up, plane units, as for one layer of several.
    """
    x, y = frame.coordinates() if at is None else at
    x, y = (x + shift) * frequency, (y + shift) * frequency
    column, row = x.floor(), y.floor()
    first_column, first_row = column.amin() - 1, row.amin() - 1
    columns = int(column.amax() - first_column) + 2
    rows = int(row.amax() - first_row) + 2
    lattice = frame.rand(frame.count, 5, rows * columns)
    points = 0.5 + jitter * (lattice[:, :2] - 0.5)
    flat = (frame.count, 2, frame.height, frame.width)

    nearest = torch.full_like(x, 1e3)
    second = torch.full_like(x, 1e3)
    offset_x, offset_y = torch.zeros_like(x), torch.zeros_like(x)
    winner = torch.zeros_like(x)
    for down in (-1, 0, 1):
        for across in (-1, 0, 1):
            cell_column = column + across
            cell_row = row + down
            number = (cell_row - first_row) * columns + (cell_column - first_column)
            index = number.long().flatten(2).expand(-1, 2, -1)
            point = points.gather(2, index).view(flat)
            dx = x - cell_column - point[:, :1]
            dy = y - cell_row - point[:, 1:]
            if staggered:
                dx = dx - 0.5 * (cell_row % 2) + 0.25
            distance = _distance(dx, dy, metric)
            closer = distance < nearest
            second = torch.minimum(second, torch.maximum(nearest, distance))
            nearest = torch.minimum(nearest, distance)
            offset_x = torch.where(closer, dx, offset_x)
            offset_y = torch.where(closer, dy, offset_y)
            winner = torch.where(closer, number, winner)
    index = winner.long().flatten(2).expand(-1, 3, -1)
    random = lattice[:, 2:].gather(2, index).view(frame.count, 3, frame.height, frame.width)
    return Cells(
        near=nearest,
        border=second - nearest,
        random=random,
        centre_x=(x - offset_x) / frequency,
        centre_y=(y - offset_y) / frequency,
        offset_x=offset_x,
        offset_y=offset_y,
    )


Outline = Callable[[Tensor, Tensor], Tensor]
"""Shape of a mark: from positions along and across it, -1..1 in its box, to 1 in the middle,
0 on the rim, less outside."""


def ellipse(along: Tensor, across: Tensor) -> Tensor:
    """A round or oval mark."""
    return 1 - (along.square() + across.square()).sqrt()


def bar(along: Tensor, across: Tensor) -> Tensor:
    """A rectangular mark."""
    return 1 - torch.maximum(along.abs(), across.abs())


def capsule(along: Tensor, across: Tensor) -> Tensor:
    """A bar with blunt round ends."""
    return 1 - (along.square().square() + across.square()).sqrt()


def leaf(along: Tensor, across: Tensor) -> Tensor:
    """A mark pointed at both ends."""
    return 1 - along.square() - across.abs()


@dataclass(frozen=True, kw_only=True)
class Marks(Pieces):
    """The uppermost mark at each pixel.

    Attributes:
        inside: 1 in the middle of the mark, 0 on its rim and where there is none, [n, 1, H, W].
        along: Position along the mark, -1..1, [n, 1, H, W].
        across: Position across it, -1..1, [n, 1, H, W].
    """

    inside: Tensor
    along: Tensor
    across: Tensor

    @property
    def cover(self) -> Tensor:
        """1.0 where there is a mark, else 0.0, [n, 1, H, W]."""
        return (self.inside > 0).float()


def stamp(
    frame: Frame,
    frequency: float,
    size: tuple[float, float],
    angle: Tensor,
    spread: float = 0.0,
    vary: float = 0.3,
    outline: Outline = ellipse,
) -> Marks:
    """Strew marks over the plane, one for each square of a grid, in a random order of depth.

    Args:
        frame: Where to draw.
        frequency: Squares of the grid a plane unit.
        size: Half the length and half the width of a mark, in squares; at most 1.1.
        angle: Direction of the marks, radians, [n, 1, H, W] or one a picture [n, 1, 1, 1].
        spread: Largest random turn of a mark to either side, radians.
        vary: Share by which the smallest mark is smaller than the largest.
        outline: Shape of a mark.
    """
    x, y = frame.coordinates()
    x = x * frequency + float(frame.rand(1))
    y = y * frequency + float(frame.rand(1))
    origin_x, origin_y = float(x.amin()), float(y.amin())
    column, row = x.floor(), y.floor()
    columns, rows = int(column.amax()) + 3, int(row.amax()) + 3
    lattice = frame.rand(frame.count, 7, rows, columns)
    lattice[:, :2] = 0.5 + 0.8 * (lattice[:, :2] - 0.5)
    lattice_x = torch.arange(columns) - 1 + lattice[:, :1]
    lattice_y = (torch.arange(rows) - 1)[:, None] + lattice[:, 1:2]
    angle = angle.expand_as(x)
    heading = torch.cat((angle.cos(), angle.sin()), dim=1)
    plane_x, plane_y = (lattice_x - origin_x) / frequency, (lattice_y - origin_y) / frequency
    heading = frame.sample(heading, plane_x, plane_y)
    turned = torch.atan2(heading[:, 1:], heading[:, :1]) + spread * (2 * lattice[:, 2:3] - 1)
    grow = 1 - vary * lattice[:, 3:4]
    table = torch.cat((lattice_x, lattice_y, turned.cos(), turned.sin(), grow), dim=1).flatten(2)
    length, width = size

    top = torch.full_like(x, -1.0)
    inside, number = torch.zeros_like(x), torch.zeros_like(x)
    best_along, best_across = torch.zeros_like(x), torch.zeros_like(x)
    priority = frame.rand(frame.count, 1, rows * columns)
    shape = (frame.count, 6, frame.height, frame.width)
    table = torch.cat((table, priority), dim=1)
    for down in (0, 1, 2):
        for right in (0, 1, 2):
            place = (row + down) * columns + column + right
            index = place.long().flatten(2).expand(-1, 6, -1)
            mark_x, mark_y, cosine, sine, grown, rank = (
                table.gather(2, index).view(shape).split(1, 1)
            )
            dx, dy = (x - mark_x) / grown, (y - mark_y) / grown
            along = (dx * cosine + dy * sine) / length
            across = (dy * cosine - dx * sine) / width
            depth = outline(along, across)
            better = (depth > 0) & (rank > top)
            top = torch.where(better, rank, top)
            inside = torch.where(better, depth, inside)
            best_along = torch.where(better, along, best_along)
            best_across = torch.where(better, across, best_across)
            number = torch.where(better, place, number)
    index = number.long().flatten(2)
    flat = lattice.flatten(2)
    random = flat[:, 4:].gather(2, index.expand(-1, 3, -1)).view(frame.count, 3, *x.shape[2:])
    return Marks(
        random=random,
        centre_x=plane_x.flatten(2).gather(2, index).view_as(x),
        centre_y=plane_y.flatten(2).gather(2, index).view_as(x),
        inside=inside,
        along=best_along,
        across=best_across,
    )


@dataclass(frozen=True, kw_only=True)
class Scallops(Pieces):
    """Rows of overlapping discs, each row before the one above it, as fish scales lie.

    Attributes:
        radius: Distance to the disc's centre, 0..1, [n, 1, H, W].
        bearing: Angle round it, radians, [n, 1, H, W].
    """

    radius: Tensor
    bearing: Tensor


def scallops(frame: Frame, frequency: Number, at: tuple[Tensor, Tensor] | None = None) -> Scallops:
    """Overlapping discs, `frequency` to a plane unit, two rows to a disc's diameter and a half.

    Args:
        frame: Where to draw.
        frequency: Discs beside each other in a plane unit.
        at: Plane coordinates to use in place of the pixels' own.
    """
    x, y = frame.coordinates() if at is None else at
    step = 0.36
    across, down = x * frequency, y * frequency
    first = (down / step).floor()
    radius, turn = torch.full_like(across, 2.0), torch.zeros_like(across)
    centre_x, centre_y = torch.zeros_like(across), torch.zeros_like(across)
    for behind in (-1, 0, 1, 2):
        row = first - behind + 1
        shift = 0.5 * (row % 2)
        disc_x = (across - shift).round() + shift
        disc_y = row * step
        dx, dy = across - disc_x, down - disc_y
        distance = (dx.square() + dy.square()).sqrt() / 0.56
        # The upper rim of a lower row hides what lies above it, so the lowest row wins.
        free = (distance < 1) & (radius > 1)
        radius = torch.where(free, distance, radius)
        turn = torch.where(free, torch.atan2(dy, dx), turn)
        centre_x = torch.where(free, disc_x, centre_x)
        centre_y = torch.where(free, disc_y, centre_y)
    salt = frame.uniform(0, 50)
    random = torch.sin(centre_x * 41.3 + centre_y * 87.7 + salt) * 6151.7
    return Scallops(
        radius=radius.clamp(max=1),
        bearing=turn,
        random=random - random.floor(),
        centre_x=centre_x / frequency,
        centre_y=centre_y / frequency,
    )
