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
from studio.runs.mask_layer import to_alpha
from tests.helpers.browser import apart, pixels_of


def test_the_whole_visit(visit, jobs, real_engine, work, disc_photo):
    path, disc = disc_photo
    page = visit("?size=160&steps=500&crops=8&seed=7")
    page.upload(path)
    page.until_found()

    # The mask found by itself is seen over the photo, on the disc and nowhere else.
    alpha = to_alpha(work.found.mask)
    assert page.agreement(work.shown.rgb, alpha) > 0.9

    page.prompts("", "")
    page.prompt("object").press_sequentially("fire")
    page.prompt("background").press_sequentially("mosaic")

    # Two strokes, in pixels of the photo, and Stylize pressed at once: the run has them.
    to_screen = page.to_screen(disc.shape[::-1])
    page.stroke(to_screen(40, 60), to_screen(90, 60))
    page.page.get_by_label("Erase").click()
    page.stroke(to_screen(180, 120), to_screen(220, 120))
    page.watch()
    sent = len(page.uploads)
    page.stylize()
    frames = page.frames(4)
    job = jobs[-1]
    assert [(r.name, r.prompt) for r in job.regions] == [
        ("foreground", "fire"),
        ("background", "mosaic"),
    ]
    mask = job.regions[0].mask
    assert mask.shape == (120, 160)
    assert mask[29:31, 23:42].min() > 0.95
    assert mask[59:61, 93:107].max() < 0.05
    rest = np.ones_like(disc)
    rest[30:90, 10:120] = False
    rest[90:150, 150:250] = False
    assert ((mask > 0.5) == disc[::2, ::2])[rest[::2, ::2]].mean() > 0.99
    assert mask[100:, :50].max() < 0.05
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
    assert (picture.format, picture.mode, picture.size) == ("PNG", "RGB", (160, 120))
    assert page.shown() == data
    assert apart(pixels_of(data), Image.open(path).resize((160, 120))) > 1


def test_photos_by_an_example_a_drop_and_a_paste(page, jobs, disc_photo):
    page.until_prompts(*EXAMPLES[0].pairs[0])  # the first is there when the page opens
    for pair in EXAMPLES[5].pairs:
        page.forget_note()
        page.pick_example(5)
        page.until_prompts(*pair)
        page.until_found()
    page.stylize()
    page.until_over()
    assert tuple(region.prompt for region in jobs[-1].regions) == EXAMPLES[5].pairs[1]
    np.testing.assert_array_equal(jobs[-1].visit.photo.rgb, open_photo(EXAMPLES[5].path).rgb)

    path, disc = disc_photo
    for event, pair in zip(("drop", "paste"), EXAMPLES[2].pairs, strict=True):
        page.forget_note()
        page.pick_example(2)
        page.until_prompts(*pair)
        page.until_found()
        page.until_at_rest()  # the example's last message has come, too
        page.forget_note()
        page.give(event, path)
        page.until_found()
        page.stylize()
        page.until_over()
        assert jobs[-1].visit.size == (320, 240)
        assert ((jobs[-1].change.mask > 0.5).mean() / disc.mean()) == pytest.approx(1, abs=0.02)


def test_words_for_both_and_pictures_of_styles(page):
    field = page.prompt("object")
    field.fill("fire | snowy")
    field.press("Tab")
    page.until_prompts("fire", "snowy")

    page.open_fold("styles")
    tiles = page.page.locator("#style-gallery button")
    assert tiles.count() == len(STYLES)
    for target, place, now in (
        ("Background", 10, ("fire", STYLES[10][1])),
        ("Object", 3, (STYLES[3][1], STYLES[10][1])),
    ):
        page.page.locator("#style-target").get_by_label(target).check()
        tiles.nth(place).click()
        page.until_prompts(*now)

    field.fill("steampunk zyzzyva")
    field.press("Tab")
    page.until_true("document.querySelector('#words').innerText.includes('“zyzzyva”')")
    assert page.prompt_values() == ("steampunk zyzzyva", now[1])
    field.fill("zyzzyva")
    field.press("Tab")
    assert "zyzzyva" in page.toast("zyzzyva")
    assert page.prompt_values() == ("zyzzyva", now[1])

    # What is typed while the other prompt is read stays.
    page.page.route("**/gradio_api/queue/join*", lambda route: (time.sleep(0.5), route.continue_()))
    page.prompts("fire", "mosaic")  # the first is left, and sent, before the second is typed
    page.page.wait_for_timeout(1200)
    assert page.prompt_values() == ("fire", "mosaic")
