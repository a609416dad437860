"""The first steps under other seeds, side by side."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import gradio as gr

from studio.page.photo_panel import PhotoPanel
from studio.page.prompt_panel import PromptPanel
from studio.page.run_panel import read_form
from studio.page.setting_controls import NAMES
from studio.page.settings_panel import LARGEST_SEED, SettingsPanel
from studio.page.wiring import CAPTURE, Updates, caption, picked
from studio.runs import jobs
from studio.server import service
from studio.server.errors import guarded
from studio.server.queue import QUEUED

VARIATIONS = 4


class VariationsPanel:
    """A button and the pictures; a click on one takes its seed."""

    def __init__(self) -> None:
        with gr.Accordion("Variations", open=False, elem_id="variations"):
            self.vary = gr.Button(f"Show {VARIATIONS} other seeds", size="sm", elem_id="vary")
            caption("The first steps under other seeds; a click takes the seed:")
            self.variations = gr.Gallery(
                label="Variations",
                show_label=False,
                container=False,
                columns=VARIATIONS,
                height="auto",
                allow_preview=False,
                interactive=False,
                format="jpeg",
                object_fit="contain",
                buttons=[],
                elem_id="variation-gallery",
            )
            self.seeds = gr.State([])

    def wire(
        self,
        photo: PhotoPanel,
        prompts: PromptPanel,
        settings: SettingsPanel,
        quiet: dict[str, Any],
    ) -> None:
        """The events."""
        captured = self.vary.click(None, photo.editor, photo.mask_file, js=CAPTURE)
        now = [photo.visit, photo.mask_file, *prompts.texts]
        captured.then(
            self.on_vary,
            [settings.models, *now, *settings.controls],
            [self.variations, self.seeds],
            **QUEUED,
            **quiet,
        )
        seed = settings.controls[NAMES.index("seed")]
        self.variations.select(self.on_variation, self.seeds, seed, queue=False, **quiet)

    @guarded
    def on_vary(self, request: gr.Request, models: str, *form: Any) -> Iterator[Updates]:
        """The first steps under other seeds."""
        visit, change, settings = read_form(*form)
        job = jobs.prepare(visit, change, settings, models)
        seeds = random.Random(settings.seed).sample(range(LARGEST_SEED), VARIATIONS)  # noqa: S311
        try:
            with service.queue.enter(service.visitor(request)) as ahead:
                while ahead():
                    yield {self.seeds: gr.skip()}
                for pictures in service.variations(job, seeds):
                    update = gr.update(value=pictures, selected_index=None)
                    yield {self.variations: update, self.seeds: seeds}
        finally:
            job.signals.remove()

    @guarded
    def on_variation(self, event: gr.SelectData, seeds: list[int]) -> Any:
        """A variation was picked: the next run has its seed."""
        return picked(event, seeds)
