"""What a visitor reads when something cannot be done: one sentence, the inputs kept."""

import re
from functools import partial

import numpy as np
import pytest
from PIL import Image

from semcs_core.run import Run
from semcs_core.step import RunError
from studio.server import errors
from tests.helpers.browser import one_sentence
from tests.helpers.pictures import bomb

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
    large = tmp_path / "large.png"
    large.write_bytes(bomb().getvalue())
    return {
        text: r"That file is not a picture",
        cut: r"damaged or cut off",
        dot: r"The picture is 1 x 1 pixels",
        large: r"over 50 megapixels",
    }


def made_now(page, jobs):
    """Photo [H, W, 3], mask [H, W] and prompts of a short run of what is on the page."""
    page.stylize()
    assert "Done: 2 of 2" in page.until_over()
    job = jobs[-1]
    return job.visit.photo.rgb, job.change.mask, tuple(region.prompt for region in job.regions)


def test_bad_uploads_leave_everything_as_it_was(page, jobs, bad_files, tmp_path):
    page.prompts(*PROMPTS)
    page.tool("Invert", "changed places")
    before, pixels = made_now(page, jobs), page.until_at_rest()
    for path, pattern in bad_files.items():
        page.upload(path)
        one_sentence(page.toast(pattern), pattern)
        one_sentence(page.note(), pattern)
        assert page.prompt_values() == PROMPTS
    big = tmp_path / "big.png"
    big.write_bytes(b"\0" * (21 * 2**20))
    for bring in page.upload, partial(page.give, "drop"):
        bring(big)
        assert "exceed the maximum allowed size of 20.0 Mb" in page.toast("size")
    np.testing.assert_array_equal(page.until_at_rest(), pixels)
    for now, then in zip(made_now(page, jobs), before, strict=True):
        np.testing.assert_array_equal(now, then)


def test_bad_prompts_and_masks(page):
    page.prompts("zyzzyva", "")
    page.stylize()
    one_sentence(page.toast("know no word"), "know no word")
    page.until("#stylize:not([disabled])")
    assert page.prompt_values() == ("zyzzyva", "")

    page.prompts(*PROMPTS)
    for button, note, pattern, advice in (
        ("Clear", "mask is empty", "mask is empty", "draw the object with the brush"),
        ("Invert", "changed places", "covers the whole picture", "erase the background"),
    ):
        page.tool(button, note)
        page.stylize()
        one_sentence(page.toast(pattern), advice)

    # Unknown words beside known ones are named, and emoji are welcome.
    page.tool("Find the object", "% of the photo")
    page.prompts("golden <b>zyzzyva</b>", "mosaic 🎨")
    page.stylize()
    over = page.until_over()
    assert "Done: 2 of 2" in over
    assert "“zyzzyva”" in over
    assert "golden" not in over


def test_a_run_that_fails_keeps_its_last_picture(page, monkeypatch):
    advance = Run.advance
    failure = {}

    def failing(run):
        if run.done == 3:
            raise failure["with"](run.look())
        advance(run)

    monkeypatch.setattr(Run, "advance", failing)
    page.prompts(*PROMPTS)
    page.settings(steps=9, seed=5)

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
