"""A run as the server gives it: in its turn, on the GPU that is lent for it, written down."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import replace
from typing import Any

import gradio as gr
import numpy as np

from semcs_core.errors import UserError
from studio.page import status
from studio.runs import own_size, training
from studio.runs.jobs import Job
from studio.runs.results import Result
from studio.runs.signals import Controls
from studio.server.background import newest
from studio.server.run_log import journal
from studio.server.turns import line
from studio.server.zero_gpu import LONGEST, on_lent_gpu, seconds_for

# Gradio lets all of them in: whose turn it is, the line says, and who has to come back.
IN_LINE: dict[str, Any] = {"concurrency_limit": None, "concurrency_id": "gpu"}
BEFORE = "Waiting: {} before yours{} …"
# Seconds; a container is killed 10 after it was told to end.
LAST_STEP, LAST_WORD = 7.0, 1.0

_served: set[Controls] = set()


@on_lent_gpu(lambda job, more: seconds_for(job.settings, max(job.settings.steps, more)))
def _run(job: Job, more: int) -> Generator[training.Frame, None, None]:
    for frame in training.run(job, more, newest):
        if frame.step is not None:  # no other process can read what is on the GPU
            frame = replace(frame, step=replace(frame.step, image=frame.step.image.cpu()))
        yield frame


@on_lent_gpu(lambda job, seeds: len(seeds) * seconds_for(job.settings, job.settings.steps // 10))
def variations(job: Job, seeds: Sequence[int]) -> Iterator[list[tuple[np.ndarray, str]]]:
    """As `runs.variations`."""
    yield from training.variations(job, seeds)


@on_lent_gpu(lambda result: LONGEST)
def at_own_size(result: Result) -> Iterator[own_size.Frame]:
    """As `own_size.at_own_size`."""
    yield from own_size.at_own_size(result)


def serve(job: Job, visitor: str, more: int = 0) -> Generator[training.Frame, None, None]:
    """`runs.run` as soon as it is this run's turn; until then, how many come first.

    Args:
        job: of `prepare` or `prepare_more`.
        visitor: whose it is.
        more: steps that a finished run goes on for.

    Raises:
        UserError: the line is full, or the run cannot go on.
    """
    entered, began, last = time.monotonic(), None, None
    outcome = "left"
    _served.add(job.controls)
    try:
        with line.enter(visitor) as turn:
            while (ahead := turn.wait()) and not job.controls.stop_asked():
                yield training.Frame(_waiting(ahead, job.settings.steps))
            began = time.monotonic()
            with closing(_run(job, more)) as frames:
                for frame in frames:
                    last = frame.step or last
                    yield frame
        if job.controls.stop_asked():
            outcome = "stopped"
        else:
            outcome = "finished" if last and last.step == last.steps else "timed out"
    except UserError as error:
        outcome = "refused" if last is None else "broke off"
        if began is None:  # nobody else has told the page
            yield training.Frame(status.idle(str(error)))
        raise
    except Exception:
        outcome = "failed"
        raise
    finally:
        _served.discard(job.controls)
        job.controls.end()
        now = time.monotonic()
        began = began or now
        width, height = job.work.require_photo().size
        journal.write(
            job.controls.folder.name[:8],
            outcome,
            now - began,
            waited=round(began - entered, 2),
            models=job.models,
            painter=job.settings.painter,
            photo=[width, height],
            size=job.settings.size,
            steps=last.step if last else 0,
            of=job.settings.steps,
        )


def stop_all() -> None:
    """Every run ends as if its visitor had pressed Stop; returns when all have, or 8 s later."""
    if not _served:
        return
    deadline = time.monotonic() + LAST_STEP
    while _served and time.monotonic() < deadline:
        for controls in list(_served):
            with suppress(OSError):  # of a full disk; the others can be told
                controls.ask_stop()
        time.sleep(0.05)
    time.sleep(LAST_WORD)  # Gradio has still to tell the pages


def _waiting(ahead: int, steps: int) -> str:
    seconds = line.expected(ahead)
    about = "" if seconds is None else f", about {status.duration(seconds)}"
    return status.idle(BEFORE.format(ahead, about), 0, steps)


def visitor(request: gr.Request | None) -> str:
    """What tells one page or client from another, until it is opened again."""
    return (request.session_hash if request else None) or ""


def health() -> dict[str, object]:
    """What `/health` tells: whether a run would begin at once."""
    going, waiting = line.state()
    return {"state": "busy" if going else "ready", "waiting": waiting, **journal.summary()}
