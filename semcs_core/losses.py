"""The losses as pure functions.

directional      l(dI, dT) = 1 - cos(dI, dT)                       CLIPstyler eq. 1
global           l(E_I(M I_cs) - E_I(M I_c), dT)                   Sem-CS lines 7-12
patch            mean_i w_i R(l(E_I(aug(crop_i)) - E_I, dT), tau)  CLIPstyler eq. 2; with weights
                                                                   Generative Artisan eq. 5-18
alignment        1 - cos(E_I, E_T)                                 ours
content          mean over layers of the mean squared difference   CLIPstyler eq. 3
total variation  sum of four L2 norms of neighbour differences     CLIPstyler's code
tone             large light and colours as wanted; no speckle     ours
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from semcs_core.image import luminance
from semcs_core.tone import tone

# Weights within the tone loss, found by eye on the examples.
LIGHT, COLOUR, SPECKLE, CLIPPED = 1.7, 2.0, 2.0, 0.055
DARK, PALE = 0.07, 0.93  # where clipping begins to be felt


def directional_loss(image_direction: Tensor, text_direction: Tensor) -> Tensor:
    """1 - cos of the angle between what changed in the picture and what the text asks for.

    [N, D], of any length, and [N, D] or [D] to [N], from 0 (aligned) to 2 (opposed); 1 where a
    direction is zero.
    """
    return 1 - F.cosine_similarity(image_direction, text_direction.expand_as(image_direction))


def alignment_loss(embeddings: Tensor, texts: Tensor) -> Tensor:
    """1 - cos between pictures and texts themselves.

    Ours, not in the papers: a direction alone does not say how far to go, so a picture that has
    hardly changed can be aligned with it. [N, D] and [N, D] or [D] to [N], from 0 to 2.
    """
    return 1 - F.cosine_similarity(embeddings, texts.expand_as(embeddings))


def patch_loss(losses: Tensor, weights: Tensor, thresholds: Tensor) -> Tensor:
    """Weighted mean of the crops' losses after threshold rejection, three times [N] to a scalar.

    R(l, tau) is 0 for l <= tau and l otherwise (CLIPstyler eq. 2). The mean is over all crops,
    rejected ones too, so that it has a gradient even where every crop was rejected.
    """
    kept = torch.where(losses > thresholds, losses, torch.zeros_like(losses))
    return (weights * kept).mean()


def content_loss(
    features: Sequence[Tensor], references: Sequence[Tensor], masks: Tensor | None = None
) -> Tensor:
    """Mean squared difference of perceptual features, summed over the layers, a scalar.

    Args:
        features: one [N, C, h, w] for each layer, of N stylised pictures.
        references: one [1, C, h, w] for each layer, of the photo.
        masks: [N, 1, H, W] in [0, 1], which add up to at most 1: where each picture is seen. None
            for one picture that is seen everywhere.
    """
    terms = []
    for feature, reference in zip(features, references, strict=True):
        squares = (feature - reference).square()
        if masks is not None:
            height, width = squares.shape[-2:]
            squares = squares * F.adaptive_avg_pool2d(masks, (height, width))
        terms.append(squares.mean(dim=(1, 2, 3)).sum())
    return torch.stack(terms).sum()


def total_variation(image: Tensor) -> Tensor:
    """Sum of the L2 norms of the horizontal, vertical and two diagonal neighbour differences.

    [N, C, H, W] to a scalar, as in CLIPstyler's code: norms, not the squares of its equation 4.
    """
    differences = (
        image[..., :, 1:] - image[..., :, :-1],
        image[..., 1:, :] - image[..., :-1, :],
        image[..., 1:, 1:] - image[..., :-1, :-1],
        image[..., :-1, 1:] - image[..., 1:, :-1],
    )
    # The tiny constant gives a perfectly flat picture a gradient of 0 instead of NaN.
    return torch.stack([(d.square().sum() + 1e-12).sqrt() for d in differences]).sum()


def tone_loss(image: Tensor, wanted: Tensor, weights: Tensor) -> Tensor:
    """How far the large light and colours are from those wanted, and what nobody asked for.

    That is colour that changes from pixel to pixel, which is speckle, and burnt or scorched pixels.

    Args:
        image: [1, 3, H, W] in [0, 1].
        wanted: [1, 3, H/8, W/8], of `wanted_tone`.
        weights: [1, 1, H/8, W/8] in [0, 1], less where a cell shows two regions.
    """
    missed = weights * (tone(image) - wanted)
    light = luminance(missed)
    colours = image - luminance(image)
    across, down = colours.diff(dim=3), colours.diff(dim=2)
    speckle = across.square().mean() + down.square().mean()
    clipped = (F.relu(image - PALE) + F.relu(DARK - image)).mean()
    return (
        LIGHT * light.square().mean()
        + COLOUR * (missed - light).square().mean()
        + SPECKLE * speckle
        + CLIPPED * clipped
    )


def border_loss(layers: Tensor, starts: Tensor, masks: Tensor) -> Tensor:
    """How far the layers have moved from their start beside another region, within a `CELL`.

    The features there show both regions, and would give each something of the other's colours.

    Args:
        layers: [R, 3, H, W] in [0, 1].
        starts: of the same shape.
        masks: [R, 1, H, W] in [0, 1].
    """
    beside = F.interpolate(1 - tone(masks), size=masks.shape[-2:], mode="bilinear")
    return (beside * masks * (layers - starts).square()).mean()
