"""Previews of a run with other seeds, side by side; a click on one takes its seed."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import gradio as gr

from studio.page.photo_panel import PhotoPanel
from studio.page.prompt_panel import PromptPanel
from studio.page.run_panel import read_form
from studio.page.settings_panel import LARGEST_SEED, SettingsPanel
from studio.page.wiring import Updates, caption, gallery, picked
from studio.runs import jobs
from studio.server import service
from studio.server.errors import guarded
from studio.server.queue import QUEUED

VARIATIONS = 4


class VariationsPanel:
    """A button and the previews, in a fold."""

    def __init__(self) -> None:
        with gr.Accordion("Variations", open=False, elem_id="variations"):
            self.vary = gr.Button(f"Show {VARIATIONS} other seeds", size="sm", elem_id="vary")
            caption("Previews of the first steps with other seeds: click one to use its seed.")
            self.variations = gallery(
                "Variations", "variation-gallery", VARIATIONS, object_fit="contain"
            )
            self.seeds = gr.State([])

    def wire(
        self, photo: PhotoPanel, prompts: PromptPanel, settings: SettingsPanel, quiet: Any
    ) -> None:
        """Connect the events."""
        form = [settings.models, *photo.drawn, *prompts.styles, *settings.controls]
        shown = [self.variations, self.seeds]
        photo.capture(self.vary.click)(self.on_vary, form, shown, **QUEUED, **quiet)
        self.variations.select(self.on_variation, self.seeds, settings.seed, queue=False, **quiet)

    @guarded
    def on_vary(self, request: gr.Request, models: str, *form: Any) -> Iterator[Updates]:
        """Wait for this visitor's turn, then do the first steps with each seed."""
        job = jobs.prepare(*read_form(*form), models)
        seeds = random.Random(job.settings.seed).sample(range(LARGEST_SEED), VARIATIONS)  # noqa: S311
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
        """Set the seed to that of the preview that was clicked."""
        return picked(event, seeds)
