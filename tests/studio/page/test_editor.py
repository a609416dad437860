"""What the editor shows: photo and mask on each other, whatever came before them."""

import pytest

from semcs_core.image import fit, open_photo
from studio.page import photos
from studio.page.photo_panel import EXAMPLES
from studio.runs.mask_layer import SIZE, to_alpha
from tests.helpers.browser import Visit
from tests.helpers.browser_editor import check_stroke
from tests.helpers.pictures import ellipse_photo

SQUARE, LANDSCAPE, PORTRAIT, THIN = (300, 300), (333, 251), (251, 333), (161, 643)


def shown_of(path):
    """A photo as the editor shows it, and the alpha of the mask that belongs on it."""
    photo = fit(open_photo(path), SIZE)
    return photo.rgb, to_alpha(photos.search(photo).mask)


# What the page opens with is wide.
@pytest.mark.parametrize(
    ("width", "sizes"), [(1440, [SQUARE, LANDSCAPE]), (390, [PORTRAIT, SQUARE, THIN])]
)
def test_a_mask_stays_on_its_photo_whatever_photo_came_before(visit, jobs, tmp_path, width, sizes):
    page = visit("?size=64&steps=1", size=(width, 900))
    for size in sizes:
        path = ellipse_photo(tmp_path, *size)
        page.upload(path)
        page.until_found()
        rgb, alpha = shown_of(path)
        assert page.agreement(rgb, alpha) > 0.9, size

    # The mask of a run after a stroke is the one before it, wherever the stroke is not.
    height, width = alpha.shape
    start, end = (0.8 * width, 0.15 * height), (0.85 * width, 0.3 * height)
    to_screen = page.to_screen((width, height))
    page.stroke(to_screen(*start), to_screen(*end))
    page.stylize()
    page.until_over()
    check_stroke(jobs[-1].change.mask, alpha, start, end)


def test_a_photo_that_comes_before_its_editor_is_shown(context, url):
    """On a slow machine the browser builds the editor when all messages have come."""
    page = context.new_page()

    def late(route) -> None:
        answer = route.fetch()
        if "add_layers_from_url" in answer.text():  # the editor's code
            page.wait_for_function("/%/.test(document.querySelector('#note')?.innerText)")
            page.wait_for_timeout(1000)
        route.fulfill(response=answer)

    page.route("**/assets/Index-*.js", late)
    visit = Visit(page, url)
    assert page.locator("#editor .empty").count() == 0
    assert visit.agreement(*shown_of(EXAMPLES[0].path)) > 0.9
    page.close()
