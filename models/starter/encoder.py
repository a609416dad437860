"""The starter encoder: loading, vocabulary and the joint embedding."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors import safe_open
from torch import Tensor, nn

from models.starter.statistics import TextureStatistics
from models.starter.text import PADDING, TOKENS, UNKNOWN, TextNetwork
from models.starter.thesaurus import build_thesaurus, load_related, nearest_to_unknown
from semcs_core.errors import UserError
from styles import STYLES
from styles.palettes import COLOUR_SYNONYMS, COLOURS

WEIGHTS = Path(__file__).with_name("weights.safetensors")

# Weight of each group of statistics in the joint embedding: palette, energy, correlation.
GROUP_WEIGHTS = (1.0, 1.0, 1.4)
# Numbers of the learned part, which tells styles (and photos) apart, and its weight: enough to
# rank names by, too little to be worth a pattern that the eye does not see.
MEANING = 64
MEANING_WEIGHT = 2.0
# Appended to each group before it is normalised: the angle then tells the magnitude too, so that
# a colour or a contrast is not overshot.
CONSTANT = 0.7

EXAMPLES = "fire, starry night or mosaic"
"""What to try where nothing is near to a prompt."""

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
    dtype = torch.float32
    templates = ("{}", "{} style", "in the style of {}", "a painting of {}", "made of {}")
    source_text = "a photo"

    def __init__(self, words: Sequence[str], styles: Sequence[str] = ()) -> None:
        super().__init__()
        self.words = tuple(words)
        self.styles = tuple(styles)
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
            metadata = file.metadata()
            state = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        encoder = cls(json.loads(metadata["words"]), json.loads(metadata["styles"]))
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
            UserError: a text in which no word but fillers is known.
        """
        for text in texts:
            if not set(split_words(text)) & self._numbers.keys() - FILLERS:
                raise UserError(self._refusal(text))
        device = self.importance.device
        return self._join(self.text(self.tokenise(texts).to(device)))

    def unknown_words(self, text: str) -> list[str]:
        """Words that are not in the vocabulary, in order, each once."""
        return [w for w in dict.fromkeys(split_words(text)) if w not in self._numbers]

    def nearest(self, text: str) -> dict[str, list[str]]:
        """Unknown words, each with the known prompts nearest to it: none, or up to three.

        Two unknown words that mean one thing, as a painter's two names, stay together.
        """
        return nearest_to_unknown(split_words(text), self._numbers, self._thesaurus)

    @cached_property
    def _thesaurus(self) -> dict[str, list[str]]:
        names = [name for style in STYLES.values() for name in style.names]
        names += [*COLOURS, *(word for words in COLOUR_SYNONYMS.values() for word in words)]
        related = {text: self._known(prompts) for text, prompts in load_related().items()}
        return build_thesaurus(self._known(names), related)

    def _known(self, prompts: Iterable[str]) -> list[str]:
        return [prompt for prompt in prompts if not self.unknown_words(prompt)]

    def _refusal(self, text: str) -> str:
        """Why a text without a known word is refused, and what to try."""
        prompts = [prompt for found in self.nearest(text).values() for prompt in found]
        if not prompts:
            return f"The starter models know no word of “{text:.40}”: try {EXAMPLES}."
        *others, last = list(dict.fromkeys(prompts))[:3]
        near = f"{', '.join(others)} or {last}" if others else last
        return f"The starter models do not know “{text:.40}”: try the nearest, {near}."

    def tokenise(self, texts: Sequence[str]) -> Tensor:
        """Texts to word numbers [len(texts), 12]; words beyond the twelfth are left out."""
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
