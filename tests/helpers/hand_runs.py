"""Runs by hand: what the page does with one, without a browser."""

from dataclasses import replace

from PIL import Image

from semcs_core.settings import Settings
from studio.page.mask_layer import to_editor
from studio.runs import jobs, training

QUICK = {"size": 160, "crops": 8}
SETTINGS = Settings(**QUICK, steps=40, seed=7)
OLD, NEW = ("fire", "snowy"), ("fire", "mosaic")


def prepared(work, change, **changes):
    job = jobs.prepare_change(work, change, replace(SETTINGS, **changes))
    job.controls.begin()
    return job


def finish(job, more=0):
    return [*training.run(job, more)][-1].result


def layer_of(tmp_path, work, mask):
    path = tmp_path / "layer.png"
    Image.fromarray(to_editor(work.photo, mask)["layers"][0]).save(path)
    return path


def stopped_at(job, number):
    for frame in training.run(job):
        if frame.step is not None and frame.step.step >= number:
            job.controls.ask_stop()
    return frame.result
