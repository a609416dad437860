"""Draft, standard or fine: which one is chosen, and what it fills."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import gradio as gr

from semcs_core.errors import UserError
from semcs_core.methods import METHODS, PRESETS, SCALED, STANDARD, find_preset, with_preset
from studio.page.errors import guarded
from studio.page.settings_panel import SettingsPanel
from studio.page.wiring import picked


class PresetRadio:
    """The presets.

    Attributes:
        preset: its name, None where the settings are those of none.
    """

    def __init__(self) -> None:
        self.preset = gr.Radio(
            [(name.capitalize(), name) for name in PRESETS],
            value=STANDARD,
            label="Preset",
            show_label=False,
            container=False,
            elem_id="preset",
        )

    def wire(self, settings: SettingsPanel, filled: Sequence[Any], quiet: dict[str, Any]) -> None:
        """The events.

        Args:
            settings: with the method that a preset is laid over.
            filled: events after which the settings may be others; controls in a fold that is
                closed tell of no change.
            quiet: options of every event.
        """
        scaled = [settings.by_name[name] for name in SCALED]
        chosen = self.preset.select(self.on_preset, settings.method, scaled, queue=False, **quiet)
        said = {
            "fn": self.on_change,
            "inputs": [settings.method, *scaled],
            "outputs": self.preset,
            # One after the other: without the queue an earlier answer may come last, and stay.
            "concurrency_limit": 1,
            "concurrency_id": "preset",
            **quiet,
        }
        for event in (chosen, *filled):
            event.then(**said)
        gr.on([control.change for control in scaled], trigger_mode="always_last", **said)

    @guarded
    def on_preset(self, event: gr.SelectData, method: str) -> list[Any]:
        """A preset fills its settings; which one the click says, as a change may write it too."""
        if method not in METHODS:
            raise UserError("There is no method to lay a preset over: choose one.")
        settings = with_preset(METHODS[method], picked(event, list(PRESETS)))
        return [getattr(settings, scaled) for scaled in SCALED]

    def on_change(self, method: str, *values: Any) -> str | None:
        """One of the settings that a preset fills has changed."""
        if method not in METHODS:
            return None
        return find_preset(dict(zip(SCALED, values, strict=True)), method)
