"""The page: `python app.py [--host HOST] [--port PORT] [--share]`.

What is where. What each part does is in `studio.page`, the method in `semcs_core`.
"""

# ruff: noqa: E402 (--help and a wrong option need not wait for the imports)
from __future__ import annotations

import argparse
import os
import socket
import sys
import time
from collections.abc import Sequence
from contextlib import suppress


def read_arguments(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line; prints and exits for --help and for what is wrong."""
    parser = argparse.ArgumentParser(description="Serve the page of Sem-CS Studio.")
    parser.add_argument("--host", help="address to listen on (this machine alone)")
    parser.add_argument("--port", type=_port, help="port to listen on (the first free from 7860)")
    parser.add_argument("--share", action="store_true", help="a public link for a few days")
    arguments = parser.parse_args(argv)
    if arguments.port is not None:
        _check_free(arguments.host or os.environ.get("GRADIO_SERVER_NAME"), arguments.port)
    return arguments


def _port(text: str) -> int:
    if text.isdecimal() and 1 <= int(text) <= 65535:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text!r} is no port: use a number from 1 to 65535")


def _check_free(host: str | None, port: int) -> None:
    """Exit with one line where the page could not listen: Gradio would end in a traceback."""
    host = host or "127.0.0.1"
    try:
        family = socket.getaddrinfo(host, port)[0][0]
        socket.create_server((host, port), family=family).close()
    except OSError as error:
        sys.exit(
            f"Cannot listen on port {port} of {host} ({error.strerror}): "
            "choose another --port, or leave it out for the first free from 7860."
        )


if __name__ == "__main__":
    read_arguments()

import logging
import signal
import warnings
from typing import Any

import gradio as gr
from PIL import Image

from semcs_core.image import MAX_PIXELS
from studio.page.api import add_endpoints, mend_tools
from studio.page.mask_panel import MaskPanel
from studio.page.photo_panel import PhotoPanel
from studio.page.presets import preset_radio
from studio.page.prompt_panel import PromptPanel
from studio.page.result_panel import ResultPanel
from studio.page.run_panel import RunPanel
from studio.page.settings_panel import SettingsPanel
from studio.page.theme import CSS, theme
from studio.page.variations_panel import VariationsPanel
from studio.page.wiring import SCRIPT, quiet
from studio.runs import training
from studio.server import service
from studio.server.cleanup import PAGES, keep_tidy
from studio.server.http_gate import Page, server_options
from studio.server.run_log import journal, write_to_stderr

# Pillow warns at this size and refuses twice as much, in Gradio's own code too.
Image.MAX_IMAGE_PIXELS = MAX_PIXELS // 2
warnings.simplefilter("ignore", Image.DecompressionBombWarning)
# Gradio keeps 10,000 events, and sums them up after each one, for a monitor that is off here.
os.environ.setdefault("GRADIO_ANALYTICS_MAX_EVENTS", "1")
os.environ.setdefault("GRADIO_ANALYTICS_CACHE_FREQUENCY", str(10**9))

TITLE = """# Sem-CS Studio
Words paint your photo: one style for the object, another for what is around it."""


def main(argv: Sequence[str] | None = None) -> None:
    """Serve the page."""
    arguments = read_arguments(argv)
    logging.basicConfig(level=logging.WARNING)
    write_to_stderr()
    # A container is stopped by it: as by Ctrl-C, with the last line of the journal.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with suppress(KeyboardInterrupt):
        launch(
            server_name=arguments.host,
            server_port=arguments.port,
            share=arguments.share,
            prevent_thread_lock=True,
        )
        while True:
            time.sleep(3600)
    for number in signal.SIGINT, signal.SIGTERM:
        signal.signal(number, signal.SIG_IGN)  # it has been heard
    service.stop_all()
    journal.close()
    demo.close()
    # For good: a step or a tile in another thread when Python ends would abort the process.
    training.step_lock.close()


def launch(**options: Any) -> tuple[Any, str, str]:
    """Launch `demo` with the limits and the look that belong to it.

    Args:
        options: of `gr.Blocks.launch`, on top of those.
    """
    mend_tools()
    # Of all events, small ones too; the runs have a queue of their own (`server.queue`).
    served = demo.queue(max_size=100, api_open=False).launch(
        theme=theme(),
        css=CSS,
        js=SCRIPT,
        show_error=False,
        enable_monitoring=False,
        run_history=False,
        mcp_server=True,
        state_session_capacity=PAGES,
        max_threads=60,  # a run that waits holds one
        footer_links=["gradio", "settings"],
        **server_options(),
        **options,
    )
    keep_tidy(demo)
    return served


with Page(
    title="Sem-CS Studio",
    analytics_enabled=False,
    delete_cache=(86_400, 10**9),  # when the server ends; until then `tidy` does it
    fill_width=True,
) as demo:
    gr.Markdown(TITLE, elem_id="title")
    with gr.Row(equal_height=False):
        with gr.Column(scale=5, min_width=400):
            photo = PhotoPanel()
            mask = MaskPanel()
            photo.build_note()
            mask.build_fold()
            photo.build_examples()
            prompts = PromptPanel()
            run = RunPanel()
            preset = preset_radio()
            prompts.build_gallery()
            settings = SettingsPanel(prompts, mask.source, preset)
        with gr.Column(scale=6, min_width=400):
            result = ResultPanel()
            result.build_below()
            variations = VariationsPanel()
            result.build_history()

    hushed = quiet(photo.note)
    search = {**hushed, "concurrency_id": "mask", "concurrency_limit": 8}
    form = [*prompts.texts, *settings.filled]

    photo.wire(prompts, settings, mask.eigenvectors, search)
    found = mask.wire(photo, result.file, hushed, search)
    steering = prompts.wire(settings.models, hushed)
    settings.wire(result.current, hushed)
    fetched = run.wire(photo, prompts, settings, result, steering, hushed)
    variations.wire(photo, prompts, settings, hushed)
    result.wire(photo, [*photo.scene, *form], hushed)

    # Two events, not two messages of one: the browser changes a message into the next in place,
    # and where the editor was not there yet, the photo of the first message would be gone.
    shown = demo.load(photo.on_open, None, [*photo.scene, *prompts.texts], **search)
    shown.then(settings.open_link, None, form, **hushed)
    for event in (demo.load, *(step.success for step in (*found, *fetched))):
        event(settings.on_choices, None, [settings.models, settings.source], queue=False, **hushed)
    add_endpoints()


if __name__ == "__main__":
    main()
