"""The prompts that the starter can draw, and what it says of those that it cannot."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache

from models.starter.thesaurus import build_thesaurus, load_related, nearest_to_unknown
from semcs_core.errors import UserError
from styles import STYLES, Colouring, Style
from styles.palettes import COLOUR_SYNONYMS, COLOURS

EXAMPLES = "fire, starry night or mosaic"  # offered where no known prompt is near
_COLOURS = {word: c for c in COLOURS for word in (c, *COLOUR_SYNONYMS.get(c, ()))}


def split_words(text: str) -> list[str]:
    """Lower-case words and numbers of a text."""
    return re.findall(r"[^\W_]+", text.lower())


# Words that hold a prompt together and mean no style.
FILLERS = frozenset(
    split_words(
        "a an and by coloured in made natural of on ordinary photo plain realistic rendering "
        "texture the with"
    )
)
_NAMES = {" ".join(split_words(name)): style for style in STYLES.values() for name in style.names}
_KNOWN = {word for name in _NAMES for word in name.split()} | {*_COLOURS}


@cache
def _thesaurus() -> Mapping[str, Sequence[str]]:
    names = [name for style in STYLES.values() for name in style.names]
    return build_thesaurus([*names, *_COLOURS], load_related())


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
    """Unknown words, each with up to three known prompts nearest to it.

    Two unknown words that mean one thing, such as a painter's two names, stay together.

    Raises:
        UserError: no word of the prompt is known, fillers apart.
    """
    find_style(text)
    return nearest_to_unknown(split_words(text), _KNOWN | FILLERS, _thesaurus())


def _shared(name: str, words: Sequence[str]) -> tuple[int, float]:
    """How many of the words a name has, and then what part of the name they are."""
    own = set(name.split()) - FILLERS
    count = len(own & {*words})
    return count, count / max(len(own), 1)


def _refusal(text: str) -> str:
    """Why a text without a known word is refused, and what to try."""
    found = nearest_to_unknown(split_words(text), _KNOWN | FILLERS, _thesaurus())
    prompts = [prompt for near in found.values() for prompt in near]
    if not prompts:
        return f"The starter models know no word of “{text:.40}”: try {EXAMPLES}."
    *others, last = list(dict.fromkeys(prompts))[:3]
    near = f"{', '.join(others)} or {last}" if others else last
    return f"The starter models do not know “{text:.40}”: try the nearest, {near}."
