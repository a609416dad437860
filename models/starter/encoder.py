"""E_I of the built-in models: how a region looks to EfficientNet-Lite0, wherever things are in it.

Mean and covariance of each feature map under the region's mask: the covariance is a Gram matrix of
centred features (Gatys, Ecker and Bethge, CVPR 2016). One forward pass serves all regions, all
crops and the content loss.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models.starter.network import STEM, EfficientNetLite
from models.starter.words import find_nearest, find_style
from semcs_core.crops import Crop, cut, sent
from semcs_core.protocols import Seen

STYLE_BLOCKS = (STEM, 0, 2, 4, 7, 10)
CONTENT_BLOCKS = (4, 10)
# Typical lengths of each block's means and covariances, over sixty styles drawn over the examples,
# so that every block counts the same.
MEANS = (14.0, 12.0, 23.0, 25.0, 40.0, 29.0)
COVARIANCES = (23.0, 340.0, 700.0, 590.0, 530.0, 600.0)
MEAN_WEIGHT = 0.7
# Appended before the embedding is made a unit vector: the angle then depends on magnitudes too,
# so that a run does not overshoot a colour or a contrast.
CONSTANT = 3.0
CONTENT_WEIGHT = 0.5  # so that the settings' content weight is right for VGG19 and for this
BORDER = 0.2  # weight of a cell beside another region, part of which it sees
FEW = 12.0  # cells: a region of as many counts half, since they see its surroundings too
CROP_CELLS = 12  # side of a crop of a feature map


class Starter(nn.Module):
    """The built-in `RegionEncoder`; it reads texts by having them drawn (`StyleSketcher`)."""

    dtype = torch.float32

    def __init__(self, network: EfficientNetLite) -> None:
        super().__init__()
        self.network = network

    def see(
        self,
        picture: Tensor,
        layers: Tensor,
        masks: Tensor,
        crops: Sequence[Crop],
        crop_size: int,
    ) -> Seen:
        """Look at the picture once, and at each region and crop in its feature maps."""
        maps = self.network.maps(picture, STYLE_BLOCKS)
        weights = [_cell_weights(masks, m) for m in maps]
        pairs = list(zip(maps, weights, strict=True))
        regions = _embed((m[0].flatten(1), w.flatten(1)) for m, w in pairs)
        windows = regions[:0]
        if crops:
            corners = torch.stack([crop.corners for crop in crops])
            owners = sent(torch.tensor([crop.area.index for crop in crops]), picture.device)
            every = torch.arange(len(crops), device=picture.device)
            windows = _embed(
                (
                    cut(m, corners, CROP_CELLS).flatten(2),
                    cut(w.transpose(0, 1), corners, CROP_CELLS)[every, owners].flatten(1)[:, None],
                )
                for m, w in pairs
            )
        content = [m for b, m in zip(STYLE_BLOCKS, maps, strict=True) if b in CONTENT_BLOCKS]
        return Seen(regions, windows, [CONTENT_WEIGHT * _normalised(m) for m in content])

    def embed_whole(self, images: Tensor) -> Tensor:
        """Pictures [N, 3, S, S] in [0, 1], each as one region, to [N, D], rows of unit length."""
        whole = torch.ones_like(images[:1, :1])
        maps = self.network.maps(images, STYLE_BLOCKS)
        return _embed((m.flatten(2), _cell_weights(whole, m).flatten(1)[None]) for m in maps)

    def nearest(self, text: str) -> dict[str, list[str]]:
        """Unknown words with the known prompts nearest to them; raises as `find_style`."""
        find_style(text)
        return find_nearest(text)


def statistics(cells: Tensor, weights: Tensor) -> tuple[Tensor, Tensor]:
    """Weighted means and covariances of feature vectors.

    [..., C, P] cells and [..., R, P] weights >= 0, for R regions, to [..., R, C] and
    [..., R, C, C].
    """
    shares = weights / weights.sum(dim=-1, keepdim=True).clamp(min=1e-6)
    means = shares @ cells.transpose(-1, -2)
    # One region after the other: all at once would keep R times the cells for the gradient.
    squares = [
        (cells * share[..., None, :]) @ cells.transpose(-1, -2) for share in shares.unbind(dim=-2)
    ]
    covariances = torch.stack(squares, dim=-3) - means[..., :, None] * means[..., None, :]
    return means, covariances


def _cell_weights(masks: Tensor, features: Tensor) -> Tensor:
    """[R, 1, H, W] masks on the grid of a feature map [1, C, h, w]: [R, 1, h, w]."""
    height, width = features.shape[-2:]
    weights = F.adaptive_avg_pool2d(masks, (height, width))
    inside = -F.max_pool2d(-weights, 3, stride=1, padding=1)  # the least of each and its neighbours
    return weights * torch.lerp(torch.full_like(inside, BORDER), torch.ones_like(inside), inside)


def _embed(seen: Iterable[tuple[Tensor, Tensor]]) -> Tensor:
    """Each block's cells and weights, as for `statistics`, to unit vectors [N, D]."""
    joined = []
    for (cells, weights), a, b in zip(seen, MEANS, COVARIANCES, strict=True):
        means, covariances = statistics(cells, weights)
        numbers = torch.cat([MEAN_WEIGHT / a * means, covariances.flatten(-2) / b], dim=-1)
        counted = weights.sum(dim=-1, keepdim=True)
        joined.append((counted / (counted + FEW)).sqrt() * numbers)
    vectors = torch.cat(joined, dim=-1).flatten(0, -2)
    constant = torch.full_like(vectors[:, :1], CONSTANT)
    return F.normalize(torch.cat([vectors, constant], dim=1), dim=1)


def _normalised(features: Tensor) -> Tensor:
    """Each channel with mean 0 and deviation 1: content, whatever palette and contrast."""
    mean = features.mean(dim=(2, 3), keepdim=True)
    return (features - mean) / (features.std(dim=(2, 3), keepdim=True) + 1e-3)
