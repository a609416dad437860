"""Controls made from what `Settings` says about each of its fields."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import gradio as gr

from semcs_core.settings import Settings

MAIN = ("size", "steps", "seed")
STRENGTHS = ("foreground_strength", "background_strength")
ADVANCED = tuple(f.name for f in fields(Settings) if f.name not in MAIN + STRENGTHS)
NAMES = MAIN + STRENGTHS + ADVANCED
"""Every setting, in the order in which the page hands them to the server."""


def control(name: str, info: bool = True) -> gr.Slider | gr.Number | gr.Dropdown:
    """A control for one of the settings: a slider where its range fits on one.

    Args:
        name: of the field.
        info: whether its help is shown.
    """
    field = Settings.__dataclass_fields__[name]
    about: dict[str, Any] = {
        "value": field.default,
        "label": field.metadata["label"],
        "info": field.metadata["help"] if info else None,
        "elem_id": name,
    }
    if "options" in field.metadata:
        return gr.Dropdown(list(field.metadata["options"]), **about)
    about |= {k: field.metadata[k] for k in ("minimum", "maximum", "step")}
    if (about["maximum"] - about["minimum"]) / about["step"] <= 1000:
        return gr.Slider(buttons=[], **about)
    return gr.Number(precision=0 if field.type == "int" else None, **about)


def read_settings(values: dict[str, Any]) -> Settings:
    """Settings from the values of a form, whole numbers as such.

    Raises:
        UserError: a value that is no number or outside its range.
    """
    kinds = {f.name: f.type for f in fields(Settings)}
    whole: dict[str, Any] = {
        name: int(value)
        if kinds[name] == "int" and isinstance(value, float) and value.is_integer()
        else value
        for name, value in values.items()
    }
    return Settings(**whole)
