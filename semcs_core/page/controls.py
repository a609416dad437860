"""What a visitor asks of a run that is going on, through files that two processes can both see.

On a ZeroGPU Space the run is a process of its own: no variable and no event of the page's process
reaches it. Everything is in one folder of the run.
"""

from __future__ import annotations

import atexit
import json
import secrets
import shutil
import tempfile
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from semcs_core.files import replacing

KEPT_SECONDS = 3600.0  # after its last use that a run's folder is kept
KEPT_RUNS = 32  # of all visits, at some 40 MB each


@dataclass(frozen=True)
class Change:
    """What the run's regions shall be from the next step on.

    Attributes:
        foreground: the prompt for the object.
        background: the prompt for what is around it.
        foreground_strength: of the object's style.
        background_strength: of that around it.
        mask: [H, W], float32 in [0, 1], 1 = object, of the editor's size.
    """

    foreground: str
    background: str
    foreground_strength: float
    background_strength: float
    mask: np.ndarray


@dataclass(frozen=True)
class Controls:
    """Of one run.

    Attributes:
        folder: of the run alone, and private to this machine's user.
    """

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
        """The run shall end with the picture it has."""
        self._mark("stop", True)

    def stop_asked(self) -> bool:
        """Whether it shall."""
        return (self.folder / "stop").exists()

    def forget_stop(self) -> None:
        """What was asked before now is over."""
        self._mark("stop", False)

    def begin(self) -> None:
        """The run, or one more part of it, is about to start; it may wait in a queue first."""
        self.forget_stop()
        (self.folder / "change.npz").unlink(missing_ok=True)
        self._mark("running", True)

    def end(self) -> None:
        """The run is over, however it ended."""
        self._mark("running", False)

    def running(self) -> bool:
        """Whether a change can still take effect."""
        return (self.folder / "running").exists()

    def remove(self) -> None:
        """Nobody will go on from this run."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def change(self, change: Change) -> None:
        """Ask for other regions; a later change takes the place of one that was not yet seen."""
        words = {
            "foreground": change.foreground,
            "background": change.background,
            "foreground_strength": change.foreground_strength,
            "background_strength": change.background_strength,
        }
        with replacing(self.folder / "change.npz") as path:
            np.savez(path, mask=change.mask, words=np.array(json.dumps(words)))

    def take_change(self) -> Change | None:
        """The change asked for since this was asked last, if any."""
        path, taken = self.folder / "change.npz", self.folder / "taken.npz"
        try:
            path.replace(taken)
        except FileNotFoundError:
            return None
        with np.load(taken, allow_pickle=False) as data:
            return Change(mask=data["mask"], **json.loads(str(data["words"])))

    def _mark(self, name: str, present: bool) -> None:
        path = self.folder / name
        if not present:
            path.unlink(missing_ok=True)
        elif self.folder.exists():
            path.touch()


def new_run() -> Controls:
    """The controls of a new run; folders that have not been used for long are removed."""
    others = sorted(((_last_used(folder), folder) for folder in _root().iterdir()), reverse=True)
    for rank, (used, folder) in enumerate(others, start=1):
        other = Controls(folder)
        if time.time() - used > KEPT_SECONDS or (rank >= KEPT_RUNS and not other.running()):
            other.remove()
    # Whole before the others see it, who may remove it.
    made = Controls(Path(tempfile.mkdtemp(prefix="semcs-run-")))
    made.frames.mkdir()
    return Controls(made.folder.rename(_root() / secrets.token_hex(16)))


def _last_used(folder: Path) -> float:
    """Seconds since 1970; 0 where another visit has just removed it."""
    try:
        return folder.stat().st_mtime
    except FileNotFoundError:
        return 0.0


@cache
def _root() -> Path:
    """A folder for the runs of this server, removed when it ends."""
    folder = tempfile.mkdtemp(prefix="semcs-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)
