"""What comes in by HTTP, before Gradio takes it: of bounded size, and files only by upload.

Gradio 6.31 by itself fetches what a call names by an address, of any size, and hands on any public
address as `/file=`. Nothing here needs either, so both are refused before a request leaves.
"""

from __future__ import annotations

import logging
import re
from pathlib import Path
from typing import Any

import gradio as gr
from fastapi.exceptions import RequestValidationError
from gradio.utils import get_upload_folder
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from studio.server.errors import sentence, toast
from studio.server.service import health

MOST_FILE = "20mb"
MOST_BODY = 27_900_000  # bytes of a request: a photo of 20 MB, also where it comes in base64
SHORT = ".{,300}"  # a sentence
# Gradio's page always sends these keys with a click; an API client may leave them out.
NOTHING_TOLD = {"index": None, "value": None}
TOO_LARGE = "The request is too large: send a photo of at most 20 MB."
NOT_UPLOADED = (
    "Only files that were uploaded are used: send the picture itself, not an address or a path."
)
NOT_THERE = "There is no such file: it was never here, or is no longer kept."
NOT_SERVED = "This page does not do that."
MISFIT = "The call is not as the page takes it: see docs/api.md."
# What Gradio's own code, before any of the page's, makes of a request that it cannot read.
WRONG_REQUEST = (RequestValidationError, AttributeError, LookupError, TypeError, ValueError)

_FILE = re.compile(r"/gradio_api/file[=/](.*)", re.DOTALL)
# Parts of Gradio that the page has no use for; the first hands what was sent to ffmpeg, the second
# keeps it in memory for good, the third never ends.
_CLOSED = re.compile(r"/gradio_api/(process_recording|component_server|dev/|proxy=|vibe-)")

_log = logging.getLogger(__name__)


class Page(gr.Blocks):
    """`gr.Blocks` whose events take uploaded files alone, and fail with one sentence."""

    async def preprocess_data(self, block_fn: Any, inputs: list[Any], *args: Any, **kw: Any) -> Any:
        """As Gradio does; files that were not uploaded and misfitting values are a `gr.Error`."""
        try:
            if block_fn.fn is None:  # what the browser does alone
                raise toast(MISFIT)
            check_files(inputs)
            return await super().preprocess_data(block_fn, inputs, *args, **kw)
        except Exception as error:
            # Gradio's own sentences may repeat all that they were given.
            if isinstance(error, gr.Error) and re.fullmatch(SHORT, error.message):
                raise
            raise toast(MISFIT) from error

    async def process_api(self, *args: Any, **kw: Any) -> dict[str, Any]:
        """As Gradio does; what no handler has foreseen is a `gr.Error` of one sentence, too."""
        told = kw.get("event_data")
        if told is not None:
            check_files(told._data)
            if not (isinstance(told._data, dict) and told._data.keys() >= NOTHING_TOLD.keys()):
                kw["event_data"] = gr.EventData(told.target, NOTHING_TOLD)
        try:
            return await super().process_api(*args, **kw)
        except gr.Error:
            raise
        except Exception as error:
            _log.exception("A call failed")
            raise toast(sentence(error)) from error


class Gate:
    """ASGI middleware that refuses requests that are too large or for what is not served."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        refusal = _refuse(scope) if scope["type"] == "http" else None
        came = 0

        async def counted() -> Message:
            nonlocal came
            message = await receive()
            came += len(message.get("body", b""))
            if came > MOST_BODY:  # of a body whose length was not told
                raise HTTPException(413, TOO_LARGE)
            return message

        await (refusal or self.app)(scope, counted, send)


def server_options() -> dict[str, Any]:
    """Arguments of `gr.Blocks.launch`: the gate before everything, and `/health` behind it."""
    return {
        "max_file_size": MOST_FILE,
        "app_kwargs": {
            "middleware": [Middleware(Gate)],
            # From the first answer on, and before Gradio's own routes, which take every address.
            "routes": [Route("/health", lambda _: JSONResponse(health()))],
            "exception_handlers": dict.fromkeys((*WRONG_REQUEST, Exception), _failed),
        },
    }


def check_files(values: Any) -> None:
    """Look at every file that the values of a call name, however deep, as they came as JSON.

    Raises:
        gr.Error: one was not uploaded.
    """
    waiting = [values]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            path = value.get("path")
            if isinstance(path, str) and not was_uploaded(path):
                raise toast(NOT_UPLOADED)
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value


def was_uploaded(path: str) -> bool:
    """Whether it is, or would be, a file in Gradio's cache; links are followed to their end."""
    try:
        folder = Path(get_upload_folder()).resolve()
        return folder in Path(path).resolve().parents
    except (OSError, RuntimeError, ValueError):  # no path of this machine at all
        return False


def _refuse(scope: Scope) -> Response | None:
    path = scope["path"]
    asked = _FILE.search(path)
    if asked and not was_uploaded(asked[1]):
        return _sentence(scope, 403, NOT_THERE)
    if _CLOSED.search(path):
        return _sentence(scope, 404, NOT_SERVED)
    length = dict(scope["headers"]).get(b"content-length", b"0")
    if not length.isdigit() or len(length) > 12 or int(length) > MOST_BODY:
        return _sentence(scope, 413, TOO_LARGE)
    return None


def _sentence(scope: Scope, status: int, text: str) -> Response:
    # What /upload answers is shown on the page as it is.
    if scope["path"].rstrip("/").endswith("/upload"):
        return PlainTextResponse(text, status)
    return JSONResponse({"detail": text}, status)


async def _failed(request: Request, error: Exception) -> Response:
    if isinstance(error, WRONG_REQUEST):
        _log.warning("A request failed: %r", error)
        return _sentence(request.scope, 422, MISFIT)
    return _sentence(request.scope, 500, sentence(error))  # uvicorn logs it
