"""What a visitor sees before anything is clicked."""

import numpy as np
import pytest

from semcs_core.image import open_photo, resize
from semcs_core.mask.descriptors import rgb_to_lab
from studio.page.photo_panel import EXAMPLES
from studio.page.prompt_panel import STRIP
from studio.runs.mask_layer import COLOUR
from tests.helpers.browser import pixels_of


@pytest.mark.parametrize(
    ("width", "height", "lowest"),
    [(390, 844, 700), (768, 1000, 700), (1366, 657, 640), (1920, 950, 640)],
)
def test_stylize_is_on_the_first_screen(visit, width, height, lowest):
    phone = {"is_mobile": True, "has_touch": True} if width < 400 else {}
    page = visit(size=(width, height), **phone)
    page.until_found()
    box = page.page.locator("#stylize").bounding_box()
    assert box["y"] + box["height"] <= lowest
    assert page.page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_page_opens_with_a_finished_example_and_each_example_shows_its_own(visit):
    page = visit()
    for example, number in (EXAMPLES[0], 0), (EXAMPLES[4], 0), (EXAMPLES[4], 1):
        if (example, number) != (EXAMPLES[0], 0):
            page.pick_example(EXAMPLES.index(example))
        words = " and ".join(example.pairs[number])
        page.until_true(
            "words => document.querySelector('#status').innerText.includes(words)", words
        )
        before, after = (page.fetch(url) for url in page.addresses("#compare img", 2))
        made = open_photo(example.finished(number)).rgb
        apart = np.abs(pixels_of(after).astype(float) - made).mean()
        assert apart < 12  # a JPEG of a JPEG; two of these pictures are 40 apart and more
        assert pixels_of(before).shape == made.shape
    # One of the twelve fills the prompt that is chosen beside them.
    page.page.get_by_role("radio", name="Background").check()
    page.page.locator("#strip button").nth(3).click()
    page.until_prompts(EXAMPLES[4].pairs[1][0], STRIP[3][1])


def test_a_picture_of_another_photo_is_said_to_be_one(visit, disc_photo):
    page = visit("?size=64&steps=1")
    page.until_found()
    said = "document.querySelector('#status').innerText.includes('of another photo')"
    page.choose_file("#upload-box button", disc_photo[0])  # while an example's is shown
    page.until_true(said)
    page.stylize()
    page.until_over()
    page.pick_example(0)
    page.until_true("document.querySelector('#status').innerText.includes('Made by this program')")
    page.choose_file("#upload-box button", EXAMPLES[1].path)
    page.until_true(said)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_the_mask_can_be_seen_on_every_example(example):
    rgb = resize(example.open().rgb, (64, 64)) / 255
    apart = np.linalg.norm(rgb_to_lab(rgb / 2 + np.array(COLOUR) / 510) - rgb_to_lab(rgb), axis=2)
    assert np.quantile(apart, 0.1) > 50  # of Lab; pink had 24 on the coffee
