"""Anything at all, at every way in: `python -m bench.fuzz [--inputs 10000] [--seed 0]`.

Each input must be accepted, or refused in one sentence (`UserError`, or `gr.Error` on the page),
within 5 seconds. Whatever else comes out is a fault. `tests/test_fuzz.py` runs a small share.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import json
import logging
import math
import re
import resource
import struct
import tempfile
import time
import traceback
import zlib
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from unittest import mock

import gradio as gr
import hypothesis
import numpy as np
import torch
from huggingface_hub import constants
from hypothesis import strategies as st
from PIL import Image, ImageCms

from semcs_core import metadata
from semcs_core.errors import UserError
from semcs_core.image import Photo, fit, open_photo, to_tensor
from semcs_core.mask import edit, find_object, mask_from_eigenvector
from semcs_core.metadata import Edit, Provenance, read_provenance
from semcs_core.models import load_models
from semcs_core.page import api, faults, links, status
from semcs_core.page.gate import MISFIT
from semcs_core.page.layer import read_layer
from semcs_core.page.prompt_panel import split
from semcs_core.page.setting_controls import NAMES, read_settings
from semcs_core.prompts import check_known, describe_unknown, parse_style
from semcs_core.regions import mask_from_photo, split_regions
from semcs_core.run import Run
from semcs_core.settings import Settings
from semcs_core.snapshot import load_snapshot, save_snapshot

PATIENCE = 5.0  # seconds
ROOT = str(Path(__file__).parents[1])
SHOWN = 200  # characters of an input that made a fault

_TEXTS = (
    "fire",
    "fire | snowy",
    "F: red rocks | B: snowy",
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "{0.__class__} %s %n {prompt}",
    "../../../../etc/passwd",
    "/etc/passwd",
    "file:///etc/passwd",
    "http://127.0.0.1:1/photo.png",
    "\\\\server\\share\\photo.png",
    "con\x00trol\x1b[31m\u202e\u2028\ud800",
    "NaN",
    "1e999",
    "9" * 5000,
    "x" * 100_000,
    "starter",
    "studio",
    "spectral",
    "draft",
    "{}",
    '{"crops": [[[]]]}',
)
_NUMBERS: st.SearchStrategy[Any] = (
    st.integers(-3, 300)
    | st.integers()
    | st.sampled_from([2**31, 2**63, 10**400, 1e308, -0.0])
    | st.floats()
)
_SCALARS = st.none() | st.booleans() | _NUMBERS | st.sampled_from(_TEXTS) | st.text(max_size=40)
_FILES = st.fixed_dictionaries(
    {"path": st.sampled_from(_TEXTS) | st.text(max_size=20)},
    optional={
        "meta": st.just({"_type": "gradio.FileData"}) | _SCALARS,
        "url": st.sampled_from(_TEXTS),
        "is_stream": st.booleans(),
    },
)


def _nested(depth: int) -> Any:
    value: Any = 0
    for _ in range(depth):
        value = [value]
    return value


ANYTHING: st.SearchStrategy[Any] = st.one_of(
    _SCALARS,
    _FILES,
    st.recursive(
        _SCALARS,
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
        ),
        max_leaves=6,
    ),
    st.sampled_from([40, 300, 900]).map(_nested),
)
"""Values as JSON has them, NaN and half a surrogate pair among them."""


@st.composite
def mostly(draw: st.DrawFn, sound: st.SearchStrategy[Any], odd: int = 4) -> Any:
    """What can be used, and one time in `odd` anything, so that not all ends at the first check."""
    return draw(ANYTHING if draw(st.integers(1, odd)) == odd else sound)


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
def _photo() -> np.ndarray:
    """A disc before a wall, [40, 48, 3] uint8."""
    rows, columns = np.mgrid[:40, :48]
    grey = np.where(np.hypot(rows - 20, columns - 24) < 11, 60, 180).astype(np.uint8)
    return np.repeat(grey[..., None], 3, axis=2)


@cache
def _found() -> Any:
    return find_object(_photo())


@cache
def _folder() -> Path:
    return Path(tempfile.mkdtemp(prefix="semcs-fuzz-"))


def _file(data: bytes) -> Path:
    path = _folder() / "file"
    path.write_bytes(data)
    return path


def _open(data: bytes) -> None:
    fit(open_photo(io.BytesIO(data)), 64)


def _layer(data: bytes) -> None:
    mask = read_layer(_file(data))
    if not ((mask >= 0) & (mask <= 1)).all():  # NaN isn't either
        raise AssertionError("a mask outside [0, 1]")


@cache
def _record() -> tuple[bytes, dict[str, Any]]:
    """A picture that was made here, and its record."""
    mask = np.zeros((40, 48), np.uint8)
    print_of = metadata.fingerprint(_photo())
    made = Provenance(
        Settings(), "fire", "snowy", "starter", mask, print_of, 4, (Edit(1, "background: x"),)
    )
    path = _folder() / "made.png"
    metadata.save_picture(path, _photo(), made)
    return path.read_bytes(), json.loads(metadata._to_json(made))


@st.composite
def _records(draw: st.DrawFn) -> bytes:
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


def _read_record(data: bytes) -> None:
    read_provenance(_file(data))


@cache
def _snapshot() -> tuple[bytes, dict[str, Any]]:
    """A saved run, and what is in it."""
    models = load_models("starter")
    settings = Settings(size=64, steps=2, crops=2, crop_size=32)
    photo = fit(Photo(_photo()), 64)
    mask = np.zeros(photo.rgb.shape[:2], np.float32)
    mask[16:40, 16:48] = 1
    regions = split_regions(mask, "fire", "snowy", settings)
    parts = models.encoder, models.perceptual, settings, models.sketcher
    path = _folder() / "run.pt"
    save_snapshot(path, Run(to_tensor(photo.rgb), regions, *parts))
    return path.read_bytes(), torch.load(path, weights_only=True)


_TENSORS = st.sampled_from(
    [torch.zeros(0), torch.full((3, 4), math.nan), torch.ones(2, 3, 8, 8), torch.zeros(1).int()]
)


@st.composite
def _snapshots(draw: st.DrawFn) -> bytes:
    whole, saved = _snapshot()
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


def _load(data: bytes) -> None:
    models = load_models("starter")
    load_snapshot(_file(data), models.encoder, models.perceptual, models.sketcher)


_SEEDS = st.integers(0, 2**32 - 1)
_AREAS = st.one_of(
    *[st.tuples(st.just(5 * n), st.just(6 * n), _SEEDS) for n in (1, 2, 8, 12)],
    st.tuples(st.integers(1, 70), st.integers(1, 70), _SEEDS),
)


def _edit(given: tuple[tuple[int, int, int], str, Any, Any, Any]) -> None:
    (height, width, seed), name, pixels, number, threshold = given
    values = np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)
    mask = mask_from_photo(Photo(values), (48, 40))
    if name == "eigenvector":
        mask = mask_from_eigenvector(_found(), _photo(), number, threshold, bool(seed % 2))
    elif name == "invert":
        mask = edit.invert(mask)
    else:
        mask = getattr(edit, name)(mask, pixels)
    split_regions(mask, "fire", "snowy")


def _prompt(texts: tuple[Any, Any]) -> None:
    pair = split(*texts)
    parse_style(pair[0])
    regions = split_regions(np.tile(np.array([0, 1], np.float32), (8, 8)), *pair)
    known = check_known(load_models("starter").encoder, [region.prompt for region in regions])
    shown = status.note(describe_unknown(known))
    if re.search(r"<(?!/?p\b)|[\x00-\x1f]", shown):
        raise AssertionError("markup of the visitor's own")


def _sound(name: str) -> st.SearchStrategy[Any]:
    """A setting's values."""
    about = Settings.__dataclass_fields__[name]
    if "options" in about.metadata:
        return st.sampled_from(about.metadata["options"])
    numbers = st.integers if about.type == "int" else st.floats
    return numbers(about.metadata["minimum"], about.metadata["maximum"])


def _query(name: str) -> st.SearchStrategy[str]:
    sound = _sound(name).map(str) if name in NAMES else st.sampled_from(["fire", "studio"])
    return sound | sound | st.sampled_from(_TEXTS) | st.text(max_size=20)


@st.composite
def _objects(draw: st.DrawFn) -> str:
    """The text of a JSON object of settings, or nearly."""
    names = draw(st.lists(st.sampled_from([*NAMES, "other"]), max_size=2, unique=True))
    values = {n: draw(mostly(_sound(n)) if n in NAMES else ANYTHING) for n in names}
    text = json.dumps(values)
    return text[:-1] if draw(st.integers(0, 9)) == 9 else text


_JSON = _objects()
_QUERY_NAMES = st.sampled_from([*NAMES, "foreground", "background", "models", "method", "other"])


def _link(query: dict[str, str]) -> None:
    links.write_query(links.read_query(query))


@cache
def _upload() -> dict[str, Any]:
    """A photo in Gradio's cache, as a call names it."""
    folder = Path(gr.utils.get_upload_folder()) / "fuzz"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "photo.png"
    Image.fromarray(_photo()).save(path)
    return {"path": str(path), "meta": {"_type": "gradio.FileData"}}


_PHOTOS = mostly(st.builds(_upload), 6)


def _mask(values: list[Any]) -> None:
    api.mask(*values)


def _stylize(values: list[Any]) -> None:
    frames = api.stylize(*values)
    try:
        next(frames)  # as far as the queue; what comes after is a run like any
    finally:
        frames.close()  # type: ignore[attr-defined]


@cache
def _page() -> Any:
    from app import demo

    return demo


_EVENTS = st.one_of(
    st.none(),
    ANYTHING,
    st.fixed_dictionaries({"index": st.integers(-2, 200) | ANYTHING, "value": ANYTHING}),
)


@st.composite
def _calls(draw: st.DrawFn) -> tuple[Any, list[Any], Any]:
    event = draw(st.sampled_from(list(_page().fns.values())))
    # One time in eight the wrong number.
    count = len(event.inputs) + draw(st.sampled_from([0] * 14 + [-1, 1]))
    values = [draw(ANYTHING) for _ in range(max(0, count))]
    return event, values, draw(_EVENTS)


def _call(given: tuple[Any, list[Any], Any]) -> None:
    event, values, data = given
    page = _page()
    told = gr.EventData(None, data)
    asyncio.run(page.process_api(event, values, event_data=told, request=None))


@dataclass(frozen=True)
class Target:
    """A way in: its inputs, and what takes them."""

    inputs: st.SearchStrategy[Any]
    take: Callable[[Any], None]


def targets() -> dict[str, Target]:
    """Every way in, by name."""
    word = mostly(st.sampled_from(["fire", "snowy", ""]), 8)
    strength = mostly(st.none() | st.floats(0, 1.5), 12)
    return {
        "photo": Target(damaged(pictures()), _open),
        "mask's layer": Target(damaged(pictures()), _layer),
        "record of a picture": Target(_records(), _read_record),
        "saved run": Target(_snapshots(), _load),
        "mask": Target(
            st.tuples(
                _AREAS,
                st.sampled_from(["grow", "shrink", "feather", "invert", "eigenvector"]),
                mostly(st.integers(1, 64)),
                mostly(st.integers(1, 4)),
                mostly(st.none() | st.floats(0, 1)),
            ),
            _edit,
        ),
        "prompts": Target(
            st.tuples(*[st.none() | st.sampled_from(_TEXTS) | st.text(max_size=350)] * 2), _prompt
        ),
        "settings": Target(
            st.lists(st.sampled_from(NAMES), max_size=3, unique=True).flatmap(
                lambda names: st.fixed_dictionaries({name: mostly(_sound(name)) for name in names})
            ),
            _read_settings,
        ),
        "link": Target(
            st.lists(_QUERY_NAMES, max_size=4, unique=True).flatmap(
                lambda names: st.fixed_dictionaries({name: _query(name) for name in names})
            ),
            _link,
        ),
        "API: mask": Target(
            st.tuples(
                _PHOTOS,
                mostly(st.just("spectral"), 8),
                mostly(st.integers(0, 4), 8),
                mostly(st.none() | st.floats(0, 1), 8),
                mostly(st.booleans(), 8),
            ).map(list),
            _mask,
        ),
        "API: stylize": Target(
            st.tuples(
                _PHOTOS,
                word,
                word,
                mostly(st.none() | st.builds(_upload), 8),
                mostly(st.just("starter"), 12),
                mostly(st.sampled_from(["studio", "semcs"]), 12),
                *[mostly(st.none() | _sound(name), 12) for name in ("size", "steps", "seed")],
                strength,
                strength,
                mostly(_JSON, 3),
                mostly(st.sampled_from(["draft", "standard", "fine"]), 12),
            ).map(list),
            _stylize,
        ),
        "the page's events": Target(_calls(), _call),
    }


def _read_settings(values: dict[str, Any]) -> None:
    read_settings({**asdict(Settings()), **values})


@dataclass
class Row:
    """What became of one target's inputs.

    Attributes:
        inputs: how many there were.
        accepted: those that could be used.
        refused: those that were refused in a sentence.
        slowest: seconds.
        faults: what went wrong, by kind, each with an input that did it.
    """

    inputs: int = 0
    accepted: int = 0
    refused: int = 0
    slowest: float = 0.0
    faults: dict[str, str] = field(default_factory=dict)


def fuzz(target: Target, inputs: int, seed: int | None = None, patience: float = math.inf) -> Row:
    """Hand a number of inputs to a target.

    Args:
        target: what takes them.
        inputs: how many.
        seed: the same inputs for the same seed, or for none.
        patience: seconds that one may take.
    """
    row = Row()

    def one(value: Any) -> None:
        begun, fault, refused = time.perf_counter(), "", False
        try:
            target.take(value)
        except (UserError, gr.Error) as error:
            refused = True
            fault = _fault_of(error)
        except Exception as error:
            fault = _where(error)
        seconds = time.perf_counter() - begun
        if seconds > patience:
            fault = fault or f"took more than {patience:g} s"
        row.inputs += 1
        row.accepted += not fault and not refused
        row.refused += not fault and refused
        row.slowest = max(row.slowest, seconds)
        if fault:
            row.faults.setdefault(fault, _shown(value))

    test = hypothesis.given(target.inputs)(one)
    if seed is not None:
        test = hypothesis.seed(seed)(test)
    test = hypothesis.settings(
        max_examples=inputs,
        derandomize=seed is None,
        database=None,
        deadline=None,
        phases=[hypothesis.Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck),
    )(test)
    # Nothing here may reach for a network.
    with mock.patch.object(constants, "HF_HUB_OFFLINE", True):
        test()
    return row


def _fault_of(error: Exception) -> str:
    """Why a refusal is none that a visitor should read; "" where it is as it should be."""
    text = error.message if isinstance(error, gr.Error) else str(error)
    if text == faults.UNEXPECTED:
        return f"unforeseen: {_where(error.__cause__ or error)}"
    # Gradio's own components say it in their own words.
    foreign = isinstance(error, gr.Error) and not isinstance(error.__cause__, UserError)
    if "\n" in text or not text or ROOT in text or "Traceback" in text or len(text) > 600:
        return f"no sentence: {text!r:.100}"
    if not foreign and text != MISFIT and not text.endswith((".", "!")):
        return f"no sentence: {text!r:.100}"
    return ""


def _where(error: BaseException) -> str:
    frame = traceback.extract_tb(error.__traceback__)[-1]
    own = [f for f in traceback.extract_tb(error.__traceback__) if f.filename.startswith(ROOT)]
    place = f"{Path(frame.filename).name}:{frame.lineno}"
    through = f" through {Path(own[-1].filename).name}:{own[-1].lineno}" if own else ""
    return f"{type(error).__name__}: {error!s:.80} ({place}{through})"


def _shown(value: Any) -> str:
    try:
        return repr(value)[:SHOWN]
    except (ValueError, RecursionError):
        return f"a {type(value).__name__} that cannot be written down"


def main(argv: Sequence[str] | None = None) -> int:
    """Run them all and print a table; 1 if there was a fault."""
    parser = argparse.ArgumentParser(description="Fuzzed inputs at every way in.")
    parser.add_argument("--inputs", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", help="part of a target's name")
    arguments = parser.parse_args(argv)
    logging.disable(logging.CRITICAL)  # the page logs each failure that it has not foreseen
    chosen = {
        name: target
        for name, target in targets().items()
        if arguments.only is None or arguments.only in name
    }
    each = -(-arguments.inputs // max(1, len(chosen)))
    print("| target | inputs | accepted | refused in a sentence | faults | slowest |")
    print("|---|---|---|---|---|---|")
    rows = []
    for name, target in chosen.items():
        row = fuzz(target, each, arguments.seed, PATIENCE)
        rows.append(row)
        wrong = row.inputs - row.accepted - row.refused
        print(
            f"| {name} | {row.inputs:,} | {row.accepted:,} | {row.refused:,} | {wrong:,} "
            f"| {row.slowest:.2f} s |",
            flush=True,
        )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"\n{sum(row.inputs for row in rows):,} inputs; at most {peak:.1f} GiB of memory.")
    for row in rows:
        for fault, value in row.faults.items():
            print(f"- {fault}\n  {value}")
    return any(row.faults for row in rows)


if __name__ == "__main__":
    raise SystemExit(main())
