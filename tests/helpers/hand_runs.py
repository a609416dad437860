"""Runs by hand: what the page does with one, without a browser."""

from contextlib import closing
from dataclasses import replace

from PIL import Image

from semcs_core.settings import Settings
from studio.runs import jobs, training
from studio.runs.events import Preview
from studio.runs.mask_layer import to_editor

QUICK = {"size": 160, "crops": 8}
SETTINGS = Settings(**QUICK, steps=40, seed=7)
OLD, NEW = ("fire", "snowy"), ("fire", "mosaic")


def prepared(work, change, **changes):
    job = jobs.prepare(work, change, replace(SETTINGS, **changes))
    job.signals.begin()
    return job


def finish(job, more=0):
    return [*training.train(job, more)][-1].result


def more_of(work, layer, prompts, before):
    """A job as Continue makes it."""
    return jobs.prepare_more(work, jobs.read_change(work, layer, prompts, (1.0, 1.0)), before)


def layer_of(tmp_path, work, mask):
    path = tmp_path / "layer.png"
    Image.fromarray(to_editor(work.shown, mask)["layers"][0]).save(path)
    return path


def stopped_at(job, number):
    for event in training.train(job):
        if isinstance(event, Preview) and event.step.step >= number:
            job.signals.ask_stop()
    return event.result


def each(items):
    """In the place of `latest`: no step is done while an event is looked at."""
    with closing(items):
        for item in items:
            if item is not None:
                yield item
