"""What each patch of the picture looks like, without any learned weights.

Deep Spectral Methods (Melas-Kyriazi et al., CVPR 2022) describe a patch by the keys of a
self-supervised transformer. Where no such weights are at hand, colour, texture and position take
their place: enough to tell a thing from its surroundings, not enough to know what it is.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from semcs_core.image import resize_map

CELL_PIXELS = 8
"""Side of a cell in the working picture: texture is measured at the same scale on every photo."""
TEXTURE_IN_LAB = 20.0
"""Lab units that one unit of texture is worth where colour tells nothing."""
COLOURFUL = 3.0
"""Lab units: where the colours spread wider, texture quickly counts for less."""
MOST_CELLS = 1024
FEWEST_CELLS = 64
FEWEST_ON_A_SIDE = 4


@dataclass(frozen=True)
class Cells:
    """The picture on a grid of N = gh * gw cells, row by row."""

    shape: tuple[int, int]
    """(gh, gw)."""
    rgb: np.ndarray
    """[N, 3] float32 in [0, 1], mean colour."""
    lab: np.ndarray
    """[N, 3] float32, mean CIE Lab (D65), L in [0, 100]."""
    texture: np.ndarray
    """[N, 12] float32 >= 0, log energy of the gradient: 3 scales of 4 orientations."""
    position: np.ndarray
    """[N, 2] float32 in (0, 1), (y, x) of the cell's centre over the longer side."""
    learned: np.ndarray | None = None
    """[N, K] float32, learned features in units that compare with Lab; where present, they
    tell cells apart instead of colour and texture."""


def grid_shape(height: int, width: int, cells: float | None = None) -> tuple[int, int]:
    """The grid for a picture: nearly square cells, about 1024 but fewer for a tiny picture."""
    if cells is None:
        cells = min(max(height * width / 4, FEWEST_CELLS), MOST_CELLS)
    scale = np.sqrt(cells / (height * width))
    # The upper bound keeps the number of cells low on a picture that is nearly a line.
    rows, columns = np.clip(
        [round(height * scale), round(width * scale)],
        FEWEST_ON_A_SIDE,
        max(MOST_CELLS, int(cells)) // FEWEST_ON_A_SIDE,
    )
    return int(rows), int(columns)


def describe_cells(rgb: np.ndarray, shape: tuple[int, int]) -> Cells:
    """Describe each cell of the picture.

    Args:
        rgb: [H, W, 3], uint8.
        shape: (gh, gw) of the grid: any, `grid_shape` or that of learned features.
    """
    gh, gw = shape
    small = resize_map(rgb, (gh * CELL_PIXELS, gw * CELL_PIXELS)) / 255
    lab = rgb_to_lab(small)
    y, x = np.mgrid[0:gh, 0:gw]
    position = np.stack([y.ravel() + 0.5, x.ravel() + 0.5], axis=1) / max(gh, gw)
    return Cells(
        shape=shape,
        rgb=_cell_means(small),
        lab=_cell_means(lab),
        texture=_gradient_energy(lab[..., 0]),
        position=position.astype(np.float32),
    )


def appearance(cells: Cells) -> np.ndarray:
    """What tells cells apart: colour, and texture where the whole picture's colours are nearly one.

    Texture blurs outlines by the window that it is measured in, so it counts only where colour
    says little. Learned features, where there are any, take the place of both.

    Returns:
        [N, 15], float32: Lab, and texture in units that compare with it; or `learned`, [N, K].
    """
    if cells.learned is not None:
        return cells.learned
    spread = max(float(cells.lab.std(axis=0).mean()), COLOURFUL)
    weight = TEXTURE_IN_LAB * (COLOURFUL / spread) ** 2 / np.sqrt(cells.texture.shape[1])
    return np.concatenate([cells.lab, np.float32(weight) * cells.texture], axis=1)


def rgb_to_lab(rgb: np.ndarray) -> np.ndarray:
    """CIE Lab of sRGB [..., 3] in [0, 1] under D65 (IEC 61966-2-1, CIE 15).

    Returns:
        [..., 3], float32: L in [0, 100], a and b in about [-110, 110].
    """
    rgb = np.asarray(rgb, dtype=np.float32)
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    to_xyz = np.array(
        [
            [0.412453, 0.357580, 0.180423],
            [0.212671, 0.715160, 0.072169],
            [0.019334, 0.119193, 0.950227],
        ]
    )
    to_xyz /= to_xyz.sum(axis=1, keepdims=True)  # white has X = Y = Z = 1
    xyz = linear @ to_xyz.T.astype(np.float32)
    f = np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz * (29 / 6) ** 2 / 3 + 4 / 29)
    x, y, z = np.moveaxis(f, -1, 0)
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1).astype(np.float32)


def _cell_means(image: np.ndarray) -> np.ndarray:
    """Mean over each cell of the working picture [8 gh, 8 gw, C]: [N, C]."""
    height, width, channels = image.shape
    gh, gw = height // CELL_PIXELS, width // CELL_PIXELS
    blocks = image.reshape(gh, CELL_PIXELS, gw, CELL_PIXELS, channels)
    return blocks.mean(axis=(1, 3)).reshape(gh * gw, channels)


def _gradient_energy(lightness: np.ndarray) -> np.ndarray:
    """[N, 12]: log(1 + mean |derivative of Gaussian|) in each cell."""
    energies = []
    for sigma in (1.0, 2.0, 4.0):
        smooth = ndimage.gaussian_filter(lightness, sigma)
        # sobel / 8 is the slope a pixel; times sigma, an edge counts the same at every scale.
        dy = ndimage.sobel(smooth, axis=0) * (sigma / 8)
        dx = ndimage.sobel(smooth, axis=1) * (sigma / 8)
        diagonal, antidiagonal = (dx + dy) / np.sqrt(2), (dx - dy) / np.sqrt(2)
        energies += [np.abs(slope) for slope in (dx, dy, diagonal, antidiagonal)]
    # A window wider than the cell, so that the phase of a coarse texture does not show.
    pooled = ndimage.gaussian_filter(
        np.stack(energies, axis=-1), (0.6 * CELL_PIXELS, 0.6 * CELL_PIXELS, 0)
    )
    return np.log1p(_cell_means(pooled))
