"""Weight files that a run or a search still needs, downloaded before it waits for its turn."""

from __future__ import annotations

import threading
import time
from collections.abc import Generator, Sequence

from models import hub
from studio.runs import events

TICK = 0.3  # seconds between two sentences


class _Download(threading.Thread):
    """One file on its way, until it is there or the visitor has left."""

    def __init__(self, name: str) -> None:
        # A daemon: nobody waits for it, as it may be in the middle of a request.
        super().__init__(daemon=True)
        self.file = hub.find(name)
        self.left = False
        self.fault: Exception | None = None
        self._began, self._received, self._total = time.monotonic(), 0, self.file.size

    def run(self) -> None:
        try:
            hub.fetch(self.file.name, self._report)
        except Exception as error:
            self.fault = error

    def _report(self, received: int, total: int) -> None:
        if self.left:
            raise InterruptedError
        if not self._received:  # it may have waited at the Hub's lock until now
            self._began = time.monotonic()
        self._received, self._total = received, max(total, 1)

    def read(self, title: str) -> events.Downloading:
        received, total = self._received, self._total
        text = f"Downloading {title}: {hub.megabytes(total)} …"
        if received >= total:
            text = f"Checking {title} …"
        elif received > 0:
            left = (time.monotonic() - self._began) / received * (total - received)
            time_ = f"{max(left, 1):.0f} s" if left < 99.5 else f"{left / 60:.0f} min"
            share = f"{received / 1e6:.0f} of {hub.megabytes(total)}"
            text = f"Downloading {title}: {share}, about {time_} left"
        return events.Downloading(text, min(received, total), total)


def fetch_missing(files: Sequence[str]) -> Generator[events.Downloading, None, None]:
    """Download those of `hub.FILES` that are not on this machine; yields nothing where all are.

    Closing the generator, as Gradio does when the page is closed, ends the download too; somebody
    else who waits for the same file at the Hub's lock begins it anew then.

    Raises:
        UserError: a file cannot be had, and why.
    """
    missing = [name for name in files if hub.cached(name) is None]
    for number, name in enumerate(missing, start=1):
        title = hub.find(name).what.partition(",")[0]
        if len(missing) > 1:
            title += f" ({number} of {len(missing)})"
        download = _Download(name)
        download.start()
        try:
            while download.is_alive():
                yield download.read(title)
                download.join(TICK)
        finally:
            download.left = True
        if download.fault is not None:
            raise download.fault
