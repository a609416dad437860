"""Weight files that have to come first, with what the visitor reads meanwhile."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from models import hub

TICK = 0.3  # seconds between two sentences


class Stopped(Exception):  # noqa: N818 (an event, not a fault)
    """The visitor did not want to wait."""


@dataclass(frozen=True)
class Received:
    """How far a download is.

    Attributes:
        text: one sentence.
        received: bytes.
        total: bytes in all, never 0.
    """

    text: str
    received: int
    total: int


class _Download:
    """One file on its way in a thread of its own, for all who wait for it.

    Attributes:
        waiting: how many do; the thread gives up when it hears that nobody does.
        over: set at the end; `fault` is then why it failed.
    """

    def __init__(self, name: str) -> None:
        self.waiting, self.over = 1, threading.Event()
        self.fault: Exception | None = None
        self._name, self._began = name, time.monotonic()
        self._received, self._total, self._seconds = 0, hub.find(name).size, 0.0
        # Nobody waits for the thread itself: it may be in the middle of a request.
        threading.Thread(target=self._work, daemon=True).start()

    def _work(self) -> None:
        try:
            hub.fetch(self._name, self._report)
        except Exception as error:
            self.fault = error
        self.over.set()

    def _report(self, received: int, total: int) -> None:
        if self.waiting == 0:
            raise Stopped
        self._received, self._total = received, max(total, 1)
        self._seconds = time.monotonic() - self._began

    def read(self, title: str) -> Received:
        received, total, seconds = self._received, self._total, self._seconds
        text = f"Downloading {title}: {hub.megabytes(total)} …"
        if received >= total:
            text = f"Checking {title} …"
        elif received > 0:
            left = _time(seconds / received * (total - received))
            share = f"{received / 1e6:.0f} of {hub.megabytes(total)}"
            text = f"Downloading {title}: {share}, about {left} left"
        return Received(text, min(received, total), total)


_downloads: dict[str, _Download] = {}
_lock = threading.Lock()


def fetch_missing(
    files: Sequence[str], stopped: Callable[[], bool] = lambda: False
) -> Iterator[Received]:
    """Download those files that are not on this machine; yields nothing where all are.

    Closing the generator, as Gradio does when the page is closed, ends the download too, unless
    somebody else waits for the same file.

    Args:
        files: names of `hub.FILES`.
        stopped: asked a few times a second.

    Raises:
        UserError: a file cannot be had, and why.
        Stopped: it was.
    """
    missing = [name for name in files if hub.cached(name) is None]
    for number, name in enumerate(missing, start=1):
        title = hub.find(name).what.partition(",")[0]
        if len(missing) > 1:
            title += f" ({number} of {len(missing)})"
        download = _join(name)
        try:
            yield download.read(title)
            while not download.over.wait(TICK):
                if stopped():
                    raise Stopped
                yield download.read(title)
        finally:
            with _lock:
                download.waiting -= 1
        if download.fault is not None:
            raise download.fault


def _join(name: str) -> _Download:
    """Wait for a download that is under way, or begin one."""
    with _lock:
        download = _downloads.get(name)
        if download is not None and download.waiting > 0 and not download.over.is_set():
            download.waiting += 1
            return download
        download = _downloads[name] = _Download(name)
        return download


def _time(seconds: float) -> str:
    if seconds < 99.5:
        return f"{max(seconds, 1):.0f} s"
    return f"{seconds / 60:.0f} min"
