"""Texture statistics: how a patch looks, whatever the places of things in it.

Three groups, each pooled over the whole patch:

    palette      mean colour, and a soft histogram over a grid of colours
    energy       log deviation of the opponent colours and of each filter's response, by scale
    correlation  normalised Gram matrices of the filters' rectified responses, by scale

Filters are random and fixed: Gram matrices of one layer of random filters at several scales are
enough to synthesise natural textures (Ustyuzhaninov et al., 2017), and unlike trained ones do not
respond to patterns that the eye cannot see. Palette and energy tell colours and their strength,
which Gram matrices tell badly.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

FILTERS = 32
KERNEL = 7
SCALES = 4  # the patch and its halves, quarters and eighths
COLOUR_STEPS = 4  # of the palette's grid, a side
COLOUR_WIDTH = 0.13  # of a grid colour's soft cell, in units of RGB


class TextureStatistics(nn.Module):
    """The three groups of statistics, whitened over the training set.

    `sizes` has the length of each group: palette, energy, correlation.
    """

    filters: Tensor
    mean: Tensor
    deviation: Tensor

    def __init__(self) -> None:
        super().__init__()
        pairs = FILTERS * (FILTERS - 1) // 2
        self.sizes = (3 + COLOUR_STEPS**3, SCALES * (3 + FILTERS), SCALES * pairs)
        self.register_buffer("filters", random_filters(torch.Generator().manual_seed(0)))
        self.register_buffer("mean", torch.zeros(sum(self.sizes)))
        self.register_buffer("deviation", torch.ones(sum(self.sizes)))

    def forward(self, images: Tensor) -> Tensor:
        """[N, 3, H, W] in [0, 1], sides at least 32, to whitened statistics [N, sum(sizes)]."""
        # asinh limits the outliers.
        return torch.asinh((self.measure(images) - self.mean) / self.deviation)

    def measure(self, images: Tensor) -> Tensor:
        """The statistics before whitening, [N, sum(sizes)], float32."""
        images = images.float()
        energies, correlations = [], []
        for level in range(SCALES):
            scaled = F.avg_pool2d(images, 2**level)
            energies.append((_opponent(scaled).var(dim=(2, 3)) + 2e-5).sqrt().log())
            padded = F.pad(scaled - 0.5, (KERNEL // 2,) * 4, mode="reflect")
            responses = F.relu(F.conv2d(padded, self.filters)).flatten(2)
            gram = responses @ responses.transpose(1, 2) / responses.shape[2]
            norms = (gram.diagonal(dim1=1, dim2=2) + 1e-4).sqrt()
            energies.append((norms + 0.02).log())
            row, column = torch.triu_indices(FILTERS, FILTERS, 1, device=images.device)
            cosines = gram / (norms[:, :, None] * norms[:, None])
            correlations.append(cosines[:, row, column])
        return torch.cat([_palette(images), *energies, *correlations], dim=1)


def random_filters(generator: torch.Generator) -> Tensor:
    """Smooth random filters [32, 3, 7, 7] of unit norm.

    Half of them see luminance alone; all but one in eight have a mean of zero.
    """
    offset = torch.arange(KERNEL) - KERNEL // 2
    window = torch.exp(-(offset[:, None] ** 2 + offset**2) / (KERNEL / 3) ** 2)
    filters = torch.randn(FILTERS, 3, KERNEL, KERNEL, generator=generator) * window
    number = torch.arange(FILTERS).view(-1, 1, 1, 1)
    filters = filters - filters.mean(dim=(2, 3), keepdim=True) * (number % 8 != 0)
    grey = filters.mean(dim=1, keepdim=True).expand_as(filters)
    filters = torch.where(number % 2 == 0, grey, filters)
    return filters / filters.flatten(1).norm(dim=1).view(-1, 1, 1, 1)


def _opponent(images: Tensor) -> Tensor:
    """Light, red against green, yellow against blue.

    The deviations of red, green and blue would be the same for a grey and a motley texture.
    """
    red, green, blue = images.unbind(dim=1)
    return torch.stack([(red + green + blue) / 3, red - green, (red + green) / 2 - blue], dim=1)


def _palette(images: Tensor) -> Tensor:
    """Mean colour and the square root of a soft histogram, [N, 3 + 64]."""
    axis = torch.linspace(0.1, 0.9, COLOUR_STEPS, device=images.device)
    grid = torch.stack(torch.meshgrid(axis, axis, axis, indexing="ij"), dim=-1).view(-1, 3)
    pixels = F.avg_pool2d(images, 2).flatten(2).transpose(1, 2)
    distances = (
        pixels.square().sum(dim=2, keepdim=True) - 2 * pixels @ grid.T + grid.square().sum(dim=1)
    )
    shares = (-distances / (2 * COLOUR_WIDTH**2)).softmax(dim=2).mean(dim=1)
    # The root spreads rare colours and common ones evenly (Hellinger distance).
    return torch.cat([images.mean(dim=(2, 3)) * 4, (shares + 1e-3).sqrt() * 3], dim=1)
