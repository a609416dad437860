"""How a picture came to be, as a short animation: from the photo over the steps to the result."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from semcs_core.errors import UserError
from studio.files import replacing

MOST_FRAMES = 60
LARGEST = 512  # long side in pixels
PHOTO_MS, MOVING_MS, RESULT_MS = 700, 2800, 1500
SHORTEST_MS = 20  # browsers slow down what is shown for 10 ms or less
FRAME_QUALITY = 90  # of the JPEGs, which are compressed once more
# With method 4 the file is a twentieth smaller, and the visitor waits twice as long.
WEBP: dict[str, Any] = {"save_all": True, "loop": 0, "method": 2, "quality": 80}


class Timelapse:
    """The frames of one run, as files of a folder that holds nothing else.

    All state is in the folder, at most 60 files and some 5 MB: one process may add frames while
    another one saves the animation.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def add(self, step: int, pixels: np.ndarray) -> None:
        """Keep a frame, and give up another where there would be too many.

        The one to go is that whose neighbours are nearest to each other, so that what is kept of a
        run of any length is spread evenly over it, within a factor of two. The first and the
        newest always stay. Step 0 is the photo; `pixels` are [H, W, 3] uint8, of one size in all
        of the run.
        """
        image = Image.fromarray(pixels)
        image.thumbnail((LARGEST, LARGEST), Image.Resampling.BILINEAR)
        with replacing(self._file(step)) as temporary:
            image.save(temporary, format="JPEG", quality=FRAME_QUALITY)
        steps = self.steps()
        if len(steps) > MOST_FRAMES:
            spans = [after - before for before, after in zip(steps, steps[2:], strict=False)]
            self._file(steps[1 + spans.index(min(spans))]).unlink(missing_ok=True)

    def steps(self) -> list[int]:
        """The steps whose frames are kept, in order."""
        files = self.folder.glob("step-*.jpg")
        return sorted(int(path.stem.removeprefix("step-")) for path in files)

    def save(self, path: Path, until: int | None = None) -> None:
        """Write the animation, an endless WebP of 5 seconds, up to the step `until` or of all.

        The photo is held for 0.7 s and the result for 1.5 s; between them the run's steps pass at
        one speed, however they have been thinned out.

        Raises:
            UserError: there is no frame yet, or the path cannot be written to.
        """
        frames: dict[int, Image.Image] = {}
        for step in self.steps():
            if until is not None and step > until:
                break
            try:
                with Image.open(self._file(step), formats=["JPEG"]) as image:
                    frames[step] = image.convert("RGB")
            except FileNotFoundError:
                continue  # given up by the run since
        if not frames:
            raise UserError("There is no animation yet: wait for the first step.")
        first, *others = frames.values()
        shown = durations(list(frames))
        with replacing(path) as temporary:
            first.save(temporary, "WEBP", append_images=others, duration=shown, **WEBP)

    def _file(self, step: int) -> Path:
        return self.folder / f"step-{step:06d}.jpg"


def durations(steps: list[int]) -> list[int]:
    """How long each step's frame is shown, in ms; the first is the photo, the last the result."""
    gaps = np.diff(steps[1:])
    moving = np.maximum(SHORTEST_MS, gaps * (MOVING_MS / max(1, gaps.sum()))).round()
    return [PHOTO_MS, *moving.astype(int).tolist(), RESULT_MS][-len(steps) :]
