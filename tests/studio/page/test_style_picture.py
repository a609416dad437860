"""A picture as a style, as a visitor gives it: dropped on the tile beside a prompt."""

import numpy as np
import pytest
from playwright.sync_api import expect

from studio.page.photo_panel import EXAMPLES
from tests.helpers.browser import PATIENCE, pixels_of
from tests.helpers.pictures import bomb, style_picture

BLUE = 2


@pytest.fixture
def blue(tmp_path):
    return style_picture(tmp_path / "blue.png", (30, 60, 200))


def colour(job, picture):
    """The mean colour of a picture's object."""
    return pixels_of(picture)[job.regions[0].mask > 0.9].mean(axis=0)


def test_a_picture_styles_the_object_and_stays_with_another_photo(page, jobs, disc_photo, blue):
    page.begin(disc_photo[0], size=64, steps=2)
    page.give("drop", blue, "#object-picture")
    page.until("#object-picture img")
    first = page.make("", "")
    assert colour(jobs[-1], first).argmax() == BLUE
    assert [region.name for region in jobs[-1].regions] == ["foreground"]
    assert max(jobs[-1].regions[0].picture.shape) == 512

    page.choose_file("#upload-box button", EXAMPLES[0].path)
    page.until_found()
    expect(page.page.locator("#object-picture img")).to_be_visible(timeout=PATIENCE)
    dahlia = page.make("", "")
    assert np.array_equal(jobs[-1].regions[0].picture, jobs[-2].regions[0].picture)
    assert colour(jobs[-1], dahlia).argmax() == BLUE

    page.page.get_by_label("Clear the style picture of the object").click()
    page.until("#object-picture [data-testid=upload-text]")
    page.make("golden", "")
    assert (jobs[-1].regions[0].prompt, jobs[-1].regions[0].picture) == ("golden", None)

    # Its record brings the picture back, and an example with styles of its own takes it away.
    page.page.locator("#history button").last.click()
    page.until("#object-picture img")
    page.until_prompts("", "")
    page.pick_example(1)
    page.until("#object-picture [data-testid=upload-text]")


def test_a_bad_picture_is_refused_in_a_sentence_and_the_good_one_stays(page, jobs, blue, tmp_path):
    huge, text = tmp_path / "huge.png", tmp_path / "text.png"
    huge.write_bytes(bomb().getvalue())
    text.write_text("no picture")
    page.give("drop", blue, "#background-picture")
    page.until("#background-picture img")
    note = page.note()
    for bad, sentence in (huge, "over 50 megapixels"), (text, "not a picture"):
        page.give("drop", bad, "#background-picture")
        page.toast(sentence)
        expect(page.page.locator("#background-picture img")).to_be_visible(timeout=PATIENCE)
    page.make("fire", "mosaic")
    first, second = jobs[-1].regions
    assert (first.picture, second.picture.shape[2]) == (None, 3)
    assert page.note() == note


def test_the_page_says_which_models_judge(page):
    judges = page.page.locator("#judges")
    expect(judges).to_have_text(
        "Built-in network, 118 styles. For any words, choose CLIP in Settings."
    )
    page.choose("models", "clip-vit-b32")
    expect(judges).to_contain_text("CLIP (clip-vit-b32) and VGG19 judge", timeout=PATIENCE)
    page.choose("models", "starter")
    expect(judges).to_contain_text("Built-in network", timeout=PATIENCE)
