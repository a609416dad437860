"""Measures of a painted picture against its photo, none of which asks the encoder.

Pictures are [1, 3, H, W] in [0, 1]; a region is [H, W], bool.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from scipy import ndimage
from torch import Tensor

from semcs_core.image import LUMINANCE
from semcs_core.mask.descriptors import rgb_to_lab
from tools.starter.bank import to_patch
from tools.starter.descriptor import describe_region

SURE = 0.95
"""Of a mask, above which a pixel is the object's alone; below 1 - SURE it is the background's."""
RING = 0.05
"""Of the long side: how near to the edge bleeding is looked for."""
LEAST_MOVE = 5.0
"""Lab units: two styles nearer than that in colour say nothing of bleeding."""
FLAT = 0.02  # deviation of luminance
BLEACHED = 0.8  # share of a region's pixels
WHITE, BLACK = 0.97, 0.03
MOST_PATCHES = 24
FULL = 0.9  # share of the region in a patch, from which on no fuller one is sought
LEAST_PIXELS = 16

C1, C2 = 0.01**2, 0.03**2  # of SSIM, for a range of 1
SIGMA, RADIUS = 1.5, 5  # its Gaussian window of 11 x 11


def luminance(picture: Tensor) -> np.ndarray:
    """[H, W], float64, in [0, 1]."""
    weights = picture.new_tensor(LUMINANCE)
    return torch.einsum("c,chw->hw", weights, picture[0]).double().cpu().numpy()


def lab(picture: Tensor) -> np.ndarray:
    """[H, W, 3], CIE Lab."""
    return rgb_to_lab(picture[0].permute(1, 2, 0).cpu().numpy())


def ssim_map(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Structural similarity of two luminances [H, W] (Wang et al., 2004, eq. 13).

    Returns:
        [H - 10, W - 10] in [-1, 1]: where the window of 11 x 11 (Gaussian, sigma 1.5) fits.
    """

    def blur(x: np.ndarray) -> np.ndarray:
        smooth = ndimage.gaussian_filter(x, SIGMA, radius=RADIUS)
        return smooth[RADIUS:-RADIUS, RADIUS:-RADIUS]

    mean1, mean2 = blur(first), blur(second)
    variance1, variance2 = blur(first**2) - mean1**2, blur(second**2) - mean2**2
    covariance = blur(first * second) - mean1 * mean2
    return ((2 * mean1 * mean2 + C1) * (2 * covariance + C2)) / (
        (mean1**2 + mean2**2 + C1) * (variance1 + variance2 + C2)
    )


def ssim(first: Tensor, second: Tensor) -> float:
    """Mean structural similarity of two pictures' luminance; 1 for equal ones."""
    return float(ssim_map(luminance(first), luminance(second)).mean())


@dataclass(frozen=True)
class Look:
    """Statistics of a region: mean Lab, mean chroma, deviation of luminance (0 to 0.5)."""

    lab: tuple[float, float, float]
    chroma: float
    contrast: float


def look(picture: Tensor, region: np.ndarray) -> Look:
    """What a region looks like."""
    colours = lab(picture)[region]
    lightness, a, b = (float(value) for value in colours.mean(axis=0))
    chroma = float(np.hypot(colours[:, 1], colours[:, 2]).mean())
    return Look((lightness, a, b), chroma, float(luminance(picture)[region].std()))


def is_collapsed(before: Look, after: Look) -> bool:
    """Whether a region that had structure has become flat."""
    return after.contrast < FLAT and before.contrast >= 2 * FLAT


def is_bleached(picture: Tensor, region: np.ndarray) -> bool:
    """Whether nearly all of a region is white or black."""
    pixels = picture[0].permute(1, 2, 0).cpu().numpy()[region]
    white, black = (pixels > WHITE).all(axis=1), (pixels < BLACK).all(axis=1)
    return bool(max(white.mean(), black.mean()) > BLEACHED)


def sure_regions(mask: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The pixels [H, W] that are the object's alone, and the background's alone.

    A mask [H, W] in [0, 1] so soft that there are hardly any is cut at a half.
    """
    foreground, background = mask > SURE, mask < 1 - SURE
    if foreground.sum() < LEAST_PIXELS:
        foreground = mask >= 0.5
    if background.sum() < LEAST_PIXELS:
        background = mask < 0.5
    return foreground, background


def describe_painted(picture: Tensor, region: np.ndarray, crop_size: int) -> Tensor:
    """A region's texture descriptor [28], from squares as large as a run's crops.

    Squares lie on a grid of a quarter of their side. The fullest ones count, at most 24; where an
    object is so thin that none lies in it, what shows beside it has no weight.
    """
    height, width = region.shape
    side = min(crop_size, height, width)
    inside = np.pad(region.astype(np.float64).cumsum(0).cumsum(1), ((1, 0), (1, 0)))
    tops, lefts = _places(height, side), _places(width, side)
    top, left = (x.ravel() for x in np.meshgrid(tops, lefts, indexing="ij"))
    bottom, right = top + side, left + side
    covered = inside[bottom, right] - inside[top, right] - inside[bottom, left] + inside[top, left]
    covered /= side**2
    # Equally full squares are taken from all over the region, not from its upper end.
    shuffled = np.random.default_rng(0).permutation(len(top))
    order = shuffled[np.argsort(-np.minimum(covered[shuffled], FULL), kind="stable")]
    chosen = order[:MOST_PATCHES]
    chosen = chosen[covered[chosen] >= covered[chosen[0]] / 2]
    weights = torch.from_numpy(region.astype(np.float32))[None, None]
    squares = [np.s_[..., top[n] : top[n] + side, left[n] : left[n] + side] for n in chosen]
    return describe_region(
        torch.cat([to_patch(picture[square].cpu()) for square in squares]),
        torch.cat([to_patch(weights[square]) for square in squares]),
    )


def _places(length: int, side: int) -> np.ndarray:
    count = 1 + -(-(length - side) // max(1, side // 4))
    return np.linspace(0, length - side, count).round().astype(int)


@dataclass(frozen=True)
class Bleeding:
    """How far two sides of the edge moved, in Lab units, when one prompt was changed."""

    shared: float
    changed: float

    @property
    def ratio(self) -> float | None:
        """0 when the other side stays where it is; None where the changed side hardly moved."""
        return self.shared / self.changed if self.changed >= LEAST_MOVE else None


def bleeding(first: Tensor, second: Tensor, mask: np.ndarray, changed: str) -> Bleeding:
    """Compare two runs that differ in one prompt, along the edge between the regions.

    Both sides are looked at in a ring of 5 % of the long side around the edge, and only where the
    mask is sure: what is soft belongs to both.

    Args:
        first: a picture.
        second: of the same photo and the same mask.
        mask: [H, W] in [0, 1], 1 = object.
        changed: "foreground" or "background", the side whose prompt differs.
    """
    hard = mask >= 0.5
    distance = np.where(
        hard, ndimage.distance_transform_edt(hard), ndimage.distance_transform_edt(~hard)
    )
    ring = distance <= max(2.0, RING * max(mask.shape))
    foreground, background = (
        side & ring if (side & ring).any() else side for side in sure_regions(mask)
    )
    moved = lab(second) - lab(first)
    fore, back = (
        float(np.linalg.norm(moved[side].mean(axis=0))) if side.any() else 0.0
        for side in (foreground, background)
    )
    return Bleeding(back, fore) if changed == "foreground" else Bleeding(fore, back)
