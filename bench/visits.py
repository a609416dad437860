"""What hundreds of visits leave in the server: `python -m bench.visits [--visits 300]`.

Serves the page as a process of its own and visits it as a browser does, over HTTP: every visit is
a session with a photo of its own. In turn one is finished and looked at from all sides, one is
stopped, and one is abandoned in mid-run. What is printed is read from Linux's /proc.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import astuple, dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import httpx
import numpy as np
from PIL import Image

ROOT = Path(__file__).parents[1]
ROW = 30  # visits
QUICK = {"size": 64, "steps": 3, "crops": 4}
ENDLESS = {"size": 64, "steps": 1000, "crops": 4}
PATIENCE = 60.0  # seconds
COLUMNS = ("visits", "RSS, MB", "threads", "open files", "temp files", "temp, MB", "runs kept")
FINISHED, STOPPED, ABANDONED = "finished", "stopped", "abandoned"


def main() -> None:
    """Print the table and what has grown."""
    parser = argparse.ArgumentParser(description="What hundreds of visits leave in the server.")
    parser.add_argument("--visits", type=int, default=300)
    visits = parser.parse_args().visits
    began = time.perf_counter()
    rows = []
    with (
        tempfile.TemporaryDirectory(prefix="visits-") as name,
        serving(Path(name)) as (url, process),
    ):
        line(COLUMNS)
        line(["---"] * len(COLUMNS))
        for number in range(visits + 1):
            if number % ROW == 0 or number == visits:
                rows.append(sample(process.pid, Path(name), number))
                line(rows[-1].texts())
            if number < visits:
                visit(url, photo(number), (FINISHED, STOPPED, ABANDONED)[number % 3])
    print(f"\n{(time.perf_counter() - began) / max(visits, 1):.2f} s a visit")
    if len(rows) > 2:
        first, last = rows[1], rows[-1]
        growth = last.resident / first.resident - 1
        print(
            f"Since visit {first.visits}: {growth:+.1%} of resident memory, "
            f"{last.threads - first.threads:+d} threads, {last.opened - first.opened:+d} open files"
        )


@dataclass(frozen=True)
class Sample:
    """What a server holds.

    Attributes:
        visits: it has had.
        resident: bytes of memory.
        threads: of the process.
        opened: files and connections.
        files: in its folder for temporary files.
        bytes: of those.
        runs: whose folders are kept.
    """

    visits: int
    resident: int
    threads: int
    opened: int
    files: int
    bytes: int
    runs: int

    def texts(self) -> list[str]:
        """A row of the table."""
        in_mb = {"resident": self.resident, "bytes": self.bytes}
        return [
            f"{value / 1e6:.1f}" if name in in_mb else str(value)
            for name, value in zip(self.__dataclass_fields__, astuple(self), strict=True)
        ]


def sample(pid: int, folder: Path, visits: int) -> Sample:
    """Look at a server process on Linux whose temporary files are in a folder."""
    status = dict(
        text.split(":", 1) for text in Path(f"/proc/{pid}/status").read_text().splitlines()
    )
    sizes = []
    for path in folder.rglob("*"):
        try:
            if path.is_file():
                sizes.append(path.stat().st_size)
        except FileNotFoundError:
            continue  # removed meanwhile
    return Sample(
        visits,
        int(status["VmRSS"].split()[0]) * 1024,
        int(status["Threads"]),
        len(list(Path(f"/proc/{pid}/fd").iterdir())),
        len(sizes),
        sum(sizes),
        len(list(folder.glob("semcs-studio-runs-*/*/frames"))),
    )


@contextmanager
def serving(folder: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """The page as a process of its own, all whose temporary files are in a folder.

    Yields:
        Its address, and the process.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    places = {"TMPDIR": str(folder), "GRADIO_TEMP_DIR": str(folder / "gradio")}
    process = subprocess.Popen(  # noqa: S603
        [sys.executable, "app.py", "--port", port],
        cwd=ROOT,
        env=os.environ | places,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
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
    """One visit, from the opening of the page to its end."""
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

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
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
        self.call("on_fetch")

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


def line(cells: tuple[str, ...] | list[str]) -> None:
    """One line of the table."""
    print("| " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()
