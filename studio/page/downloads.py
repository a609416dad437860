"""Weight files that have to come first, with what the visitor reads meanwhile."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from models import weights

TICK = 0.3  # seconds between two sentences


class Stopped(Exception):  # noqa: N818 (an event, not a fault)
    """The visitor did not want to wait; what was received is kept."""


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


@dataclass
class _Meter:
    """Turns what the download reports, in its thread, into sentences.

    Attributes:
        title: of the file, and which of how many it is.
        total: bytes; as expected until the host says.
        received: bytes; None before the first report.
        first: bytes that were there at the first report, from an earlier download.
        began: when that was.
    """

    title: str
    total: int
    received: int | None = None
    first: int = 0
    began: float = field(default=0.0)

    def report(self, received: int, total: int) -> None:
        if self.received is None:
            self.first, self.began = received, time.monotonic()
        self.received, self.total = received, max(total, 1)

    def read(self) -> Received:
        if self.received is None:
            size = weights.megabytes(self.total)
            return Received(f"Downloading {self.title}: {size} …", 0, self.total)
        if self.received >= self.total:
            return Received(f"Checking {self.title} …", self.total, self.total)
        text = (
            f"Downloading {self.title}: "
            f"{self.received / 1e6:.0f} of {weights.megabytes(self.total)}"
        )
        new, seconds = self.received - self.first, time.monotonic() - self.began
        if new > 0 and seconds >= TICK:
            text += f", about {_time_left(seconds / new * (self.total - self.received))} left"
        return Received(text, self.received, self.total)


def fetch_missing(
    files: Sequence[str], stopped: Callable[[], bool] = lambda: False
) -> Iterator[Received]:
    """Download those files that are not on this machine; yields nothing where all are.

    Closing the generator, as Gradio does when the page is closed, ends the download too.

    Args:
        files: names of `weights.FILES`.
        stopped: asked a few times a second.

    Raises:
        UserError: a file cannot be had, and why.
        Stopped: it was.
    """
    missing = [name for name in files if weights.cached(name) is None]
    for number, name in enumerate(missing, start=1):
        file = weights.find(name)
        title = file.what.partition(",")[0]
        if len(missing) > 1:
            title += f" ({number} of {len(missing)})"
        yield from _fetch(name, _Meter(title, file.size), stopped)


def _fetch(name: str, meter: _Meter, stopped: Callable[[], bool]) -> Iterator[Received]:
    over, unwanted = threading.Event(), threading.Event()
    faults: list[Exception] = []

    def progress(received: int, total: int) -> None:
        if unwanted.is_set():
            raise Stopped
        meter.report(received, total)

    def work() -> None:
        try:
            weights.fetch(name, progress)
        except Exception as error:
            faults.append(error)
        finally:
            over.set()

    yield meter.read()
    threading.Thread(target=work, daemon=True).start()
    try:
        # Nobody waits for the thread: it may be in the middle of a request.
        while not over.wait(TICK):
            if stopped():
                raise Stopped
            yield meter.read()
    finally:
        unwanted.set()
    if faults:
        raise faults[0]


def _time_left(seconds: float) -> str:
    if seconds < 99.5:
        return f"{max(seconds, 1):.0f} s"
    return f"{seconds / 60:.0f} min"
