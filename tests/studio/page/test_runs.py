"""A run of the page, step by step: changed, stopped, left, gone on with; in another process too."""

import threading
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from semcs_core.errors import UserError
from semcs_core.image import open_photo, resize_mask
from studio.page import photos
from studio.runs import jobs, training
from studio.runs.events import Preview, Stopped
from studio.runs.mask_layer import to_editor
from studio.runs.own_size import at_own_size
from tests.helpers.hand_runs import NEW, OLD, finish, prepared


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


def changed_and_stopped(job, new):
    for event in training.train(job):
        if isinstance(event, Preview):
            job.signals.ask_stop() if event.edits else job.signals.change(new)
    return event


def test_an_earlier_result_of_a_run_that_went_on_is_not_mixed_up_with_it(
    root, work, change, mask, tmp_path
):
    tiny = {"size": 64, "steps": 12}
    first = stopped_at(prepared(work, change(*OLD), **tiny), 3)
    layer = layer_of(tmp_path, work, mask)
    more = more_of(work, layer, NEW, first)
    second = finish(more)
    assert second.provenance.edits[0].text == "background: mosaic"
    again = more_of(work, layer, OLD, first)
    with pytest.raises(UserError, match="continued since"):
        finish(again)
    assert not again.signals.running()
    # Nor with a part of it that was stopped while it waited.
    held = more_of(work, layer, OLD, second)
    held.signals.begin()
    held.signals.ask_stop()
    assert [*training.train(held)] == [Stopped(training.UNBEGUN)]
    # The later one still can go on, back to the old prompts.
    back = more_of(work, layer, OLD, second)
    texts = [edit.text for edit in finish(back, more=2).provenance.edits]
    assert texts == ["background: mosaic", "continued: 2 more steps", "background: snowy"]


def test_a_run_is_over_however_it_ends(root, work, change, monkeypatch):
    tiny = {"size": 64, "steps": 6}

    job = prepared(work, change(*OLD), **tiny)
    assert finish(job).provenance.steps == 6
    assert not job.signals.running()
    assert job.signals.snapshot.exists()

    job = prepared(work, change(*OLD), **tiny)
    made = stopped_at(job, 1)
    assert made.file.exists()
    assert made.provenance.steps < 6
    assert not job.signals.running()
    assert job.signals.snapshot.exists()

    job = prepared(work, change(*OLD), **tiny)
    going = training.train(job)
    while not isinstance(next(going), Preview):
        assert job.signals.running()
    going.close()
    assert not job.signals.running()
    for thread in threading.enumerate():
        if thread.name == "latest":
            thread.join(20)
            assert not thread.is_alive()

    job = prepared(work, change(*OLD), **tiny)
    job.signals.ask_stop()  # while it waits for its turn
    assert [*training.train(job)] == [Stopped(training.UNBEGUN)]
    assert not job.signals.running()

    def broken(_):
        raise RuntimeError("broken")

    monkeypatch.setattr(training.Run, "advance", broken)
    job = prepared(work, change(*OLD), **tiny)
    with pytest.raises(RuntimeError, match="broken"):
        finish(job)
    assert not job.signals.running()
    assert not training.step_lock._lock.locked()

    with pytest.raises(UserError, match="know no word"):  # before it waits for its turn
        prepared(work, change("zyzzyva", ""), **tiny)


def test_another_style_picture_begins_its_region_anew_and_all_that_follows_keeps_it(
    root, work, change, mask
):
    blue, red = (np.full((40, 60, 3), c, np.uint8) for c in ([30, 60, 200], [200, 40, 30]))
    job = prepared(work, replace(change("", ""), pictures=(blue, None)), size=64, steps=1000)
    first = changed_and_stopped(job, replace(job.change, pictures=(red, None))).result
    assert first.caption == "a picture | photo, seed 7"
    first.signals.forget_stop()
    *_, saved = at_own_size(first)
    for file in first.file, saved.file:
        rgb = open_photo(file).rgb
        inside = resize_mask(mask, rgb.shape[1::-1]) > 0.9
        assert rgb[inside].mean(axis=0).argmax() == 0
    words = replace(change("fire", ""), pictures=(red, None))
    more = stopped_at(jobs.prepare_more(work, words, first), 0).provenance
    assert [edit.text for edit in more.edits][1:] == ["object: fire and a picture"]


def test_a_run_that_goes_on_while_it_is_looked_at_can_be_changed_and_stopped(root, work, change):
    job = prepared(work, change(*OLD), size=64, steps=1000)
    event = changed_and_stopped(job, change(OLD[0], ""))  # one region fewer, and one style fewer
    assert event.ending == "Stopped"
    assert event.result.provenance.background == ""
    assert not job.signals.running()


def test_what_cannot_be_asked_of_a_run(root, work, change, mask, tmp_path):
    job = prepared(work, change(*OLD))
    other = replace(work, photo=open_photo(photos.load_examples()[1].path))
    wrong = {
        "its own photo": (other, change(*OLD)),
        "no style yet": (work, change("", " ")),
        "know no word": (work, change("zyzzyva", "")),
        "strength must be": (work, replace(change(*OLD), foreground_strength=7.0)),
        "mask is empty": (work, replace(change(*OLD), mask=np.zeros_like(mask))),
    }
    for sentence, (now, asked) in wrong.items():
        with pytest.raises(UserError, match=sentence):
            jobs.steer(job, now, asked)
        assert job.signals.take_change() is None
    with pytest.raises(UserError, match="no run to continue"):
        more_of(work, layer_of(tmp_path, work, mask), OLD, None)


def test_differences_in_words(change, mask):
    old = change(*OLD)
    assert jobs.differences(old, change(*OLD)) == []
    both = jobs.differences(old, change("", "golden"))
    assert both == ["object: the photo", "background: golden"]
    assert jobs.differences(old, replace(old, background_strength=0.5)) == [
        "background strength: 0.5"
    ]
    assert jobs.differences(old, replace(old, mask=1 - mask)) == ["mask: another"]
