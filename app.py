"""The page: `python app.py [--host HOST] [--port PORT] [--share]`.

What is where on it, and which events connect its parts. Each part is a file of `studio.page`, the
method is in `semcs_core`, the server in `studio.server`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from studio.server.arguments import read_arguments

if __name__ == "__main__":
    read_arguments()

import gradio as gr

from studio.page.api import add_endpoints
from studio.page.mask_panel import MaskPanel
from studio.page.photo_panel import PhotoPanel
from studio.page.prompt_panel import PromptPanel
from studio.page.result_panel import ResultPanel
from studio.page.run_panel import RunPanel
from studio.page.setting_controls import preset_radio, wire_presets
from studio.page.settings_panel import SettingsPanel
from studio.page.theme import CSS, theme
from studio.page.variations_panel import VariationsPanel
from studio.page.wiring import SCRIPT, quiet
from studio.server import launch as server
from studio.server.http_gate import Page

TITLE = """# Sem-CS Studio
Repaint a photo with words: one style for the object, another for the background."""


def main(argv: Sequence[str] | None = None) -> None:
    """Serve the page until the server is told to end."""
    server.serve_until_told(demo, launch, read_arguments(argv))


def launch(**options: Any) -> tuple[Any, str, str]:
    """Launch `demo` with its look and the server's limits; options as of `gr.Blocks.launch`."""
    return server.launch(demo, theme=theme(), css=CSS, js=SCRIPT, **options)


with Page(
    title="Sem-CS Studio",
    analytics_enabled=False,
    delete_cache=server.DELETE_CACHE,
    fill_width=True,
) as demo:
    gr.Markdown(TITLE, elem_id="title")
    with gr.Row(equal_height=False):
        with gr.Column(scale=5, min_width=400, elem_id="left"):
            photo = PhotoPanel()
            prompts = PromptPanel()
            run = RunPanel()
            preset = preset_radio()
            mask = MaskPanel()
            prompts.build_gallery()
            prompts.build_strengths()
            settings = SettingsPanel(prompts, mask.source, preset)
        with gr.Column(scale=6, min_width=400):
            result = ResultPanel()
            result.build_below()
            variations = VariationsPanel()
            result.build_history()

    hushed = quiet(photo.note)
    search = {**hushed, "concurrency_id": "mask", "concurrency_limit": 8}
    form = [*prompts.filled, *settings.filled]

    photo.wire(prompts, settings, mask.eigenvectors, mask.search_by, search)
    found = mask.wire(photo, result.file, hushed, search)
    steering = prompts.wire(settings.models, hushed)
    mask.follow(settings.wire(result.current, hushed), search)
    wire_presets(preset, settings.method, settings.by_name, hushed)
    ends = run.wire(photo, prompts, settings, result, steering, hushed)
    variations.wire(photo, prompts, settings, hushed)
    result.wire(photo, [*photo.scene, *form], hushed)

    # Two events, not two messages of one: the browser changes a message into the next in place,
    # and if the editor was not there yet, the photo of the first message would be gone.
    shown = demo.load(photo.on_open, None, [*photo.scene, *prompts.filled], **search)
    linked = shown.then(settings.open_link, None, form, **hushed)
    come = [linked.then, *(event.success for event in photo.new)]
    of_photo = [run.job, result.current, photo.visit, *prompts.texts]
    for then in come:
        then(result.on_photo, of_photo, [result.compare, result.views, result.status], **hushed)
    # A download changes what the menus of models and mask sources say.
    for event in (demo.load, found.success, *(end.then for end in ends)):
        event(settings.on_choices, None, [settings.models, settings.source], queue=False, **hushed)
    add_endpoints()


if __name__ == "__main__":
    main()
