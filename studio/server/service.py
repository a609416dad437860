"""A run as the server gives it: in its turn, on the GPU that is lent for it, written in the log."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Generator
from contextlib import closing, suppress

import gradio as gr

from models.loading import resolve
from semcs_core.errors import UserError
from studio.runs import own_size, training
from studio.runs.downloads import fetch_missing
from studio.runs.events import Event, Preview, Stopped, Waiting
from studio.runs.jobs import Job
from studio.runs.signals import Signals
from studio.server.queue import queue
from studio.server.zero_gpu import LONGEST, on_lent_gpu, seconds_for

# Seconds; a container is killed 10 after it was told to end.
LAST_STEP, LAST_WORD = 7.0, 1.0

run_log = logging.getLogger(f"{__name__}.runs")  # a JSON line for each run
_served: set[Signals] = set()

train = on_lent_gpu(lambda job, more: seconds_for(job.settings, max(job.settings.steps, more)))(
    training.train
)
variations = on_lent_gpu(
    lambda job, seeds: len(seeds) * seconds_for(job.settings, job.settings.steps // training.SHARE)
)(training.variations)
at_own_size = on_lent_gpu(lambda result: LONGEST)(own_size.at_own_size)


def serve(job: Job, visitor: str, more: int = 0) -> Generator[Event, None, None]:
    """`training.train` as soon as its files are here and it is this run's turn.

    The log's outcome is "finished", "stopped", "timed out", "left", "refused", "broke off" or
    "failed".

    Raises:
        UserError: the queue is full, or the run cannot go on.
    """
    entered, began, last, outcome = time.monotonic(), None, None, "left"
    _served.add(job.signals)
    try:
        # Before the queue: a long download keeps nobody else waiting.
        with closing(fetch_missing(resolve(job.models).files)) as downloads:
            for told in downloads:
                yield told
                job.signals.keep()
                if job.signals.stop_asked():
                    outcome = "stopped"
                    yield Stopped(training.UNBEGUN)
                    return
        with queue.enter(visitor) as ahead:
            while (runs := ahead()) and not job.signals.stop_asked():
                yield Waiting(runs, queue.expected(runs))
                job.signals.keep()
            began = time.monotonic()
            with closing(train(job, more)) as events:
                for event in events:
                    last = event.step if isinstance(event, Preview) else last
                    yield event
        if job.signals.stop_asked():
            outcome = "stopped"
        else:
            outcome = "finished" if last and last.step == last.steps else "timed out"
    except UserError:
        outcome = "refused" if last is None else "broke off"
        raise
    except Exception:
        outcome = "failed"
        raise
    finally:
        _served.discard(job.signals)
        job.signals.end()
        now = time.monotonic()
        began = began or now
        # No prompt and no picture: who keeps a server need not know what its visitors paint.
        entry = {
            "event": "run",
            "run": job.signals.folder.name[:8],
            "outcome": outcome,
            "seconds": round(now - began, 2),
            "waited": round(began - entered, 2),
            "models": job.models,
            "painter": job.settings.painter,
            "photo": job.visit.require_photo().size,
            "size": job.settings.size,
            "steps": last.step if last else 0,
            "of": job.settings.steps,
        }
        run_log.info(json.dumps(entry))


def stop_all() -> None:
    """Every run ends as if its visitor had pressed Stop; returns when all have, or 8 s later."""
    if not _served:
        return
    deadline = time.monotonic() + LAST_STEP
    while _served and time.monotonic() < deadline:
        for signals in list(_served):
            with suppress(OSError):  # of a full disk; the others can be told
                signals.ask_stop()
        time.sleep(0.05)
    time.sleep(LAST_WORD)  # Gradio has still to tell the pages


def visitor(request: gr.Request | None) -> str:
    """What tells one page or client from another."""
    return (request.session_hash if request else None) or ""


def health() -> dict[str, object]:
    """What `/health` tells: whether a run would begin at once."""
    going, waiting = queue.state()
    return {"state": "busy" if going else "ready", "waiting": waiting}
