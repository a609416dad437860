"""The settings' fold: what every run is made with, and links to it."""

from __future__ import annotations

import secrets
from typing import Any

import gradio as gr

from models.loading import STARTER
from semcs_core.errors import UserError
from semcs_core.methods import METHODS, SCALED
from semcs_core.settings import Settings
from studio.flat_settings import flatten
from studio.page import choices
from studio.page.links import STUDIO, Link, read_query, write_query
from studio.page.presets import find_preset, wire_presets
from studio.page.prompt_panel import PromptPanel
from studio.page.setting_controls import ADVANCED, MAIN, NAMES, control, read_settings
from studio.page.wiring import Updates
from studio.server.errors import guarded

LARGEST_SEED = int(Settings.__dataclass_fields__["seed"].metadata["maximum"])
UNSCALED = [name for name in NAMES if name not in SCALED]
FULL_LINK = "query => query ? location.origin + location.pathname + '?' + query : ''"
"""JavaScript: the address of this page with a query of `links`."""


class SettingsPanel:
    """Models, method and every field of `Settings`.

    Attributes:
        models: their name.
        by_name: the control of every setting.
        controls: the same, in the order of `setting_controls.NAMES`.
        filled: what `fill` changes.
    """

    def __init__(self, prompts: PromptPanel, source: gr.Dropdown, preset: gr.Radio) -> None:
        self.prompts, self.source, self.preset = prompts, source, preset
        by_name: dict[str, Any] = dict(prompts.strengths)
        with gr.Accordion("Settings", open=False, elem_id="settings"):
            self.models = gr.Dropdown(
                choices.models(),
                value=STARTER,
                label="Models",
                info="What reads the words. Downloads begin with Stylize, and can be stopped.",
                filterable=False,
                elem_id="models",
            )
            self.method = gr.Dropdown(
                choices.methods(),
                value=STUDIO,
                label="Method",
                info="Fills every setting with its own value, under the preset.",
                filterable=False,
                elem_id="method",
            )
            for name in MAIN:
                by_name[name] = control(name)
            with gr.Row(elem_classes="semcs-three"):
                self.dice = gr.Button("Random seed", size="sm", elem_id="dice")
                self.reuse = gr.Button("Seed of this picture", size="sm", elem_id="reuse")
                self.reset = gr.Button("Reset settings", size="sm", elem_id="reset")
            with gr.Accordion("Advanced", open=False, elem_id="advanced"):
                for name in ADVANCED:
                    by_name[name] = control(name)
            with gr.Row():
                self.make_link = gr.Button("Link to these settings", size="sm", elem_id="make-link")
            self.query = gr.Textbox(visible=False)
            self.link = gr.Textbox(
                label="Link",
                info="Opens this page with the same prompts and settings, whatever the photo.",
                interactive=False,
                visible=False,
                buttons=["copy"],
                elem_id="link",
            )
        self.by_name = by_name
        self.controls = [by_name[name] for name in NAMES]
        self.filled = [self.models, self.method, self.preset, *self.controls]

    def wire(self, current: gr.State, quiet: dict[str, Any]) -> None:
        """The events; `current` is the result that is shown."""
        wire_presets(self.preset, self.method, self.by_name, quiet)
        unscaled = [self.by_name[name] for name in UNSCALED]
        self.method.input(self.on_method, self.method, unscaled, **quiet)
        self.reset.click(self.on_reset, None, self.filled, queue=False, **quiet)
        seed = self.controls[NAMES.index("seed")]
        self.dice.click(lambda: secrets.randbelow(LARGEST_SEED + 1), None, seed, **quiet)
        self.reuse.click(self.on_reuse, current, seed, **quiet)
        told = self.make_link.click(
            self.on_link,
            [*self.prompts.texts, self.models, self.method, *self.controls],
            [self.query, self.link],
            **quiet,
        )
        told.success(None, self.query, self.link, js=FULL_LINK)

    def fill(self, settings: Settings, models: str, method: str | None = None) -> Updates:
        """All controls, with the method and the preset whose settings these are.

        Args:
            settings: of the controls.
            models: their name.
            method: its name; where it is None, the method that has these settings, or our own.
        """
        values = flatten(settings)
        if method is None:
            free = {*SCALED, "seed", "foreground_strength", "background_strength"}
            method = next(
                (
                    name
                    for name, own in METHODS.items()
                    if all(values[n] == v for n, v in flatten(own).items() if n not in free)
                ),
                STUDIO,
            )
        return {
            self.models: models,
            self.method: method,
            self.preset: find_preset(values, method),
            **{c: values[name] for c, name in zip(self.controls, NAMES, strict=True)},
        }

    @guarded
    def open_link(self, request: gr.Request) -> Updates:
        """Prompts and settings of the link that the page was opened with, if there is one.

        Raises:
            UserError: the link cannot be used.
        """
        query = dict(request.query_params)
        if not query.keys() & {"foreground", "background", "models", "method", *NAMES}:
            return {self.models: gr.skip()}
        link = read_query(query)
        updates = self.fill(link.settings, link.models, link.method)
        if link.foreground or link.background:
            updates |= self.prompts.fill(link.foreground, link.background)
        return updates

    @guarded
    def on_method(self, name: str) -> list[Any]:
        """A method fills every setting but those of its presets, which the browser fills."""
        if name not in METHODS:
            raise UserError(f"There is no method called {name!r:.40}: use {' or '.join(METHODS)}.")
        values = flatten(METHODS[name])
        return [values[field] for field in UNSCALED]

    def on_reset(self) -> Updates:
        """Every setting as on a new page."""
        return self.fill(Settings(), STARTER)

    @guarded
    def on_reuse(self, current: Any) -> int:
        """The seed of the picture that is shown."""
        if current is None:
            raise UserError("There is no picture yet: press Stylize first.")
        return current.provenance.settings.seed

    @guarded
    def on_link(
        self, foreground: str, background: str, models: str, method: str, *values: Any
    ) -> Updates:
        """What the page's fields say, as a link."""
        settings = read_settings(dict(zip(NAMES, values, strict=True)))
        query = write_query(Link(foreground, background, models, method, settings))
        return {self.query: query, self.link: gr.update(visible=True)}

    def on_choices(self) -> Updates:
        """What is downloaded by now."""
        return {
            self.models: gr.update(choices=choices.models()),
            self.source: gr.update(choices=choices.sources()),
        }
