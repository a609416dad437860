"""The picture at the photo's own size, rendered for the visitor who asks for it."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing

import numpy as np

from models.device import best_device
from models.loading import load_models
from semcs_core.errors import UserError
from semcs_core.image import open_photo, to_uint8
from semcs_core.run import Run
from studio.full_size import render_full_size
from studio.provenance import save_picture
from studio.runs import memory, training
from studio.runs.events import Event, Preparing, Rendering, Saved, Stopped
from studio.runs.results import Result, new_file
from studio.runs.snapshot import load_snapshot
from studio.runs.visit import open_original

SAVING = "Saving the picture …"
STOPPED = "Stopped: the picture is there at its working size."
GONE_ON = "That run has been continued since then: download its latest picture so large."
LEAST_ALIKE = 20.0  # dB; the last step before a stop changes less than that


def at_own_size(result: Result) -> Generator[Event, None, None]:
    """Render a result's picture at the size of its photo as it came; the last event has the file.

    Closing the generator ends the work. So does Stop, within a tile: the last event is `Stopped`
    then.

    Raises:
        UserError: the photo, the picture or its run is gone, or memory has run out.
    """
    size = result.visit.size
    yield Rendering(size)
    preview, original = open_photo(result.file).rgb, open_original(result.visit)
    with memory.given_back():
        run = _run_of(result, preview)
    with closing(render_full_size(run, original, preview)) as parts:
        pixels = None
        while pixels is None:
            if result.signals.stop_asked():
                yield Stopped(STOPPED)
                return
            # Others' steps get their turn between two tiles.
            with training.step_lock, memory.given_back():
                part = next(parts)
            pixels = part.picture
            yield Rendering(size, part.done, part.total)
    yield Preparing(SAVING)
    path = new_file("semcs-{}-{}x{}.png".format(result.provenance.settings.seed, *size))
    save_picture(path, pixels, result.provenance)
    yield Saved(path, size)


def _run_of(result: Result, preview: np.ndarray) -> Run:
    """The run that a result is of; a `UserError` where it cannot be read or has gone on."""
    made, device = result.provenance, best_device()
    models = load_models(made.models, device)
    with training.step_lock:
        parts = models.encoder, models.perceptual, models.sketcher
        run = load_snapshot(result.signals.snapshot, *parts, device)
        shown = to_uint8(run.picture()).astype(np.float32)
    # It may have been steered, too, without one more step.
    same = run.done == made.steps and shown.shape == preview.shape
    if not same or np.square(shown - preview).mean() > 255**2 / 10 ** (LEAST_ALIKE / 10):
        raise UserError(GONE_ON)
    return run
