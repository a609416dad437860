"""Prompts: what the user typed, parsed, checked and turned into directions of the text space."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import TYPE_CHECKING

from semcs_core.errors import UserError

if TYPE_CHECKING:  # torch takes seconds to import, and the command line's help does without
    from torch import Tensor

    from semcs_core.protocols import RegionEncoder, TextEncoder

MAX_LENGTH = 300

_OF_OBJECT, _OF_REST = r"(?:f|fg|foreground|object)\s*:\s*", r"(?:b|bg|background)\s*:\s*"
_FOREGROUND, _BACKGROUND = (re.compile(p, re.IGNORECASE) for p in (_OF_OBJECT, _OF_REST))
_SECOND = re.compile(rf"[\s,;/]+(?={_OF_OBJECT}|{_OF_REST})", re.IGNORECASE)


def clean_prompt(text: str) -> str:
    """A prompt on one line, without control characters.

    Raises:
        UserError: longer than 300 characters.
    """
    printable = "".join(
        " " if unicodedata.category(c) in {"Cc", "Zl", "Zp"} else c
        for c in text
        if unicodedata.category(c) not in {"Cs", "Co", "Cn"}
    )
    prompt = " ".join(printable.split())
    if len(prompt) > MAX_LENGTH:
        raise UserError(
            f"The prompt has {len(prompt):,} characters: describe the style in under {MAX_LENGTH}."
        )
    return prompt


def with_bar(text: str) -> str:
    """A style text with a bar between its parts, if it has two.

    The slides of Sem-CS have none: `F: Red Rocks` and `B: Snowy` stand on two lines, or on one.
    """
    line = text.strip()
    if "|" in line or not (_FOREGROUND.match(line) or _BACKGROUND.match(line)):
        return text
    return _SECOND.sub("|", line)


def parse_style(text: str) -> tuple[str, str]:
    """Split one style text into foreground and background (Sem-CS algorithm, line 5).

    `F: red rocks | B: snowy`, in either order and with or without the bar, or `red rocks | snowy`;
    another text without a bar is the style of everything. A part may be empty: that region stays
    the photo.

    Returns:
        (foreground prompt, background prompt).

    Raises:
        UserError: more than one bar, or two parts of the same name.
    """
    parts = [part.strip() for part in with_bar(text).split("|")]
    if len(parts) > 2:
        raise UserError(
            "A style has at most two parts: write it as foreground | background, with one bar."
        )
    named: dict[str, str] = {}
    unnamed: list[str] = []
    for part in parts:
        for name, pattern in (("foreground", _FOREGROUND), ("background", _BACKGROUND)):
            match = pattern.match(part)
            if match:
                if name in named:
                    raise UserError(f"The style names the {name} twice: name each part once.")
                named[name] = clean_prompt(part[match.end() :])
                break
        else:
            unnamed.append(clean_prompt(part))
    if not named:
        return unnamed[0], unnamed[-1]
    if len(parts) == 1:
        return named.get("foreground", ""), named.get("background", "")
    rest = unnamed[0] if unnamed else ""
    return named.get("foreground", rest), named.get("background", rest)


def embed_prompt(encoder: TextEncoder, prompt: str) -> Tensor:
    """Embed a prompt through the ensemble: mean over the encoder's templates, normalised.

    Radford et al. (2021), section 3.1.4; CLIPstyler does the same.

    Returns:
        [D], float32, of unit length.
    """
    from torch.nn.functional import normalize

    embeddings = encoder.encode_text([t.format(prompt) for t in encoder.templates])
    return normalize(embeddings.mean(dim=0), dim=-1)


def check_known(encoder: RegionEncoder, prompts: Sequence[str]) -> dict[str, list[str]]:
    """Find out before a long run whether the encoder can use the prompts; empty ones are left out.

    Returns:
        Words that it does not know, in order, each with the known prompts nearest to it.

    Raises:
        UserError: it knows no word of a prompt.
    """
    unknown: dict[str, list[str]] = {}
    for prompt in filter(None, prompts):
        unknown |= encoder.nearest(prompt)
    return unknown
