"""The page as a visitor uses it, in a real browser."""

import hashlib
import io
import re

import numpy as np
import pytest
from browser import pixels_of
from PIL import Image

from semcs_core.page import runs


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
    assert re.search(r"Step \d+ of 500 · .*\d s · about .*\d s left", status)
    for loss in "global foreground", "patch", "alignment", "content", "total variation", "total":
        assert re.search(rf"^{loss}\s+\d+\.\d{{3}}$", status, re.MULTILINE), loss
    # The editor is not asked for its pictures at every message (see `app.py`).
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
        page.until_true("document.querySelector('#status').innerText.includes('Done: 3 of 3')")
        page.until("#stylize:not([disabled])")
        assert f"seed {seed}." in page.until_over()
        name, data = page.download()
        assert name == f"semcs-{seed}.png"
        pictures.append(data)
        page.page.evaluate("document.querySelector('.semcs-line').innerText = ''")
    assert pictures[0] == pictures[1]
    assert pictures[0] != pictures[2]
    for job in jobs:
        np.testing.assert_array_equal(job.regions[0].mask, jobs[0].regions[0].mask)


def test_an_example_brings_photo_mask_and_prompts(visit):
    page = visit()
    thumbnails = page.page.locator("#examples button")
    assert thumbnails.count() >= 5
    thumbnails.nth(1).click()
    page.until_found()
    page.until_true("document.querySelector('#object-style textarea,#object-style input').value")
    first = page.prompt_values()
    assert all(first)
    thumbnails.nth(1).click()
    page.until_true(
        "document.querySelector('#object-style textarea,#object-style input').value"
        f" !== {first[0]!r}"
    )
    assert all(page.prompt_values())
    thumbnails.nth(5).click()
    page.until_found()
    assert page.picture_on_screen().pink.any()


def test_suggestions_fill_their_prompt(visit):
    page = visit()
    chip = page.page.locator("#background-suggestions button").nth(2)
    style = chip.inner_text()
    chip.click()
    page.until_true(
        "document.querySelector('#background-style textarea,#background-style input').value"
    )
    assert page.prompt_values() == ("", style)


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
        page.until_true("document.querySelector('#status').innerText.includes('Done: 1 of 1')")
        page.until_over()
        page.page.evaluate("document.querySelector('.semcs-line').innerText = ''")
        assert len(jobs) == count + 1
        return jobs[-1].regions[0].mask > 0.5

    assert (run_mask() == disc).mean() > 0.98
    page.page.get_by_role("button", name="Invert").click()
    page.until_true("document.querySelector('#note').innerText.includes('changed places')")
    assert (run_mask() != disc).mean() > 0.98
    page.page.get_by_role("button", name="Find the object again").click()
    page.until_true("document.querySelector('#note').innerText.includes('% of the photo')")
    assert (run_mask() == disc).mean() > 0.98
    page.page.get_by_role("button", name="Another photo").click()
    page.upload(path)
    page.until_found()
    assert (run_mask() == disc).mean() > 0.98


def test_from_an_example_to_a_picture_on_a_phone(visit):
    page = visit(viewport={"width": 390, "height": 844}, has_touch=True)
    width = "document.documentElement.scrollWidth"
    assert page.page.evaluate(width) == 390
    page.page.locator("#examples button").first.click()
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
    stylize = runs.stylize

    def watched(*args):
        step = None
        try:
            for step in stylize(*args):
                yield step
        finally:
            ended.append(step)

    monkeypatch.setattr(runs, "stylize", watched)
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
    second.until_true("document.querySelector('#status').innerText.includes('Done: 2 of 2')")
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
