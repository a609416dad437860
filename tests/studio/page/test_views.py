"""The other views of a picture: before and after, time-lapse, the photo's own size."""

import io
import time

import numpy as np
from PIL import Image

from semcs_core.image import fit, open_photo
from studio.full_size import render_full_size
from studio.runs import own_size
from tests.helpers.browser import apart, pixels_of
from tests.helpers.pictures import ellipse_photo


def test_comparison_time_lapse_and_own_size(page, tmp_path):
    path = ellipse_photo(tmp_path, 333, 251)
    page.begin(path, size=128, steps=6)
    result = pixels_of(page.make("fire", "mosaic"))
    photo = fit(open_photo(path), 128).rgb
    assert apart(photo, result) > 10

    page.page.get_by_role("tab", name="Before / after").click()
    before, after = (page.fetch(src) for src in page.addresses("#compare img", 2))
    assert apart(pixels_of(before), photo) < 3  # a JPEG
    np.testing.assert_array_equal(pixels_of(after), result)

    page.page.get_by_role("tab", name="Time-lapse").click()
    (src,) = page.addresses("#timelapse img", 1)
    with Image.open(io.BytesIO(page.fetch(src))) as animation:
        assert (animation.format, animation.is_animated) == ("WEBP", True)
        frames = []
        for number in range(animation.n_frames):
            animation.seek(number)
            frames.append(np.asarray(animation.convert("RGB")))
    assert len(frames) >= 3
    distance = apart(photo, result)  # next to which the losses of JPEG and WebP are small
    assert apart(frames[0], photo) < 0.3 * distance < apart(frames[0], result)
    assert apart(frames[-1], result) < 0.3 * distance < apart(frames[-1], photo)

    assert page.page.locator("#enlarge").inner_text() == "Download at 333 x 251"
    name, data = page.save("#enlarge")
    assert name == "semcs-0-333x251.png"
    with Image.open(io.BytesIO(data)) as image:
        assert (image.format, image.size) == ("PNG", (333, 251))
        reduced = image.convert("RGB").resize((128, 96), Image.Resampling.LANCZOS)
    assert np.square(np.asarray(reduced, float) - result).mean() < 255**2 / 1000  # 30 dB
    page.until("#stylize:not([disabled])")
    assert "Saved at 333 x 251." in page.status()


def test_stop_ends_a_rendering_and_nothing_is_lost(page, disc_photo, monkeypatch):
    page.begin(disc_photo[0], size=64, steps=2)
    data = page.make("fire", "mosaic")
    downloads, ended = [], []
    page.page.on("download", lambda one: downloads.append(one))

    def slow(*args):
        for part in render_full_size(*args, side=32):
            time.sleep(0.05)
            yield part
        ended.append(True)

    monkeypatch.setattr(own_size, "render_full_size", slow)
    page.forget_status()
    page.page.locator("#enlarge").click()
    page.until_true(
        "/^Rendering at 320 x 240: [0-9]+%/.test(document.querySelector('.semcs-line').innerText)"
    )
    for button in "#stylize", "#enlarge", "#continue":
        assert page.page.locator(button).is_disabled()
    page.stop()
    assert page.until_over().startswith(own_size.STOPPED)
    assert ended == downloads == []
    assert page.download()[1] == data
    page.until("#enlarge:not([disabled])")

    monkeypatch.setattr(own_size, "render_full_size", render_full_size)
    name, _ = page.save("#enlarge")
    assert name == "semcs-0-320x240.png"
