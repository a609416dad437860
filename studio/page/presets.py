"""Draft, standard or fine: a click fills the settings, and one changed by hand is looked up again.

Both happen in the browser, at once. What the server fills (a link, Reset, an old result) comes with
its preset in the same answer, so no answer that is late can leave the radio at odds with the rest.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import gradio as gr

from semcs_core.methods import METHODS, PRESETS, SCALED, STANDARD, with_preset

_VALUES = {
    method: {
        name: [getattr(with_preset(own, name), scaled) for scaled in SCALED] for name in PRESETS
    }
    for method, own in METHODS.items()
}
FILL = f"""(preset, method) => {{
    const chosen = preset ?? "{STANDARD}";
    return [chosen, ...{json.dumps(_VALUES)}[method][chosen]];
}}"""
"""JavaScript: a preset and the settings that it fills; `STANDARD` where none was chosen."""
FIND = f"""(method, ...values) => {{
    const presets = Object.entries({json.dumps(_VALUES)}[method]);
    return presets.find(([, own]) => own.every((value, n) => value === values[n]))?.[0] ?? null;
}}"""
"""JavaScript: the preset whose settings these are, as `find_preset`."""


def find_preset(values: Mapping[str, object], method: str) -> str | None:
    """The preset, over one of `METHODS`, that has these values of `SCALED`; None if there is none.

    Values of other settings are not looked at.
    """
    own = [values[scaled] for scaled in SCALED]
    return next((name for name, preset in _VALUES[method].items() if preset == own), None)


def preset_radio() -> gr.Radio:
    """The presets; none is chosen where the settings are those of none."""
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
    """The events.

    Args:
        preset: of `preset_radio`.
        method: that a preset is laid over.
        by_name: the controls of the settings.
        quiet: options of every event.
    """
    scaled = [by_name[name] for name in SCALED]
    # `input` is the visitor's own hand: what an event fills starts no other.
    chosen = [preset.input, method.input]
    gr.on(chosen, None, [preset, method], [preset, *scaled], js=FILL, **quiet)
    edited = [control.input for control in scaled]
    gr.on(edited, None, [method, *scaled], preset, js=FIND, **quiet)
