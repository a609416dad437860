"""The download of what a run's models still need, before it waits for its turn."""

from __future__ import annotations

from collections.abc import Iterator

from models.loading import resolve
from studio.runs import downloads
from studio.runs.events import Downloading, Event, Preparing, Stopped
from studio.runs.jobs import Job

WAITING = "Waiting for its turn …"
STOPPED = "Stopped: an unfinished file is downloaded anew next time."


def fetch(job: Job) -> Iterator[Event]:
    """Download what is missing, so that nobody else waits for it.

    The last event is `Preparing` where the job can run, `Stopped` where it was stopped.

    Raises:
        UserError: a file cannot be had.
    """
    ready = False
    try:
        for now in downloads.fetch_missing(resolve(job.models).files, job.signals.stop_asked):
            yield Downloading(now.text, now.received, now.total)
        ready = True
        yield Preparing(WAITING)
    except downloads.Stopped:
        yield Stopped(STOPPED)
    finally:
        if not ready:
            job.signals.end()
