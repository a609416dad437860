"""Prompts that the chosen encoder does not know, in whole or in part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from semcs_core.protocols import ImageTextEncoder


def check_known(encoder: ImageTextEncoder, prompts: Sequence[str]) -> dict[str, list[str]]:
    """Find out before a long run whether the encoder can use the prompts.

    Returns:
        Words that it has never learned, in order, each with the known prompts nearest to it.

    Raises:
        UserError: it knows no word of a prompt.
    """
    encoder.encode_text(prompts)
    unknown: dict[str, list[str]] = {}
    for prompt in prompts:
        unknown |= encoder.nearest(prompt)
    return unknown


def describe_unknown(unknown: Mapping[str, Sequence[str]]) -> str:
    """A sentence about what `check_known` found; empty if it found nothing."""
    if not unknown:
        return ""
    shown = [
        f"“{word:.30}”" + (f"; nearest: {', '.join(prompts)}" if prompts else "")
        for word, prompts in list(unknown.items())[:8]
    ]
    more = f" · and {len(unknown) - 8} more" if len(unknown) > 8 else ""
    text = " · ".join(shown) + more
    return f"The starter does not know these words, so they have no effect: {text}."
