"""The fold with models, method and every setting, and with a link to them."""

from __future__ import annotations

import secrets
from typing import Any

import gradio as gr

from models.device import best_device
from models.loading import STARTER, resolve
from semcs_core.errors import UserError
from semcs_core.methods import METHODS, STANDARD, with_preset
from semcs_core.settings import Settings
from studio.flat_settings import ENTRIES, flatten
from studio.page import choices
from studio.page.links import Link, read_query, write_query
from studio.page.prompt_panel import PromptPanel, alike, judges
from studio.page.setting_controls import ADVANCED, MAIN, NAMES, control, fitting, read_settings
from studio.page.wiring import Updates
from studio.published import ANY_WORDS, STUDIO, own_choice
from studio.runs import results
from studio.server.errors import guarded

LARGEST_SEED = ENTRIES["seed"].about["maximum"]
FULL_LINK = "query => query ? location.origin + location.pathname + '?' + query : ''"
"""JavaScript: the address of this page with a query of `links`."""


class SettingsPanel:
    """Models, method and the control of every setting.

    Attributes:
        by_name: the control of every setting.
        controls: the same, in the order of `setting_controls.NAMES`.
        seed: one of them.
        filled: the components that `fill` changes.
    """

    def __init__(self, prompts: PromptPanel, source: gr.Dropdown, preset: gr.Radio) -> None:
        self.prompts, self.source, self.preset = prompts, source, preset
        self.by_name: dict[str, Any] = dict(prompts.strengths)
        with gr.Accordion("Settings", open=False, elem_id="settings"):
            self.models = gr.Dropdown(
                choices.menu(choices.MODELS),
                value=STARTER,
                label="Models",
                info="They read your words. Stylize downloads missing files; Stop ends that.",
                filterable=False,
                elem_id="models",
            )
            self.method = gr.Dropdown(
                choices.methods(),
                value=choices.STUDIO,
                label="Method",
                info="Loads a paper's settings. They were made for CLIP models.",
                filterable=False,
                elem_id="method",
            )
            self.by_name |= {name: control(name) for name in MAIN}
            with gr.Row(elem_classes="semcs-three"):
                self.dice = gr.Button("Random seed", size="sm", elem_id="dice")
                self.reuse = gr.Button("Use this picture's seed", size="sm", elem_id="reuse")
                self.reset = gr.Button("Reset settings", size="sm", elem_id="reset")
            with gr.Accordion("Advanced", open=False, elem_id="advanced"):
                self.by_name |= {name: control(name) for name in ADVANCED}
            with gr.Row():
                self.make_link = gr.Button("Link to these settings", size="sm", elem_id="make-link")
            self.link = gr.Textbox(
                label="Link",
                info="Opens this page with these prompts and settings, but without your pictures.",
                interactive=False,
                visible=False,
                buttons=["copy"],
                elem_id="link",
            )
        self.controls, self.seed = [self.by_name[name] for name in NAMES], self.by_name["seed"]
        self.filled = [self.models, self.method, self.preset, *self.controls]

    def wire(self, current: gr.State, quiet: dict[str, Any]) -> list[Any]:
        """Connect the events; `current` is the result that is shown.

        Returns:
            What may choose another mask source, with the method or the models.
        """
        self.reset.click(
            lambda: self.fill(Settings(), STARTER), None, self.filled, queue=False, **quiet
        )
        chosen = [self.models, self.method, self.source, *self.prompts.texts]
        changes = [self.models.change, self.method.change, self.source.change]
        gr.on(changes, judges, chosen, self.prompts.judges, **quiet)
        own = [self.models, self.source]
        method = self.method.input(self.on_method, chosen[1:2] + chosen[3:], own, **quiet)
        filled = [*self.filled, self.source]
        models = self.models.input(self.on_models, [*chosen[:2], self.preset], filled, **quiet)
        self.dice.click(lambda: secrets.randbelow(LARGEST_SEED + 1), None, self.seed, **quiet)
        self.reuse.click(self.on_reuse, current, self.seed, **quiet)
        told = self.make_link.click(
            self.on_link,
            [*self.prompts.texts, self.models, self.method, *self.controls],
            self.link,
            **quiet,
        )
        told.success(None, self.link, self.link, js=FULL_LINK)
        return [method, models]

    def fill(self, settings: Settings, models: str, method: str | None = None) -> Updates:
        """Every control; the preset, and where it is None the method, that fit the settings."""
        values = flatten(settings)
        method, preset = fitting(values, method)
        return {
            self.models: models,
            self.method: method,
            self.preset: preset,
            **{c: values[name] for c, name in zip(self.controls, NAMES, strict=True)},
        }

    @guarded
    def on_method(self, method: str, *texts: str | None) -> Updates:
        """Choose the models and the mask that a method has, as far as they are downloaded."""
        own = own_choice(method, alike(*texts))
        return dict(zip([self.models, self.source], own, strict=True))

    @guarded
    def on_models(self, models: str, method: str, preset: str | None) -> Updates:
        """Choose a published method and its mask for CLIP, and for the starter our own.

        The settings of each were never tried with the other.
        """
        if resolve(models, best_device()).name == STARTER:
            wanted = STUDIO
        else:
            wanted = ANY_WORDS if method == STUDIO else method
        if wanted == method:
            return {self.models: gr.skip()}
        settings = with_preset(METHODS[wanted], preset or STANDARD)
        return {self.source: own_choice(wanted)[1], **self.fill(settings, models, wanted)}

    @guarded
    def open_link(self, request: gr.Request | None) -> Updates:
        """Fill in prompts and settings of the link that the page was opened with, if any."""
        link = read_query(request.query_params if request is not None else {})
        if link == Link():
            return {self.models: gr.skip()}
        updates = self.fill(link.settings, link.models, link.method)
        if link.foreground or link.background:
            updates |= self.prompts.fill(link.foreground, link.background)
        return updates

    @guarded
    def on_reuse(self, current: Any) -> int:
        """The seed of the picture that is shown."""
        if current is None:  # its file may be gone
            raise UserError(results.NO_PICTURE)
        return current.provenance.settings.seed

    @guarded
    def on_link(
        self, foreground: str, background: str, models: str, method: str, *values: Any
    ) -> Any:
        """The query of a link to the page's prompts and settings."""
        link = Link(foreground or "", background or "", models, method, read_settings(values))
        return gr.update(value=write_query(link), visible=True)

    def on_choices(self) -> Updates:
        """Update the menus after a download."""
        return {
            self.models: gr.update(choices=choices.menu(choices.MODELS)),
            self.source: gr.update(choices=choices.menu(choices.SOURCES)),
        }
