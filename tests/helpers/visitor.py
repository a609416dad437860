"""Visits of the page without a browser: over HTTP, with the events that a browser would send."""

from __future__ import annotations

import io
import json
import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
import numpy as np
from PIL import Image

ROOT = Path(__file__).parents[2]
QUICK = {"size": 64, "steps": 3, "crops": 4}
ENDLESS = {"size": 64, "steps": 1000, "crops": 4}
PATIENCE = 60.0  # seconds
KINDS = FINISHED, STOPPED, ABANDONED = "finished", "stopped", "abandoned"
LOG = "server.log"  # what a server prints, in its folder


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@contextmanager
def serving(folder: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """The page as a process of its own, all whose temporary files and log are in a folder.

    Yields:
        Its address, and the process.

    Raises:
        SystemExit: it does not start.
    """
    port = free_port()
    places = {"TMPDIR": str(folder), "GRADIO_TEMP_DIR": str(folder / "gradio")}
    with (folder / LOG).open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "app.py", "--port", str(port)],
            cwd=ROOT,
            env=os.environ | places,
            stdout=subprocess.DEVNULL,
            stderr=log,
        )
    url = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + PATIENCE
        while True:
            if process.poll() is not None or time.monotonic() > deadline:
                sys.exit("The server did not start.")
            try:
                httpx.get(url, timeout=5)
                break
            except httpx.TransportError:
                time.sleep(0.05)
        yield url, process
    finally:
        process.terminate()
        process.wait()


def visit(url: str, picture: bytes, kind: str) -> None:
    """One visit of a kind of KINDS with a JPEG's bytes, from the opening of the page to its end."""
    with Visitor(url) as visitor:
        visitor.upload(picture)
        visitor.prepare("fire", "mosaic", QUICK if kind == FINISHED else ENDLESS)
        frames = visitor.run()
        for number, _ in enumerate(frames):
            if kind == ABANDONED and number == 3:
                return
            if kind == STOPPED and number == 3:
                visitor.call("on_stop")
        visitor.call("on_end")
        if kind == FINISHED:
            for look in ("on_compare", "on_timelapse", "on_own_size", "on_enlarge"):
                visitor.call(look)


class Visitor:
    """A page that has been opened, without the browser: a session, and the events of its buttons.

    Inside `with`; leaving is closing the page.

    Args:
        url: of the server.

    Raises:
        RuntimeError: an event failed; the message is the sentence that the page shows.
    """

    def __init__(self, url: str) -> None:
        self.url = f"{url}/gradio_api"
        self.session = secrets.token_hex(6)
        self._open = ExitStack()
        self._http = self._open.enter_context(httpx.Client(timeout=PATIENCE))
        config = self._http.get(f"{url}/config").raise_for_status().json()
        self._events = {event["api_name"]: event for event in config["dependencies"]}
        parts = {part["id"]: part for part in config["components"]}
        self._names = {
            number: part["props"].get("elem_id") or part["type"] for number, part in parts.items()
        }
        # A state stays on the server; nobody has drawn on the mask.
        self.values = {
            number: None if part["type"] in ("state", "file") else part["props"].get("value")
            for number, part in parts.items()
        }

    def __enter__(self) -> Visitor:
        alive = self._http.stream("GET", f"{self.url}/heartbeat/{self.session}")
        # Kept: without its reader the connection would end at once.
        self._beats = self._open.enter_context(alive).iter_bytes()
        next(self._beats)
        self.call("on_open")
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def fill(self, name: str, value: Any) -> None:
        """Give a component, by its elem_id, a value."""
        for number, known in self._names.items():
            if known == name:
                self.values[number] = value

    def upload(self, picture: bytes) -> None:
        """Bring a photo: the bytes of a JPEG."""
        files = {"files": ("photo.jpg", picture, "image/jpeg")}
        (path,) = self._http.post(f"{self.url}/upload", files=files).raise_for_status().json()
        given = {"path": path, "meta": {"_type": "gradio.FileData"}}
        self.fill("upload", given)
        self.call("on_upload")

    def prepare(self, foreground: str, background: str, settings: dict[str, Any]) -> None:
        """Press Stylize, up to the queue of the runs."""
        self.fill("object-style", foreground)
        self.fill("background-style", background)
        for name, value in settings.items():
            self.fill(name, value)
        self.call("on_stylize")

    def run(self) -> Iterator[dict[str, Any]]:
        """The frames of the run; closing the generator closes the connection."""
        return self.events("on_run")

    def call(self, name: str) -> dict[str, Any]:
        """An event from its beginning to its end; its last message."""
        last: dict[str, Any] = {}
        for message in self.events(name):
            last = message
        return last

    def events(self, name: str) -> Iterator[dict[str, Any]]:
        """The messages of an event by the name of its function, one for each frame."""
        event = self._events[name]
        body = {
            "data": [self.values[number] for number in event["inputs"]],
            "fn_index": event["id"],
            "session_hash": self.session,
        }
        if not event["queue"]:
            answer = self._http.post(f"{self.url}/run/predict", json=body).json()
            if "data" not in answer:
                raise RuntimeError(str(answer.get("error")))
            yield answer
            return
        joined = self._http.post(f"{self.url}/queue/join", json=body).raise_for_status().json()
        where = f"{self.url}/queue/data?session_hash={self.session}"
        with self._http.stream("GET", where) as stream:
            for text in stream.iter_lines():
                if not text.startswith("data:"):
                    continue
                message = json.loads(text.removeprefix("data:"))
                if message.get("event_id") != joined["event_id"]:
                    continue
                if message["msg"] == "process_generating":
                    yield message["output"]
                elif message["msg"] == "process_completed":
                    if not message["success"]:
                        raise RuntimeError(str(message["output"].get("error")))
                    yield message["output"]
                    return


def photo(number: int) -> bytes:
    """A JPEG of a disc, 160 x 120, unlike that of any other number."""
    rows, columns = np.mgrid[:120, :160]
    disc = np.hypot(columns - 60 - number % 40, rows - 60) < 30
    noise = np.random.default_rng(number).normal(0, 4, disc.shape)
    grey = (np.where(disc, 60, 170) + noise).clip(0, 255).astype(np.uint8)
    file = io.BytesIO()
    Image.fromarray(grey).convert("RGB").save(file, "JPEG")
    return file.getvalue()
