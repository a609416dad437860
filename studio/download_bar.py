"""How a download is seen on the command line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from tqdm import tqdm

from models.weights import WeightFile


class DownloadBar:
    """Megabytes, rate and time left of one file after the other; shown only if bytes arrive."""

    def __init__(self, quiet: bool) -> None:
        self._quiet = quiet
        self._name = ""
        self._bar: tqdm | None = None

    def __call__(self, file: WeightFile, received: int, total: int) -> None:
        """Show how far a file is, both in bytes."""
        if file.name != self._name:
            self.close()
            self._name = file.name
        if self._bar is None:
            # What an earlier run received does not count for the rate, and so for the time left.
            self._bar = tqdm(
                desc=f"Downloading {file.name}",
                total=total,
                initial=received,
                unit="B",
                unit_scale=True,
                disable=self._quiet,
            )
        self._bar.total = total
        self._bar.update(received - self._bar.n)

    def close(self) -> None:
        """Leave the bar where it is."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None


@contextmanager
def download_bar(quiet: bool = False) -> Iterator[DownloadBar]:
    """A bar that is closed however the download ends."""
    bar = DownloadBar(quiet)
    try:
        yield bar
    finally:
        bar.close()
