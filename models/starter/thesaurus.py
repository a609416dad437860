"""The known prompts nearest to words that the starter has never learned.

By meaning first, from a table of what people type (`related.json`: a word or two to the styles
that look most like it), then by spelling.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Container, Iterable, Mapping, Sequence
from difflib import get_close_matches
from functools import cache
from pathlib import Path

RELATED = Path(__file__).with_name("related.json")

# What a slip of the fingers leaves: "mosiac" and "mosaic" have 0.83 in common (difflib's ratio).
SIMILARITY = 0.82
SHORTEST = 5  # letters; shorter words are too near to one another

# Words of names that mean none of them.
_COMMON = frozenset(["covered", "drawing", "great", "painting", "style", "under", "with", "year"])

# Endings, and what stands for them in the plain word.
_ENDINGS = (
    ("ies", "y"),
    ("es", ""),
    ("s", ""),
    ("ed", ""),
    ("ed", "e"),
    ("ing", ""),
    ("ing", "e"),
    ("ish", ""),
    ("ish", "e"),
    ("y", ""),
    ("y", "e"),
)


@cache
def load_related() -> Mapping[str, Sequence[str]]:
    """The table that ships: a word or two, lower-case, to one to three style prompts."""
    return json.loads(RELATED.read_text("utf-8"))


def build_thesaurus(
    names: Iterable[str], related: Mapping[str, Sequence[str]]
) -> dict[str, list[str]]:
    """Whatever text leads to a known prompt.

    Args:
        names: known prompts, the better one first.
        related: texts, written as `plain` writes them, to prompts.

    Returns:
        Names, their words and the texts of `related`, each to prompts.
    """
    thesaurus = {plain(name): [name] for name in names}
    for name in sorted(thesaurus, key=lambda name: name.count(" ")):
        for word in name.split():
            if len(word) > 3 and word not in _COMMON:
                thesaurus.setdefault(word, thesaurus[name])
    return thesaurus | {text: list(prompts) for text, prompts in related.items() if prompts}


def nearest(text: str, thesaurus: Mapping[str, Sequence[str]], count: int = 3) -> list[str]:
    """Known prompts nearest to a word or a phrase.

    Args:
        text: a word or two, in any case, with accents or without.
        thesaurus: of `build_thesaurus`.
        count: the most that are wanted.

    Returns:
        The nearest first; empty when nothing is near.
    """
    found = _by_meaning(plain(text), thesaurus) or _by_spelling(plain(text), thesaurus)
    return list(found[:count])


def nearest_to_unknown(
    words: Sequence[str], known: Container[str], thesaurus: Mapping[str, Sequence[str]]
) -> dict[str, list[str]]:
    """What could be said instead of the unknown words of a text.

    A word is looked up with its neighbours first: "mache" after "paper" is no single word.

    Args:
        words: of the text, in order, lower-case.
        known: words that need no other.
        thesaurus: of `build_thesaurus`.

    Returns:
        Every unknown word, or two that have one meaning together, in order, each with the known
        prompts nearest to it; with none when nothing is near.
    """
    found: dict[str, list[str]] = {}
    n = 0
    while n < len(words):
        word, pair = words[n], " ".join(words[n : n + 2])
        pair_before = " ".join(words[max(n - 1, 0) : n + 1])
        n += 1
        if word in known or word in found:
            continue
        if n < len(words) and words[n] not in known and _by_meaning(plain(pair), thesaurus):
            found[pair] = nearest(pair, thesaurus)
            n += 1
            continue
        ways = [(_by_meaning, text) for text in (pair_before, pair, word)]
        if len(word) > 2:
            ways += [(_by_spelling, text) for text in (word, pair_before, pair)]
        prompts = (look_up(plain(text), thesaurus) for look_up, text in ways)
        found[word] = list(next(filter(None, prompts), ()))
    return found


def plain(text: str) -> str:
    """Lower-case letters and digits without accents, words parted by one space."""
    decomposed = unicodedata.normalize("NFKD", text).casefold()
    letters = (c for c in decomposed if not unicodedata.combining(c))
    return " ".join("".join(c if c.isalnum() else " " for c in letters).split())


def _by_meaning(text: str, thesaurus: Mapping[str, Sequence[str]]) -> Sequence[str]:
    for form in _forms(text):
        if form in thesaurus:
            return thesaurus[form]
    return ()


def _by_spelling(text: str, thesaurus: Mapping[str, Sequence[str]]) -> Sequence[str]:
    if len(text) < SHORTEST:
        return ()
    # The first letter is seldom wrong, and most words of a chance likeness differ in it.
    # Of two words one may be known: what is like them has two as well.
    possible = [t for t in thesaurus if t[0] == text[0] and t.count(" ") >= text.count(" ")]
    match = get_close_matches(text, possible, n=1, cutoff=SIMILARITY)
    return thesaurus[match[0]] if match else ()


def _forms(text: str) -> Iterable[str]:
    """A text and what its last word may come from: "marbled" from "marbl" or "marble"."""
    yield text
    for ending, instead in _ENDINGS:
        stem = text.removesuffix(ending)
        if stem == text or len(stem) < 3 or text.endswith("ss"):
            continue
        yield stem + instead
        if stem[-1] == stem[-2]:  # "foggy" from "fog"
            yield stem[:-1]
