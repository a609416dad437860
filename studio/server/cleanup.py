"""What visits leave behind, bounded: files and runs by age and size, closed pages by number.

Gradio keeps all that a page had for an hour after it was closed, and its configuration for good;
of temporary files it knows only their age, by a clock that may be set, and not those of a server
that was killed.
"""

from __future__ import annotations

import ctypes
import gc
import logging
import os
import shutil
import threading
import time
from collections.abc import Set
from contextlib import suppress
from pathlib import Path
from typing import Any

from gradio.utils import get_upload_folder

from studio.runs import signals

SECONDS = 20.0  # between two looks
KEPT_SECONDS = 3600.0  # that a file or a run is kept after its last change
KEPT_BYTES = 4_000_000_000  # of all together, a run at some 40 MB; the oldest go first
CLOSED = 8  # closed pages, the latest, that find all as it was when they come back
PAGES = 500  # open and closed; programs that call never say that they are gone

_log = logging.getLogger(__name__)


class Sweeper:
    """Removes old files and folders; a folder is one thing."""

    def __init__(self) -> None:
        # When a path and the date of its last change were first seen, by a clock that nobody sets.
        self._seen: dict[tuple[Path, float], float] = {}

    def sweep(self, kept: Set[str] = frozenset()) -> None:
        """Remove what has not changed for long, then the oldest while there is too much.

        The page's own pictures, at the paths `kept`, stay.
        """
        now, disk = time.monotonic(), shutil.disk_usage(signals.root().parent)
        most = min(KEPT_BYTES, disk.total // 2)  # a container's may be small
        found = dict(_look(path) for path in _temporary())
        self._seen = {thing: self._seen.get(thing, now) for thing in found}
        total = sum(found.values())
        for thing in sorted(found, key=lambda thing: (self._seen[thing], thing[1])):
            path, size, old = thing[0], found[thing], now - self._seen[thing] > KEPT_SECONDS
            spare = size and not (path / signals.RUNNING).exists()
            if not (old or (total > most and spare)):
                continue
            if not any(Path(own).is_relative_to(path) for own in kept):
                remove = shutil.rmtree if path.is_dir() else os.unlink
                with suppress(OSError):
                    remove(path)
                total -= size


def _temporary() -> list[Path]:
    """Gradio's files, this server's runs, and the folders of other servers, alive or killed."""
    own = signals.root()
    servers = set(own.parent.glob(f"{signals.PREFIX}*")) - {own}
    paths = [*Path(get_upload_folder()).glob("*"), *own.glob("*"), *servers]
    return [path for path in paths if not path.is_symlink()]


def _look(path: Path) -> tuple[tuple[Path, float], int]:
    """A file or folder with the date of the last change in it, and its size in bytes."""
    changed, size = 0.0, 0
    with suppress(OSError):  # gone meanwhile
        for each in path, *path.rglob("*"):
            about = each.stat()
            changed = max(changed, about.st_mtime)
            size += about.st_size if each.is_file() else 0
    # A server's folder goes by its age alone: what is in this one's counts by itself.
    return (path, changed), 0 if path.name.startswith(signals.PREFIX) else size


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
    sweeper = Sweeper()

    def tidy() -> None:
        while demo.is_running:
            try:
                kept = set().union(*(block.keep_in_cache for block in demo.blocks.values()))
                sweeper.sweep(kept)
                if forget_closed(demo.state_holder):
                    gc.collect()
                    # Linux would keep most of it; another system has no such function.
                    with suppress(OSError, AttributeError):
                        ctypes.CDLL("libc.so.6").malloc_trim(0)
            except Exception:
                _log.exception("Could not tidy up")
            time.sleep(SECONDS)

    threading.Thread(target=tidy, name="tidy", daemon=True).start()
