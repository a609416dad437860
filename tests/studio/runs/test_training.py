"""A run as events, without a page."""

import pickle
from dataclasses import replace

import numpy as np
import pytest
import torch

from models.loading import load_models
from semcs_core.image import to_tensor, to_uint8
from semcs_core.run import Run, stylize
from semcs_core.settings import Settings
from studio.runs import jobs, training
from studio.runs.events import Finished, Preparing, Preview, Stopped

SETTINGS = Settings(size=64, steps=4, crops=2)


@pytest.fixture
def job(root, work, change):
    return jobs.prepare(work, change("fire", "mosaic"), SETTINGS)


def draft(job, settings=SETTINGS):
    models = load_models("starter")
    photo = to_tensor(job.photo.rgb)
    return Run(photo, job.regions, models.encoder, models.perceptual, settings, models.sketcher)


def test_events_come_in_order_and_can_be_pickled(job):
    loading, first, *previews, last = (
        pickle.loads(pickle.dumps(event)) for event in training.train(job)
    )
    assert (loading, first) == (Preparing(training.LOADING), Preparing(training.FIRST_STEP))
    numbers = [preview.step.step for preview in previews]
    assert numbers == sorted(set(numbers))
    assert all(len(preview.totals) >= preview.step.step for preview in previews)
    assert isinstance(last, Finished)
    assert (last.ending, last.step.step, len(last.totals)) == ("Done", 4, 4)
    assert last.result.file.exists()
    assert job.signals.snapshot.exists()


def test_the_picture_is_that_of_the_method_alone(job):
    *_, finished = training.train(job)
    models = load_models("starter")
    parts = models.encoder, models.perceptual, SETTINGS, models.sketcher
    *_, last = stylize(to_tensor(job.photo.rgb), job.regions, *parts)
    np.testing.assert_array_equal(finished.picture, to_uint8(last.image))


def test_time_is_up(job, monkeypatch):
    monkeypatch.setattr(training, "TIME_LIMIT", -1.0)
    *_, last = training.train(job)
    assert last == Stopped(training.UNBEGUN)


def test_steps_are_looked_at_in_time_and_at_the_end(job, monkeypatch):
    monkeypatch.setattr(training, "FRAME_SECONDS", 0.0)
    run = draft(job)
    seen = list(training.steps(run))
    assert [step and step.step for step in seen] == [1, 2, 3, None]
    assert run.last.step == 4

    monkeypatch.setattr(training, "FRAME_SECONDS", 1000.0)
    run = draft(job, replace(SETTINGS, steps=9))
    going = training.steps(run)
    assert [next(going) and 1 for _ in range(3)] == [1, None, None]
    going.close()
    assert (run.done, run.last.step) == (3, 3)
    assert torch.isfinite(run.last.image).all()


def test_a_preview_leaves_out_a_change_that_came_after_its_step(job):
    for event in training.train(job):
        if event == Preparing(training.FIRST_STEP):
            job.signals.change(replace(job.change, background="golden"))
        elif isinstance(event, Preview):
            assert [edit.text for edit in event.edits] == ["background: golden"]
            assert event.edits[0].step < event.step.step
    assert event.result.provenance.background == "golden"
