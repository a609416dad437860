"""The frame that is drawn on, and scalar fields on its plane: noise, gradients, contours.

Coordinates. A picture is `Frame.scale` plane units high and `scale * width / height` wide; x runs
right and y down from the upper left corner. Every frequency is in cells (or cycles) a plane unit
and every length in plane units, so that a larger scale makes every feature smaller by as much,
and a picture of twice the pixels shows the same texture.

Shapes. A field is float32 [n, 1, H, W]; a number a picture is [n, 1, 1, 1]. All chance comes from
`Frame.generator`, a CPU generator: the same seed gives the same fields.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from styles.curves import Number, bump, nearest_line


def stretch_to_unit(field: Tensor) -> Tensor:
    """Shift and scale each picture of [n, c, H, W] so that it spans 0..1."""
    low = field.amin((2, 3), keepdim=True)
    high = field.amax((2, 3), keepdim=True)
    return (field - low) / (high - low + 1e-5)


def blur(field: Tensor, radius: float) -> Tensor:
    """Box blur of [n, c, H, W]; the radius is a share of the picture's height."""
    reach = max(1, round(radius * field.shape[-2]))
    reach = min(reach, min(field.shape[-2:]) - 1)
    kernel = 2 * reach + 1
    across = F.avg_pool2d(F.pad(field, (reach, reach, 0, 0), mode="reflect"), (1, kernel), 1)
    return F.avg_pool2d(F.pad(across, (0, 0, reach, reach), mode="reflect"), (kernel, 1), 1)


def glow(field: Tensor, radius: float) -> Tensor:
    """Two box blurs, which is close to a Gaussian."""
    return blur(blur(field, radius), radius)


@dataclass(frozen=True)
class Frame:
    """A batch of pictures to draw on.

    Args:
        count: Pictures in the batch, n.
        height: Pixels down, H.
        width: Pixels across, W.
        generator: The source of all chance.
        scale: Height of the picture in plane units.
    """

    count: int
    height: int
    width: int
    generator: torch.Generator
    scale: float = 1.0

    @property
    def aspect(self) -> float:
        """Width over height."""
        return self.width / self.height

    def rand(self, *shape: int) -> Tensor:
        """Uniform numbers in [0, 1) of the given shape."""
        return torch.rand(shape, generator=self.generator)

    def uniform(self, low: float = 0.0, high: float = 1.0) -> Tensor:
        """One uniform number a picture, [n, 1, 1, 1]."""
        return low + (high - low) * self.rand(self.count, 1, 1, 1)

    def chance(self, probability: float) -> Tensor:
        """1.0 with the given probability, else 0.0; one a picture, [n, 1, 1, 1]."""
        return (self.rand(self.count, 1, 1, 1) < probability).float()

    def number(self, low: float, high: float) -> float:
        """One uniform number for the whole batch."""
        return low + (high - low) * float(self.rand(1))

    def point(self, margin: float = 0.0) -> tuple[Tensor, Tensor]:
        """A random point a picture, up to `margin` plane units outside it; two [n, 1, 1, 1]."""
        x = self.uniform(-margin, self.scale * self.aspect + margin)
        y = self.uniform(-margin, self.scale + margin)
        return x, y

    def coordinates(self) -> tuple[Tensor, Tensor]:
        """Plane coordinates x and y of every pixel, two fields [n, 1, H, W]."""
        across = torch.linspace(0, self.scale * self.aspect, self.width)
        down = torch.linspace(0, self.scale, self.height)
        shape = (self.count, 1, self.height, self.width)
        return across.expand(shape), down[:, None].expand(shape)

    def noise(self, cells: float, stretch: tuple[float, float] = (1.0, 1.0)) -> Tensor:
        """Value noise in 0..1: random values on a lattice, joined by bicubic interpolation.

        Args:
            cells: Lattice cells a plane unit.
            stretch: Factors of `cells` across and down.
        """
        cells = cells * self.scale
        columns = max(1, round(cells * stretch[0] * self.aspect)) + 1
        rows = max(1, round(cells * stretch[1])) + 1
        lattice = self.rand(self.count, 1, rows, columns)
        size = (self.height, self.width)
        return F.interpolate(lattice, size=size, mode="bicubic", align_corners=True).clamp(0, 1)

    def fbm(
        self,
        cells: float = 3.0,
        octaves: int = 4,
        gain: float = 0.55,
        ridged: bool = False,
        stretch: tuple[float, float] = (1.0, 1.0),
    ) -> Tensor:
        """Fractional Brownian motion: octaves of noise, each finer and weaker; spans 0..1.

        Args:
            cells: Lattice cells a plane unit of the coarsest octave.
            octaves: How many; the frequency doubles from one to the next.
            gain: Weight of an octave over the one before.
            ridged: Fold each octave at its middle, which draws sharp crests.
            stretch: Factors of `cells` across and down.
        """
        total = torch.zeros(self.count, 1, self.height, self.width)
        for octave in range(octaves):
            layer = self.noise(cells * 2**octave, stretch)
            if ridged:
                layer = 1 - (2 * layer - 1).abs()
            total = total + gain**octave * layer
        return stretch_to_unit(total)

    def sample(self, image: Tensor, x: Tensor, y: Tensor) -> Tensor:
        """The image [n, c, H, W] at the plane points x, y [n, 1, H, W], mirrored outside."""
        across = x * (2 / (self.scale * self.aspect)) - 1
        down = y * (2 / self.scale) - 1
        where = torch.stack((across[:, 0], down[:, 0]), dim=-1)
        return F.grid_sample(image, where, padding_mode="reflection", align_corners=True)

    def bent(self, amount: Number, cells: float = 3.0) -> tuple[Tensor, Tensor]:
        """Coordinates shifted by noise; `amount` is the full range of the shift."""
        x, y = self.coordinates()
        x = x + amount * (self.noise(cells) - 0.5)
        return x, y + amount * (self.noise(cells) - 0.5)

    def warp(self, image: Tensor, amount: Number, cells: float = 3.0) -> Tensor:
        """Bend an image [n, c, H, W] by noise; `amount` is the full range of the shift."""
        return self.sample(image, *self.bent(amount, cells))

    def gradient(self, field: Tensor) -> tuple[Tensor, Tensor]:
        """Change of a field a plane unit to the right and downwards (central differences)."""
        pixels = self.height / self.scale / 2
        wide = F.pad(field, (1, 1, 0, 0), mode="replicate")
        tall = F.pad(field, (0, 0, 1, 1), mode="replicate")
        right = (wide[..., 2:] - wide[..., :-2]) * pixels
        down = (tall[..., 2:, :] - tall[..., :-2, :]) * pixels
        return right, down

    def steepness(self, field: Tensor) -> Tensor:
        """Length of the gradient, per plane unit."""
        right, down = self.gradient(field)
        return (right.square() + down.square() + 1e-8).sqrt()

    def contours(self, field: Tensor, width: Number) -> Tensor:
        """Lines of even width where the field passes a whole number, 0..1."""
        distance = nearest_line(field) / (self.steepness(field) + 0.3)
        return bump(distance, width)
