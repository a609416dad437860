"""What a visitor reads when something cannot be done: one sentence, the inputs kept."""

import re

import pytest
from PIL import Image

from semcs_core.page import faults, runs
from semcs_core.stylize import RunError

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


def test_bad_uploads(visit, bad_files, disc_photo):
    page = visit()
    page.prompts(*PROMPTS)
    for path, pattern in bad_files.items():
        page.upload(path)
        one_sentence(page.toast(pattern), pattern)
        one_sentence(page.note(), pattern)
        assert page.prompt_values() == PROMPTS
    page.upload(disc_photo[0])
    page.until_found()


def test_a_file_that_is_too_big(visit, tmp_path):
    path = tmp_path / "big.png"
    path.write_bytes(b"\0" * (21 * 2**20))
    page = visit()
    page.upload(path)
    assert "size" in page.toast("size").lower()


def test_bad_prompts_and_masks(visit, disc_photo):
    page = visit()
    page.prompts(*PROMPTS)
    page.stylize()
    one_sentence(page.toast("no photo yet"), "upload one, or pick an example")
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
    page.until_true("document.querySelector('#note').innerText.includes('mask is empty')")
    page.stylize()
    one_sentence(page.toast("mask is empty"), "draw the object with the brush")
    page.page.get_by_role("button", name="Invert").click()
    page.until_true("document.querySelector('#note').innerText.includes('changed places')")
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
    stylize = runs.stylize
    failure = {}

    def failing(*args):
        for step in stylize(*args):
            yield step
            if step.step == 3:
                raise failure["with"](step)

    monkeypatch.setattr(runs, "stylize", failing)
    page = visit()
    page.upload(disc_photo[0])
    page.until_found()
    page.prompts(*PROMPTS)
    page.settings(size=128, steps=9, seed=5)

    failure["with"] = lambda step: RunError("The picture has collapsed: start again.", step)
    page.stylize()
    one_sentence(page.toast("collapsed"), "start again")
    assert "Ended early: 3 of 9 steps" in page.until_over()
    name, data = page.download()
    assert name == "semcs-5.png"
    assert page.shown() == data

    failure["with"] = lambda step: RuntimeError("secret of the machine")
    page.stylize()
    text = page.toast("Something went wrong")
    one_sentence(text, re.escape(faults.UNEXPECTED))
    assert "secret" not in page.page.content()
    page.until("#stylize:not([disabled])")
    assert page.prompt_values() == PROMPTS
