"""A run of the page, step by step: changed, stopped, left, gone on with; in another process too."""

import multiprocessing
import threading
from dataclasses import replace

import numpy as np
import pytest

from semcs_core.errors import UserError
from semcs_core.image import open_photo
from studio.page import photos
from studio.provenance import read_provenance
from studio.runs import jobs, training
from studio.server.background import each, newest
from tests.helpers.browser import pixels_of
from tests.helpers.hand_runs import NEW, OLD, SETTINGS, finish, layer_of, prepared, stopped_at


def look_at(job):
    """Frames of a run as they can be sent: step and file."""
    for frame in training.run(job):
        yield frame.step and frame.step.step, frame.result and frame.result.file


def other_process(connection):
    """One run, waiting after each frame for the word to go on."""
    training.FRAME_SECONDS = 0
    for frame in look_at(connection.recv()):
        connection.send(frame)
        connection.recv()
    connection.send(None)


def frames_of_another_process(job):
    """The same as `look_at`, as on a ZeroGPU Space."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=other_process, args=(there,), daemon=True)
    process.start()
    here.send(job)
    while (frame := here.recv()) is not None:
        yield frame
        here.send("go on")
    process.join(60)
    assert process.exitcode == 0


def test_a_run_in_another_process_is_steered_stopped_and_gone_on_with_here(
    root, work, change, mask, tmp_path, monkeypatch
):
    monkeypatch.setattr(training, "FRAME_SECONDS", 0)  # every step has its frame
    made = []
    for frames in look_at, frames_of_another_process:
        job = prepared(work, change(*OLD), size=64, steps=20)
        for frame in frames(job):
            step, path = frame
            if step == 5:
                jobs.steer(job, work, change(*NEW))
            if step == 12:
                job.controls.ask_stop()
        assert step == 12
        assert not job.controls.running()
        provenance = read_provenance(path)
        (edit,) = provenance.edits
        assert (edit.step, edit.text) == (5, "background: mosaic")
        before = training.Result(path, provenance, work, job.controls)
        more = jobs.prepare_more(work, layer_of(tmp_path, work, mask), *NEW, SETTINGS, before)
        more.controls.begin()
        result = finish(more)
        assert result.provenance.steps == 20
        made.append([pixels_of(one.read_bytes()) for one in (path, result.file)])
    np.testing.assert_array_equal(*made)


def test_an_earlier_result_of_a_run_that_went_on_is_not_mixed_up_with_it(
    root, work, change, mask, tmp_path
):
    tiny = {"size": 64, "steps": 12}
    first = stopped_at(prepared(work, change(*OLD), **tiny), 3)
    layer = layer_of(tmp_path, work, mask)
    more = jobs.prepare_more(work, layer, *NEW, SETTINGS, first)
    more.controls.begin()
    second = finish(more)
    assert second.provenance.edits[0].text == "background: mosaic"
    again = jobs.prepare_more(work, layer, *OLD, SETTINGS, first)
    again.controls.begin()
    with pytest.raises(UserError, match="gone on since"):
        finish(again)
    assert not again.controls.running()
    # Nor with a part of it that was stopped while it waited.
    held = jobs.prepare_more(work, layer, *OLD, SETTINGS, second)
    held.controls.begin()
    held.controls.ask_stop()
    assert [*training.run(held)][-1].result is None
    # The later one still can go on, back to the old prompts.
    back = jobs.prepare_more(work, layer, *OLD, SETTINGS, second)
    back.controls.begin()
    texts = [edit.text for edit in finish(back, more=2).provenance.edits]
    assert texts == ["background: mosaic", "continued: 2 more steps", "background: snowy"]


def test_a_run_is_over_however_it_ends(root, work, change, monkeypatch):
    tiny = {"size": 64, "steps": 6}

    job = prepared(work, change(*OLD), **tiny)
    assert finish(job).provenance.steps == 6
    assert not job.controls.running()
    assert job.controls.snapshot.exists()

    job = prepared(work, change(*OLD), **tiny)
    made = stopped_at(job, 1)
    assert made.file.exists()
    assert made.provenance.steps < 6
    assert not job.controls.running()
    assert job.controls.snapshot.exists()

    job = prepared(work, change(*OLD), **tiny)
    going = training.run(job)
    while next(going).step is None:
        assert job.controls.running()
    going.close()
    assert not job.controls.running()

    job = prepared(work, change(*OLD), **tiny)
    job.controls.ask_stop()  # while it waits for its turn
    (frame,) = training.run(job)
    assert frame.result is None
    assert not job.controls.running()

    def broken(_):
        raise RuntimeError("broken")

    monkeypatch.setattr(training.Run, "advance", broken)
    job = prepared(work, change(*OLD), **tiny)
    with pytest.raises(RuntimeError, match="broken"):
        finish(job)
    assert not job.controls.running()
    assert not training.step_lock.locked()

    job = prepared(work, change("zyzzyva", ""), **tiny)
    with pytest.raises(UserError, match="know no word"):
        finish(job)
    assert not job.controls.running()


def test_a_run_stopped_before_a_step_without_its_background_tells_the_old_losses(
    root, work, change, mask, tmp_path
):
    first = stopped_at(prepared(work, change(*OLD), size=64, steps=12), 3)
    layer = layer_of(tmp_path, work, mask)
    job = jobs.prepare_more(work, layer, OLD[0], "", SETTINGS, first)
    job.controls.begin()
    going = training.run(job)
    assert "Loading" in next(going).status
    job.controls.ask_stop()
    *_, last = going
    assert last.result.provenance.background == ""
    assert "global background" in last.status


def test_a_run_that_goes_on_while_it_is_looked_at_makes_the_same_picture(root, work, change):
    made = []
    for watched in each, newest:
        frames = list(training.run(prepared(work, change(*OLD), size=64, steps=6), watched=watched))
        made.append(pixels_of(frames[-1].result.file.read_bytes()))
        assert "Done: 6 of 6" in frames[-1].status
    np.testing.assert_array_equal(*made)


def test_a_run_that_goes_on_while_it_is_looked_at_can_be_changed_stopped_and_left(
    root, work, change
):
    long = {"size": 64, "steps": 1000}
    job = prepared(work, change(*OLD), **long)
    for frame in training.run(job, watched=newest):
        if "From step" in frame.status:
            job.controls.ask_stop()
        elif frame.step is not None:
            job.controls.change(change(OLD[0], ""))  # one region fewer, and one style fewer
    assert "Stopped: " in frame.status
    assert frame.result.provenance.background == ""
    assert not job.controls.running()

    job = prepared(work, change(*OLD), **long)
    going = training.run(job, watched=newest)
    while next(going).step is None:
        pass
    going.close()
    assert not job.controls.running()
    for thread in threading.enumerate():
        if thread.name == "newest":
            thread.join(20)
            assert not thread.is_alive()
    assert not training.step_lock.locked()


def test_a_change_that_slips_through_is_a_remark_and_the_run_goes_on(root, work, change):
    job = prepared(work, change(*OLD), size=64, steps=6)
    frames = []
    for frame in training.run(job):
        frames.append(frame)
        if frame.step is not None and frame.step.step == 1:
            job.controls.change(change("zyzzyva", "snowy"))
    assert frames[-1].result.provenance.edits == ()
    assert frames[-1].result.provenance.foreground == "fire"
    assert "zyzzyva" in frames[-1].status


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
        assert job.controls.take_change() is None
    with pytest.raises(UserError, match="no run to continue"):
        jobs.prepare_more(work, layer_of(tmp_path, work, mask), *OLD, SETTINGS, None)


def test_differences_in_words(change, mask):
    old = change(*OLD)
    assert jobs.differences(old, change(*OLD)) == []
    both = jobs.differences(old, change("", "golden"))
    assert both == ["object: the photo", "background: golden"]
    assert jobs.differences(old, replace(old, background_strength=0.5)) == [
        "background strength: 0.5"
    ]
    assert jobs.differences(old, replace(old, mask=1 - mask)) == ["mask: another"]
