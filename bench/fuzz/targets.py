"""Every way in, and what comes in there."""

from __future__ import annotations

import asyncio
import io
import json
import re
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np
from hypothesis import strategies as st
from PIL import Image

from bench.fuzz.files import damaged, disc, pictures, records, snapshots, written
from bench.fuzz.values import ANYTHING, TEXTS, mostly, sound
from models.loading import load_models
from semcs_core.image import Photo, fit, open_photo
from semcs_core.mask import find_object, mask_from_eigenvector
from semcs_core.methods import two_regions
from semcs_core.prompts import check_known, describe_unknown, parse_style
from semcs_core.regions import mask_from_photo
from semcs_core.settings import Settings
from studio.page import api, links, mask_edit, status
from studio.page.mask_layer import read_layer
from studio.page.prompt_panel import split
from studio.page.setting_controls import NAMES, read_settings
from studio.provenance import read_provenance
from studio.runs.snapshot import load_snapshot


@cache
def _found() -> Any:
    return find_object(disc())


def _open(data: bytes) -> None:
    fit(open_photo(io.BytesIO(data)), 64)


def _layer(data: bytes) -> None:
    mask = read_layer(written(data))
    if not ((mask >= 0) & (mask <= 1)).all():  # NaN isn't either
        raise AssertionError("a mask outside [0, 1]")


def _read_record(data: bytes) -> None:
    read_provenance(written(data))


def _load(data: bytes) -> None:
    models = load_models("starter")
    load_snapshot(written(data), models.encoder, models.perceptual, models.sketcher)


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
        mask = mask_from_eigenvector(_found(), disc(), number, threshold, bool(seed % 2))
    elif name == "invert":
        mask = mask_edit.invert(mask)
    else:
        mask = getattr(mask_edit, name)(mask, pixels)
    two_regions(mask, "fire", "snowy")


def _prompt(texts: tuple[Any, Any]) -> None:
    pair = split(*texts)
    parse_style(pair[0])
    regions = two_regions(np.tile(np.array([0, 1], np.float32), (8, 8)), *pair)
    known = check_known(load_models("starter").encoder, [region.prompt for region in regions])
    shown = status.note(describe_unknown(known))
    if re.search(r"<(?!/?p\b)|[\x00-\x1f]", shown):
        raise AssertionError("markup of the visitor's own")


def _query(name: str) -> st.SearchStrategy[str]:
    usual = sound(name).map(str) if name in NAMES else st.sampled_from(["fire", "studio"])
    return usual | usual | st.sampled_from(TEXTS) | st.text(max_size=20)


@st.composite
def _objects(draw: st.DrawFn) -> str:
    """The text of a JSON object of settings, or nearly."""
    names = draw(st.lists(st.sampled_from([*NAMES, "other"]), max_size=2, unique=True))
    values = {n: draw(mostly(sound(n)) if n in NAMES else ANYTHING) for n in names}
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
    Image.fromarray(disc()).save(path)
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
def _loop() -> asyncio.AbstractEventLoop:
    """In a thread of its own: a test's thread may have a browser's."""
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, daemon=True).start()
    return loop


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
    answer = page.process_api(event, values, event_data=told, request=None)
    asyncio.run_coroutine_threadsafe(answer, _loop()).result()


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
        "record of a picture": Target(records(), _read_record),
        "saved run": Target(snapshots(), _load),
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
            st.tuples(*[st.none() | st.sampled_from(TEXTS) | st.text(max_size=350)] * 2), _prompt
        ),
        "settings": Target(
            st.lists(st.sampled_from(NAMES), max_size=3, unique=True).flatmap(
                lambda names: st.fixed_dictionaries({name: mostly(sound(name)) for name in names})
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
                *[mostly(st.none() | sound(name), 12) for name in ("size", "steps", "seed")],
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
