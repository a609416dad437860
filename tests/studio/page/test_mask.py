"""The mask on the page: what is shown is what comes back, however it was made."""

import io

import numpy as np
import pytest
from PIL import Image

from semcs_core.image import fit, open_photo
from semcs_core.mask.sources import mask_from_eigenvector
from studio.page.photos import best_threshold, search
from studio.runs.mask_layer import OPAQUE, SIZE, to_alpha
from tests.helpers.browser import Visit
from tests.helpers.browser_editor import check_stroke
from tests.helpers.pictures import ellipse_photo


class Layers:
    """What the editor was sent and what came back, in order.

    Attributes:
        sent: alpha [H, W] uint8 of each mask that the server has shown.
        read: masks [H, W] in [0, 1] that the server has read.
    """

    def __init__(self) -> None:
        self.sent: list[np.ndarray] = []
        self.read: list[np.ndarray] = []


@pytest.fixture
def layers(monkeypatch):
    """Every mask that goes to a page or comes from it."""
    from studio.page import photo_panel
    from studio.runs import visit

    seen = Layers()

    def record(module, name, keep):
        function = getattr(module, name)

        def recording(*args):
            value = function(*args)
            keep(value)
            return value

        monkeypatch.setattr(module, name, recording)

    record(photo_panel, "to_editor", lambda value: seen.sent.append(value["layers"][0][..., 3]))
    record(visit, "read_layer", seen.read.append)
    return seen


def show(page: Visit, layers: Layers, path):
    """Upload a photo; the alpha of the mask that is shown with it."""
    page.forget_note()
    page.choose_file("#upload-box button", path)
    page.until_found()
    return layers.sent[-1]


def test_eigenvectors_make_masks_and_earlier_ones_come_back(page, jobs, layers, disc_photo):
    path, _ = disc_photo
    photo = fit(open_photo(path), SIZE)
    rgb, found = photo.rgb, search(photo)
    shown = [show(page, layers, path)]
    np.testing.assert_array_equal(shown[0], to_alpha(found.mask))
    page.open_fold("mask-fold")
    page.addresses("#eigenvectors img", 4)

    def expect(number, threshold, flip=False):
        """The mask shown is that of the eigenvector; what was shown before had come back."""
        page.until_note(f"Eigenvector {number}: ")
        mask = mask_from_eigenvector(found, rgb, number, threshold, flip)
        np.testing.assert_array_equal(layers.sent[-1], to_alpha(mask))
        np.testing.assert_array_equal(to_alpha(layers.read[-1]), shown[-1])
        shown.append(layers.sent[-1])
        page.until_at_rest()
        page.forget_note()

    page.page.locator("#eigenvectors button").nth(3).click()
    expect(4, best_threshold(found, 4))
    assert float(page.setting("threshold").input_value()) == best_threshold(found, 4)
    page.settings(threshold=0.71)
    expect(4, 0.71)
    page.page.locator("#flip input").click()
    expect(4, 0.71, flip=True)
    assert len({alpha.tobytes() for alpha in shown}) == 4

    # Every earlier one, the latest first, and nothing before the first.
    for alpha in shown[-2::-1]:
        page.tool("Earlier mask", "earlier mask is back")
        np.testing.assert_array_equal(layers.sent[-1], alpha)
    page.press(page.page.get_by_role("button", name="Earlier mask"))
    assert "no earlier mask" in page.toast("earlier mask")

    # A stroke of the hand is overwritten by nothing that was not asked to.
    alpha, start, end = layers.sent[-1], (60, 60), (140, 60)
    to_screen = page.to_screen(alpha.shape[::-1])
    page.stroke(to_screen(*start), to_screen(*end))
    count = len(layers.sent)
    page.setting("threshold").focus()
    page.setting("threshold").press("Tab")  # passed through
    page.settings(seed=5, foreground_strength=0.8)
    page.choose("method", "CLIPstyler")
    page.prompts("golden", "snowy")
    page.prompt("background").press("Tab")
    page.page.locator("#reset").click()
    page.until_values({"size": 384, "steps": 24})
    page.settings(size=64, steps=1)
    page.stylize()
    page.until_over()
    assert len(layers.sent) == count
    check_stroke(jobs[-1].change.mask, alpha, start, end)


def test_a_mask_is_saved_and_comes_back(page, layers, tmp_path):
    page.open_fold("mask-fold")
    width, height = 700, 525  # larger than the editor's picture
    show(page, layers, ellipse_photo(tmp_path, width, height))
    field = page.page.get_by_label("number input for Grow, shrink, feather by (pixels)")
    field.fill("9")
    field.press("Tab")
    page.tool("Feather", "softer by 9 pixels")
    shown = layers.sent[-1]
    name, data = page.save("#mask-download")
    assert name == "mask.png"
    np.testing.assert_array_equal(to_alpha(layers.read[-1]), shown)
    with Image.open(io.BytesIO(data)) as image:
        assert (image.format, image.mode, image.size) == ("PNG", "L", (width, height))
        saved = np.asarray(image)
    assert saved[int(0.6 * height), int(0.45 * width)] == 255  # the object is white
    assert saved[: height // 5].max() == 0

    file = tmp_path / "mask.png"
    file.write_bytes(data)
    page.tool("Clear", "mask is empty")
    assert not layers.sent[-1].any()
    page.forget_note()
    page.choose_file("#mask-upload", file)
    page.until_note("This is your mask: 1[23]% of the photo")
    back = layers.sent[-1].astype(int)
    assert np.abs(back - shown).max() <= 0.03 * OPAQUE

    count = len(layers.sent)
    wrong = tmp_path / "wrong.png"
    Image.new("L", (300, 300), 255).save(wrong)
    page.choose_file("#mask-upload", wrong)
    assert "300 x 300 pixels" in page.toast("The mask is")
    assert len(layers.sent) == count
    page.tool("Invert", "changed places")
    np.testing.assert_array_equal(to_alpha(layers.read[-1]), back)


def test_a_first_visit_on_a_phone(visit, jobs, layers, disc_photo):
    page = visit("?size=64&steps=2", size=(390, 844), has_touch=True, is_mobile=True)
    width = "document.documentElement.scrollWidth"
    assert page.page.evaluate(width) <= 390
    for fold in "mask-fold", "styles", "settings", "advanced", "variations":
        page.open_fold(fold)
        assert page.page.evaluate(width) <= 390, fold

    # A photo, a stroke, two styles, Stylize: all by touch.
    page.choose_file("#upload-box button", disc_photo[0], tap=True)
    page.until_found()
    alpha = layers.sent[-1]
    start, end = (150, 30), (300, 50)
    to_screen = page.to_screen(alpha.shape[::-1])
    page.touch(to_screen(*start), to_screen(*end))
    for part, text in ("object", "fire"), ("background", "snowy"):
        field = page.prompt(part)
        field.tap()
        field.fill(text)
    page.forget_status()
    page.page.locator("#stylize").tap()
    page.until_over()
    job = jobs[-1]
    assert [region.prompt for region in job.regions] == ["fire", "snowy"]
    check_stroke(job.change.mask, alpha, start, end)
    assert page.page.evaluate(width) <= 390
    # It comes into view by itself.
    top = "document.querySelector('#result img').getBoundingClientRect().top"
    page.until_true(f"0 <= {top} && {top} < innerHeight")
    assert page.download() == ("semcs-0.png", page.shown())
