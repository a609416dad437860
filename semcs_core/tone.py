"""Large light and colours: what a sketch gives a region, whatever its marks."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from semcs_core.image import luminance

CELL = 8  # pixels of the picture; finer light and colours belong to the style's marks
SHADE_LIMITS = 0.05, 0.95  # luminance of a cell that is neither scorched nor burnt
LEAST_VARIANCE = 1e-4


def tone(image: Tensor) -> Tensor:
    """A picture [N, C, H, W], sides multiples of 8, without its detail: [N, C, H/8, W/8]."""
    return F.interpolate(image, scale_factor=1 / CELL, mode="bilinear", antialias=True)


def wanted_tone(photo: Tensor, sketch: Tensor, mask: Tensor, light: float) -> Tensor:
    """The colours of a sketch under the photo's light and shade.

    The photo's luminance is moved to the sketch's mean: a style may be dark or pale as a whole, but
    a face keeps its light side, or its dark side in a negative such as an x-ray.

    Args:
        photo: [1, 3, H, W] in [0, 1].
        sketch: of the same shape.
        mask: [1, 1, H, W] in [0, 1], where the means are taken.
        light: how much of the photo's contrast is kept, 1 for all of it.

    Returns:
        [1, 3, H/8, W/8].
    """
    weights = tone(mask) / tone(mask).sum().clamp(min=1e-6)
    there, asked = tone(photo), tone(sketch)
    shade, own = luminance(there), luminance(asked)
    middle, shade = (weights * own).sum(), shade - (weights * shade).sum()
    turn = (weights * shade * (own - middle)).sum().sign()
    shade = middle + turn * light * shade
    return asked - own + shade.clamp(*SHADE_LIMITS)


def filled(image: Tensor, mask: Tensor) -> Tensor:
    """Continue a region of a picture over all of it, smoothly, so that nothing else shows.

    A drawing over the whole photo would have a rim of the other region's light along the border.
    Push and pull over halved pictures (Gortler et al., "The Lumigraph", 1996): [1, C, H, W] and
    [1, 1, H, W] in [0, 1] to [1, C, H, W].
    """
    if min(image.shape[-2:]) < 2:
        return (image * mask).sum((2, 3), keepdim=True) / mask.sum().clamp(min=1e-6) + 0 * image
    size = [max(1, side // 2) for side in image.shape[-2:]]
    share = F.interpolate(mask, size, mode="area")
    half = F.interpolate(image * mask, size, mode="area") / share.clamp(min=1e-6)
    rest = filled(half, (4 * share).clamp(max=1))
    return torch.lerp(F.interpolate(rest, image.shape[-2:], mode="bilinear"), image, mask)


def recoloured(image: Tensor, mask: Tensor, style: Tensor) -> Tensor:
    """Give a picture the colours of another, by the linear map between their covariances.

    The Monge-Kantorovitch map (Pitié and Kokaram, CVMP 2007).

    Args:
        image: [1, 3, H, W] in [0, 1].
        mask: [1, 1, H, W] in [0, 1], where its colours are taken.
        style: [1, 3, h, w] in [0, 1].

    Returns:
        [1, 3, H, W] in [0, 1].
    """
    mean, own = _moments(image, mask)
    wanted_mean, wanted = _moments(style, torch.ones_like(style[:, :1]))
    root = _power(own, 0.5)
    inverse = _power(own, -0.5)
    change = inverse @ _power(root @ wanted @ root, 0.5) @ inverse
    moved = torch.einsum("cd,ndhw->nchw", change, image - mean) + wanted_mean
    return moved.clamp(0, 1)


def _moments(image: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
    """Mean [1, 3, 1, 1] and covariance [3, 3] of the colours in a mask."""
    weights = mask / mask.sum().clamp(min=1e-6)
    mean = (weights * image).sum((2, 3), keepdim=True)
    centred = (image - mean).flatten(2)[0]
    covariance = (weights.flatten(2)[0] * centred) @ centred.T
    return mean, covariance + LEAST_VARIANCE * torch.eye(3, device=image.device)


def _power(matrix: Tensor, exponent: float) -> Tensor:
    values, vectors = torch.linalg.eigh(matrix)
    return vectors @ torch.diag(values.clamp(min=1e-8) ** exponent) @ vectors.T
