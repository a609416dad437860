"""The mask on the page: what is shown is what comes back, however it was made."""

import io
import time

import numpy as np
import pytest
from PIL import Image

from semcs_core.image import fit, open_photo
from semcs_core.mask import find_object
from semcs_core.mask.sources import mask_from_eigenvector
from studio.page.photos import best_threshold
from studio.runs.mask_layer import OPAQUE, SIZE, to_alpha
from tests.helpers.browser import PATIENCE, Visit

SIZES = [(333, 251), (97, 1000)]
BRUSH = 24  # radius in pixels of the editor's picture
EDGE = 3  # of the brush, soft, and of a stroke by a hand that hits whole pixels of the screen


class Layers:
    """What the editor was sent and what came back, in order.

    Attributes:
        sent: alpha [H, W] uint8 of each mask that the server has shown.
        read: masks [H, W] in [0, 1] that the server has read.
    """

    def __init__(self) -> None:
        self.sent: list[np.ndarray] = []
        self.read: list[np.ndarray] = []

    def until(self, count: int) -> None:
        """So many masks have been shown."""
        deadline = time.monotonic() + PATIENCE / 1000
        while len(self.sent) < count:
            assert time.monotonic() < deadline
            time.sleep(0.05)


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


def make_photo(folder, width, height):
    """A grey photo of a dark ellipse, left below the middle; its path."""
    rows, columns = np.mgrid[:height, :width]
    ellipse = np.hypot((columns / width - 0.45) / 0.2, (rows / height - 0.6) / 0.2) < 1
    grey = np.where(ellipse, 60, 170 + columns * 20 / width)
    grey = grey + np.random.default_rng(0).integers(-4, 5, grey.shape)
    path = folder / f"{width}x{height}.png"
    Image.fromarray(np.repeat(grey.astype(np.uint8)[..., None], 3, axis=2)).save(
        path, compress_level=1
    )
    return path


def show(page: Visit, layers: Layers, path):
    """Upload a photo; the alpha of the mask that is shown with it."""
    page.choose_file("#upload-box button", path)
    page.until_found()
    return layers.sent[-1]


def set_pixels(page: Visit, pixels):
    """How far the mask's edge is moved by the buttons."""
    field = page.page.get_by_label("number input for Grow, shrink, feather by (pixels)")
    field.fill(str(pixels))
    field.press("Tab")


def distance_to(shape, start, end):
    """Of each pixel [H, W] from the line between two points (x, y)."""
    points = np.mgrid[: shape[0], : shape[1]][::-1].transpose(1, 2, 0).astype(float)
    start, way = np.asarray(start, float), np.subtract(end, start)
    along = ((points - start) @ way / (way @ way)).clip(0, 1)
    return np.linalg.norm(points - start - along[..., None] * way, axis=2)


def check_stroke(mask, alpha, start, end):
    """A stroke from point to point is in a mask, which is the alpha everywhere else."""
    assert mask.shape == alpha.shape
    values = (mask * OPAQUE).round()
    np.testing.assert_allclose(mask * OPAQUE, values, atol=1e-3)
    distance = distance_to(alpha.shape, start, end)
    outside, inside = distance > BRUSH + EDGE, distance < BRUSH - EDGE
    np.testing.assert_array_equal(values[outside], alpha[outside])
    assert inside.sum() > 100
    assert values[inside].min() == OPAQUE
    assert alpha[inside].max() < OPAQUE / 2  # it was not in the mask before


def test_the_mask_comes_back_to_the_pixel_at_any_size(page, jobs, layers, tmp_path):
    for width, height in SIZES:
        alpha = show(page, layers, make_photo(tmp_path, width, height))
        rows, columns = alpha.shape
        seen = np.argwhere(alpha > OPAQUE / 2).mean(axis=0) / alpha.shape
        np.testing.assert_allclose(seen, (0.6, 0.45), atol=0.02)

        start, end = (0.72 * columns, 0.2 * rows), (0.8 * columns, 0.35 * rows)
        to_screen = page.editor_map(alpha)
        page.stroke(to_screen(*start), to_screen(*end))
        page.stylize()
        page.until_over()
        check_stroke(jobs[-1].change.mask, alpha, start, end)


def test_eigenvectors_make_masks_and_earlier_ones_come_back(page, jobs, layers, disc_photo):
    path, _ = disc_photo
    rgb = fit(open_photo(path), SIZE).rgb
    found = find_object(rgb)
    shown = [show(page, layers, path)]
    layers.sent[:] = shown
    np.testing.assert_array_equal(shown[0], to_alpha(found.mask))
    page.open_fold("mask-fold")
    thumbnails = page.page.locator("#eigenvectors button")
    page.until_true("document.querySelectorAll('#eigenvectors img').length === 4")
    assert thumbnails.count() == 4

    def expect(number, threshold, flip=False):
        """The mask shown is that of the eigenvector; what was shown before had come back."""
        layers.until(len(shown) + 1)
        mask = mask_from_eigenvector(found, rgb, number, threshold, flip)
        np.testing.assert_array_equal(layers.sent[-1], to_alpha(mask))
        np.testing.assert_array_equal(to_alpha(layers.read[-1]), shown[-1])
        shown.append(layers.sent[-1])
        page.until_at_rest()

    for number in 4, 1:
        thumbnails.nth(number - 1).click()
        expect(number, best_threshold(found, number))
        assert float(page.setting("threshold").input_value()) == best_threshold(found, number)
    page.settings(threshold=0.71)
    expect(1, 0.71)
    page.page.locator("#flip input").click()
    expect(1, 0.71, flip=True)
    assert len({alpha.tobytes() for alpha in shown}) == 5

    # Every earlier one, the latest first, and nothing before the first.
    for alpha in shown[-2::-1]:
        count = len(layers.sent)
        page.page.get_by_role("button", name="Earlier mask").click()
        layers.until(count + 1)
        page.until_at_rest()
        np.testing.assert_array_equal(layers.sent[-1], alpha)
    page.page.get_by_role("button", name="Earlier mask").click()
    assert "no earlier mask" in page.toast("earlier mask")

    # A stroke of the hand is overwritten by nothing that was not asked to.
    to_screen = page.editor_map(layers.sent[-1])
    start, end = (60, 60), (140, 60)
    page.stroke(to_screen(*start), to_screen(*end))
    count = len(layers.sent)
    page.setting("threshold").focus()
    page.setting("threshold").press("Tab")  # passed through
    page.settings(seed=5, foreground_strength=0.8)
    page.choose("method", "CLIPstyler")
    page.prompts("golden", "snowy")
    page.prompt("background").press("Tab")
    page.page.locator("#reset").click()
    page.until_values({"size": 384, "steps": 40})
    page.settings(size=64, steps=1)
    page.stylize()
    page.until_over()
    assert len(layers.sent) == count
    check_stroke(jobs[-1].change.mask, layers.sent[-1], start, end)


def test_a_mask_is_saved_and_comes_back(page, layers, tmp_path):
    page.open_fold("mask-fold")
    width, height = 700, 525  # larger than the editor's picture
    show(page, layers, make_photo(tmp_path, width, height))
    set_pixels(page, 9)
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
    page.until_at_rest()
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
    phone = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
    page = visit("?size=64&steps=2", **phone)
    width = "document.documentElement.scrollWidth"
    assert page.page.evaluate(width) <= 390
    for fold in "mask-fold", "styles", "settings", "advanced", "variations":
        page.open_fold(fold)
        page.page.wait_for_timeout(100)
        assert page.page.evaluate(width) <= 390, fold

    # A photo, a stroke, two styles, Stylize: all by touch.
    page.choose_file("#upload-box button", disc_photo[0], tap=True)
    page.until_found()
    alpha = layers.sent[-1]
    to_screen = page.editor_map(alpha)
    start, end = (150, 30), (300, 50)
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
    box = page.page.locator("#result img").bounding_box()
    assert 0 <= box["y"] < 844  # it has come into view by itself
    assert page.download() == ("semcs-0.png", page.shown())
