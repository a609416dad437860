"""Photo-like content without photos."""

import math

import torch
from torch import Tensor

from styles.curves import rotate, smoothstep
from styles.fields import Frame
from styles.scene import mix


def photolike(n: int, size: int, generator: torch.Generator) -> Tensor:
    """Photo-like content: gradients, soft-edged lit objects, fine detail, muted colours.

    Args:
        n: How many pictures.
        size: Pixels down and across.
        generator: CPU generator, the source of all chance.

    Returns:
        RGB in 0..1, float32 [n, 3, size, size].
    """
    frame = Frame(n, size, size, generator)
    x, y = frame.coordinates()

    def colour(saturation: Tensor | float) -> Tensor:
        values = frame.rand(n, 3, 1, 1)
        grey = values.mean(1, keepdim=True)
        return grey + (values - grey) * saturation

    def slope(size: float) -> Tensor:
        return size * (frame.rand(n, 3, 1, 1) - 0.5)

    picture = 0.2 + 0.6 * colour(0.5) + slope(0.5) * y + slope(0.3) * x
    picture = picture + 0.12 * frame.uniform() * (frame.fbm(4, 4, 0.7) - 0.5)
    for _ in range(5):
        centre_x, centre_y = frame.point()
        along, across = rotate(x - centre_x, y - centre_y, frame.uniform(0, 2 * math.pi))
        flattened = across / frame.uniform(0.4, 1.6)
        distance = (along**2 + flattened**2).sqrt() + 0.1 * (frame.fbm(3, 3) - 0.5)
        radius = frame.uniform(0.1, 0.45)
        inside = 1 - smoothstep(distance, radius, radius + frame.uniform(0.005, 0.15))
        lit = 1 + 0.7 * (along * frame.uniform(-1, 1) + across * frame.uniform(-1, 1))
        detail = 1 + frame.uniform(0, 0.5) * (frame.fbm(6, 4, 0.7) - 0.5)
        picture = mix(picture, colour(frame.uniform(0.2, 0.9)) * lit * detail, inside)
    return picture.clamp(0, 1)
