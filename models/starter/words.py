"""The prompts that the starter can draw, and the nearest of them for those that it cannot.

Nearest by meaning first, from `related.json`, which has for a word or two that people type the one
to three styles that look most like it, and then by spelling.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from functools import cache
from pathlib import Path

from semcs_core.errors import UserError
from styles import STYLES, Colouring, Style
from styles.palettes import COLOUR_SYNONYMS, COLOURS

RELATED = Path(__file__).with_name("related.json")
EXAMPLES = "fire, starry night or mosaic"  # offered where no known prompt is near
SIMILARITY = 0.82  # difflib's ratio; that of "mosiac" and "mosaic" is 0.83
SHORTEST = 5  # letters; shorter words are too similar to one another
# Words in names of styles that do not mean the style.
_COMMON = frozenset(["covered", "drawing", "great", "painting", "style", "under", "with", "year"])
# Endings, each with those that the plain word may have in its place.
_ENDINGS: dict[str, tuple[str, ...]] = {"ies": ("y",), "es": ("",), "s": ("",)}
_ENDINGS |= dict.fromkeys(["ed", "ing", "ish", "y"], ("", "e"))


def split_words(text: str) -> list[str]:
    """Lower-case words and numbers of a text."""
    return re.findall(r"[^\W_]+", text.lower())


FILLERS = frozenset(  # words that hold a prompt together and mean no style
    split_words(
        "a an and by coloured in made natural of on ordinary photo plain realistic rendering "
        "texture the with"
    )
)
_COLOURS = {word: c for c in COLOURS for word in (c, *COLOUR_SYNONYMS.get(c, ()))}
_NAMES = {" ".join(split_words(name)): style for style in STYLES.values() for name in style.names}
_KNOWN = {word for name in _NAMES for word in name.split()} | {*_COLOURS}


def find_style(prompt: str) -> tuple[Style, str | None]:
    """The style that a prompt asks for, and the colour word that it is drawn in.

    That is the style with the longest name in the prompt, "red rocks" before "rocks"; where the
    prompt names none, the one whose names share most of its words.

    Raises:
        UserError: no word of the prompt is known, fillers apart.
    """
    words = split_words(prompt)
    if not set(words) & _KNOWN - FILLERS:
        raise UserError(_refusal(prompt))
    text = f" {' '.join(words)} "
    colours = [_COLOURS[word] for word in words if word in _COLOURS]
    named = max((name for name in _NAMES if f" {name} " in text), key=len, default="")
    if named:
        style = _NAMES[named]
    elif colours and set(words) & _KNOWN <= _COLOURS.keys() | FILLERS:
        style = STYLES["tint"]
    else:
        style = _NAMES[max(_NAMES, key=lambda name: _shared(name, words))]
    free = style.colouring is not Colouring.FIXED
    return style, colours[0] if colours and free else None


def find_nearest(text: str) -> dict[str, list[str]]:
    """Unknown words, in order, each with up to three known prompts nearest to it.

    Two unknown words that mean one thing, such as a painter's two names, stay together. A word is
    looked up with its neighbours first, as "mache" after "paper".
    """
    words, known, found = split_words(text), _KNOWN | FILLERS, {}
    for n, word in enumerate(words):
        pair, pair_before = (" ".join(words[max(k, 0) : k + 2]) for k in (n, n - 1))
        if word in known or word in found or pair_before in found:
            continue
        follower = words[n + 1 : n + 2]
        if follower and follower[0] not in known and (both := _by_meaning(pair)):
            found[pair] = list(both)
            continue
        ways = [(_by_meaning, pair_before), (_by_meaning, pair), (_by_meaning, word)]
        if len(word) > 2:
            ways += [(_by_spelling, word), (_by_spelling, pair_before), (_by_spelling, pair)]
        prompts = (look_up(text) for look_up, text in ways)
        found[word] = list(next(filter(None, prompts), ()))
    return found


@cache
def thesaurus() -> Mapping[str, Sequence[str]]:
    """Known prompts by their names, by words of their names, and by the texts of `related.json`.

    Of two names with the same word the first counts.
    """
    names = [name for style in STYLES.values() for name in style.names]
    known = {_plain(name): [name] for name in (*names, *_COLOURS)}
    for name in sorted(known, key=lambda name: name.count(" ")):
        for word in name.split():
            if len(word) > 3 and word not in _COMMON:
                known.setdefault(word, known[name])
    return known | json.loads(RELATED.read_text("utf-8"))


def _plain(text: str) -> str:
    """Lower-case letters and digits without accents, with one space between words."""
    decomposed = unicodedata.normalize("NFKD", text).casefold()
    letters = (c for c in decomposed if not unicodedata.combining(c))
    return " ".join("".join(c if c.isalnum() else " " for c in letters).split())


def _by_meaning(text: str) -> Sequence[str]:
    return next((thesaurus()[form] for form in _forms(_plain(text)) if form in thesaurus()), ())


def _by_spelling(text: str) -> Sequence[str]:
    text = _plain(text)
    if len(text) < SHORTEST:
        return ()
    # The first letter is seldom wrong, and most words that are similar by chance differ in it.
    # One of two words may be known, so only texts of two words count as similar to two.
    possible = [t for t in thesaurus() if t[0] == text[0] and t.count(" ") >= text.count(" ")]
    match = get_close_matches(text, possible, n=1, cutoff=SIMILARITY)
    return thesaurus()[match[0]] if match else ()


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


def _shared(name: str, words: Sequence[str]) -> tuple[int, float]:
    """How many of the words a name has, and then what part of the name they are."""
    own = set(name.split()) - FILLERS
    count = len(own & {*words})
    return count, count / max(len(own), 1)


def _refusal(text: str) -> str:
    """Why a text without a known word is refused."""
    prompts = [prompt for near in find_nearest(text).values() for prompt in near]
    if not prompts:
        return f"The starter models know no word of “{text:.40}”: try {EXAMPLES}."
    *others, last = list(dict.fromkeys(prompts))[:3]
    near = f"{', '.join(others)} or {last}" if others else last
    return f"The starter models do not know “{text:.40}”: try the nearest, {near}."
