"""Files of every kind that is read, and what may have become of them."""

from __future__ import annotations

import io
import json
import math
import struct
import tempfile
import zlib
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from hypothesis import strategies as st
from PIL import Image, ImageCms

from bench.fuzz.values import ANYTHING
from models.loading import load_models
from semcs_core.image import Photo, fit, to_tensor
from semcs_core.methods import two_regions
from semcs_core.run import Run
from semcs_core.settings import Settings
from studio import provenance
from studio.provenance import Edit, Provenance
from studio.runs.snapshot import save_snapshot


@st.composite
def damaged(draw: st.DrawFn, wholes: Sequence[bytes]) -> bytes:
    """One of some files, with up to five things done to its bytes."""
    data = bytearray(draw(st.sampled_from(wholes)))
    for _ in range(draw(st.integers(0, 5))):
        # Headers are where it matters.
        at = draw(st.integers(0, min(len(data), 160)) | st.integers(0, len(data)))
        some = draw(
            st.binary(min_size=1, max_size=4)
            | st.sampled_from([bytes(4), b"\xff" * 4, b"\x7f\xff\xff\xff", b"\xff\xff\0\0"])
        )
        what = draw(st.sampled_from(["set", "insert", "cut", "remove", "repeat"]))
        if what == "set":
            data[at : at + len(some)] = some
        elif what == "insert":
            data[at:at] = some
        elif what == "cut":
            del data[at:]
        elif what == "remove":
            del data[at : at + draw(st.integers(1, 200))]
        else:
            data[at:at] = data[at : at + 64] * draw(st.integers(1, 20))
    return _with_checks(bytes(data)) if draw(st.booleans()) else bytes(data)


def _with_checks(data: bytes) -> bytes:
    """A PNG whose chunks have the checksums that they should, so that decoders go on reading."""
    if not data.startswith(b"\x89PNG\r\n\x1a\n"):
        return data
    parts, at = [data[:8]], 8
    while at + 12 <= len(data):
        end = at + 8 + struct.unpack(">I", data[at : at + 4])[0]
        body = data[at + 4 : end]
        parts += [data[at : at + 4], body, struct.pack(">I", zlib.crc32(body))]
        at = end + 4
    return b"".join(parts)


@cache
def pictures() -> tuple[bytes, ...]:
    """Small pictures in every format and mode that Pillow writes, and some that are traps."""
    noise = np.random.default_rng(0).integers(0, 256, (20, 24, 4), np.uint8)
    whole = Image.fromarray(noise, "RGBA")
    exif = Image.Exif()
    exif[0x0112] = 6  # lies on its side
    exif[0x010E] = "described"
    more: dict[str, Any] = {
        "exif": exif.tobytes(),
        "icc_profile": ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes(),
    }
    made = []
    for form in sorted((Image.init(), Image.SAVE)[1].keys() - {"PDF", "EPS", "WMF"}):
        for mode in ("1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCbCr", "LAB", "I", "I;16", "F"):
            try:
                image = whole.convert("L").convert(mode) if mode == "I;16" else whole.convert(mode)
                for options in ({}, more):
                    file = io.BytesIO()
                    image.save(file, form, **options)
                    made.append(file.getvalue())
            except (OSError, ValueError, KeyError, TypeError, struct.error):
                continue  # not every format has every mode
    frames = [whole, whole.rotate(180), whole.rotate(90)]
    for form in ("GIF", "PNG", "WEBP", "TIFF"):
        file = io.BytesIO()
        frames[0].save(file, form, save_all=True, append_images=frames[1:], loop=0)
        made.append(file.getvalue())
    for compression in ("tiff_lzw", "tiff_adobe_deflate", "packbits", "jpeg"):
        file = io.BytesIO()
        whole.convert("RGB").save(file, "TIFF", compression=compression)
        made.append(file.getvalue())
    file = io.BytesIO()
    whole.convert("RGB").save(file, "JPEG", progressive=True, **more)
    made.append(file.getvalue())
    file = io.BytesIO()
    Image.new("1", (9000, 9000)).save(file, "PNG")  # 81 megapixels in 10 kB
    made.append(file.getvalue())
    sizes = ((0, 0), (0, 20), (1, 1), (2**31 - 1, 2**31 - 1), (60_000, 60_000))
    png = next(data for data in made if data.startswith(b"\x89PNG"))
    made += [_with_checks(png[:16] + struct.pack(">II", *size) + png[24:]) for size in sizes]
    made += [b"", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"\xff\xd8\xff", b"no picture", bytes(1000)]
    return tuple(made)


@cache
def disc() -> np.ndarray:
    """A disc before a wall, [40, 48, 3] uint8."""
    rows, columns = np.mgrid[:40, :48]
    grey = np.where(np.hypot(rows - 20, columns - 24) < 11, 60, 180).astype(np.uint8)
    return np.repeat(grey[..., None], 3, axis=2)


@cache
def _folder() -> Path:
    return Path(tempfile.mkdtemp(prefix="semcs-fuzz-"))


def written(data: bytes) -> Path:
    """A file that has these bytes until the next one is written."""
    path = _folder() / "file"
    path.write_bytes(data)
    return path


@cache
def _record() -> tuple[bytes, dict[str, Any]]:
    """A picture that was made here, and its record."""
    mask = np.zeros((40, 48), np.uint8)
    print_of = provenance.fingerprint(disc())
    made = Provenance(
        Settings(), "fire", "snowy", "starter", mask, print_of, 4, (Edit(1, "background: x"),)
    )
    path = _folder() / "made.png"
    provenance.save_picture(path, disc(), made)
    return path.read_bytes(), json.loads(provenance._to_json(made))


@st.composite
def records(draw: st.DrawFn) -> bytes:
    """A picture whose record is damaged, or has a value of another kind."""
    whole, record = _record()
    if draw(st.booleans()):
        return draw(damaged([whole]))
    changed = {**record, draw(st.sampled_from(sorted(record))): draw(ANYTHING)}
    if draw(st.booleans()):
        name = draw(st.sampled_from(sorted(record["settings"])))
        changed["settings"] = {**record["settings"], name: draw(ANYTHING)}
    try:
        text = json.dumps(changed).encode()
    except ValueError:  # a number of more digits than are written
        text = b'{"format": 1' + b"0" * 5000
    body = b"iTXtsemcs\0\0\0\0\0" + text
    chunk = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    return whole[:33] + chunk + whole[33:]


@cache
def snapshot() -> tuple[bytes, dict[str, Any]]:
    """A saved run, and what is in it."""
    models = load_models("starter")
    settings = Settings(size=64, steps=2, crops=2, crop_size=32)
    photo = fit(Photo(disc()), 64)
    mask = np.zeros(photo.rgb.shape[:2], np.float32)
    mask[16:40, 16:48] = 1
    regions = two_regions(mask, "fire", "snowy", settings)
    parts = models.encoder, models.perceptual, settings, models.sketcher
    path = _folder() / "run.pt"
    save_snapshot(path, Run(to_tensor(photo.rgb), regions, *parts))
    return path.read_bytes(), torch.load(path, weights_only=True)


_TENSORS = st.sampled_from(
    [torch.zeros(0), torch.full((3, 4), math.nan), torch.ones(2, 3, 8, 8), torch.zeros(1).int()]
)


@st.composite
def snapshots(draw: st.DrawFn) -> bytes:
    """A saved run that is damaged, or has a value of another kind."""
    whole, saved = snapshot()
    if draw(st.booleans()):
        return draw(damaged([whole]))
    file = io.BytesIO()
    torch.save(_changed(draw, saved), file)
    return file.getvalue()


def _changed(draw: st.DrawFn, value: Any) -> Any:
    """The same but for one leaf, or one branch."""
    if isinstance(value, dict) and value and draw(st.integers(0, 9)):
        key = draw(st.sampled_from(sorted(value, key=str)))
        return {**value, key: _changed(draw, value[key])}
    if isinstance(value, list) and value and draw(st.integers(0, 9)):
        at = draw(st.integers(0, len(value) - 1))
        return [*value[:at], _changed(draw, value[at]), *value[at + 1 :]]
    return draw(_TENSORS | st.none() | st.integers(-2, 9) | st.floats() | st.text(max_size=4))
