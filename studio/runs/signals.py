"""What a visitor asks of a run that is going on, through files that two processes can both see.

On a ZeroGPU Space the run is a process of its own: no variable and no event of the page's process
reaches it. Everything is in one folder of the run.
"""

from __future__ import annotations

import atexit
import json
import shutil
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from studio.files import replacing

PREFIX = "semcs-studio-runs-"
RUNNING = "running"  # the file that is there while a run waits or goes on


@dataclass(frozen=True)
class Change:
    """What the regions of a run shall be: their styles, how strong these are, and the object."""

    foreground: str
    background: str
    foreground_strength: float
    background_strength: float
    mask: np.ndarray  # [H, W], float32 in [0, 1], 1 = object, of the editor's size
    # In place of the words or beside them, for both: [h, w, 3] uint8, or None.
    pictures: tuple[Any, ...] = (None, None)
    mask_source: str = ""  # as of `Visit.source_of`


@dataclass(frozen=True)
class Signals:
    """Of one run, in a folder of its own that is private to this machine's user."""

    folder: Path

    @property
    def snapshot(self) -> Path:
        """The file from which the run can go on when it is over."""
        return self.folder / "run.pt"

    @property
    def frames(self) -> Path:
        """The folder of its time-lapse."""
        return self.folder / "frames"

    def ask_stop(self) -> None:
        """Let the run end with the picture it has."""
        self._mark("stop")

    def stop_asked(self) -> bool:
        """Whether it shall end."""
        return (self.folder / "stop").exists()

    def forget_stop(self) -> None:
        """Take back what was asked before now."""
        (self.folder / "stop").unlink(missing_ok=True)

    def begin(self) -> None:
        """The run, or one more part of it, is about to start; it may wait in a queue first."""
        self.forget_stop()
        (self.folder / "change.npz").unlink(missing_ok=True)
        self.keep()

    def keep(self) -> None:
        """It goes on, or waits: what is used is not old."""
        self._mark(RUNNING)

    def end(self) -> None:
        """The run is over, however it ended."""
        (self.folder / RUNNING).unlink(missing_ok=True)

    def running(self) -> bool:
        """Whether a change can still take effect."""
        return (self.folder / RUNNING).exists()

    def remove(self) -> None:
        """Delete the folder: nobody will go on from this run."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def change(self, change: Change) -> None:
        """Ask for other regions; a later change takes the place of one that was not yet seen."""
        words = {n: value for n, value in vars(change).items() if n not in ("mask", "pictures")}
        arrays: dict[str, Any] = {"mask": change.mask, "words": np.array(json.dumps(words))}
        arrays |= {str(n): one for n, one in enumerate(change.pictures) if one is not None}
        with replacing(self.folder / "change.npz") as path:
            np.savez(path, **arrays)

    def take_change(self) -> Change | None:
        """The change asked for since this was asked last, if any."""
        taken = self.folder / "taken.npz"
        try:
            (self.folder / "change.npz").replace(taken)
        except FileNotFoundError:
            return None
        with np.load(taken, allow_pickle=False) as data:
            words, pictures = json.loads(str(data["words"])), tuple(map(data.get, "01"))
            return Change(mask=data["mask"], pictures=pictures, **words)

    def _mark(self, name: str) -> None:
        if self.folder.exists():
            (self.folder / name).touch()


def new_run() -> Signals:
    """The signals of a new run, whose folder `server.cleanup` removes when it is old."""
    # Another server may have taken it for a leftover.
    root().mkdir(mode=0o700, exist_ok=True)
    made = Signals(Path(tempfile.mkdtemp(prefix="", dir=root())))
    made.frames.mkdir()
    return made


@cache
def root() -> Path:
    """The folder for the runs of this server, removed when it ends."""
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
