"""Directions on the plane, and streaks that follow them."""

import torch
from torch import Tensor

from styles.curves import rotate
from styles.fields import Frame, stretch_to_unit


def smear(frame: Frame, image: Tensor, angle: Tensor, reach: float, steps: int = 7) -> Tensor:
    """Line integral convolution: average an image along a flow, which draws brush strokes.

    Args:
        frame: Where to draw.
        image: What is smeared, [n, c, H, W].
        angle: Direction of the flow in radians, [n, 1, H, W].
        reach: How far to follow it to either side, in plane units.
        steps: Samples to either side.
    """
    flow = torch.cat((angle.cos(), angle.sin(), image), dim=1)
    start = frame.coordinates()
    total = image
    for direction in (1, -1):
        step = direction * reach / steps
        x, y = start
        here = flow
        for _ in range(steps):
            x = x + step * here[:, :1]
            y = y + step * here[:, 1:2]
            here = frame.sample(flow, x, y)
            total = total + here[:, 2:]
    return total / (2 * steps + 1)


def strokes(frame: Frame, angle: Tensor, reach: float, cells: float, steps: int = 7) -> Tensor:
    """Noise of `cells` a plane unit smeared along a flow; spans 0..1."""
    return stretch_to_unit(smear(frame, frame.noise(cells), angle, reach, steps))


def flow_along(frame: Frame, stream: Tensor) -> Tensor:
    """Direction (radians) of the level lines of a stream function [n, 1, H, W]."""
    right, down = frame.gradient(stream)
    return torch.atan2(-right, down + 1e-6)


def swirls(frame: Frame, vortices: int, radius: tuple[float, float]) -> Tensor:
    """Stream function of vortices in a slow drift; its level lines are what is seen.

    Args:
        frame: Where to draw.
        vortices: How many in a square plane unit.
        radius: Smallest and largest radius, plane units.

    Returns:
        A field of about -1..2, [n, 1, H, W]; it grows by about 1 from rim to hub of a vortex.
    """
    x, y = frame.coordinates()
    _, across = rotate(x, y, frame.uniform(-0.5, 0.5))
    stream = 0.8 * across + 0.35 * frame.noise(2)
    count = max(2, round(vortices * frame.scale**2 * frame.aspect))
    for _ in range(min(count, 14)):
        centre_x, centre_y = frame.point()
        size = frame.uniform(*radius)
        squared = ((x - centre_x) ** 2 + (y - centre_y) ** 2) / size**2
        sign = 2 * frame.chance(0.5) - 1
        stream = stream + sign * torch.exp(-squared)
    return stream


def brush_angle(frame: Frame, tone: Tensor, drift: Tensor) -> Tensor:
    """Directions a painter would follow: along the edges of a picture, a drift where it is flat.

    Args:
        frame: Where to draw.
        tone: Smooth field whose edges count, [n, 1, H, W].
        drift: Angle to take where there is no edge, radians, [n, 1, H, W].
    """
    right, down = frame.gradient(tone)
    along_edge = torch.atan2(right, -down - 1e-6)
    slope = frame.steepness(tone) * frame.scale
    return torch.where(slope > 1.6, along_edge, drift)
