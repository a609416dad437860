"""What a patch looks like, in numbers that know nothing of the encoder.

A model that is judged by itself always does well. This describes a patch by other means: moments
of its colours, the power spectrum of its luminance (the texture's grain), and a histogram of its
edges' orientations, weighted by their energy (Freeman & Roth, 1995).
"""

from __future__ import annotations

import math
from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor

from semcs_core.mask.descriptors import rgb_to_lab

SIDE = 64
"""Pixels of a patch."""
BANDS = (1.0, 2.0, 3.0, 4.5, 6.5, 9.5, 14.0, 21.0, 32.0)
"""Cycles a patch: edges of the spectrum's radial bands, about half an octave each."""
ORIENTATIONS = 8
PARTS = {"mean": 3, "deviation": 3, "skewness": 3, "spectrum": len(BANDS) - 1}
PARTS |= {"orientation": ORIENTATIONS}
"""Length of each part of a patch's descriptor, in order."""
SIZE = sum(PARTS.values())
"""Of a patch's descriptor; a region's has three numbers more."""

NOISE = 1e-6  # power of the rounding to 8 bits: below it there is no texture to tell
EDGE = 1e-3  # mean squared slope of L/100 a pixel below which no orientation is to be told
SOFT = 1.0  # Lab units; a skewness of less deviation is rounding


def describe(patches: Tensor, weights: Tensor | None = None) -> Tensor:
    """Describe patches, each on its own.

    Args:
        patches: [N, 3, 64, 64], RGB in [0, 1].
        weights: [N, 1, 64, 64] in [0, 1], how much of each pixel counts: where a patch reaches
            out of its region, what lies there is no part of the region's texture. All by default.

    Returns:
        [N, 25], float32: mean, log deviation and skewness of L, a and b; log power in 8 bands,
        coarse to fine; share of 8 orientations of the gradient, from left-right (a vertical edge)
        on, the fifth up-down.
    """
    weights = torch.ones_like(patches[:, :1]) if weights is None else weights
    lab = torch.from_numpy(rgb_to_lab(patches.detach().cpu().permute(0, 2, 3, 1).numpy()))
    lab = lab.permute(0, 3, 1, 2)
    mean, deviation, skewness = _moments(lab, weights)
    lightness = (lab[:, :1] - mean[:, :1, None, None]) / 100
    parts = [
        mean,
        torch.log(deviation + SOFT),
        skewness,
        _spectrum(lightness, weights),
        _orientations(lightness, weights),
    ]
    return torch.cat(parts, dim=1)


def describe_region(patches: Tensor, weights: Tensor | None = None) -> Tensor:
    """Describe a region by its patches: their mean, and how much its colours vary over it.

    Args:
        patches: [N, 3, 64, 64], RGB in [0, 1].
        weights: [N, 1, 64, 64] in [0, 1], as in `describe`; a patch counts by its mean weight.

    Returns:
        [28], float32: the mean of `describe`, and the log deviation over the patches of the mean
        L, a and b.
    """
    each = describe(patches, weights)
    share = torch.ones(len(each)) if weights is None else weights.mean(dim=(1, 2, 3))
    share = (share / share.sum().clamp(min=1e-9))[:, None]
    mean = (share * each).sum(dim=0)
    spread = (share * (each[:, :3] - mean[:3]) ** 2).sum(dim=0).sqrt()
    return torch.cat([mean, torch.log(spread + SOFT)])


def _moments(lab: Tensor, weights: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    total = weights.sum(dim=(2, 3)).clamp(min=1e-6)
    mean = (weights * lab).sum(dim=(2, 3)) / total
    offset = lab - mean[:, :, None, None]
    variance = (weights * offset**2).sum(dim=(2, 3)) / total
    third = (weights * offset**3).sum(dim=(2, 3)) / total
    return mean, variance.sqrt(), third / (variance + SOFT**2) ** 1.5


def _spectrum(lightness: Tensor, weights: Tensor) -> Tensor:
    """[N, 8]: log of the mean power a coefficient, under a Hann window."""
    side = lightness.shape[-1]
    hann = torch.hann_window(side, periodic=False)
    # A hard outline of the region would spread the coarse bands over the fine ones.
    soft = F.avg_pool2d(weights, 5, stride=1, padding=2, count_include_pad=False)
    window = soft * hann[:, None] * hann
    power = torch.fft.fft2(lightness * window)[:, 0].abs() ** 2
    power = power / (window**2).sum(dim=(1, 2, 3)).clamp(min=1e-6)[:, None, None]
    frequency = torch.fft.fftfreq(side) * side
    radius = torch.hypot(frequency[:, None], frequency)
    bands = [(radius >= low) & (radius < high) for low, high in pairwise(BANDS)]
    return torch.stack([torch.log(power[:, b].mean(dim=1) + NOISE) for b in bands], dim=1)


def _orientations(lightness: Tensor, weights: Tensor) -> Tensor:
    """[N, 8]: shares of the gradient's energy; evenly spread where there is none."""
    # Scharr: of the small kernels the one whose slopes turn truest.
    smooth, step = lightness.new_tensor([3.0, 10, 3]) / 16, lightness.new_tensor([-0.5, 0, 0.5])
    dx = F.conv2d(lightness, (smooth[:, None] * step)[None, None])
    dy = F.conv2d(lightness, (step[:, None] * smooth)[None, None])
    # A slope counts where all pixels that it comes from do.
    inside = -F.max_pool2d(-weights, 3, stride=1)
    energy = (inside * (dx**2 + dy**2)).flatten(1)
    place = (torch.atan2(dy, dx) % math.pi).flatten(1) * (ORIENTATIONS / math.pi)
    low = place.floor()
    share = place - low
    histogram = energy.new_zeros(len(energy), ORIENTATIONS)
    histogram.scatter_add_(1, low.long() % ORIENTATIONS, energy * (1 - share))
    histogram.scatter_add_(1, (low.long() + 1) % ORIENTATIONS, energy * share)
    histogram = histogram / inside.flatten(1).sum(dim=1).clamp(min=1e-6)[:, None]
    even = EDGE**2 / ORIENTATIONS
    return (histogram + even) / (histogram.sum(dim=1, keepdim=True) + EDGE**2)
