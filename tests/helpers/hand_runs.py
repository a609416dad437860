"""Runs by hand: what the page does with one, without a browser."""

from contextlib import closing
from dataclasses import replace

from semcs_core.settings import Settings
from studio.runs import jobs, training

QUICK = {"size": 160, "crops": 8}
SETTINGS = Settings(**QUICK, steps=40, seed=7)
OLD, NEW = ("fire", "snowy"), ("fire", "mosaic")


def prepared(work, change, **changes):
    job = jobs.prepare(work, change, replace(SETTINGS, **changes))
    job.signals.begin()
    return job


def finish(job, more=0):
    job.signals.begin()
    return [*training.train(job, more)][-1].result


def each(items):
    """In the place of `latest`: no step is done while an event is looked at."""
    with closing(items):
        for item in items:
            if item is not None:
                yield item
