"""Local contrast of the luminance: the structure of a photo, whatever its colours."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor, nn

LUMINANCE = (0.299, 0.587, 0.114)  # ITU-R BT.601
SCALES = (8, 16)  # sides in pixels of the cells that are compared


class LocalContrast(nn.Module):
    """Luminance minus its surroundings, in units of its own spread, at a few scales.

    A `PerceptualFeatures` without weights: it keeps edges and shapes where they are and leaves
    palette, brightness and fine grain to the style.
    """

    def features(self, images: Tensor) -> list[Tensor]:
        """[N, 3, H, W] in [0, 1] to one map [N, 1, H / s, W / s] for each of `SCALES` s."""
        red, green, blue = images.split(1, dim=1)
        luminance = LUMINANCE[0] * red + LUMINANCE[1] * green + LUMINANCE[2] * blue
        return [_contrast(F.avg_pool2d(luminance, scale)) for scale in SCALES]


def _contrast(x: Tensor) -> Tensor:
    local = x - F.avg_pool2d(x, 9, stride=1, padding=4, count_include_pad=False)
    spread = (local.square().mean(dim=(2, 3), keepdim=True) + 1e-8).sqrt()
    return local / (spread + 0.03)
