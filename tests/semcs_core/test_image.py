import io

import numpy as np
import pytest
import torch
from PIL import Image, ImageFile

from semcs_core.errors import UserError
from semcs_core.image import open_photo, resize_map, to_tensor, to_uint8, working_size
from tests.helpers.pictures import bomb


def as_file(image, format="PNG", **options):
    buffer = io.BytesIO()
    image.save(buffer, format, **options)
    buffer.seek(0)
    return buffer


def gradient(width=64, height=48):
    y, x = np.mgrid[:height, :width]
    return np.stack([x * 255 // width, y * 255 // height, (x + y) % 256], -1).astype(np.uint8)


def test_a_png_comes_back_to_the_pixel():
    photo = open_photo(as_file(Image.fromarray(gradient())))
    assert np.array_equal(photo.rgb, gradient())
    assert photo.alpha is None
    assert photo.size == (64, 48)


def test_exif_orientation_is_applied():
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned: rotate by 90 degrees clockwise to see it upright
    photo = open_photo(as_file(Image.fromarray(gradient()), exif=exif))
    assert np.array_equal(photo.rgb, np.rot90(gradient(), -1))


def test_transparent_parts_lie_on_white_and_alpha_is_kept():
    rgba = np.dstack([gradient(), np.zeros((48, 64), np.uint8)])
    rgba[:, :32, 3] = 255
    photo = open_photo(as_file(Image.fromarray(rgba)))
    assert np.array_equal(photo.rgb[:, :32], gradient()[:, :32])
    assert (photo.rgb[:, 32:] == 255).all()
    assert np.array_equal(photo.alpha, (rgba[..., 3] / 255).astype(np.float32))


@pytest.mark.parametrize("mode", ["L", "1", "P", "CMYK"])
def test_other_modes_become_rgb(mode):
    source = Image.fromarray(gradient()[..., 0] if mode in "L1" else gradient())
    photo = open_photo(as_file(source.convert(mode), "TIFF"))
    assert photo.rgb.shape == (48, 64, 3)
    assert photo.rgb.dtype == np.uint8
    reference = np.asarray(source.convert("RGB"), np.float32)
    if mode in {"L", "CMYK"}:
        assert np.abs(photo.rgb - reference).mean() < 8


def test_16_bit_grey_keeps_its_tones():
    values = np.linspace(0, 65535, 64 * 48).reshape(48, 64).astype(np.uint16)
    photo = open_photo(as_file(Image.fromarray(values)))
    assert np.abs(photo.rgb[..., 0] - values / 257).max() <= 1
    assert np.array_equal(photo.rgb[..., 0], photo.rgb[..., 2])


@pytest.mark.parametrize("format", ["JPEG", "WEBP", "BMP", "GIF"])
def test_common_formats_open(format):
    photo = open_photo(as_file(Image.fromarray(gradient(64, 64)), format))
    assert photo.size == (64, 64)


def test_colours_of_an_embedded_profile_become_srgb():
    from PIL import ImageCms

    image = Image.fromarray(gradient())
    xyz = ImageCms.ImageCmsProfile(ImageCms.createProfile("XYZ")).tobytes()
    untagged = open_photo(as_file(image)).rgb
    # A profile that does not fit the picture is passed over, not a reason to refuse it.
    assert np.array_equal(open_photo(as_file(image, icc_profile=xyz)).rgb, untagged)
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    same = open_photo(as_file(image, icc_profile=srgb)).rgb
    assert np.abs(same.astype(int) - untagged).max() <= 2


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        (io.BytesIO(b"not a picture at all"), "not a picture"),
        (as_file(Image.new("RGB", (1, 1))), "at least 16"),
        (as_file(Image.new("RGB", (2000, 20))), "20 to 1"),
        (bomb(), "megapixels"),
        (bomb(20000, 20000), "megapixels"),  # above the limit at which Pillow itself refuses
    ],
)
def test_what_cannot_be_used_is_refused_in_one_sentence(source, sentence):
    source.seek(0)
    with pytest.raises(UserError, match=sentence) as caught:
        open_photo(source)
    message = str(caught.value)
    assert message.endswith(".")
    assert "\n" not in message
    assert message.count(". ") == 0


@pytest.mark.parametrize("format", ["PNG", "JPEG"])
def test_a_truncated_file_is_refused(format):
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    data = as_file(Image.fromarray(noise), format).getvalue()
    with pytest.raises(UserError, match=r"damaged|not a picture"):
        open_photo(io.BytesIO(data[: len(data) // 2]))


def test_paths_that_are_no_pictures_are_refused(tmp_path):
    with pytest.raises(UserError, match="no such picture"):
        open_photo(tmp_path / "missing.jpg")
    with pytest.raises(UserError, match="folder"):
        open_photo(tmp_path)


@pytest.mark.parametrize(
    ("size", "asked", "expected"),
    [
        ((640, 427), 384, (384, 256)),
        ((427, 640), 384, (256, 384)),
        ((2000, 100), 384, (640, 32)),
    ],
)
def test_working_size_keeps_the_ratio_in_multiples_of_8(size, asked, expected):
    assert working_size(*size, asked) == expected


@pytest.mark.parametrize("size", [(900, 600), (600, 900), (512, 512), (2000, 500)])
def test_a_published_size_is_the_side_of_a_square_of_the_same_area(size):
    width, height = working_size(*size, 512, "square")
    assert width * height == pytest.approx(512**2, rel=0.02)
    assert width / height == pytest.approx(size[0] / size[1], rel=0.02)


def test_tensors_round_trip():
    tensor = to_tensor(gradient())
    assert tensor.shape == (1, 3, 48, 64)
    assert tensor.dtype == torch.float32
    assert float(tensor.max()) <= 1
    assert np.array_equal(to_uint8(tensor), gradient())


def test_a_decoder_that_fails_with_an_error_of_its_own(tmp_path, monkeypatch):
    """Pillow's AVIF reader has a RuntimeError for planes that are damaged."""
    path = tmp_path / "a.png"
    Image.new("RGB", (20, 20)).save(path)

    def fail(_):
        raise RuntimeError("Failed to decode frame 0: Decoding of color planes failed")

    monkeypatch.setattr(ImageFile.ImageFile, "load", fail)
    with pytest.raises(UserError, match="damaged or cut off"):
        open_photo(path)


@pytest.mark.parametrize("shape", [(5, 90), (300, 401)])
def test_resizing_a_map_keeps_a_constant_and_the_range(shape):
    assert resize_map(np.full((30, 40), 7), shape) == pytest.approx(np.full(shape, 7), abs=1e-4)
    values = 9 * np.random.default_rng(0).random((30, 40, 3)) - 5
    resized = resize_map(values, shape)
    assert resized.shape == (*shape, 3)
    assert values.min() - 1e-6 <= resized.min()
    assert resized.max() <= values.max() + 1e-6
