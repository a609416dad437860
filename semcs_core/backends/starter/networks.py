"""The two networks of the starter encoder: pictures to texture statistics, words to the same.

A picture's embedding has two parts. The statistics part z holds whitened channel means, colour
moments and low-rank Gram matrices of a shallow convolutional network: second-order statistics are
what a texture is to the eye (Gatys et al., 2015), and their gradient draws texture. The semantic
part is a learned function of z. A text predicts both parts.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

DIMENSION = 256
CHANNELS = (32, 48, 72, 112)
GRAM_RANKS = (10, 16, 20, 24)
COLOUR_SCALES = (1, 4, 16)
TOKENS = 12
PADDING, UNKNOWN = 0, 1


class ImageNetwork(nn.Module):
    """Pictures to the semantic and the statistics part.

    Four convolutions with SiLU, halving between them; average pooling throughout, since a
    gradient has to flow to every pixel.
    """

    def __init__(self) -> None:
        super().__init__()
        inputs = (3, *CHANNELS[:-1])
        self.convs = nn.ModuleList(
            nn.Conv2d(i, o, 6, stride=2, padding=2) if n == 0 else nn.Conv2d(i, o, 3, padding=1)
            for n, (i, o) in enumerate(zip(inputs, CHANNELS, strict=True))
        )
        self.projections = nn.ModuleList(
            nn.Conv2d(c, rank, 1, bias=False) for c, rank in zip(CHANNELS, GRAM_RANKS, strict=True)
        )
        self.size = (
            3
            + 3 * len(COLOUR_SCALES)
            + sum(CHANNELS)
            + sum(rank * (rank + 1) // 2 for rank in GRAM_RANKS)
        )
        self.whiten = nn.BatchNorm1d(self.size, affine=False, momentum=0.03)
        self.linear = nn.Linear(self.size, DIMENSION)
        self.residual = nn.Sequential(
            nn.Linear(self.size, 384), nn.GELU(), nn.Linear(384, DIMENSION)
        )
        self.gain = nn.Parameter(torch.tensor(0.3))

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """[N, 3, H, W] in [0, 1] to semantics [N, 256] and statistics [N, size], both float32."""
        statistics = self.statistics(images)
        return self.linear(statistics) + self.gain * self.residual(statistics), statistics

    def statistics(self, images: Tensor) -> Tensor:
        """Whitened texture statistics [N, size]; asinh tames the outliers of Gram entries."""
        maps = self._feature_maps(images)
        images = images.float()
        parts = [images.mean(dim=(2, 3)) * 4]
        for scale in COLOUR_SCALES:
            pooled = F.avg_pool2d(images, scale)
            parts.append((pooled.var(dim=(2, 3)) + 1e-4).sqrt() * 6)
        for features, projection in zip(maps, self.projections, strict=True):
            parts.append(features.float().mean(dim=(2, 3)))
            parts.append(_gram(projection(features).float()))
        return torch.asinh(self.whiten(torch.cat(parts, dim=1)))

    def _feature_maps(self, images: Tensor) -> list[Tensor]:
        x, maps = images * 4 - 2, []
        for n, conv in enumerate(self.convs):
            x = F.silu(conv(F.avg_pool2d(x, 2) if n > 1 else x))
            maps.append(x)
        return maps


class TextNetwork(nn.Module):
    """A prompt's words to the semantic and the statistics part."""

    def __init__(self, words: int, statistics: int) -> None:
        super().__init__()
        width = 128
        self.words = nn.Embedding(words, width, padding_idx=PADDING)
        self.positions = nn.Parameter(torch.randn(TOKENS, width) * 0.02)
        self.layer = nn.TransformerEncoderLayer(
            width, 4, 256, dropout=0.0, activation="gelu", batch_first=True, norm_first=True
        )
        self.semantics = nn.Sequential(
            nn.LayerNorm(width), nn.Linear(width, 256), nn.GELU(), nn.Linear(256, DIMENSION)
        )
        self.statistics = nn.Sequential(
            nn.Linear(DIMENSION, 384), nn.GELU(), nn.Linear(384, statistics)
        )

    def forward(self, tokens: Tensor) -> tuple[Tensor, Tensor]:
        """[N, 12] word numbers to semantics [N, 256] and statistics [N, size]."""
        present = tokens != PADDING
        x = self.words(tokens) + self.positions[: tokens.shape[1]]
        x = self.layer(x, src_key_padding_mask=~present) * present[..., None]
        x = x.sum(dim=1) / present.sum(dim=1, keepdim=True).clamp(min=1)
        semantics = self.semantics(x)
        return semantics, self.statistics(F.normalize(semantics, dim=-1))


def _gram(features: Tensor) -> Tensor:
    """Upper triangle of the Gram matrix, scaled towards correlations, [N, C (C + 1) / 2]."""
    flat = features.flatten(2)
    gram = flat @ flat.transpose(1, 2) / flat.shape[2]
    scale = (gram.diagonal(dim1=1, dim2=2) + 1e-4).sqrt()
    gram = gram / (scale[:, :, None] * scale[:, None] + 1e-2).sqrt()
    row, column = torch.triu_indices(gram.shape[1], gram.shape[1], device=gram.device)
    return gram[:, row, column]
