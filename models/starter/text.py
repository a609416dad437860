"""The starter's text network: words to the texture statistics that they mean."""

from __future__ import annotations

import torch
from torch import Tensor, nn

TOKENS = 12  # words of a prompt that are read
PADDING, UNKNOWN = 0, 1
WIDTH = 128


class TextNetwork(nn.Module):
    """One transformer layer over word embeddings, and a perceptron on their mean.

    Args:
        words: size of the vocabulary, padding and unknown included.
        statistics: how many numbers are predicted.
    """

    def __init__(self, words: int, statistics: int) -> None:
        super().__init__()
        self.words = nn.Embedding(words, WIDTH, padding_idx=PADDING)
        self.positions = nn.Parameter(torch.randn(TOKENS, WIDTH) * 0.02)
        self.layer = nn.TransformerEncoderLayer(
            WIDTH, 4, 256, dropout=0.0, activation="gelu", batch_first=True, norm_first=True
        )
        self.head = nn.Sequential(
            nn.LayerNorm(WIDTH),
            nn.Linear(WIDTH, 256),
            nn.GELU(),
            nn.Linear(256, 384),
            nn.GELU(),
            nn.Linear(384, statistics),
        )

    def forward(self, tokens: Tensor) -> Tensor:
        """[N, 12] word numbers to whitened statistics [N, statistics]."""
        present = tokens != PADDING
        x = self.words(tokens) + self.positions
        x = self.layer(x, src_key_padding_mask=~present) * present[..., None]
        return self.head(x.sum(dim=1) / present.sum(dim=1, keepdim=True).clamp(min=1))
