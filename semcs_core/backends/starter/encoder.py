"""The starter encoder: loading, vocabulary and the joint embedding."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors import safe_open
from torch import Tensor, nn

from semcs_core.backends.starter.statistics import TextureStatistics
from semcs_core.backends.starter.text import PADDING, TOKENS, UNKNOWN, TextNetwork
from semcs_core.errors import UserError

WEIGHTS = Path(__file__).with_name("weights.safetensors")

# Weight of each group of statistics in the joint embedding: palette, energy, correlation.
GROUP_WEIGHTS = (1.0, 1.0, 1.4)
# Appended to each group before it is normalised: the angle then tells the magnitude too, so that
# a colour or a contrast is not overshot.
CONSTANT = 0.7

# Words that hold a prompt together and mean no style.
FILLERS = frozenset(["a", "an", "and", "by", "in", "of", "on", "the", "with"])


class Starter(nn.Module):
    """A tiny image-text encoder (an `ImageTextEncoder`), frozen.

    Args:
        words: the vocabulary; a word's number is its place plus 2.
        styles: canonical style prompts, for suggestions.
    """

    importance: Tensor

    input_size = 64
    templates = ("{}", "{} style", "in the style of {}", "a painting of {}", "made of {}")
    source_text = "a photo"

    def __init__(self, words: Sequence[str], styles: Sequence[str] = ()) -> None:
        super().__init__()
        self.words = tuple(words)
        self.styles = tuple(styles)
        self._numbers = {word: n for n, word in enumerate(words, start=UNKNOWN + 1)}
        self.statistics = TextureStatistics()
        size = sum(self.statistics.sizes)
        self.text = TextNetwork(len(words) + 2, size)
        self.register_buffer("importance", torch.ones(size))
        self.eval().requires_grad_(False)

    @classmethod
    def load(cls, path: Path = WEIGHTS, device: torch.device | str = "cpu") -> Starter:
        """Read weights and vocabulary from one safetensors file (fp16, about 4 MB)."""
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata()
            state = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        encoder = cls(json.loads(metadata["words"]), json.loads(metadata["styles"]))
        encoder.load_state_dict(state)
        return encoder.to(device)

    def encode_image(self, images: Tensor) -> Tensor:
        """[N, 3, S, S] in [0, 1] to unit embeddings [N, D]."""
        return self._join(self.statistics(images))

    @torch.no_grad()
    def encode_text(self, texts: Sequence[str]) -> Tensor:
        """Texts to unit embeddings [len(texts), D].

        Raises:
            UserError: a text in which no word but fillers is known.
        """
        for text in texts:
            if not set(split_words(text)) & self._numbers.keys() - FILLERS:
                raise UserError(
                    f"The starter models know no word of “{text:.40}”: "
                    f"try {', '.join(self.styles[:3]) or 'another style'} or a colour."
                )
        device = self.importance.device
        return self._join(self.text(self.tokenise(texts).to(device)))

    def unknown_words(self, text: str) -> list[str]:
        """Words that are not in the vocabulary, in order, each once."""
        return [w for w in dict.fromkeys(split_words(text)) if w not in self._numbers]

    def tokenise(self, texts: Sequence[str]) -> Tensor:
        """Texts to word numbers [len(texts), 12]; words beyond the twelfth are left out."""
        tokens = torch.full((len(texts), TOKENS), PADDING)
        for row, text in enumerate(texts):
            for column, word in enumerate(split_words(text)[:TOKENS]):
                tokens[row, column] = self._numbers.get(word, UNKNOWN)
        return tokens

    def _join(self, statistics: Tensor) -> Tensor:
        groups = []
        weighted = (statistics * self.importance).split(self.statistics.sizes, dim=1)
        for group, weight in zip(weighted, GROUP_WEIGHTS, strict=True):
            constant = torch.full_like(group[:, :1], CONSTANT * group.shape[1] ** 0.5)
            groups.append(weight * F.normalize(torch.cat([group, constant], dim=1), dim=1))
        return F.normalize(torch.cat(groups, dim=1), dim=1)


def split_words(text: str) -> list[str]:
    """Lower-case words and numbers of a text."""
    return re.findall(r"[^\W_]+", text.lower())
