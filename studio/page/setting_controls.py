"""A control for each setting, and the presets that fill several of them at once.

A preset fills its settings, a method fills all of them, and a setting changed by hand selects the
preset that fits. All of that happens in the browser, at once. When the server fills the form (a
link, Reset, an old result), it sends the preset with the settings, so that the two always agree.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from operator import itemgetter
from typing import Any

import gradio as gr

from semcs_core.methods import METHODS, PRESETS, SCALED, STANDARD, with_preset
from semcs_core.settings import Settings
from studio.flat_settings import ENTRIES, changed, flatten
from studio.published import STRENGTHS, STUDIO

MAIN = ("size", "steps", "seed")
ADVANCED = tuple(name for name in ENTRIES if name not in MAIN + STRENGTHS)
NAMES = MAIN + STRENGTHS + ADVANCED
"""Every setting, in the order in which the page sends them to the server."""

FILL = """(preset, method) => {
    const chosen = preset ?? "STANDARD";
    return [chosen, ...VALUES[method][chosen]];
}""".replace("STANDARD", STANDARD)
"""JavaScript: a preset, and the settings that it or a method fills; VALUES is their `_table`."""
FIND = """(method, ...values) => {
    const presets = Object.entries(VALUES[method]);
    return presets.find(([, own]) => own.every((value, n) => value === values[n]))?.[0] ?? null;
}"""
"""JavaScript: the preset whose settings these are, as `fitting`; VALUES is the `_table`."""


def fitting(values: Mapping[str, Any], method: str | None = None) -> tuple[str, str | None]:
    """The method and the preset that give these settings; `STUDIO` and None where none does.

    A method fits whatever seed and strengths are; it may be given.
    """
    if method is None:
        fixed = itemgetter(*(name for name in ADVANCED if name not in SCALED))
        own = {name: fixed(flatten(settings)) for name, settings in METHODS.items()}
        method = next((name for name in own if own[name] == fixed(values)), STUDIO)
    presets, scaled = _table(SCALED)[method], itemgetter(*SCALED)(values)
    return method, next((name for name in presets if presets[name] == scaled), None)


def control(name: str, info: bool = True) -> gr.Slider | gr.Number | gr.Dropdown:
    """The control of a setting, with its help if `info`: a slider where its range fits on one."""
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


def read_settings(values: Sequence[Any]) -> Settings:
    """Settings from the values of a form, in the order of `NAMES`.

    Raises:
        UserError: a value that is no number or outside its range.
    """
    return changed(Settings(), dict(zip(NAMES, values, strict=True)))


def preset_radio() -> gr.Radio:
    """The presets; none is selected where the settings are those of none."""
    return gr.Radio(
        [(name.capitalize(), name) for name in PRESETS],
        value=STANDARD,
        label="Preset",
        show_label=False,
        container=False,
        elem_id="preset",
    )


def wire_presets(
    preset: gr.Radio, method: gr.Dropdown, by_name: Mapping[str, Any], quiet: dict[str, Any]
) -> None:
    """Connect the presets with the method and the controls of the settings, by name."""
    # `input` is the visitor's own hand: a control that an event fills starts no other event.
    for chosen, names in (preset, SCALED), (method, NAMES):
        filled = [preset, *(by_name[name] for name in names)]
        fill = FILL.replace("VALUES", json.dumps(_table(names)))
        chosen.input(None, [preset, method], filled, js=fill, **quiet)
    scaled = [by_name[name] for name in SCALED]
    find = FIND.replace("VALUES", json.dumps(_table(SCALED)))
    gr.on([one.input for one in scaled], None, [method, *scaled], preset, js=find, **quiet)


def _table(names: Sequence[str]) -> dict[str, dict[str, tuple[Any, ...]]]:
    """By method and preset, the values of these settings."""
    values_of = itemgetter(*names)
    return {
        method: {preset: values_of(flatten(with_preset(own, preset))) for preset in PRESETS}
        for method, own in METHODS.items()
    }
