"""What a visitor asks of a run that is going on, through files that two processes can both see.

On a ZeroGPU Space the run is a process of its own: no variable and no event of the page's process
reaches it. Everything is in one folder of the run.
"""

from __future__ import annotations

import atexit
import json
import os
import secrets
import shutil
import stat
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from studio.files import replacing

KEPT_SECONDS = 3600.0  # after its last use that a run's folder is kept
KEPT_RUNS = 32  # of all visits, at some 40 MB each
LEFT_SECONDS = 2 * KEPT_SECONDS  # that a folder for runs is kept after its server's last one
PREFIX = "semcs-studio-runs-"
USED = "used"


@dataclass(frozen=True)
class Change:
    """What the regions of a run shall be: prompts, strengths of their styles, and the object."""

    foreground: str
    background: str
    foreground_strength: float
    background_strength: float
    mask: np.ndarray  # [H, W], float32 in [0, 1], 1 = object, of the editor's size


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
        self._mark("running")
        self._use()

    def end(self) -> None:
        """The run is over, however it ended."""
        (self.folder / "running").unlink(missing_ok=True)
        self._use()

    def running(self) -> bool:
        """Whether a change can still take effect."""
        return (self.folder / "running").exists()

    def idle(self) -> float:
        """Seconds since the run was last begun or ended; 0 where another visit has removed it.

        By a clock that nobody sets: a run is not old because the machine was given another time.
        """
        try:
            return time.monotonic() - (self.folder / USED).stat().st_mtime
        except OSError:
            return 0.0

    def remove(self) -> None:
        """Delete the folder: nobody will go on from this run."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def change(self, change: Change) -> None:
        """Ask for other regions; a later change takes the place of one that was not yet seen."""
        words = {name: value for name, value in vars(change).items() if name != "mask"}
        with replacing(self.folder / "change.npz") as path:
            np.savez(path, mask=change.mask, words=np.array(json.dumps(words)))

    def take_change(self) -> Change | None:
        """The change asked for since this was asked last, if any."""
        taken = self.folder / "taken.npz"
        try:
            (self.folder / "change.npz").replace(taken)
        except FileNotFoundError:
            return None
        with np.load(taken, allow_pickle=False) as data:
            return Change(mask=data["mask"], **json.loads(str(data["words"])))

    def _use(self) -> None:
        now = time.monotonic()
        with suppress(FileNotFoundError):
            os.utime(self.folder / USED, (now, now))
            self.folder.parent.touch()

    def _mark(self, name: str) -> None:
        if self.folder.exists():
            (self.folder / name).touch()


def new_run() -> Signals:
    """The signals of a new run; folders that have not been used for long are removed."""
    root = _root()
    root.mkdir(mode=0o700, exist_ok=True)
    others = sorted((Signals(folder) for folder in root.iterdir()), key=Signals.idle)
    for rank, other in enumerate(others, start=1):
        # One that waits for its turn may be left by its visitor, and never end.
        if other.idle() > KEPT_SECONDS or (rank >= KEPT_RUNS and not other.running()):
            other.remove()
    # Whole before the others see it, who may remove it.
    made = Signals(Path(tempfile.mkdtemp(prefix=f"{PREFIX}new-")))
    try:
        made.frames.mkdir()
        (made.folder / USED).touch()
        made._use()
        return Signals(made.folder.rename(root / secrets.token_hex(16)))
    except OSError:
        made.remove()
        raise


@cache
def _root() -> Path:
    """A folder for the runs of this server, removed when it ends."""
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    remove_leftovers(folder)
    return folder


def remove_leftovers(own: Path) -> None:
    """Remove the folders, beside this server's own, of servers that were killed long ago."""
    about = own.stat()
    for other in own.parent.glob(f"{PREFIX}*"):
        with suppress(FileNotFoundError):
            found = other.lstat()
            ours = stat.S_ISDIR(found.st_mode) and found.st_uid == about.st_uid
            if ours and about.st_mtime - found.st_mtime > LEFT_SECONDS:
                shutil.rmtree(other, ignore_errors=True)
