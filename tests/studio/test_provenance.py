"""What a picture says of how it was made: exactly, and never more than can be trusted."""

import base64
import io
import json
import struct
import zlib
from dataclasses import fields, replace

import numpy as np
import pytest
from PIL import Image

from semcs_core import __version__
from semcs_core.errors import UserError
from semcs_core.image import open_photo
from semcs_core.settings import Settings
from studio.provenance import (
    DAMAGED,
    FORMAT,
    INCOMPATIBLE,
    MOST_JPEG,
    MOST_MASK,
    THUMBNAIL,
    Edit,
    Provenance,
    fingerprint,
    read_provenance,
    save_picture,
)
from tests.helpers.pictures import PIXELS, bomb, with_text

MASK = np.random.default_rng(1).integers(0, 128, (40, 56), dtype=np.uint8)


def png_of(pixels, mode=None, form="PNG"):
    buffer = io.BytesIO()
    image = Image.fromarray(pixels)
    (image if mode is None else image.convert(mode)).save(buffer, form)
    return base64.b64encode(buffer.getvalue()).decode()


BOMB = png_of(np.zeros((3000, 4000), np.uint8), form="JPEG")


def provenance(**changes):
    record = Provenance(
        settings=Settings(seed=7, sketch=1 / 3, learning_rate=1e-5, painter="stylenet"),
        foreground="fire",
        background="snowy 🎨 “naïve”",
        models="starter",
        mask=MASK,
        photo=fingerprint(PIXELS),
        steps=31,
        edits=(Edit(14, "background: snowy"), Edit(20, "mask")),
    )
    return replace(record, **changes)


@pytest.fixture
def picture(tmp_path):
    path = tmp_path / "picture.png"
    save_picture(path, PIXELS, provenance())
    return path


def equal(one, other):
    return all(
        np.array_equal(getattr(one, f.name), getattr(other, f.name))
        if f.name == "mask"
        else getattr(one, f.name) == getattr(other, f.name)
        for f in fields(Provenance)
    )


def record(path):
    with Image.open(path) as image:
        return json.loads(image.text["semcs"])


def read(tmp_path, data):
    path = tmp_path / "crafted.png"
    path.write_bytes(data)
    return read_provenance(path)


def refusal(tmp_path, data):
    with pytest.raises(UserError) as caught:
        read(tmp_path, data)
    return str(caught.value)


def test_the_pixels_are_lossless_and_the_record_comes_back_exactly(picture):
    assert np.array_equal(open_photo(picture).rgb, PIXELS)
    found = read_provenance(picture)
    assert equal(found, provenance())
    assert found.mask.dtype == np.uint8
    assert found.version == __version__


def test_what_is_no_picture_has_no_record(tmp_path):
    assert read_provenance(tmp_path / "missing.png") is None
    assert read_provenance(tmp_path) is None
    assert read(tmp_path, b"") is None
    assert read(tmp_path, b"\x89PNG\r\n\x1a\n" + b"\xff" * 1000) is None
    assert read(tmp_path, with_text("{}", head=b"semcs2\0\0\0\0\0")) is None


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("settings", [None, [], {"steps": "x"}, {"size": 10**9}]),
        ("foreground", [None, 7, ["x"], "x" * 1000]),
        ("background", [None, {}]),
        ("models", [None, True, [[]]]),
        ("mask", [None, "", 7, {"a": {"b": []}}]),
        ("photo", [None, "x", "\ud800", 10**400]),
        ("steps", [None, True, -1, 1.5, "x"]),
        ("edits", [None, True, [1], ["step"], [{"step": "1", "text": "a"}], [{"step": 1}]]),
        ("edits", [[{"step": True, "text": "a"}], [{"step": 1, "text": ["a"]}]]),
        ("version", [None, 7, []]),
        ("pictures", [None, 7, [], ["é", None], [7, None], [None], [{"a": 1}, None]]),
        ("pictures", [[THUMBNAIL + text, None] for text in ("", "!", BOMB, png_of(MASK))]),
        ("format", [None, "x", FORMAT + 1]),
    ],
)
def test_a_value_of_the_wrong_type_or_size_is_refused(picture, tmp_path, field, wrong):
    data = record(picture)
    for value in wrong:
        text = json.dumps(data | {field: value})
        assert refusal(tmp_path, with_text(text)) in {DAMAGED, INCOMPATIBLE}, value
    del data[field]
    if field != "pictures":  # older records have none
        assert refusal(tmp_path, with_text(json.dumps(data))) == DAMAGED


@pytest.mark.parametrize("text", ["", "null", "[]", "{}", "[" * 900_000, '{"a":' * 300_000])
def test_what_is_no_record_is_refused(tmp_path, text):
    assert refusal(tmp_path, with_text(text)) == DAMAGED


def test_a_chunk_that_unpacks_to_100_megabytes_or_has_no_end_is_no_record(tmp_path):
    packed = zlib.compress(bytes(10**8))
    assert read(tmp_path, with_text(packed, head=b"semcs\0\1\0\0\0")) is None
    for length in (2, 2**32 - 1):
        head = with_text("")[:33] + struct.pack(">I", length)
        assert read(tmp_path, head + b"iTXtsemcs\0" + bytes(100)) is None


@pytest.mark.parametrize(
    "mask",
    [
        base64.b64encode(bomb().getvalue()).decode(),
        base64.b64encode(bomb(1, MOST_MASK + 1).getvalue()).decode(),
        *(png_of(PIXELS), png_of(MASK, "P"), png_of(MASK)[:-200], png_of(MASK) + "!", "é"),
        base64.b64encode(b"GIF89a" + bytes(100)).decode(),
    ],
    ids=range(8),
)
@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_a_mask_that_is_a_bomb_or_anything_but_a_grey_png_is_refused(picture, tmp_path, mask):
    data = record(picture) | {"mask": mask}
    assert refusal(tmp_path, with_text(json.dumps(data))) == DAMAGED


def test_another_version_is_read_as_far_as_it_goes(picture, tmp_path):
    data = record(picture) | {"version": "9.0", "novelty": [1]}
    data["settings"]["novelty"] = 3
    del data["settings"]["light"], data["pictures"]
    found = read(tmp_path, with_text(json.dumps(data)))
    assert found.settings == replace(provenance().settings, light=Settings().light)
    assert found.version == "9.0"
    data["settings"]["painter"] = "novelty"
    assert refusal(tmp_path, with_text(json.dumps(data))) == INCOMPATIBLE
    data = record(picture) | {"format": FORMAT + 1, "version": __version__}
    assert refusal(tmp_path, with_text(json.dumps(data))) == INCOMPATIBLE


def test_prompts_and_edits_become_one_clean_line(picture, tmp_path):
    data = record(picture) | {
        "foreground": "red\n\x1b[31mrocks\u2028\0",
        "edits": [{"step": 2, "text": "background:\t \x07snowy\n"}],
    }
    found = read(tmp_path, with_text(json.dumps(data)))
    assert found.foreground == "red [31mrocks"
    assert found.edits[0].text == "background: snowy"
    data["foreground"] = "x" * 301
    assert refusal(tmp_path, with_text(json.dumps(data))) == DAMAGED


@pytest.mark.parametrize("size", [(512, 512), (640, 32), (16, 17)])
def test_a_style_picture_comes_back_as_a_thumbnail_and_the_file_says_so(tmp_path, size):
    noise = np.random.default_rng(2).integers(0, 256, (*size[::-1], 3), dtype=np.uint8)
    noise[..., 2] //= 4
    save_picture(tmp_path / "a.png", PIXELS, provenance(background="", pictures=(None, noise)))
    start, data = record(tmp_path / "a.png")["pictures"][1].split(": ")
    assert start == "the style picture, reduced to a thumbnail"
    assert len(base64.b64decode(data)) <= MOST_JPEG
    found = read_provenance(tmp_path / "a.png")
    assert found.styles == ["fire", "a picture"]
    none, thumbnail = found.pictures
    assert none is None
    assert thumbnail.shape[1] / thumbnail.shape[0] == pytest.approx(size[0] / size[1], rel=0.1)
    assert np.abs(thumbnail.mean(axis=(0, 1)) - noise.mean(axis=(0, 1))).max() < 8
