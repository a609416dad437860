"""What the editor shows: photo and mask on each other, whatever came before them."""

import io

import numpy as np
import pytest
from PIL import Image
from scipy.ndimage import uniform_filter

from semcs_core.image import fit, open_photo
from studio.page import photos
from studio.page.photo_panel import EXAMPLES
from studio.runs.mask_layer import COLOUR, OPAQUE, SIZE, to_alpha
from tests.helpers.browser import Visit
from tests.helpers.browser_editor import TOOLBAR

MARGIN = 30  # pixels of the screen that Gradio leaves around a photo
BRUSH = 24 + 3  # radius in pixels of the editor's picture, and its soft edge


class Shown:
    """A photo in the editor: where on the screen it must be, and its mask as the server knows it.

    The place follows from the sizes alone. Were it read off the mask on the screen, a mask in the
    wrong place would go unnoticed.
    """

    def __init__(self, page: Visit, path) -> None:
        self.page = page
        photo = fit(open_photo(path), SIZE)
        self.rgb = photo.rgb
        self.alpha = to_alpha(photos.search(photo).mask)
        canvas = page.page.locator("#editor canvas").first
        canvas.scroll_into_view_if_needed()
        box = canvas.bounding_box()
        height, width = self.alpha.shape
        self.scale = min((box["width"] - 2 * MARGIN) / width, (box["height"] - 2 * MARGIN) / height)
        self.left = box["x"] + (box["width"] - width * self.scale) / 2
        self.top = box["y"] + (box["height"] - height * self.scale) / 2
        self.edge = box["x"] + TOOLBAR

    def at(self, x: float, y: float) -> tuple[float, float]:
        """On the screen, a point of the photo in parts of its width and height."""
        height, width = self.alpha.shape
        return self.left + x * width * self.scale, self.top + y * height * self.scale

    def agreement(self) -> float:
        """Intersection over union of the pink on the screen and the mask on the server."""
        (left, top), (right, bottom) = self.at(0, 0), self.at(1, 1)
        clip = {"x": left, "y": top, "width": right - left, "height": bottom - top}
        screen = Image.open(io.BytesIO(self.page.page.screenshot(clip=clip))).convert("RGB")
        seen = np.asarray(screen, float)
        photo, mask = (
            np.asarray(Image.fromarray(pixels).resize(screen.size, Image.Resampling.BOX), float)
            for pixels in (self.rgb, self.alpha)
        )
        # Of a mixture of photo and colour, the colour's part.
        way = COLOUR - photo
        part = uniform_filter(((seen - photo) * way).sum(axis=2), 5)
        part /= uniform_filter((way**2).sum(axis=2), 5)
        free = np.arange(screen.width) + left >= self.edge  # right of the tools
        here, there = (part > 0.25)[:, free], (mask > OPAQUE / 2)[:, free]
        return (here & there).sum() / (here | there).sum()


@pytest.mark.parametrize(("width", "before"), [(1440, ["camera"]), (390, ["portrait", "camera"])])
def test_a_mask_stays_on_its_photo_whatever_photo_came_before(visit, jobs, tmp_path, width, before):
    page = visit("?size=64&steps=1", viewport={"width": width, "height": 900})
    paths = {example.path.stem: example.path for example in EXAMPLES}
    paths["portrait"] = tmp_path / "portrait.png"
    Image.open(paths["coffee"]).rotate(90, expand=True).save(paths["portrait"])
    for name in [*before, "coffee"]:  # the camera's is square, what the page opens with is wide
        page.upload(paths[name])
        page.until_found()
        shown = Shown(page, paths[name])
        assert shown.agreement() > 0.9, name

    # The mask of a run after a stroke is the one before it, wherever the stroke is not.
    x, low, high = 0.85, 0.15, 0.3
    page.stroke(shown.at(x, low), shown.at(x, high))
    page.stylize()
    page.until_over()
    used = (jobs[-1].change.mask * OPAQUE).round()
    height, width = shown.alpha.shape
    rows, columns = np.mgrid[:height, :width]
    along = rows - rows.clip(low * height, high * height)
    outside = np.hypot(columns - x * width, along) > BRUSH
    np.testing.assert_array_equal(used[outside], shown.alpha[outside])
    assert used[int(0.2 * height), int(x * width)] == OPAQUE


def test_a_photo_that_comes_before_its_editor_is_shown(chromium, url):
    """On a slow machine the browser builds the editor when all messages have come."""
    context = chromium.new_context(viewport={"width": 1280, "height": 1100})
    page = context.new_page()

    def late(route) -> None:
        answer = route.fetch()
        if "add_layers_from_url" in answer.text():  # the editor's code
            page.wait_for_function("/%/.test(document.querySelector('#note')?.innerText)")
            page.wait_for_timeout(1000)
        route.fulfill(response=answer)

    page.route("**/assets/Index-*.js", late)
    try:
        shown = Shown(Visit(page, url), EXAMPLES[0].path)
        assert page.locator("#editor .empty").count() == 0
        assert shown.agreement() > 0.9
    finally:
        context.close()
