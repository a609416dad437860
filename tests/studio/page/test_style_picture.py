"""A picture as a style, as a visitor gives it: dropped on the tile beside a prompt."""

import numpy as np
from PIL import Image

from studio.page.photo_panel import EXAMPLES
from tests.helpers.browser import pixels_of
from tests.helpers.pictures import bomb

TILE, EMPTY = "#object-picture", "#object-picture [data-testid=upload-text]"


def test_a_picture_styles_the_object_until_it_is_cleared(page, jobs, disc_photo, tmp_path):
    Image.new("RGB", (900, 600), (30, 60, 200)).save(tmp_path / "blue.png")
    (tmp_path / "bomb.png").write_bytes(bomb().getvalue())
    (tmp_path / "text.png").write_text("no picture")
    page.begin(disc_photo[0], size=64, steps=2)
    page.give("drop", tmp_path / "blue.png", TILE)
    page.until(f"{TILE} img")
    for bad, sentence in ("bomb", "over 50 megapixels"), ("text", "not a picture"):
        page.give("drop", tmp_path / f"{bad}.png", TILE)
        page.toast(sentence)
    for photo in None, EXAMPLES[0].path:  # the tile stays with another photo
        if photo:
            page.choose_file("#upload-box button", photo)
            page.until_found()
        picture = pixels_of(page.make("", ""))
        (region,) = jobs[-1].regions
        assert max(region.picture.shape) == 512
        assert picture[region.mask > 0.9].mean(axis=0).argmax() == 2  # blue
    page.page.get_by_label("Clear the style picture of the object").click()
    page.until(EMPTY)
    page.make("golden", "")
    assert (jobs[-1].regions[0].prompt, jobs[-1].regions[0].picture) == ("golden", None)

    # Its record brings the picture back, and an example with styles of its own takes it away.
    page.page.locator("#history button").last.click()
    page.until(f"{TILE} img")
    page.until_prompts("", "")
    page.make("", "")
    assert np.array_equal(jobs[-1].regions[0].picture, region.picture)
    page.pick_example(1)
    page.until(EMPTY)
