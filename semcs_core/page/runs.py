"""The last gesture: a run of the network, streamed to the page and stopped from it."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
from gradio.utils import get_upload_folder

from semcs_core.errors import UserError
from semcs_core.files import save_png
from semcs_core.image import Photo, fit, resize_mask, to_tensor, to_uint8
from semcs_core.models import STARTER, best_device, load_models, resolve
from semcs_core.page import downloads, status
from semcs_core.page.layer import NO_PHOTO, read_layer
from semcs_core.prompts import check_known, describe_unknown
from semcs_core.regions import Region, split_regions
from semcs_core.settings import Settings
from semcs_core.stylize import RunError, Step, stylize

TIME_LIMIT = 900.0  # seconds; Gradio has none for a job
FRAME_SECONDS = 0.1  # between two previews
WAITING = "Waiting for its turn …"
UNBEGUN = "Stopped before the first step."

# Held for the length of one step and never across a yield: a run that was abandoned may still be
# in its last step when the next one starts.
_step_lock = threading.Lock()


@dataclass(frozen=True)
class Job:
    """A run that has passed every check."""

    photo: Photo
    regions: tuple[Region, ...]
    settings: Settings
    models: str = STARTER


@dataclass(frozen=True)
class Frame:
    """What the page shows next.

    Attributes:
        status: HTML.
        picture: [H, W, 3] uint8, a preview.
        file: the finished picture, a PNG.
    """

    status: str
    picture: np.ndarray | None = None
    file: Path | None = None


class Stops:
    """Who has asked for a stop: a flag for each visit that runs, looked at between two steps."""

    def __init__(self) -> None:
        self._asked: dict[str, bool] = {}

    def begin(self, visit: str) -> None:
        """The visit's run is about to start; it may wait in the queue first."""
        self._asked[visit] = False

    def ask(self, visit: str) -> None:
        """The visit's run shall end with the picture it has."""
        if visit in self._asked:
            self._asked[visit] = True

    def asked(self, visit: str) -> bool:
        """Whether the visit's run shall end."""
        return self._asked.get(visit, False)

    def end(self, visit: str) -> None:
        """The visit's run is over."""
        self._asked.pop(visit, None)


STOPS = Stops()


def read_settings(values: dict[str, Any]) -> Settings:
    """Settings from the values of a form, whole numbers as such.

    Raises:
        UserError: a value that is no number or outside its range.
    """
    kinds = {f.name: f.type for f in fields(Settings)}
    whole: dict[str, Any] = {
        name: int(value)
        if kinds[name] == "int" and isinstance(value, float) and value.is_integer()
        else value
        for name, value in values.items()
    }
    return Settings(**whole)


def prepare(
    photo: Photo | None,
    layer: str | None,
    foreground: str | None,
    background: str | None,
    settings: Settings,
    models: str = STARTER,
) -> Job:
    """Check everything before anyone waits in a queue.

    Args:
        photo: as opened for the visit.
        layer: the file of the mask's layer.
        foreground: the prompt for the object.
        background: the prompt for what is around it.
        settings: of the run.
        models: of `semcs_core.models.CHOICES`.

    Raises:
        UserError: what is missing or cannot be used.
    """
    if photo is None:
        raise UserError(NO_PHOTO)
    fitted = fit(photo, settings.size)
    mask = resize_mask(read_layer(layer), fitted.size)
    regions = split_regions(mask, foreground or "", background or "", settings)
    return Job(fitted, regions, settings, resolve(models, best_device()).name)


def fetch(job: Job, visit: str) -> Generator[str, None, bool]:
    """Download what the job's models still need, outside the queue of the runs.

    Args:
        job: of `prepare`.
        visit: whose stop is looked for.

    Yields:
        The status, HTML; at least once.

    Returns:
        Whether the job can run; False after a stop.

    Raises:
        UserError: a file cannot be had.
    """
    try:
        files = resolve(job.models).files
        for now in downloads.fetch_missing(files, lambda: STOPS.asked(visit)):
            yield status.idle(now.text, now.received, now.total)
        yield status.idle(WAITING, 0, job.settings.steps)
    except downloads.Stopped:
        STOPS.end(visit)
        yield status.idle("Stopped: the next download goes on from here.")
        return False
    except BaseException as error:
        STOPS.end(visit)
        if isinstance(error, UserError):
            yield status.idle(str(error))
        raise
    return True


def run(job: Job, visit: str) -> Iterator[Frame]:
    """Learn, and say what the page shows on the way; the last frame has the finished picture.

    Closing the generator, as Gradio does when the page is closed, ends the run.

    Args:
        job: of `prepare`.
        visit: whose stop is looked for.

    Raises:
        UserError: the run cannot go on; the last good picture has been yielded before.
    """
    if STOPS.asked(visit):
        STOPS.end(visit)
        yield Frame(status.idle(UNBEGUN))
        return
    yield Frame(status.idle("Loading the models …", 0, job.settings.steps))
    device = best_device()
    models = load_models(job.models, device)
    remark = describe_unknown(check_known(models.encoder, [r.prompt for r in job.regions]))
    yield Frame(status.idle("The first step is on its way …", 0, job.settings.steps))
    steps = stylize(
        to_tensor(job.photo.rgb, device),
        job.regions,
        models.encoder,
        models.perceptual,
        job.settings,
        models.sketcher,
    )
    last: Step | None = None
    fault: RunError | None = None
    began, shown = time.monotonic(), 0.0
    heading = ""
    try:
        while True:
            if STOPS.asked(visit):
                heading = "Stopped"
                break
            if time.monotonic() - began > TIME_LIMIT:
                heading = "Time is up"
                break
            with _step_lock:
                step = next(steps, None)
            if step is None:
                heading = "Done"
                break
            last = step
            if time.monotonic() - shown >= FRAME_SECONDS and step.step < step.steps:
                shown = time.monotonic()
                picture = to_uint8(step.image)
                yield Frame(status.progress(step, job.regions, remark=remark), picture)
    except RunError as error:
        last, fault, heading = error.last, error, "Ended early"
    finally:
        steps.close()
        STOPS.end(visit)
    if last is None:
        yield Frame(status.idle(UNBEGUN))
    else:
        text = (
            f"{heading}: {last.step} of {last.steps} steps in {status.duration(last.seconds)}, "
            f"seed {job.settings.seed}."
        )
        yield Frame(
            status.progress(last, job.regions, text, remark), file=_save(last, job.settings.seed)
        )
    if fault is not None:
        raise fault


def _save(step: Step, seed: int) -> Path:
    """A lossless PNG in Gradio's cache, which the page may serve and which is emptied in time."""
    folder = Path(get_upload_folder()) / secrets.token_hex(16)
    folder.mkdir(parents=True)
    path = folder / f"semcs-{seed}.png"
    save_png(path, to_uint8(step.image))
    return path
