"""Weight files that a run or a search still needs, downloaded before it waits for its turn."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence

from models import hub
from models.loading import resolve
from studio.runs import events
from studio.runs.jobs import Job

TICK = 0.3  # seconds between two sentences
WAITING = "Waiting for its turn …"
STOPPED = "Stopped: an unfinished file is downloaded anew next time."


class Stopped(Exception):  # noqa: N818 (an event, not a fault)
    """The visitor did not want to wait."""


class _Download:
    """One file on its way in a thread of its own, which ends when `waiting` has fallen to 0."""

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

    def read(self, title: str) -> events.Downloading:
        received, total, seconds = self._received, self._total, self._seconds
        text = f"Downloading {title}: {hub.megabytes(total)} …"
        if received >= total:
            text = f"Checking {title} …"
        elif received > 0:
            left = seconds / received * (total - received)
            time_ = f"{max(left, 1):.0f} s" if left < 99.5 else f"{left / 60:.0f} min"
            share = f"{received / 1e6:.0f} of {hub.megabytes(total)}"
            text = f"Downloading {title}: {share}, about {time_} left"
        return events.Downloading(text, min(received, total), total)


_downloads: dict[str, _Download] = {}
_lock = threading.Lock()


def fetch_missing(
    files: Sequence[str], stopped: Callable[[], bool] = lambda: False
) -> Iterator[events.Downloading]:
    """Download those of `hub.FILES` that are not on this machine; yields nothing where all are.

    Closing the generator, as Gradio does when the page is closed, ends the download too, unless
    somebody else waits for the same file.

    Raises:
        UserError: a file cannot be had, and why.
        Stopped: `stopped`, asked a few times a second, has said so.
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
        if download is None or download.waiting == 0 or download.over.is_set():
            download = _downloads[name] = _Download(name)
        else:
            download.waiting += 1
        return download


def fetch(job: Job) -> Iterator[events.Event]:
    """Download what a job's models miss, so that nobody else waits for it.

    The last event is `Preparing` where the job can run, `events.Stopped` where it was stopped.
    """
    ready = False
    try:
        yield from fetch_missing(resolve(job.models).files, job.signals.stop_asked)
        ready = True
        yield events.Preparing(WAITING)
    except Stopped:
        yield events.Stopped(STOPPED)
    finally:
        if not ready:
            job.signals.end()
