"""Start the server with its limits, and end it when it is told to."""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
import time
import warnings
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import gradio as gr
from PIL import Image

from semcs_core.image import MAX_PIXELS
from studio.runs import training
from studio.server import service
from studio.server.cleanup import PAGES, keep_tidy
from studio.server.http_gate import server_options

# Of `gr.Blocks`: its own clean-up only when the server ends; until then `cleanup` does it.
DELETE_CACHE = (86_400, 10**9)


def launch(demo: gr.Blocks, **options: Any) -> tuple[Any, str, str]:
    """Launch an `http_gate.Page` as `gr.Blocks.launch` does, with the server's limits."""
    # Pillow warns at this size and refuses twice as much, in Gradio's own code too.
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS // 2
    warnings.simplefilter("ignore", Image.DecompressionBombWarning)
    # Gradio keeps 10,000 events, and sums them up after each one, for a monitor that is off here.
    os.environ.setdefault("GRADIO_ANALYTICS_MAX_EVENTS", "1")
    os.environ.setdefault("GRADIO_ANALYTICS_CACHE_FREQUENCY", str(10**9))
    # The limit counts small events too; the runs have a queue of their own (`server.queue`).
    served = demo.queue(max_size=100, api_open=False).launch(
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


def serve_until_told(
    demo: gr.Blocks, start: Callable[..., Any], arguments: argparse.Namespace
) -> None:
    """Serve a page until Ctrl-C or SIGTERM, then let its runs end and keep their pictures.

    `start` launches it with options of `gr.Blocks.launch`; the arguments are of `read_arguments`.
    """
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    service.run_log.setLevel(logging.INFO)
    # SIGTERM, which stops a container, is treated as Ctrl-C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with suppress(KeyboardInterrupt):
        try:
            start(
                server_name=arguments.host,
                server_port=arguments.port,
                share=arguments.share,
                prevent_thread_lock=True,
            )
        except OSError as error:  # of Gradio: "Cannot find empty port in range: 7860-7860. ..."
            sys.exit(f"{str(error).partition('.')[0]}: choose another --port or --host.")
        while True:
            time.sleep(3600)
    for number in signal.SIGINT, signal.SIGTERM:
        signal.signal(number, signal.SIG_IGN)  # the server is ending already
    service.stop_all()
    demo.close()
    # For good: a step or a tile in another thread when Python ends would abort the process.
    training.step_lock.close()
