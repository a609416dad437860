"""The picture at the photo's own size, rendered for the visitor who asks for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from models.loading import best_device, load_models
from semcs_core.errors import UserError
from semcs_core.image import open_photo, resize, to_uint8
from semcs_core.run import Run
from studio.full_size import render_full_size
from studio.page import photos, status
from studio.provenance import save_picture
from studio.runs import memory, training
from studio.runs.results import Result, new_file
from studio.runs.snapshot import load_snapshot

STOPPED = "Stopped: the picture is there at its working size."
GONE_ON = "That run has gone on since: its picture was enlarged, not rendered."
NO_RUN = "That run can no longer be read: its picture was enlarged, not rendered."
NO_MEMORY = "There is not enough memory to render it so large: its picture was enlarged instead."
NO_PHOTO = "The photo's file is no longer there: what was kept of it was enlarged."
LEAST_ALIKE = 20.0  # dB; the last step before a stop changes less than that


@dataclass(frozen=True)
class Frame:
    """What the page shows next.

    Attributes:
        status: HTML.
        file: the finished PNG, which says how it was made as the result's own does.
    """

    status: str
    file: Path | None = None


def at_own_size(result: Result) -> Iterator[Frame]:
    """Render a result's picture at the size of its photo as it came; the last frame has the file.

    Closing the generator ends the work. So does Stop, within a tile; the last frame has no file
    then.

    Raises:
        UserError: the result's files are gone.
    """
    width, height = result.work.size
    what = f"Rendering at {width} x {height}"
    yield Frame(status.idle(f"{what} …"))
    preview = open_photo(result.file).rgb
    original, found = photos.open_original(result.work)
    run, remark = _run_of(result, preview)
    pixels = None
    if run is not None:
        remark = "" if found else NO_PHOTO
        with closing(render_full_size(run, original, preview)) as parts:
            while pixels is None:
                if result.controls.stop_asked():
                    yield Frame(status.idle(STOPPED))
                    return
                try:
                    # Others' steps get their turn between two tiles.
                    with training.step_lock, memory.given_back():
                        part = next(parts)
                except MemoryError:
                    remark = NO_MEMORY
                    break
                pixels = part.picture
                share = part.done / part.total
                yield Frame(status.idle(f"{what}: {share:.0%}", part.done, part.total))
    if pixels is None:
        pixels = resize(preview, (width, height))
    yield Frame(status.idle("Saving the picture …", 1, 1))
    path = new_file(f"semcs-{result.provenance.settings.seed}-{width}x{height}.png")
    save_picture(path, pixels, result.provenance)
    yield Frame(status.idle(f"Saved at {width} x {height}. {remark}".strip(), 1, 1), path)


def _run_of(result: Result, preview: np.ndarray) -> tuple[Run | None, str]:
    """The run that a result is of, or why there is none."""
    made, device = result.provenance, best_device()
    try:
        with memory.given_back():
            models = load_models(made.models, device)
            parts = models.encoder, models.perceptual, models.sketcher
            with training.step_lock:
                run = load_snapshot(result.controls.snapshot, *parts, device)
                shown = to_uint8(run.picture()).astype(np.float32)
    except UserError:
        return None, NO_RUN
    except MemoryError:
        return None, NO_MEMORY
    # It may have been steered, too, without one more step.
    if run.done != made.steps or shown.shape != preview.shape:
        return None, GONE_ON
    apart = float(np.square(shown - preview).mean())
    return (None, GONE_ON) if apart > 255**2 / 10 ** (LEAST_ALIKE / 10) else (run, "")
