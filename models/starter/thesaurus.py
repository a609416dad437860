"""The known prompts nearest to words that the starter does not know.

By meaning first, from `related.json`, which has for a word or two that people type the one to three
styles that look most like it, and then by spelling.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Container, Iterable, Mapping, Sequence
from difflib import get_close_matches
from functools import cache
from pathlib import Path

RELATED = Path(__file__).with_name("related.json")

SIMILARITY = 0.82  # difflib's ratio; that of "mosiac" and "mosaic" is 0.83
SHORTEST = 5  # letters; shorter words are too similar to one another
MOST = 3  # prompts offered for a word

# Words in names of styles that do not mean the style.
_COMMON = frozenset(["covered", "drawing", "great", "painting", "style", "under", "with", "year"])

# Endings, each with those that the plain word may have in its place.
_ENDINGS: dict[str, tuple[str, ...]] = {"ies": ("y",), "es": ("",), "s": ("",)}
_ENDINGS |= dict.fromkeys(["ed", "ing", "ish", "y"], ("", "e"))


@cache
def load_related() -> Mapping[str, Sequence[str]]:
    """The table that ships: a word or two, lower-case, to one to three style prompts."""
    return json.loads(RELATED.read_text("utf-8"))


def build_thesaurus(
    names: Iterable[str], related: Mapping[str, Sequence[str]]
) -> Mapping[str, Sequence[str]]:
    """Known prompts by their names, by words of their names, and by the texts of `related`.

    Of two names with the same word the first counts. Texts are written as `plain` writes them.
    """
    thesaurus: dict[str, Sequence[str]] = {plain(name): [name] for name in names}
    for name in sorted(thesaurus, key=lambda name: name.count(" ")):
        for word in name.split():
            if len(word) > 3 and word not in _COMMON:
                thesaurus.setdefault(word, thesaurus[name])
    return {**thesaurus, **related}


def nearest_to_unknown(
    words: Sequence[str], known: Container[str], thesaurus: Mapping[str, Sequence[str]]
) -> dict[str, list[str]]:
    """Every unknown one of some lower-case words, in order, with up to three known prompts near it.

    Two unknown words that have one meaning together stay together. A word is looked up with its
    neighbours first, as "mache" after "paper". The thesaurus is one of `build_thesaurus`.
    """
    found: dict[str, list[str]] = {}
    n = 0
    while n < len(words):
        word, pair = words[n], " ".join(words[n : n + 2])
        pair_before = " ".join(words[max(n - 1, 0) : n + 1])
        n += 1
        if word in known or word in found:
            continue
        both = n < len(words) and words[n] not in known and _by_meaning(plain(pair), thesaurus)
        if both:
            found[pair] = list(both[:MOST])
            n += 1
            continue
        ways = [(_by_meaning, text) for text in (pair_before, pair, word)]
        if len(word) > 2:
            ways += [(_by_spelling, text) for text in (word, pair_before, pair)]
        prompts = (look_up(plain(text), thesaurus) for look_up, text in ways)
        found[word] = list(next(filter(None, prompts), ())[:MOST])
    return found


def plain(text: str) -> str:
    """Lower-case letters and digits without accents, with one space between words."""
    decomposed = unicodedata.normalize("NFKD", text).casefold()
    letters = (c for c in decomposed if not unicodedata.combining(c))
    return " ".join("".join(c if c.isalnum() else " " for c in letters).split())


def _by_meaning(text: str, thesaurus: Mapping[str, Sequence[str]]) -> Sequence[str]:
    return next((thesaurus[form] for form in _forms(text) if form in thesaurus), ())


def _by_spelling(text: str, thesaurus: Mapping[str, Sequence[str]]) -> Sequence[str]:
    if len(text) < SHORTEST:
        return ()
    # The first letter is seldom wrong, and most words that are similar by chance differ in it.
    # One of two words may be known, so only texts of two words count as similar to two.
    possible = [t for t in thesaurus if t[0] == text[0] and t.count(" ") >= text.count(" ")]
    match = get_close_matches(text, possible, n=1, cutoff=SIMILARITY)
    return thesaurus[match[0]] if match else ()


def _forms(text: str) -> Iterable[str]:
    """A text, and the plain forms of its last word: "marbl" and "marble" for "marbled"."""
    yield text
    for ending, others in _ENDINGS.items():
        stem = text.removesuffix(ending)
        if stem == text or len(stem) < 3 or text.endswith("ss"):
            continue
        for other in others:
            yield stem + other
            if stem[-1] == stem[-2]:  # "foggy" from "fog"
                yield stem[:-1]
