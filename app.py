"""The page: `python app.py [--host HOST] [--port PORT] [--share]`.

Layout and wiring alone. What the page does is in `semcs_core.page`, the method in `semcs_core`.
"""

from __future__ import annotations

import argparse
import logging
import warnings
from collections.abc import Sequence
from typing import Any

import gradio as gr
from PIL import Image

from semcs_core.image import MAX_PIXELS
from semcs_core.models import STARTER
from semcs_core.page import choices, handlers, layer, status
from semcs_core.page.theme import CSS, theme
from semcs_core.settings import Settings

# Pillow warns at this size and refuses twice as much, in Gradio's own code too.
Image.MAX_IMAGE_PIXELS = MAX_PIXELS // 2
warnings.simplefilter("ignore", Image.DecompressionBombWarning)

TITLE = """# Sem-CS Studio
Words paint your photo: one style for the object, another for what is around it."""
PICK = "Examples, each with two styles; once more for another pair:"
READY = "The picture appears here: choose a photo, describe two styles, press Stylize."
# Where the columns are stacked, the picture is below the button that starts it.
SHOW_RESULT = """
() => document.querySelector("#result").scrollIntoView({behavior: "smooth", block: "nearest"})
"""


def main(argv: Sequence[str] | None = None) -> None:
    """Serve the page."""
    parser = argparse.ArgumentParser(description="Serve the page of Sem-CS Studio.")
    parser.add_argument("--host", help="address to listen on (this machine alone)")
    parser.add_argument("--port", type=int, help="port to listen on (the first free from 7860)")
    parser.add_argument("--share", action="store_true", help="a public link for a few days")
    arguments = parser.parse_args(argv)
    logging.basicConfig(level=logging.WARNING)
    launch(server_name=arguments.host, server_port=arguments.port, share=arguments.share)


def launch(**options: Any) -> tuple[Any, str, str]:
    """Launch `demo` with the limits and the look that belong to it.

    Args:
        options: of `gr.Blocks.launch`, on top of those.
    """
    return demo.queue(max_size=12, api_open=False).launch(
        theme=theme(),
        css=CSS,
        max_file_size="20mb",
        show_error=False,
        enable_monitoring=False,
        run_history=False,
        footer_links=["gradio", "settings"],
        **options,
    )


def control(name: str) -> gr.Slider | gr.Number | gr.Dropdown:
    """A control for one of the settings: a slider where its range fits on one."""
    field = Settings.__dataclass_fields__[name]
    value: Any = field.default
    if "options" in field.metadata:
        return gr.Dropdown(
            list(field.metadata["options"]),
            value=value,
            label=field.metadata["label"],
            info=field.metadata["help"],
        )
    about = {k: field.metadata[k] for k in ("label", "minimum", "maximum", "step")}
    if (about["maximum"] - about["minimum"]) / about["step"] <= 1000:
        return gr.Slider(value=value, info=field.metadata["help"], **about)
    precision = 0 if field.type == "int" else None
    return gr.Number(value=value, info=field.metadata["help"], precision=precision, **about)


def prompt(part: str, example: str) -> tuple[gr.Textbox, gr.Dataset]:
    """The prompt for one part of the picture, and the styles that can be clicked into it."""
    with gr.Column(min_width=260):
        text = gr.Textbox(
            label=f"Style of the {part}", placeholder=example, lines=1, elem_id=f"{part}-style"
        )
        styles = gr.Dataset(
            components=[gr.Textbox(visible=False)],
            samples=[],
            label="Suggestions",
            samples_per_page=1000,
            elem_id=f"{part}-suggestions",
            elem_classes="semcs-chips",
        )
    return text, styles


with gr.Blocks(
    title="Sem-CS Studio", analytics_enabled=False, delete_cache=(600, 3600), fill_width=True
) as demo:
    photo = gr.State(time_to_live=3600)
    job = gr.State(time_to_live=3600)
    gr.Markdown(TITLE, elem_id="title")
    with gr.Row(equal_height=False):
        with gr.Column(scale=5, min_width=320):
            with gr.Column() as upload_box:
                upload = gr.Image(
                    label="Photo",
                    sources=["upload", "clipboard"],
                    type="filepath",
                    height=388,
                    placeholder="Drop a photo here\nor click to choose one",
                    buttons=[],
                    elem_id="upload",
                )
            with gr.Column(visible=False) as editor_box:
                editor = gr.ImageEditor(
                    label="Photo and mask: the coloured part is the object",
                    type="numpy",
                    canvas_size=(64, 64),
                    fixed_canvas=False,
                    sources=(),
                    transforms=(),
                    layers=False,
                    format="png",
                    brush=gr.Brush(
                        colors=[(layer.BRUSH, layer.OPACITY)],
                        default_color=(layer.BRUSH, layer.OPACITY),
                        color_mode="fixed",
                        default_size=24,
                    ),
                    eraser=gr.Eraser(default_size=24),
                    buttons=[],
                    height=340,
                    elem_id="editor",
                )
                with gr.Row(elem_id="tools"):
                    find = gr.Button("Find the object again", size="sm")
                    invert = gr.Button("Invert", size="sm")
                    clear = gr.Button("Clear", size="sm")
                    another = gr.Button("Another photo", size="sm")
            note = gr.HTML(status.note(handlers.WELCOME), padding=False, elem_id="note")
            gr.HTML(f'<p class="semcs-caption">{PICK}</p>', padding=False, elem_id="caption")
            examples = gr.Gallery(
                [(example.thumbnail(), example.name) for example in handlers.EXAMPLES],
                label="Examples",
                show_label=False,
                container=False,
                format="jpeg",
                columns=7,
                height="auto",
                allow_preview=False,
                interactive=False,
                object_fit="cover",
                buttons=[],
                elem_id="examples",
            )
            with gr.Row():
                foreground, foreground_styles = prompt("object", "fire")
                background, background_styles = prompt("background", "mosaic")
            with gr.Row():
                stylize = gr.Button("Stylize", variant="primary", scale=3, elem_id="stylize")
                stop = gr.Button("Stop", variant="stop", interactive=False, elem_id="stop")
            with gr.Accordion("Settings", open=False, elem_id="settings"):
                models = gr.Dropdown(
                    choices.models(),
                    value=STARTER,
                    label="Models",
                    info="What reads the words. Downloads begin with Stylize, and can be stopped.",
                    filterable=False,
                    elem_id="models",
                )
                method = gr.Dropdown(
                    choices.methods(),
                    value="studio",
                    label="Method",
                    info="Fills every setting below with its own value.",
                    filterable=False,
                    elem_id="method",
                )
                source = gr.Dropdown(
                    choices.sources(),
                    value=choices.SPECTRAL,
                    label="Find the object by",
                    info="For the next photo, or press “Find the object again”.",
                    filterable=False,
                    elem_id="source",
                )
                settings = [control(name) for name in handlers.MAIN_SETTINGS]
                with gr.Accordion("Advanced", open=False):
                    settings += [control(name) for name in handlers.ADVANCED_SETTINGS]
        with gr.Column(scale=6, min_width=320):
            result = gr.Image(
                label="Result",
                interactive=False,
                format="jpeg",
                height="min(72vh, 720px)",
                buttons=["fullscreen"],
                elem_id="result",
            )
            state = gr.HTML(status.idle(READY), padding=False, elem_id="status")
            download = gr.DownloadButton(
                "Download the picture (PNG)", interactive=False, elem_id="download"
            )
    # Files that the browser hands to the server; never shown.
    photo_file = gr.File(label="Photo file", visible=False)
    mask_file = gr.File(label="Mask file", visible=False)

    # At each message of any event, Gradio's page asks every component that has a loading status
    # for its value, and the editor answers by uploading its pictures. A component gets a status
    # by being an output, unless another is named for it, or the input of an event on the server:
    # so the status is the note's, and the mask goes through a file that the browser fills.
    # The photo does too, as `gr.Image` would open it before `open_photo` can judge it.
    quiet: dict[str, Any] = {
        "show_progress": "hidden",
        "show_progress_on": note,
        "api_visibility": "private",
    }
    search: dict[str, Any] = {**quiet, "concurrency_id": "mask", "concurrency_limit": 8}
    shown = [photo, editor, note, upload_box, editor_box]
    mask_shown = [editor, note]

    arrival = upload.upload(None, upload, photo_file, js="photo => photo").then(
        handlers.on_upload, [photo_file, source], shown, trigger_mode="always_last", **search
    )
    arrival.failure(lambda: None, None, upload, queue=False, trigger_mode="multiple", **quiet)
    examples.select(
        handlers.on_example,
        [photo, source, foreground, background],
        [*shown, foreground, background],
        trigger_mode="always_last",
        **search,
    )
    another.click(handlers.on_another, None, [photo, upload, *shown[2:]], queue=False, **quiet)

    found = find.click(handlers.on_find, [photo, source], mask_shown, **search)
    gr.on([clear.click, editor.clear], handlers.on_clear, photo, mask_shown, **quiet)
    invert.click(None, editor, mask_file, js=layer.CAPTURE).then(
        handlers.on_invert, [photo, mask_file], mask_shown, **quiet
    )

    demo.load(handlers.on_styles, None, [foreground_styles, background_styles], **quiet)
    for styles, text in (foreground_styles, foreground), (background_styles, background):
        styles.select(handlers.on_suggestion, None, text, queue=False, **quiet)

    checked = stylize.click(None, editor, mask_file, js=layer.CAPTURE).then(
        handlers.on_stylize,
        [photo, mask_file, foreground, background, models, *settings],
        [job, state, stylize, stop, download],
        **quiet,
    )
    # Before the queue of the runs: a long download keeps nobody else waiting.
    fetched = checked.success(None, None, None, js=SHOW_RESULT).then(
        handlers.on_fetch,
        job,
        [state, job],
        concurrency_limit=8,
        concurrency_id="download",
        **quiet,
    )
    over = fetched.success(
        handlers.on_run,
        job,
        [result, state, download],
        concurrency_limit=1,
        concurrency_id="gpu",
        **quiet,
    )
    # `then` alone is left out when a run fails.
    over.then(handlers.on_end, None, [stylize, stop], queue=False, **quiet)
    for failed in fetched, over:
        failed.failure(handlers.on_end, None, [stylize, stop], queue=False, **quiet)
    stop.click(handlers.on_stop, None, stop, queue=False, **quiet)

    method.input(handlers.on_method, method, settings, **quiet)
    for moment in demo.load, fetched.success, found.success:
        moment(handlers.on_choices, None, [models, source], queue=False, **quiet)


if __name__ == "__main__":
    main()
