"""Controls made from what the settings say about each of their values."""

from __future__ import annotations

from typing import Any

import gradio as gr

from semcs_core.settings import Settings
from studio.flat_settings import ENTRIES, changed

MAIN = ("size", "steps", "seed")
STRENGTHS = ("foreground_strength", "background_strength")
ADVANCED = tuple(name for name in ENTRIES if name not in MAIN + STRENGTHS)
NAMES = MAIN + STRENGTHS + ADVANCED
"""Every setting, in the order in which the page hands them to the server."""


def control(name: str, info: bool = True) -> gr.Slider | gr.Number | gr.Dropdown:
    """A control for one of the settings: a slider where its range fits on one.

    Args:
        name: its flat name.
        info: whether its help is shown.
    """
    entry = ENTRIES[name]
    about: dict[str, Any] = {
        "value": entry.default,
        "label": entry.label,
        "info": entry.about["help"] if info else None,
        "elem_id": name,
    }
    if "options" in entry.about:
        return gr.Dropdown(list(entry.about["options"]), **about)
    about |= {k: entry.about[k] for k in ("minimum", "maximum", "step")}
    if (about["maximum"] - about["minimum"]) / about["step"] <= 1000:
        return gr.Slider(buttons=[], **about)
    return gr.Number(precision=0 if entry.kind is int else None, **about)


def read_settings(values: dict[str, Any]) -> Settings:
    """Settings from the values of a form, by flat name.

    Raises:
        UserError: a value that is no number or outside its range.
    """
    return changed(Settings(), values)
