"""The starter encoder: loading, vocabulary and the joint embedding."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors import safe_open
from torch import Tensor, nn

from models.starter.statistics import TextureStatistics
from models.starter.thesaurus import build_thesaurus, load_related, nearest_to_unknown
from semcs_core.errors import UserError
from styles import STYLES
from styles.palettes import COLOUR_SYNONYMS, COLOURS

WEIGHTS = Path(__file__).with_name("weights.safetensors")

# Weight of each group of statistics in the joint embedding: palette, energy, correlation.
GROUP_WEIGHTS = (1.0, 1.0, 1.4)
# Length and weight of the learned part, which tells styles and photos apart: enough to rank names,
# too little to reward a pattern that the eye does not see.
MEANING = 64
MEANING_WEIGHT = 2.0
# Appended to each group before it is normalised: the angle then depends on the magnitude too, so
# that a run does not overshoot a colour or a contrast.
CONSTANT = 0.7

EXAMPLES = "fire, starry night or mosaic"  # offered where no known prompt is near
# Words that hold a prompt together and mean no style.
FILLERS = frozenset(["a", "an", "and", "by", "in", "of", "on", "the", "with"])
TOKENS = 12  # words of a prompt that are read
PADDING, UNKNOWN = 0, 1
WIDTH = 128


class TextNetwork(nn.Module):
    """One transformer layer over word embeddings, and a perceptron on their mean.

    `words` is the size of the vocabulary, padding and unknown included.
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


class Starter(nn.Module):
    """A tiny image-text encoder (an `ImageTextEncoder`), frozen.

    `words` is the vocabulary; a word's number is its place plus 2.
    """

    importance: Tensor

    input_size = 64
    dtype = torch.float32
    templates = ("{}", "{} style", "in the style of {}", "a painting of {}", "made of {}")
    source_text = "a photo"

    def __init__(self, words: Sequence[str]) -> None:
        super().__init__()
        self._numbers = {word: n for n, word in enumerate(words, start=UNKNOWN + 1)}
        self.statistics = TextureStatistics()
        size = sum(self.statistics.sizes)
        self.meaning = nn.Sequential(nn.Linear(size, 192), nn.GELU(), nn.Linear(192, MEANING))
        self.text = TextNetwork(len(words) + 2, size + MEANING)
        self.register_buffer("importance", torch.ones(size))
        self.eval().requires_grad_(False)

    @classmethod
    def load(cls, path: Path = WEIGHTS, device: torch.device | str = "cpu") -> Starter:
        """Read weights and vocabulary from one safetensors file (fp16, about 4 MB)."""
        with safe_open(path, framework="pt") as file:
            encoder = cls(json.loads(file.metadata()["words"]))
            state = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        encoder.load_state_dict(state)
        return encoder.to(device)

    def encode_image(self, images: Tensor) -> Tensor:
        """[N, 3, S, S] in [0, 1] to unit embeddings [N, D]."""
        statistics = self.statistics(images)
        return self._join(torch.cat([statistics, self.meaning(statistics)], dim=1))

    @torch.no_grad()
    def encode_text(self, texts: Sequence[str]) -> Tensor:
        """Texts to unit embeddings [len(texts), D].

        Raises:
            UserError: a text without a known word, fillers apart.
        """
        for text in texts:
            if not set(split_words(text)) & self._numbers.keys() - FILLERS:
                raise UserError(self._refusal(text))
        device = self.importance.device
        return self._join(self.text(self.tokenise(texts).to(device)))

    def nearest(self, text: str) -> dict[str, list[str]]:
        """Unknown words, each with up to three known prompts nearest to it.

        Two unknown words that mean one thing, such as a painter's two names, stay together.
        """
        return nearest_to_unknown(split_words(text), self._numbers, self._thesaurus)

    @cached_property
    def _thesaurus(self) -> Mapping[str, Sequence[str]]:
        names = [name for style in STYLES.values() for name in style.names]
        names += [*COLOURS, *(word for words in COLOUR_SYNONYMS.values() for word in words)]
        return build_thesaurus(names, load_related())

    def _refusal(self, text: str) -> str:
        """Why a text without a known word is refused, and what to try."""
        prompts = [prompt for found in self.nearest(text).values() for prompt in found]
        if not prompts:
            return f"The starter models know no word of “{text:.40}”: try {EXAMPLES}."
        *others, last = list(dict.fromkeys(prompts))[:3]
        near = f"{', '.join(others)} or {last}" if others else last
        return f"The starter models do not know “{text:.40}”: try the nearest, {near}."

    def tokenise(self, texts: Sequence[str]) -> Tensor:
        """Texts to word numbers [len(texts), 12]; words beyond the twelfth are not read."""
        tokens = torch.full((len(texts), TOKENS), PADDING)
        for row, text in enumerate(texts):
            for column, word in enumerate(split_words(text)[:TOKENS]):
                tokens[row, column] = self._numbers.get(word, UNKNOWN)
        return tokens

    def _join(self, numbers: Tensor) -> Tensor:
        statistics, meaning = numbers.split([len(self.importance), MEANING], dim=1)
        groups = [MEANING_WEIGHT * F.normalize(meaning, dim=1)]
        weighted = (statistics * self.importance).split(self.statistics.sizes, dim=1)
        for group, weight in zip(weighted, GROUP_WEIGHTS, strict=True):
            constant = torch.full_like(group[:, :1], CONSTANT * group.shape[1] ** 0.5)
            groups.append(weight * F.normalize(torch.cat([group, constant], dim=1), dim=1))
        return F.normalize(torch.cat(groups, dim=1), dim=1)


def split_words(text: str) -> list[str]:
    """Lower-case words and numbers of a text."""
    return re.findall(r"[^\W_]+", text.lower())
