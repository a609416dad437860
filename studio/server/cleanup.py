"""What visits leave behind, bounded: temporary files by age and size, closed pages by number.

Gradio keeps all that a page had for an hour after it was closed, and its configuration for good;
of temporary files it knows only their age, by a clock that may be set, and not those of a server
that was killed.
"""

from __future__ import annotations

import ctypes
import gc
import logging
import threading
import time
from collections.abc import Callable, Set
from contextlib import suppress
from pathlib import Path
from typing import Any

from gradio.utils import get_upload_folder

SECONDS = 20.0  # between two looks
KEPT_SECONDS = 3600.0  # that a temporary file is kept
KEPT_BYTES = 4_000_000_000  # of all temporary files; the oldest go first
CLOSED = 8  # closed pages, the latest, that find all as it was when they come back
PAGES = 500  # open and closed; programs that call never say that they are gone

_log = logging.getLogger(__name__)


class TempFolder:
    """The folder of Gradio's temporary files; `most` is in bytes, `clock` in seconds."""

    def __init__(
        self, folder: Path, most: int = KEPT_BYTES, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.folder, self.most, self._now = folder, most, clock
        self._seen: dict[Path, float] = {}

    def sweep(self, kept: Set[str] = frozenset()) -> None:
        """Remove what is too old, then the oldest files while there is too much.

        Age counts from when something was first seen here, whatever its date says. A folder that
        has become empty is new: a file may be about to come into it. The page's own pictures, at
        the paths `kept`, stay.
        """
        now = self._now()
        found: dict[Path, tuple[float, int]] = {}
        for path in self.folder.rglob("*"):
            with suppress(FileNotFoundError):
                if path.is_file() or not any(path.iterdir()):
                    about = path.stat()
                    found[path] = about.st_mtime, about.st_size if path.is_file() else 0
        self._seen = {path: self._seen.get(path, now) for path in found}
        total = sum(size for _, size in found.values())
        for path in sorted(found, key=lambda path: (self._seen[path], found[path][0])):
            old = now - self._seen[path] > KEPT_SECONDS
            if str(path) in kept or not (old or (total > self.most and path.is_file())):
                continue
            with suppress(OSError):  # gone, or no longer empty
                if path.is_file():
                    path.unlink()
                else:
                    path.rmdir()
            total -= found[path][1]


def forget_closed(pages: Any) -> int:
    """Drop what Gradio's `StateHolder` keeps of closed pages but the latest; tells how many."""
    closed = [name for name, page in list(pages.session_data.items()) if page.is_closed]
    for name in closed[:-CLOSED]:
        with pages.lock:
            pages.session_data.pop(name, None)
            pages.time_last_used.pop(name, None)
    return len(closed[:-CLOSED])


def keep_tidy(demo: Any) -> None:
    """Start a thread that sweeps temporary files and drops closed pages of launched `gr.Blocks`."""
    folder = TempFolder(Path(get_upload_folder()))

    def tidy() -> None:
        while demo.is_running:
            try:
                kept = set().union(*(block.keep_in_cache for block in demo.blocks.values()))
                folder.sweep(kept)
                if forget_closed(demo.state_holder):
                    gc.collect()
                    # Linux would keep most of it; another system has no such function.
                    with suppress(OSError, AttributeError):
                        ctypes.CDLL("libc.so.6").malloc_trim(0)
            except Exception:
                _log.exception("Could not tidy up")
            time.sleep(SECONDS)

    threading.Thread(target=tidy, name="tidy", daemon=True).start()
