"""What a run tells on its way; the page, the API and the command line each say it in their own way.

Everything here can be pickled: on ZeroGPU it comes from another process.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from semcs_core.step import Step
from studio.provenance import Edit
from studio.runs.results import Result


@dataclass(frozen=True)
class Waiting:
    """Other runs come first; how many seconds they take is None before the first run has ended."""

    ahead: int
    seconds: float | None


@dataclass(frozen=True)
class Downloading:
    """How far a file is that the models need: one sentence, and bytes; `total` is never 0."""

    text: str
    received: int
    total: int


@dataclass(frozen=True)
class Preparing:
    """Nothing can be seen yet; one sentence says what is done."""

    text: str


@dataclass(frozen=True)
class Preview:
    """A step that is worth showing."""

    step: Step  # its image is on the CPU
    picture: np.ndarray  # [H, W, 3] uint8, the same image
    totals: tuple[float, ...] = ()  # the loss of each step so far
    remark: str = ""  # a sentence about words that nobody knows
    edits: tuple[Edit, ...] = ()  # what was changed on the way, as far as this step shows it


@dataclass(frozen=True)
class Finished(Preview):
    """The run is over, and this is its picture."""

    result: Result | None = None  # None where it could not be saved
    ending: str = "Done"  # or "Stopped", "Time is up", "Ended early"
    seed: int = 0


@dataclass(frozen=True)
class Stopped:
    """The visitor has stopped it without a picture; one sentence says what there is instead."""

    text: str


@dataclass(frozen=True)
class Rendering:
    """The picture is being rendered at the photo's own size; `total` is 0 before the first part."""

    size: tuple[int, int]  # width, height in pixels
    done: int = 0
    total: int = 0


@dataclass(frozen=True)
class Saved:
    """The picture at the photo's own size is there, a PNG that says how it was made."""

    file: Path
    size: tuple[int, int]  # width, height in pixels


Event = Waiting | Downloading | Preparing | Preview | Stopped | Rendering | Saved
