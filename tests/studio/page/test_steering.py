"""A run that is changed while it learns, stopped, and gone on with, from the page."""

import threading
import time
from types import SimpleNamespace

import numpy as np
import pytest

from studio.page.prompt_panel import STYLES
from studio.provenance import read_provenance
from studio.runs import training
from studio.runs.events import Preview
from studio.runs.mask_layer import to_alpha
from tests.helpers.browser import PATIENCE, apart, pixels_of
from tests.helpers.hand_runs import NEW, OLD, SETTINGS, each, finish, prepared

QUICK = {"size": 64, "steps": 12, "crops": 8}
HALF = 6


@pytest.fixture
def held(monkeypatch):
    """Runs wait in the step after so many, until the test lets them go on."""
    advance, go_on = training.Run.advance, threading.Event()
    reached = threading.Event()
    held = SimpleNamespace(after=None, go_on=go_on.set)

    def step(run):
        if run.done == held.after:
            reached.set()
            assert go_on.wait(PATIENCE / 1000)
        advance(run)

    monkeypatch.setattr(training.Run, "advance", step)
    held.until_reached = lambda: reached.wait(PATIENCE / 1000) or pytest.fail("no such step")
    return held


def record(data, path):
    path.write_bytes(data)
    return read_provenance(path)


def ready(page, photo, foreground, background, **settings):
    start = {**QUICK, "seed": SETTINGS.seed, "background_strength": 1}
    page.begin(photo, **{**start, **settings})
    page.prompts(foreground, background)
    page.watch()
    return page


@pytest.mark.real_size
def test_another_prompt_at_half_time(
    page, jobs, real_engine, disc_photo, work, change, tmp_path, held, monkeypatch
):
    held.after = HALF
    ready(page, disc_photo[0], *OLD)
    page.stylize()
    held.until_reached()
    page.prompts(*NEW)
    page.apply()
    page.until_true("document.querySelector('#words').innerText.includes('Applied from')")
    held.go_on()
    assert page.until_edit("background: mosaic") == HALF + 2
    assert "Done: 12 of 12 steps" in page.until_over()
    assert page.steps() == sorted(page.steps())
    assert len(jobs) == 1
    name, data = page.download()
    assert name == "semcs-7.png"
    made = record(data, tmp_path / "made.png")
    assert (made.foreground, made.background, made.steps) == (*NEW, 12)
    assert [(edit.step + 1, edit.text) for edit in made.edits] == [(HALF + 2, "background: mosaic")]

    # It is the picture of a run that is steered there without a page.
    held.after = None
    job = prepared(work, change(*OLD), **QUICK)
    with monkeypatch.context() as patched:
        patched.setattr(training, "FRAME_SECONDS", 0)
        patched.setattr(training, "latest", each)
        for event in training.train(job):
            if isinstance(event, Preview) and event.step.step == HALF + 1:
                job.signals.change(change(*NEW))
    np.testing.assert_array_equal(pixels_of(data), event.picture)
    straight = finish(prepared(work, change(*OLD), **QUICK))
    assert apart(pixels_of(data), pixels_of(straight.file.read_bytes())) > 2


def test_every_gesture_reaches_the_run_and_no_wrong_one_hurts_it(
    page, jobs, disc_photo, mask, tmp_path, monkeypatch
):
    advance = training.Run.advance

    def slowly(run):
        time.sleep(0.2)  # or it would take what the browser needs
        advance(run)

    monkeypatch.setattr(training.Run, "advance", slowly)
    ready(page, disc_photo[0], *OLD, steps=1000)
    page.stylize()
    page.until_step(2)
    taken = []

    # Enter in a prompt.
    page.prompts("fire", "golden")
    page.prompt("background").press("Enter")
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
    to_screen = page.to_screen(mask.shape[::-1])
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

    # And Continue, with that photo on the page, is refused.
    page.page.locator("#continue").click()
    page.toast("That run was of another photo")
    page.until("#stylize:not([disabled])")


def test_continue_goes_on_where_it_stopped_and_beyond_the_end(
    page, disc_photo, work, change, tmp_path, held
):
    held.after = 8
    ready(page, disc_photo[0], *OLD)
    page.stylize()
    held.until_reached()
    page.stop()
    page.until("#stop[disabled]")
    held.go_on()
    assert "Stopped: 9 of 12 steps" in page.until_over()
    page.resume()
    assert "Done: 12 of 12 steps" in page.until_over()
    assert page.steps() == sorted(page.steps())
    data = page.download()[1]
    held.after = None
    straight = finish(prepared(work, change(*OLD), **QUICK))
    np.testing.assert_array_equal(pixels_of(data), pixels_of(straight.file.read_bytes()))
    made = record(data, tmp_path / "made.png")
    assert (made.steps, made.edits) == (12, ())

    page.settings(steps=6)
    page.prompts("fire", "golden")
    page.resume()
    page.until_step(13)
    assert "Done: 18 of 18 steps" in page.until_over()
    made = record(page.download()[1], tmp_path / "made.png")
    assert made.steps == 18
    assert [(edit.step, edit.text) for edit in made.edits] == [
        (12, "continued: 6 more steps"),
        (12, "background: golden"),
    ]
    assert made.settings.steps == 12
