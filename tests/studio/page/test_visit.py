"""The page as a visitor uses it, in a real browser."""

import hashlib
import io
import re
import time

import numpy as np
import pytest
from PIL import Image

from semcs_core.image import open_photo
from studio.page.photo_panel import EXAMPLES
from studio.page.prompt_panel import STYLES
from studio.runs.events import Preview
from studio.server import service
from tests.helpers.browser import pixels_of


def test_the_whole_visit(visit, jobs, disc_photo):
    path, disc = disc_photo
    page = visit()
    page.upload(path)
    page.until_found()

    # The mask found by itself is seen over the photo, on the disc and nowhere else.
    screen = page.picture_on_screen()
    scale = len(screen.columns) / (disc.any(axis=0).sum())
    assert np.ptp(screen.columns) == pytest.approx(np.ptp(screen.rows), rel=0.1)
    ring = screen.pink[screen.rows[0] : screen.rows[-1], screen.columns[0] : screen.columns[-1]]
    assert ring.mean() == pytest.approx(np.pi / 4, abs=0.06)
    assert screen.pink.sum() == pytest.approx(ring.sum(), rel=0.05)

    def on_screen(x, y):
        """Screen coordinates of a pixel of the photo, whose disc is around (200, 120)."""
        return (
            screen.left + screen.columns.mean() + (x - 200) * scale,
            screen.top + screen.rows.mean() + (y - 120) * scale,
        )

    page.settings(size=320, steps=500, seed=7)
    page.prompts("", "")
    page.page.locator("#object-style textarea, #object-style input").press_sequentially("fire")
    page.page.locator("#background-style textarea, #background-style input").press_sequentially(
        "mosaic"
    )

    # Two strokes, and Stylize pressed at once: the run has them.
    screen = page.picture_on_screen()
    page.stroke(on_screen(40, 60), on_screen(90, 60))
    page.page.get_by_label("Erase").click()
    page.stroke(on_screen(180, 120), on_screen(220, 120))
    page.watch_frames()
    sent = len(page.uploads)
    page.stylize()
    frames = page.frames(4)
    job = jobs[-1]
    assert [(r.name, r.prompt) for r in job.regions] == [
        ("foreground", "fire"),
        ("background", "mosaic"),
    ]
    mask = job.regions[0].mask
    assert mask.shape == (240, 320)
    assert mask[58:62, 45:85].min() > 0.95
    assert mask[118:122, 185:215].max() < 0.05
    rest = np.ones_like(disc)
    rest[30:90, 10:120] = False
    rest[90:150, 150:250] = False
    assert ((mask > 0.5) == disc)[rest].mean() > 0.99
    assert mask[200:, :100].max() < 0.05
    np.testing.assert_array_equal(job.regions[1].mask, 1 - mask)

    assert len({hashlib.sha256(frame).hexdigest() for frame in frames}) >= 3
    assert all(Image.open(io.BytesIO(frame)).format == "JPEG" for frame in frames)
    assert not np.array_equal(pixels_of(frames[0]), pixels_of(frames[-1]))
    status = page.status()
    assert re.search(r"Step \d+ of 500 · \d+\.\d\d s each · about .*\d s left", status)
    for loss in "global foreground", "patch", "alignment", "content", "total variation", "total":
        assert re.search(rf"^{loss}\s+\d+\.\d{{3}}$", status, re.MULTILINE), loss
    # The editor is not asked for its pictures at every message (see `wiring`).
    assert len(page.uploads) - sent <= 3

    page.stop()
    over = page.until_over()
    steps = int(re.search(r"Stopped: (\d+) of 500 steps in .*, seed 7\.", over).group(1))
    assert 3 <= steps < 500

    name, data = page.download()
    assert name == "semcs-7.png"
    picture = Image.open(io.BytesIO(data))
    assert (picture.format, picture.mode, picture.size) == ("PNG", "RGB", (320, 240))
    assert page.shown() == data
    difference = np.abs(pixels_of(data) - np.asarray(Image.open(path), int))
    assert difference.mean() > 1


def test_same_seed_same_png_and_the_mask_is_not_moved(visit, jobs, disc_photo):
    page = visit()
    page.upload(disc_photo[0])
    page.until_found()
    page.prompts("golden", "")
    pictures = []
    for seed in 3, 3, 4:
        page.settings(size=128, steps=3, seed=seed)
        page.stylize()
        assert re.search(rf"Done: 3 of 3 steps in .*, seed {seed}\.", page.until_over())
        name, data = page.download()
        assert name == f"semcs-{seed}.png"
        pictures.append(data)
    assert pictures[0] == pictures[1]
    assert pictures[0] != pictures[2]
    for job in jobs:
        np.testing.assert_array_equal(job.regions[0].mask, jobs[0].regions[0].mask)


def test_the_first_example_is_there_when_the_page_opens(visit, jobs):
    page = visit()
    example = EXAMPLES[0]
    assert page.prompt_values() == example.pairs[0]
    assert page.picture_on_screen().pink.any()
    page.settings(size=128, steps=1)
    page.stylize()
    page.until_over()
    np.testing.assert_array_equal(jobs[-1].visit.photo.rgb, open_photo(example.path).rgb)
    assert 0.05 < jobs[-1].regions[0].mask.mean() < 0.9


def test_an_example_brings_photo_mask_and_prompts(visit, jobs):
    page = visit()
    thumbnails = page.page.locator("#examples button")
    assert thumbnails.count() == len(EXAMPLES) >= 5
    before = page.prompt_values()
    seen = []
    for number in 1, 1, 5:
        page.pick_example(number)
        page.until_prompts_other_than(before)
        page.until_found()
        before = page.prompt_values()
        seen.append(before)
    assert seen == [*EXAMPLES[1].pairs, EXAMPLES[5].pairs[0]]
    assert page.picture_on_screen().pink.any()
    page.settings(size=128, steps=1)
    page.stylize()
    page.until_over()
    job = jobs[-1]
    assert tuple(region.prompt for region in job.regions) == seen[-1]
    np.testing.assert_array_equal(job.visit.photo.rgb, open_photo(EXAMPLES[5].path).rgb)


def test_a_style_picture_fills_its_prompt(visit):
    page = visit()
    before = page.prompt_values()
    page.open_fold("styles")
    page.page.get_by_label("Background", exact=True).check()
    page.page.locator("#style-gallery button").nth(2).click()
    page.until_prompts_other_than(before)
    now = page.prompt_values()
    assert now == (before[0], STYLES[2][1])
    page.page.get_by_label("Object", exact=True).check()
    page.page.locator("#style-gallery button").nth(3).click()
    page.until_prompts_other_than(now)
    assert page.prompt_values() == (STYLES[3][1], STYLES[2][1])


def test_a_prompt_that_is_typed_while_the_other_is_read_stays(visit):
    page = visit()
    page.page.route("**/gradio_api/queue/join*", lambda route: (time.sleep(0.5), route.continue_()))
    page.prompts("fire", "mosaic")  # the first is left, and sent, before the second is typed
    page.until_true("document.querySelector('#words').innerText === ''")
    page.page.wait_for_timeout(2500)
    assert page.prompt_values() == ("fire", "mosaic")


def test_mask_buttons(visit, jobs, disc_photo):
    path, disc = disc_photo
    page = visit()
    page.upload(path)
    page.until_found()
    page.prompts("fire", "mosaic")
    page.settings(size=320, steps=1)

    def run_mask():
        count = len(jobs)
        page.stylize()
        assert "Done: 1 of 1" in page.until_over()
        assert len(jobs) == count + 1
        return jobs[-1].regions[0].mask > 0.5

    assert (run_mask() == disc).mean() > 0.98
    page.page.get_by_role("button", name="Invert").click()
    page.until_note("changed places")
    page.until_at_rest()
    assert (run_mask() != disc).mean() > 0.98
    page.page.get_by_role("button", name="Find the object").click()
    page.until_found()
    assert (run_mask() == disc).mean() > 0.98
    page.page.get_by_role("button", name="Clear", exact=True).first.click()
    page.until_note("mask is empty")
    page.upload(path)
    page.until_found()
    assert (run_mask() == disc).mean() > 0.98


def test_from_an_example_to_a_picture_on_a_phone(visit):
    page = visit(viewport={"width": 390, "height": 844}, has_touch=True)
    width = "document.documentElement.scrollWidth"
    assert page.page.evaluate(width) == 390
    page.pick_example(0)
    page.until_found()
    page.settings(size=128, steps=2)
    assert page.page.evaluate(width) == 390
    page.stylize()
    page.until_over()
    assert page.page.evaluate(width) == 390
    # The picture has come into view by itself.
    box = page.page.locator("#result img").bounding_box()
    assert 0 <= box["y"] < 844
    assert page.download() == ("semcs-0.png", page.shown())


def test_a_closed_page_frees_the_machine(visit, monkeypatch, disc_photo):
    ended = []
    train = service.train

    def followed(job, more):
        step = None
        try:
            for event in train(job, more):
                step = event.step if isinstance(event, Preview) else step
                yield event
        finally:
            ended.append(step)

    monkeypatch.setattr(service, "train", followed)
    first, second = visit(), visit()
    for page in first, second:
        page.upload(disc_photo[0])
        page.until_found()
        page.prompts("fire", "mosaic")
    first.settings(size=128, steps=1000)
    first.watch_frames()
    first.stylize()
    first.frames(2)
    second.settings(size=128, steps=2)
    second.stylize()
    second.until_true("document.querySelector('#status').innerText.includes('Waiting')")
    first.page.close()
    assert "Done: 2 of 2" in second.until_over()
    assert len(ended) == 2
    assert 2 <= ended[0].step < 1000
    assert ended[1].step == 2


def test_stop_is_heard_in_the_queue(visit, disc_photo):
    first, second = visit(), visit()
    for page in first, second:
        page.upload(disc_photo[0])
        page.until_found()
        page.prompts("fire", "mosaic")
        page.settings(size=128, steps=1000)
    first.watch_frames()
    first.stylize()
    first.frames(1)
    second.stylize()
    second.until_true("document.querySelector('#status').innerText.includes('Waiting')")
    second.until("#stop:not([disabled])")
    second.stop()
    first.stop()
    assert "Stopped: " in first.until_over()
    assert "Stopped before the first step" in second.until_over()


def test_a_photo_that_is_dropped_or_pasted_anywhere(visit, jobs, disc_photo):
    path, disc = disc_photo
    page = visit()
    page.settings(size=320, steps=1)
    for event in "drop", "paste":
        page.pick_example(2)
        page.until_found()
        page.forget_note()
        page.give(event, path)
        page.until_found()
        page.stylize()
        assert "Done: 1 of 1" in page.until_over()
        assert jobs[-1].visit.size == (320, 240)
        assert ((jobs[-1].regions[0].mask > 0.5) == disc).mean() > 0.98


def test_visitors_do_not_meet(visit, jobs, disc_photo):
    first, second = visit(), visit()
    example, prompts, note = second.picture_on_screen(), second.prompt_values(), second.note()
    first.upload(disc_photo[0])
    first.until_found()
    first.prompts("fire", "mosaic")
    first.settings(size=128, steps=2, seed=5)
    first.stylize()
    assert "Done: 2 of 2" in first.until_over()

    assert (second.prompt_values(), second.note()) == (prompts, note)
    np.testing.assert_array_equal(second.picture_on_screen().pixels, example.pixels)
    assert second.page.locator("#result img").count() == 0
    assert second.page.locator("#history img").count() == 0
    assert second.page.locator("#download").is_disabled()
    assert second.page.locator("#continue").is_disabled()
    second.settings(size=128, steps=1)
    second.stylize()
    assert re.search(r"Done: 1 of 1 steps in .*, seed 0\.", second.until_over())
    assert tuple(region.prompt for region in jobs[-1].regions) == prompts
    np.testing.assert_array_equal(jobs[-1].visit.photo.rgb, open_photo(EXAMPLES[0].path).rgb)
    assert second.page.locator("#history img").count() == 1
    assert first.page.locator("#history img").count() == 1
    assert first.download()[0] == "semcs-5.png"
