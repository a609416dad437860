"""Draft, standard or fine, and what a run would take as everything is set now."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from html import escape
from typing import Any

import gradio as gr
import numpy as np

from models.loading import STARTER, best_device, load_models, resolve
from semcs_core.errors import UserError
from semcs_core.image import working_size
from semcs_core.methods import (
    METHODS,
    PRESETS,
    SCALED,
    STANDARD,
    find_preset,
    two_regions,
    with_preset,
)
from semcs_core.settings import Settings
from studio.cost import calibrate, describe_cost, estimate, known_calibration, round_seconds
from studio.page.errors import guarded
from studio.page.prompt_panel import PromptPanel, split
from studio.page.setting_controls import read_settings
from studio.page.settings_panel import SettingsPanel
from studio.page.visit import Visit
from studio.page.wiring import Updates, picked
from studio.runs import training
from studio.server import zero_gpu

USED = (*SCALED, "painter")
"""The settings that a cost depends on."""
PATIENCE = 5.0  # seconds that the first visitor's line waits for the measurement
USUAL = 3, 2  # width and height of a photo that is not there yet
HALF = np.tile(np.array([0.0, 1.0], np.float32), (8, 8))

_measured = threading.Event()
_log = logging.getLogger(__name__)


def measure_soon() -> None:
    """Measure this machine beside what else it does, on nobody's time; runs wait for it."""
    if zero_gpu.LENT:  # nothing of this process would be what a run has
        _measured.set()
        return

    def measure() -> None:
        device = best_device()
        try:
            models = load_models(STARTER, device)
            with training.step_lock:
                calibrate(models, device)
        except Exception:
            _log.exception("The speed of this machine could not be measured")
        _measured.set()

    threading.Thread(target=measure, name="measure", daemon=True).start()


class CostLine:
    """The presets, and a line that says what Stylize would take.

    Attributes:
        preset: its name, None where the settings are those of none.
        line: the sentence.
    """

    def __init__(self) -> None:
        with gr.Row(elem_id="cost"):
            self.preset = gr.Radio(
                [(name.capitalize(), name) for name in PRESETS],
                value=STANDARD,
                label="Preset",
                show_label=False,
                container=False,
                elem_id="preset",
            )
            self.line = gr.HTML(_html(""), padding=False, elem_id="cost-line")

    def wire(
        self,
        work: gr.State,
        prompts: PromptPanel,
        settings: SettingsPanel,
        filled: Sequence[Any],
        quiet: dict[str, Any],
    ) -> None:
        """The events.

        Args:
            work: of the visit.
            prompts: how many styles there are.
            settings: with the models, and the method that a preset is laid over.
            filled: events after which the settings may be others; controls in a fold that is
                closed tell of no change.
            quiet: options of every event.
        """
        used = [settings.by_name[name] for name in USED]
        chosen = self.preset.select(
            self.on_preset,
            settings.method,
            [settings.by_name[name] for name in SCALED],
            queue=False,
            **quiet,
        )
        said = {
            "fn": self.on_change,
            "inputs": [work, *prompts.texts, settings.models, settings.method, *used],
            "outputs": [self.preset, self.line],
            # One after the other: without the queue an earlier answer may come last, and stay.
            "concurrency_limit": 1,
            "concurrency_id": "cost",
            **quiet,
        }
        for event in (chosen, *filled):
            event.then(**said)
        changes = [part.change for part in (*prompts.texts, settings.models, *used)]
        gr.on(changes, trigger_mode="always_last", **said)

    @guarded
    def on_preset(self, event: gr.SelectData, method: str) -> list[Any]:
        """A preset fills its settings; which one the click says, as the line may write it too."""
        if method not in METHODS:
            raise UserError("There is no method to lay a preset over: choose one.")
        settings = with_preset(METHODS[method], picked(event, list(PRESETS)))
        return [getattr(settings, scaled) for scaled in SCALED]

    def on_change(
        self,
        work: Visit,
        foreground: str,
        background: str,
        models: str,
        method: str,
        *values: Any,
    ) -> Updates:
        """Something has changed that a run's cost depends on."""
        by_name = dict(zip(USED, values, strict=True))
        _measured.wait(PATIENCE)
        try:
            preset = find_preset(by_name, method)
            text = say(work, foreground, background, models, by_name)
        except (UserError, KeyError):  # Stylize says what is wrong
            preset, text = None, ""
        title = "" if preset is None or not text else f"{preset.capitalize()}: "
        text = title + text if title else text[:1].upper() + text[1:]
        return {self.preset: preset, self.line: _html(text)}


def say(work: Visit, foreground: str, background: str, models: str, values: dict[str, Any]) -> str:
    """What a run would take, such as "about 7 s and 1.1 GB.".

    Args:
        work: the visit's.
        foreground: the prompt for the object.
        background: the prompt for what is around it.
        models: their name, or "auto".
        values: of the settings in `USED`.

    Raises:
        UserError: a value outside its range.
    """
    settings = read_settings({**vars(Settings()), **values})
    name = resolve(models).name
    size = working_size(*(USUAL if work.photo is None else work.photo.size), settings.size)
    found = known_calibration(name, best_device())
    cost = estimate(name, settings, size, _regions(foreground, background), found)
    if found is None:
        return "the time is known after a first run."
    late = cost.seconds > training.TIME_LIMIT
    limit = f"; it ends after {round_seconds(training.TIME_LIMIT)}" if late else ""
    return f"about {describe_cost(cost)}{limit}."


def _regions(foreground: str, background: str) -> int:
    try:
        return len(two_regions(HALF, *split(foreground, background)))
    except UserError:  # no prompt yet
        return 1


def _html(text: str) -> str:
    return f'<p class="semcs-cost" role="status">{escape(text)}</p>'
