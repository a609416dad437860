"""What a visitor reads when something cannot be done: one sentence, the inputs kept."""

import re
from functools import partial

import numpy as np
import pytest
from PIL import Image

from semcs_core.errors import UserError
from semcs_core.run import Run
from semcs_core.step import RunError
from studio.page import errors
from studio.page.visit import Visit

PROMPTS = ("fire", "mosaic")


@pytest.fixture
def bad_files(tmp_path):
    """Uploads that cannot be used, and what the page must say about each."""
    text = tmp_path / "text.jpg"
    text.write_text("This is no picture.\n" * 20)
    whole, cut = tmp_path / "whole.png", tmp_path / "cut.png"
    Image.effect_noise((200, 200), 60).convert("RGB").save(whole)
    cut.write_bytes(whole.read_bytes()[:20_000])
    dot = tmp_path / "dot.png"
    Image.new("RGB", (1, 1)).save(dot)
    bomb = tmp_path / "bomb.png"
    Image.new("L", (9000, 9000)).save(bomb)
    assert bomb.stat().st_size < 100_000
    return {
        text: r"That file is not a picture",
        cut: r"damaged or cut off",
        dot: r"The picture is 1 x 1 pixels",
        bomb: r"over 50 megapixels",
    }


def one_sentence(text, pattern):
    """The message, without the toast's title, is one sentence that matches."""
    message = text.strip().splitlines()[-1] if "\n" in text.strip() else text.strip()
    assert re.search(pattern, message), text
    assert re.fullmatch(r"[^.!?]+[.!?]", message), message
    assert "Traceback" not in text
    assert "/" not in message


def made_now(page, jobs):
    """Photo [H, W, 3], mask [H, W] and prompts of a short run of what is on the page."""
    page.stylize()
    assert "Done: 1 of 1" in page.until_over()
    job = jobs[-1]
    return job.visit.photo.rgb, job.change.mask, tuple(region.prompt for region in job.regions)


def assert_nothing_lost(page, jobs, before, screen):
    np.testing.assert_array_equal(page.picture_on_screen().pixels, screen.pixels)
    for now, then in zip(made_now(page, jobs), before, strict=True):
        np.testing.assert_array_equal(now, then)


def test_bad_uploads_leave_everything_as_it_was(visit, jobs, bad_files, disc_photo):
    page = visit()
    page.prompts(*PROMPTS)
    page.settings(size=64, steps=1, seed=3)
    page.page.locator("#tools").get_by_role("button", name="Invert").click()
    page.until_note("changed places")
    page.until_at_rest()
    before, screen = made_now(page, jobs), page.picture_on_screen()
    for path, pattern in bad_files.items():
        page.upload(path)
        one_sentence(page.toast(pattern), pattern)
        one_sentence(page.note(), pattern)
        assert page.prompt_values() == PROMPTS
        assert_nothing_lost(page, jobs, before, screen)
    page.upload(disc_photo[0])
    page.until_found()
    assert made_now(page, jobs)[0].shape == (240, 320, 3)


def test_a_file_that_is_too_big(visit, jobs, tmp_path, disc_photo):
    path = tmp_path / "big.png"
    path.write_bytes(b"\0" * (21 * 2**20))
    page = visit()
    page.prompts(*PROMPTS)
    page.settings(size=64, steps=1)
    before, screen = made_now(page, jobs), page.picture_on_screen()
    for bring in page.upload, partial(page.give, "drop"):
        bring(path)
        assert "exceed the maximum allowed size of 20.0 Mb" in page.toast("size")
        assert_nothing_lost(page, jobs, before, screen)
    page.upload(disc_photo[0])
    page.until_found()
    assert made_now(page, jobs)[0].shape == (240, 320, 3)


def test_without_a_photo_the_server_says_what_to_do():
    with pytest.raises(UserError) as caught:
        Visit().require_photo()
    one_sentence(str(caught.value), "no photo yet: upload one, or pick an example")


def test_bad_prompts_and_masks(visit, disc_photo):
    page = visit()
    page.upload(disc_photo[0])
    page.until_found()

    for prompts, pattern in {
        ("", "  "): "no style yet",
        ("fire " * 400, "mosaic"): "describe the style in under 300",
    }.items():
        page.prompts(*prompts)
        page.stylize()
        one_sentence(page.toast(pattern), pattern)
        assert page.prompt_values() == prompts

    page.prompts(*PROMPTS)
    page.page.locator("#tools").get_by_role("button", name="Clear").click()
    page.until_note("mask is empty")
    page.until_at_rest()
    page.stylize()
    one_sentence(page.toast("mask is empty"), "draw the object with the brush")
    page.page.get_by_role("button", name="Invert").click()
    page.until_note("changed places")
    page.until_at_rest()
    page.stylize()
    one_sentence(page.toast("covers the whole picture"), "erase the background")
    assert page.prompt_values() == PROMPTS
    assert page.page.locator("#stylize").is_enabled()


def test_unknown_words_are_named_and_emoji_are_welcome(visit, disc_photo):
    page = visit()
    page.upload(disc_photo[0])
    page.until_found()
    page.settings(size=128, steps=2)
    page.prompts("golden <b>zyzzyva</b>", "mosaic 🎨")
    page.stylize()
    over = page.until_over()
    assert "Done: 2 of 2" in over
    assert "“zyzzyva”" in over
    assert "golden" not in over
    page.prompts("zyzzyva", "")
    page.stylize()
    one_sentence(page.toast("know no word"), "zyzzyva")
    page.until("#stylize:not([disabled])")


def test_a_run_that_fails_keeps_its_last_picture(visit, monkeypatch, disc_photo):
    advance = Run.advance
    failure = {}

    def failing(run):
        if run.done == 3:
            raise failure["with"](run.look())
        advance(run)

    monkeypatch.setattr(Run, "advance", failing)
    page = visit()
    page.upload(disc_photo[0])
    page.until_found()
    page.prompts(*PROMPTS)
    page.settings(size=128, steps=9, seed=5)

    failure["with"] = lambda step: RunError("The picture has collapsed: start again.", step)
    page.stylize()
    one_sentence(page.toast("collapsed"), "start again")
    assert re.search(r"Ended early: 3 of 9 steps in .*, seed 5\.", page.until_over())
    name, data = page.download()
    assert name == "semcs-5.png"
    assert page.shown() == data

    failure["with"] = lambda step: RuntimeError("secret of the machine")
    page.stylize()
    text = page.toast("Something went wrong")
    one_sentence(text, re.escape(errors.UNEXPECTED))
    assert errors.UNEXPECTED in page.status()
    assert "secret" not in page.page.content()
    page.until("#stylize:not([disabled])")
    assert page.prompt_values() == PROMPTS
    # The earlier picture can still be had.
    assert page.download() == (name, data)


def test_stopped_in_the_queue_the_earlier_picture_can_be_had(visit):
    page, other = visit(), visit()
    page.settings(size=64, steps=1, seed=5)
    page.stylize()
    page.until_over()
    earlier = page.download()
    other.settings(size=64, steps=1000)
    other.watch_frames()
    other.stylize()
    other.frames(1)
    page.stylize()
    page.until_true("document.querySelector('#status').innerText.includes('Waiting')")
    page.until("#stop:not([disabled])")
    page.stop()
    other.stop()
    other.until_over()
    assert "Stopped before the first step" in page.until_over()
    assert page.shown() == earlier[1]
    assert page.download() == earlier
