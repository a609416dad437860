"""The last gesture: a run of the network, streamed to the page, steered and stopped from it."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace

import numpy as np

from models.loading import Models, best_device, load_models, resolve
from semcs_core.errors import UserError
from semcs_core.image import fit, to_tensor, to_uint8
from semcs_core.prompts import check_known, describe_unknown
from semcs_core.regions import Region
from semcs_core.run import Run
from semcs_core.step import RunError, Step
from studio.page import downloads, status
from studio.page.errors import sentence
from studio.page.mask_layer import editor_photo, from_alpha, to_alpha
from studio.provenance import Edit, Provenance, fingerprint
from studio.runs import memory
from studio.runs.jobs import Job, differences, regions_of, with_strengths
from studio.runs.results import Result, save_result
from studio.runs.signals import Change
from studio.runs.snapshot import load_snapshot, save_snapshot
from studio.server.background import each
from studio.server.fair_lock import FairLock
from studio.timelapse import Timelapse

TIME_LIMIT = 900.0  # seconds; Gradio has none for a job
FRAME_SECONDS = 0.1  # between two previews
WAITING = "Waiting for its turn …"
UNBEGUN = "Stopped before the first step."
GONE_ON = "That run has gone on since: continue its latest result, or press Stylize."
DRAFT = 10  # a variation has this part of a run's steps

# Held for the length of one step and never across a yield: a run that was abandoned may still be
# in its last step when the next one starts, and a rendering has its tiles between a run's steps.
step_lock = FairLock()

Steps = Generator[Step, None, None]
# None where no preview is due: a run may be left there all the same.
Doing = Generator[Step | None, None, None]

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Frame:
    """What the page shows next.

    Attributes:
        status: HTML.
        picture: [H, W, 3] uint8, a preview.
        result: the finished picture.
        step: that it is of.
    """

    status: str
    picture: np.ndarray | None = None
    result: Result | None = None
    step: Step | None = None


def fetch(job: Job) -> Generator[str, None, bool]:
    """Download what the job's models still need, outside the queue of the runs.

    Yields:
        The status, HTML; at least once.

    Returns:
        Whether the job can run; False after a stop.

    Raises:
        UserError: a file cannot be had.
    """
    try:
        files = resolve(job.models).files
        for now in downloads.fetch_missing(files, job.controls.stop_asked):
            yield status.idle(now.text, now.received, now.total)
        yield status.idle(WAITING, 0, job.settings.steps)
    except downloads.Stopped:
        job.controls.end()
        yield status.idle("Stopped: an unfinished file is downloaded anew next time.")
        return False
    except BaseException as error:
        job.controls.end()
        if isinstance(error, UserError):
            yield status.idle(sentence(error))
        raise
    return True


def run(
    job: Job, more: int = 0, watched: Callable[[Doing], Steps] = each
) -> Generator[Frame, None, None]:
    """Learn, and say what the page shows on the way; the last frame has the finished picture.

    Closing the generator, as Gradio does when the page is closed, ends the run.

    Args:
        job: of `prepare` or `prepare_more`.
        more: steps that a finished run goes on for.
        watched: how the steps are followed: by `each` or by `newest`.

    Raises:
        UserError: the run cannot go on; the last good picture has been yielded before.
    """
    try:
        if job.controls.stop_asked():
            yield Frame(status.idle(UNBEGUN))
            return
        yield Frame(status.idle("Loading the models …", 0, job.settings.steps))
        try:
            with memory.enough_for(job.settings):
                learning = _Learning(job, load_models(job.models, best_device()), more)
        except UserError as error:
            yield Frame(status.idle(sentence(error)))
            raise
        yield Frame(status.idle("The first step is on its way …", 0, learning.run.steps))
        yield from learning.frames(watched)
    finally:
        job.controls.end()


class _Learning:
    """One part of a run, from Stylize or Continue to its end.

    Args:
        job: of the run.
        models: loaded.
        more: steps that a finished run goes on for.

    Attributes:
        run: the network.
        change: prompts, strengths and mask that it aims at now.
        edits: what was changed on the way.
        remark: words that nobody knows.
        heading: how it ended.

    Raises:
        UserError: the prompts cannot be used, or there is nothing to go on from.
    """

    def __init__(self, job: Job, models: Models, more: int) -> None:
        self.job, self.models = job, models
        self.change = job.change
        self.edits: list[Edit] = []
        self.heading = "Done"
        self.timelapse = Timelapse(job.controls.frames)
        self.remark = self._check(job.regions)
        with step_lock:
            self.run = self._start() if job.before is None else self._resume(job.before, more)

    def _start(self) -> Run:
        job, models = self.job, self.models
        photo = fit(job.work.require_photo(), job.settings.size)
        self._film(0, photo.rgb)
        return Run(
            to_tensor(photo.rgb, best_device()),
            job.regions,
            models.encoder,
            models.perceptual,
            job.settings,
            models.sketcher,
        )

    def _resume(self, before: Result, more: int) -> Run:
        made, models = before.provenance, self.models
        run = load_snapshot(
            self.job.controls.snapshot,
            models.encoder,
            models.perceptual,
            models.sketcher,
            best_device(),
        )
        if run.done != made.steps:
            raise UserError(GONE_ON)
        self.edits += made.edits
        if run.finished:
            run.extend(more)
            self.edits.append(Edit(run.done, f"continued: {more} more steps"))
        old = Change(
            made.foreground,
            made.background,
            made.settings.controls_of(0).strength,
            made.settings.controls_of(1).strength,
            from_alpha(made.mask),
        )
        self.edits += [Edit(run.done, text) for text in differences(old, self.change)]
        # Even to what it aims at: a part that was stopped at once has left no other trace.
        run.steer(self.job.regions)
        return run

    def frames(self, watched: Callable[[Doing], Steps]) -> Iterator[Frame]:
        """Previews, and the finished picture."""
        fault: UserError | None = None
        try:
            with closing(watched(self._steps())) as steps:
                for step in steps:
                    picture = to_uint8(step.image)
                    self._film(step.step, picture)
                    yield Frame(self._status(step), picture, step=step)
        except UserError as error:
            fault, self.heading = error, "Ended early"
        last = self.run.last
        if last is None:
            yield Frame(status.idle(UNBEGUN if fault is None else sentence(fault)))
        else:
            text = (
                f"{self.heading}: {last.step} of {last.steps} steps in "
                f"{status.duration(last.seconds)}, seed {self.job.settings.seed}."
            )
            pixels = to_uint8(last.image)
            self._film(last.step, pixels)
            try:
                result = self._save(pixels, last)
            except (OSError, UserError) as error:
                yield Frame(self._status(last, f"{text} {sentence(error)}"), pixels, step=last)
                raise
            yield Frame(self._status(last, text), result=result, step=last)
        if last is not None and not isinstance(fault, RunError):
            self._keep()  # what has broken down is nothing to go on from
        if fault is not None:
            raise fault

    def _steps(self) -> Doing:
        """Do them, and yield those that get a preview; the last one is looked at in any case."""
        began, shown = time.monotonic(), -math.inf
        try:
            while not self._is_over(began):
                with step_lock, memory.enough_for(self.job.settings):
                    self._take_change()
                    self.run.advance()
                    # A GPU is not waited for but where somebody is to see what it has done.
                    due = time.monotonic() - shown >= FRAME_SECONDS and not self.run.finished
                    step = self.run.look() if due else None
                if step is not None:
                    shown = time.monotonic()
                yield step
        finally:
            if self.run.done:
                self.run.look()

    def _is_over(self, began: float) -> bool:
        if self.run.finished:
            return True
        if self.job.controls.stop_asked():
            self.heading = "Stopped"
            return True
        if time.monotonic() - began > TIME_LIMIT:
            self.heading = "Time is up"
            return True
        return False

    def _take_change(self) -> None:
        change = self.job.controls.take_change()
        if change is not None:
            try:
                self._steer(self.change, change)
            except UserError as error:
                self.remark = str(error)

    def _steer(self, old: Change, new: Change) -> None:
        """Aim at something else from the next step on, and write down what."""
        edits = [Edit(self.run.done, text) for text in differences(old, new)]
        if edits:
            regions = regions_of(new, self.job.work, self.job.settings)
            self.remark = self._check(regions)
            self.run.steer(regions)
            self.edits += edits
        self.change = new

    def _check(self, regions: Sequence[Region]) -> str:
        prompts = [region.prompt for region in regions]
        return describe_unknown(check_known(self.models.encoder, prompts))

    def _status(self, step: Step, heading: str = "") -> str:
        # A later step may be under way, and have taken a change.
        edits = [edit for edit in self.edits if heading or edit.step < step.step]
        totals = [losses["total"] for losses in self.run.history]
        return status.progress(step, totals, heading, self.remark, edits)

    def _save(self, pixels: np.ndarray, last: Step) -> Result:
        job, change = self.job, self.change
        provenance = Provenance(
            settings=with_strengths(
                job.settings, change.foreground_strength, change.background_strength
            ),
            foreground=change.foreground,
            background=change.background,
            models=job.models,
            mask=to_alpha(change.mask),
            photo=fingerprint(editor_photo(job.work.require_photo()).rgb),
            steps=last.step,
            edits=tuple(self.edits),
        )
        return save_result(pixels, provenance, job.work, job.controls)

    def _film(self, step: int, pixels: np.ndarray) -> None:
        """A frame of the time-lapse, which is not worth a run."""
        try:
            self.timelapse.add(step, pixels)
        except UserError as error:
            _log.warning("A time-lapse lacks step %d: %s", step, error)

    def _keep(self) -> None:
        """What Continue goes on from; the picture is there without it."""
        try:
            save_snapshot(self.job.controls.snapshot, self.run)
        except Exception:  # PyTorch's of a full disk is none of the system's
            _log.exception("A run could not be kept")


def variations(job: Job, seeds: Sequence[int]) -> Iterator[list[tuple[np.ndarray, str]]]:
    """The first steps under other seeds: enough to see how each will look.

    Yields:
        The pictures so far [H, W, 3] uint8, each with its caption; fewer where time is up.

    Raises:
        UserError: the models are not here yet, or cannot use the prompts.
    """
    if resolve(job.models).missing:
        raise UserError("These models have to be downloaded first: press Stylize once.")
    models, device = load_models(job.models, best_device()), best_device()
    check_known(models.encoder, [region.prompt for region in job.regions])
    photo = to_tensor(fit(job.work.require_photo(), job.settings.size).rgb, device)
    steps = max(2, job.settings.steps // DRAFT)
    pictures: list[tuple[np.ndarray, str]] = []
    began = time.monotonic()
    for seed in seeds:
        settings = replace(job.settings, seed=seed, steps=steps)
        parts = models.encoder, models.perceptual, settings, models.sketcher
        with step_lock, memory.enough_for(settings):
            draft = Run(photo, job.regions, *parts)
        while not draft.finished and time.monotonic() - began < TIME_LIMIT:
            with step_lock, memory.enough_for(settings):
                draft.advance()
        if not draft.finished:
            return
        pictures.append((to_uint8(draft.look().image), f"seed {seed}"))
        yield list(pictures)
