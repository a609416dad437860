"""A run that is changed while it learns, stopped, and gone on with, from the page."""

import multiprocessing
import os
import threading
import time
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from PIL import Image
from scipy.ndimage import gaussian_filter

from semcs_core.errors import UserError
from semcs_core.image import fit, open_photo, resize_mask
from semcs_core.mask.descriptors import rgb_to_lab
from semcs_core.settings import Settings
from studio.page import photos, status
from studio.page.mask_layer import from_alpha, to_alpha, to_editor
from studio.page.prompt_panel import STYLES
from studio.provenance import read_provenance
from studio.runs import jobs, signals, training
from studio.runs.events import Finished, Preparing, Preview, Stopped
from studio.runs.results import Result
from studio.runs.signals import Change, Signals, new_run
from tests.helpers.browser import pixels_of

QUICK = {"size": 160, "crops": 8}
SETTINGS = Settings(**QUICK, steps=60, seed=7)
OLD, NEW = ("fire", "snowy"), ("fire", "mosaic")
HALF = SETTINGS.steps // 2


@pytest.fixture(scope="module")
def work(disc_photo):
    opened = photos.open_for_visit(disc_photo[0])
    return replace(opened, found=photos.search(opened.shown))


@pytest.fixture(scope="module")
def mask(work):
    """As the editor has it."""
    return from_alpha(to_alpha(work.found.mask))


@pytest.fixture(scope="module")
def change(mask):
    return lambda foreground, background: Change(foreground, background, 1.0, 1.0, mask)


@pytest.fixture(scope="module")
def straight(work, change, url):
    """Pictures of runs that nobody interferes with: [old prompts, new prompts]."""
    made = [finish(prepared(work, change(*prompts))) for prompts in (OLD, NEW)]
    return [pixels_of(result.file.read_bytes()) for result in made]


@pytest.fixture(scope="module")
def inside(mask, work):
    return resize_mask(mask, fit(work.photo, SETTINGS.size).size) > 0.95


@pytest.fixture
def root(tmp_path, monkeypatch):
    """The runs of this test alone."""
    monkeypatch.setattr(signals, "_root", lambda: tmp_path)
    return tmp_path


def prepared(work, change, **changes):
    job = jobs.prepare(work, change, replace(SETTINGS, **changes))
    job.signals.begin()
    return job


def finish(job, more=0):
    return [*training.train(job, more)][-1].result


def more_of(work, layer, prompts, before):
    return jobs.prepare_more(work, jobs.read_change(work, layer, prompts, (1.0, 1.0)), before)


def layer_of(tmp_path, work, mask):
    path = tmp_path / "layer.png"
    Image.fromarray(to_editor(work.shown, mask)["layers"][0]).save(path)
    return path


def record(data, path):
    path.write_bytes(data)
    return read_provenance(path)


def texture(picture, region):
    """How much the lightness of a region varies between one scale and the next, as logarithms."""
    lightness = rgb_to_lab(picture / 255)[..., 0]
    blurred = [gaussian_filter(lightness, sigma) for sigma in (0, 1, 2, 4, 8)]
    return np.log([(fine - coarse)[region].std() for fine, coarse in pairwise(blurred)])


def assert_goes_to_the_new_style(picture, straight, inside):
    """Its background is nearer to the new prompt's than to the old one's, its object as it was."""
    outside = ~inside
    old, new = straight
    colours = [rgb_to_lab(p[outside] / 255).mean(axis=0) for p in (picture, old, new)]
    here, before, after = colours
    assert np.linalg.norm(here - after) < np.linalg.norm(here - before) / 2
    here, before, after = (texture(p, outside) for p in (picture, old, new))
    assert np.linalg.norm(here - after) < np.linalg.norm(here - before)
    moved = np.abs(picture - old).mean(axis=2)
    assert moved[inside].mean() < moved[outside].mean() / 4
    assert moved[outside].mean() > 15


# In the browser.


def ready(visit, photo, foreground, background, **settings):
    page = visit()
    page.upload(photo)
    page.until_found()
    page.settings(**{**QUICK, "seed": SETTINGS.seed, **settings})
    page.prompts(foreground, background)
    page.watch_steps()
    return page


def test_another_prompt_at_half_time(visit, jobs, disc_photo, straight, inside, tmp_path):
    page = ready(visit, disc_photo[0], *OLD, steps=SETTINGS.steps)
    page.stylize()
    page.until_step(HALF - 10)
    page.prompts(*NEW)
    page.apply()
    step = page.until_edit("background: mosaic")
    assert HALF - 10 < step < SETTINGS.steps - 5
    assert "Done: 60 of 60 steps" in page.until_over()
    assert page.steps() == sorted(page.steps())
    assert len(jobs) == 1
    name, data = page.download()
    assert name == "semcs-7.png"
    assert_goes_to_the_new_style(pixels_of(data), straight, inside)
    made = record(data, tmp_path / "made.png")
    assert (made.foreground, made.background, made.steps) == (*NEW, 60)
    assert [(edit.step + 1, edit.text) for edit in made.edits] == [(step, "background: mosaic")]


def test_every_gesture_reaches_the_run_and_no_wrong_one_hurts_it(
    visit, jobs, disc_photo, mask, tmp_path
):
    page = ready(visit, disc_photo[0], *OLD, steps=1000)
    page.stylize()
    page.until_step(2)
    taken = []

    # Enter in a prompt.
    page.prompts("fire", "golden")
    page.page.locator("#background-style textarea, #background-style input").press("Enter")
    taken.append((page.until_edit("background: golden"), "background: golden"))

    # What cannot be used is refused in a sentence; the run goes on as it was.
    for background, sentence in {"": "no style yet", "zyzzyva": "know no word"}.items():
        page.prompts("", background)
        page.apply()
        page.toast(sentence)
        step = page.steps()[-1]
        page.until_step(step + 2)
    page.prompts("fire", "golden")

    # A click on a picture of a style.
    page.open_fold("styles")
    style = STYLES[3][1]
    page.page.locator("#style-gallery button").nth(3).click()
    taken.append((page.until_edit(f"object: {style}"), f"object: {style}"))

    # A slider that is let go.
    slider = page.page.locator("#background_strength input[type=range]")
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    page.stroke(
        (box["x"] + box["width"] * 2 / 3, box["y"] + box["height"] / 2),
        (box["x"] + box["width"] / 3, box["y"] + box["height"] / 2),
    )
    page.until_true("/background strength: 0/.test(document.querySelector('#status').innerText)")
    strength = float(page.setting("background_strength").input_value())
    assert 0.3 < strength < 0.7
    text = f"background strength: {strength:g}"
    taken.append((page.until_edit(text), text))

    # A stroke: what it covers is the object from the next step on.
    to_screen = page.editor_map(to_alpha(mask))
    page.stroke(to_screen(40, 100), to_screen(140, 100))
    page.apply()
    taken.append((page.until_edit("mask: another"), "mask: another"))

    # Another photo is for the next run.
    page.pick_example(1)
    page.until_note("% of the photo")
    page.apply()
    page.toast("The run goes on with its own photo")
    step = page.steps()[-1]
    page.until_step(step + 2)

    page.stop()
    assert "Stopped" in page.until_over()
    assert page.steps() == sorted(page.steps())
    assert len(jobs) == 1
    data = page.download()[1]
    made = record(data, tmp_path / "made.png")
    assert [(edit.step + 1, edit.text) for edit in made.edits] == taken
    assert (made.foreground, made.background) == (style, "golden")
    assert made.settings.controls_of(1).strength == strength
    assert made.mask[100, 60:120].min() > 120
    assert to_alpha(mask)[100, 60:120].max() < 10
    # Under the stroke is the object's style at full strength, which its surroundings show at half.
    picture = pixels_of(data)
    stroke = np.zeros(picture.shape[:2], bool)
    stroke[30:33, 19:37] = True
    beside = np.zeros_like(stroke)
    beside[45:70, 15:40] = True
    assert np.abs(picture[stroke].mean(axis=0) - picture[beside].mean(axis=0)).max() > 12

    # And Continue, with that photo on the page, is refused.
    page.page.locator("#continue").click()
    page.toast("That run was of another photo")
    page.until("#stylize:not([disabled])")


def test_continue_goes_on_where_it_stopped_and_beyond_the_end(
    visit, disc_photo, work, change, tmp_path
):
    page = ready(visit, disc_photo[0], *OLD, steps=40)
    page.stylize()
    page.until_step(8)
    page.stop()
    assert "Stopped: " in page.until_over()
    stopped = page.steps()[-1]
    page.resume()
    assert "Done: 40 of 40 steps" in page.until_over()
    assert page.steps() == sorted(page.steps())
    assert stopped < 39
    data = page.download()[1]
    expected = pixels_of(finish(prepared(work, change(*OLD), steps=40)).file.read_bytes())
    np.testing.assert_array_equal(pixels_of(data), expected)
    made = record(data, tmp_path / "made.png")
    assert (made.steps, made.edits) == (40, ())

    page.settings(steps=6)
    page.prompts("fire", "golden")
    page.resume()
    page.until_step(41)
    assert "Done: 46 of 46 steps" in page.until_over()
    made = record(page.download()[1], tmp_path / "made.png")
    assert made.steps == 46
    assert [(edit.step, edit.text) for edit in made.edits] == [
        (40, "continued: 6 more steps"),
        (40, "background: golden"),
    ]
    assert made.settings.steps == 40


# In another process, as on a ZeroGPU Space.


def other_process(connection):
    """Run jobs, waiting after each event for the word to go on."""
    while (job := connection.recv()) is not None:
        for event in training.train(job):
            step = event.step.step if isinstance(event, Preview) else None
            connection.send((step, isinstance(event, Finished) and event.result.file))
            connection.recv()
        connection.send(None)


@pytest.fixture(scope="module")
def child():
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=other_process, args=(there,), daemon=True)
    process.start()
    yield here
    here.send(None)
    process.join(20)
    assert process.exitcode == 0


def watch(child, job, at=None, act=None):
    """The last step and the picture's path of a run there, where `act` is called at a step."""
    child.send(job)
    last = None
    while (frame := child.recv()) is not None:
        last = frame
        if act is not None and frame[0] is not None and frame[0] >= at:
            act(frame[0])
            act = None
        child.send("go on")
    return last


def test_a_run_in_another_process_is_steered(child, work, change, straight, inside):
    job = prepared(work, change(*OLD))
    seen = []

    def steer(step):
        seen.append(step)
        jobs.steer(job, work, change(*NEW))

    step, path = watch(child, job, HALF - 10, steer)
    assert step == 60
    assert not job.signals.running()
    assert_goes_to_the_new_style(pixels_of(path.read_bytes()), straight, inside)
    (edit,) = read_provenance(path).edits
    assert edit.text == "background: mosaic"
    assert seen[0] <= edit.step < 60  # it goes on while its events are on their way


def test_a_run_in_another_process_is_stopped_and_gone_on_with_here(
    child, work, change, tmp_path, mask
):
    tiny = {"size": 64, "steps": 30}
    job = prepared(work, change(*OLD), **tiny)
    seen = []

    def stop(step):
        seen.append(step)
        job.signals.ask_stop()

    step, path = watch(child, job, 5, stop)
    assert seen[0] <= step < 30
    made = read_provenance(path)
    before = Result(path, made, work, job.signals)
    more = more_of(work, layer_of(tmp_path, work, mask), OLD, before)
    more.signals.begin()
    made = finish(more)
    assert made.provenance.steps == 30
    whole = finish(prepared(work, change(*OLD), **tiny))
    np.testing.assert_array_equal(*(pixels_of(r.file.read_bytes()) for r in (made, whole)))


# One by one.


def stopped_at(job, number):
    for event in training.train(job):
        if isinstance(event, Preview) and event.step.step >= number:
            job.signals.ask_stop()
    return event.result


def test_an_earlier_result_of_a_run_that_went_on_is_not_mixed_up_with_it(
    root, url, work, change, mask, tmp_path
):
    tiny = {"size": 64, "steps": 12}
    first = stopped_at(prepared(work, change(*OLD), **tiny), 3)
    layer = layer_of(tmp_path, work, mask)
    more = more_of(work, layer, NEW, first)
    more.signals.begin()
    second = finish(more)
    assert second.provenance.edits[0].text == "background: mosaic"
    again = more_of(work, layer, OLD, first)
    again.signals.begin()
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
    back.signals.begin()
    texts = [edit.text for edit in finish(back, more=2).provenance.edits]
    assert texts == ["background: mosaic", "continued: 2 more steps", "background: snowy"]


def test_a_change_is_taken_once_and_a_later_one_replaces_it(root, change):
    run = new_run()
    assert run.take_change() is None
    run.change(change("a", "b"))
    run.change(change("c", "d | ü"))
    taken = run.take_change()
    assert (taken.foreground, taken.background) == ("c", "d | ü")
    np.testing.assert_array_equal(taken.mask, change("", "").mask)
    assert run.take_change() is None
    run.change(change("a", "b"))
    run.begin()  # one more part of the run: what was meant for the last one is gone
    assert run.take_change() is None


def test_changes_written_while_they_are_read_come_whole_and_in_order(root, change):
    run, seen = new_run(), []
    writer = threading.Thread(
        target=lambda: [run.change(change("fire", str(n))) for n in range(60)]
    )
    writer.start()
    while writer.is_alive() or not seen or seen[-1] < 59:
        taken = run.take_change()
        if taken is not None:
            seen.append(int(taken.background))
    writer.join()
    assert seen == sorted(set(seen))


def test_marks_of_a_run_and_of_one_that_is_gone(root):
    run = new_run()
    assert not run.running()
    run.begin()
    run.ask_stop()
    assert run.running()
    assert run.stop_asked()
    assert Signals(run.folder).stop_asked()  # as another process has it
    run.begin()
    assert not run.stop_asked()
    run.end()
    assert not run.running()
    run.remove()
    run.remove()
    run.begin()
    run.ask_stop()
    assert not run.running()
    assert not run.folder.exists()


def unused_for(run, seconds):
    used = time.monotonic() - seconds
    os.utime(run.folder / signals.USED, (used, used))


def test_folders_are_private_and_removed_when_old_or_too_many(root, monkeypatch):
    many = [new_run() for _ in range(5)]
    monkeypatch.setattr(signals, "KEPT_RUNS", 4)
    for age, run in enumerate(many):
        unused_for(run, 100 - age)
    many[0].begin()
    unused_for(many[0], 200)
    many.append(new_run())
    assert [run.folder.exists() for run in many] == [True, False, True, True, True, True]
    assert (many[-1].folder.stat().st_mode & 0o777) == 0o700
    unused_for(many[3], signals.KEPT_SECONDS + 60)
    monkeypatch.setattr(signals, "KEPT_RUNS", 40)
    new_run()
    assert not many[3].folder.exists()
    assert many[2].folder.exists()


def test_runs_that_begin_and_vanish_at_once_do_not_trip_over_each_other(root, monkeypatch):
    monkeypatch.setattr(signals, "KEPT_RUNS", 3)
    faults = []

    def visit():
        try:
            for _ in range(40):
                new_run().remove()
        except Exception as error:
            faults.append(error)

    threads = [threading.Thread(target=visit) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not faults


def test_a_run_is_over_however_it_ends(root, url, work, change, monkeypatch):
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
    assert not training.step_lock.locked()

    job = prepared(work, change("zyzzyva", ""), **tiny)
    with pytest.raises(UserError, match="know no word"):
        finish(job)
    assert not job.signals.running()


def test_a_run_stopped_before_a_step_without_its_background_tells_the_old_losses(
    root, url, work, change, mask, tmp_path
):
    first = stopped_at(prepared(work, change(*OLD), size=64, steps=12), 3)
    layer = layer_of(tmp_path, work, mask)
    job = more_of(work, layer, (OLD[0], ""), first)
    job.signals.begin()
    going = training.train(job)
    assert next(going) == Preparing(training.LOADING)
    job.signals.ask_stop()
    *_, last = going
    assert last.result.provenance.background == ""
    assert "global background" in status.describe(last)


def test_a_run_that_goes_on_while_it_is_looked_at_can_be_changed_stopped_and_left(
    root, work, change
):
    long = {"size": 64, "steps": 1000}
    job = prepared(work, change(*OLD), **long)
    for event in training.train(job):
        if isinstance(event, Preview) and event.edits:
            job.signals.ask_stop()
        elif isinstance(event, Preview):
            job.signals.change(change(OLD[0], ""))  # one region fewer, and one style fewer
    assert event.ending == "Stopped"
    assert event.result.provenance.background == ""
    assert not job.signals.running()

    job = prepared(work, change(*OLD), **long)
    going = training.train(job)
    while not isinstance(next(going), Preview):
        pass
    going.close()
    assert not job.signals.running()
    for thread in threading.enumerate():
        if thread.name == "latest":
            thread.join(20)
            assert not thread.is_alive()
    assert not training.step_lock.locked()


def test_a_change_that_slips_through_is_a_remark_and_the_run_goes_on(root, url, work, change):
    job = prepared(work, change(*OLD), size=64, steps=6)
    for event in training.train(job):
        if event == Preparing(training.FIRST_STEP):
            job.signals.change(change("zyzzyva", "snowy"))
    assert event.result.provenance.edits == ()
    assert event.result.provenance.foreground == "fire"
    assert "zyzzyva" in event.remark


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
