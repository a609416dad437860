"""Functions of one value at a time, which give fields their shape: steps, waves, ridges, chance."""

import math

import torch
from torch import Tensor

Number = float | Tensor
"""A plain number, or one a picture [n, 1, 1, 1]."""


def smoothstep(field: Tensor, low: Number, high: Number) -> Tensor:
    """0 below `low`, 1 above `high`, a cubic with flat ends between them."""
    t = ((field - low) / (high - low + 1e-6)).clamp(0, 1)
    return t * t * (3 - 2 * t)


def fraction(field: Tensor) -> Tensor:
    """What is left over the next lower whole number, 0..1."""
    return field - field.floor()


def nearest_line(field: Tensor) -> Tensor:
    """Distance of each value to the nearest whole number, 0..0.5."""
    return (field - field.round()).abs()


def wave(field: Tensor) -> Tensor:
    """A sine of one cycle a unit, in 0..1."""
    return 0.5 + 0.5 * torch.sin(2 * math.pi * field)


def bump(distance: Tensor, width: Number) -> Tensor:
    """A Gaussian ridge: 1 where the distance is 0, 0.37 at `width`."""
    return torch.exp(-((distance / width) ** 2))


def spot(x: Tensor, y: Tensor, width: Number) -> Tensor:
    """A round Gaussian hill: 1 where x and y are 0, 0.37 at a distance of `width`."""
    return bump((x**2 + y**2).sqrt(), width)


def scatter(first: Tensor, second: Tensor) -> Tensor:
    """A fixed pseudo-random number in 0..1 for each pair of cell numbers."""
    mixed = torch.sin(first * 17.137 + second * 61.721 + 0.37) * 9127.531
    return fraction(mixed)


def rotate(x: Tensor, y: Tensor, angle: Number) -> tuple[Tensor, Tensor]:
    """Coordinates along and across a direction `angle` (radians, from x towards y)."""
    angle = torch.as_tensor(angle)
    along = x * angle.cos() + y * angle.sin()
    across = y * angle.cos() - x * angle.sin()
    return along, across
