"""A run of the network, from its loading to its saved picture."""

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import replace

import numpy as np

from models.device import best_device
from models.loading import load_models, resolve
from semcs_core.errors import UserError
from semcs_core.image import to_tensor, to_uint8
from semcs_core.prompts import check_known
from semcs_core.regions import Region
from semcs_core.run import Run
from semcs_core.step import RunError, Step
from studio.provenance import Edit, Provenance, fingerprint
from studio.runs import jobs, memory
from studio.runs.background import latest
from studio.runs.events import Event, Finished, Preparing, Preview, Stopped
from studio.runs.jobs import Job
from studio.runs.mask_layer import from_alpha, to_alpha
from studio.runs.results import Result, save_result
from studio.runs.signals import Change
from studio.runs.snapshot import load_snapshot, save_snapshot
from studio.timelapse import Timelapse

TIME_LIMIT = 900.0  # seconds; Gradio has none for a job
FRAME_SECONDS = 0.1  # between two previews
SHARE = 10  # a variation has a tenth of a run's steps
UNBEGUN = "Stopped before the first step."
LOADING = "Loading the models …"
FIRST_STEP = "The first step is on its way …"
GONE_ON = "That run has been continued since then: continue its latest result, or press Stylize."

_log = logging.getLogger(__name__)


class StepLock:
    """A lock for one step or tile at a time, held by whoever computes.

    A run that was left may still be in its last step when the next one starts. A loop that
    releases Python's own lock only to take it again always wins; here it has to pass a gate that
    the one who waits keeps shut.
    """

    def __init__(self) -> None:
        self._gate, self._lock = threading.Lock(), threading.Lock()

    def __enter__(self) -> None:
        with self._gate:
            self._lock.acquire()

    def __exit__(self, *_: object) -> None:
        self._lock.release()

    def close(self) -> None:
        """Let nobody compute any more, once the present step is done."""
        self.__enter__()


step_lock = StepLock()


def steps(
    run: Run,
    is_over: Callable[[], bool] = lambda: False,
    before_each: Callable[[], None] = lambda: None,
) -> Generator[Step | None, None, None]:
    """Do a run's steps; at the end, and when this is closed, its last step has been looked at.

    Before each step `is_over` is asked whether it is the end, and `before_each` is called with the
    lock held. Yields the step if nothing was shown for `FRAME_SECONDS`, else None, since a GPU
    would be waited for. The last step of all is never yielded, but is the run's `last`.

    Raises:
        UserError: the run cannot go on, or memory has run out.
    """
    shown = -math.inf
    try:
        while not (run.finished or is_over()):
            with step_lock, memory.given_back():
                before_each()
                run.advance()
                due = time.monotonic() - shown >= FRAME_SECONDS and not run.finished
                step = run.look() if due else None
            if due:
                shown = time.monotonic()
            yield step
    finally:
        if run.done:
            run.look()


def train(job: Job, more: int = 0) -> Generator[Event, None, None]:
    """Learn a job's styles; the last event is `Finished`, or `Stopped` before the first step.

    Closing this, as Gradio does when the page is closed, ends the run at its next step. A run that
    has done all of its own steps gets `more`.

    Raises:
        UserError: the run cannot go on; `Finished` has come before where there is a picture.
        OSError: the picture cannot be saved; `Finished` has come before.
    """
    try:
        if job.signals.stop_asked():
            yield Stopped(UNBEGUN)
            return
        yield Preparing(LOADING)
        with memory.given_back():
            training = _Training(job, more)
        yield Preparing(FIRST_STEP)
        fault: UserError | None = None
        try:
            going = steps(training.run, training.is_over, training.take_change)
            with closing(latest(going)) as shown:
                for step in shown:
                    yield training.preview(step)
        except UserError as error:
            fault, training.ending = error, "Ended early"
        if training.run.last is not None:
            yield from training.finish(training.run.last, broken=isinstance(fault, RunError))
        elif fault is None:
            yield Stopped(UNBEGUN)
        if fault is not None:
            raise fault
    finally:
        job.signals.end()


class _Training:
    """The part of a run from Stylize or Continue to its end; most fields are as in `Finished`."""

    def __init__(self, job: Job, more: int) -> None:
        self.job, self.change, self.ending = job, job.change, "Done"  # aims at `change` now
        self.edits: list[Edit] = []
        models, device = load_models(job.models, best_device()), best_device()
        self.encoder, parts = models.encoder, (models.encoder, models.perceptual)
        self.remark = self._check(job.regions)
        with step_lock:
            if job.before is None:
                self._film(0, job.photo.rgb)
                photo = to_tensor(job.photo.rgb, device)
                self.run = Run(photo, job.regions, *parts, job.settings, models.sketcher)
            else:
                file = job.signals.snapshot
                self.run = load_snapshot(file, *parts, models.sketcher, device)
                self._resume(job.before.provenance, more)
        self.began = time.monotonic()

    def _resume(self, made: Provenance, more: int) -> None:
        run = self.run
        if run.done != made.steps:
            raise UserError(GONE_ON)
        self.edits += made.edits
        if run.finished:
            run.extend(more)
            self.edits.append(Edit(run.done, f"continued: {more} more steps"))
        strengths, mask = jobs.strengths_of(made.settings), from_alpha(made.mask)
        old = Change(made.foreground, made.background, *strengths, mask, made.pictures)
        self.edits += [Edit(run.done, text) for text in jobs.differences(old, self.change)]
        # Even to what it aims at: a part that was stopped at once has left no other trace.
        run.steer(self.job.regions)

    def finish(self, last: Step, broken: bool) -> Iterator[Finished]:
        """Save the picture of the last good step, and the run for Continue unless it is broken."""
        values = vars(self.preview(last)) | {"edits": tuple(self.edits)}
        finished = Finished(**values, ending=self.ending, seed=self.job.settings.seed)
        try:
            result = self._save(finished)
        except (OSError, UserError):
            yield finished
            raise
        yield replace(finished, result=result)
        if not broken:
            try:
                save_snapshot(self.job.signals.snapshot, self.run)
            except Exception:  # PyTorch raises anything for a full disk; the picture is there
                _log.exception("A run could not be kept")

    def is_over(self) -> bool:
        """Whether no further step is to be done, though some are planned."""
        if self.job.signals.stop_asked():
            self.ending = "Stopped"
        elif time.monotonic() - self.began > TIME_LIMIT:
            self.ending = "Time is up"
        return self.ending != "Done"

    def take_change(self) -> None:
        """Aim at what the visitor has asked for since the last step, if anything."""
        new = self.job.signals.take_change()
        if new is None:
            return
        texts = jobs.differences(self.change, new)
        try:
            if texts:
                job = self.job
                regions = jobs.regions_of(new, job.photo.size, job.settings, job.models)
                self.remark = self._check(regions)
                self.run.steer(regions)
                self.edits += [Edit(self.run.done, text) for text in texts]
            self.change = new
        except UserError as error:
            self.remark = str(error)

    def _check(self, regions: Sequence[Region]) -> str:
        prompts = [region.prompt for region in regions]
        return jobs.describe_unknown(check_known(self.encoder, prompts))

    def preview(self, step: Step) -> Preview:
        """A step as the visitor sees it, without what a later one under way has taken up."""
        picture = to_uint8(step.image)
        self._film(step.step, picture)
        totals = tuple(losses["total"] for losses in self.run.history)
        edits = tuple(edit for edit in self.edits if edit.step < step.step)
        # No other process can read what is on this one's GPU.
        step = replace(step, image=step.image.cpu())
        return Preview(step, picture, totals, self.remark, edits)

    def _save(self, finished: Finished) -> Result:
        job, change = self.job, self.change
        provenance = Provenance(
            settings=jobs.with_strengths(job.settings, change),
            foreground=change.foreground,
            background=change.background,
            models=job.models,
            method=job.method,
            mask_source=change.mask_source,
            mask=to_alpha(change.mask),
            photo=fingerprint(job.visit.shown.rgb),
            steps=finished.step.step,
            edits=finished.edits,
            pictures=change.pictures,
        )
        return save_result(finished.picture, provenance, job.visit, job.signals)

    def _film(self, step: int, pixels: np.ndarray) -> None:
        """A frame of the time-lapse, without which the run goes on."""
        try:
            Timelapse(self.job.signals.frames).add(step, pixels)
        except UserError as error:
            _log.warning("A time-lapse lacks step %d: %s", step, error)


def variations(job: Job, seeds: Sequence[int]) -> Iterator[list[tuple[np.ndarray, str]]]:
    """Do the first steps of a run under each seed: enough to see how each will look.

    Yields the pictures so far [H, W, 3] uint8, each with its caption; fewer where time is up. A
    `UserError` says that the models are not here yet, or cannot use the prompts.
    """
    if resolve(job.models).missing:
        raise UserError("These models have to be downloaded first: press Stylize once.")
    models, device = load_models(job.models, best_device()), best_device()
    check_known(models.encoder, [region.prompt for region in job.regions])
    photo = to_tensor(job.photo.rgb, device)
    pictures: list[tuple[np.ndarray, str]] = []
    began = time.monotonic()
    for seed in seeds:
        settings = replace(job.settings, seed=seed, steps=max(2, job.settings.steps // SHARE))
        with step_lock, memory.given_back():
            parts = models.encoder, models.perceptual, settings, models.sketcher
            draft = Run(photo, job.regions, *parts)
        for _ in steps(draft, lambda: time.monotonic() - began > TIME_LIMIT):
            pass
        if not draft.finished:
            return
        pictures.append((to_uint8(draft.look().image), f"seed {seed}"))
        yield list(pictures)
