"""Odd values and damaged files at every way in: taken, or refused in one sentence."""

import asyncio
import json
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import gradio as gr
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from models.loading import load_models
from semcs_core.errors import UserError
from semcs_core.image import fit, open_photo
from semcs_core.mask import edit, find_object, mask_from_eigenvector
from semcs_core.methods import two_regions
from semcs_core.prompts import check_known
from semcs_core.settings import Settings
from studio.flat_settings import flatten
from studio.page import api, links, status
from studio.page.prompt_panel import split
from studio.page.setting_controls import NAMES, read_settings
from studio.provenance import Provenance, fingerprint, read_provenance, save_picture
from studio.runs.jobs import describe_unknown
from studio.runs.mask_layer import read_layer
from studio.server import errors

DISC = np.full((40, 48, 3), 180, np.uint8)
DISC[np.hypot(*np.mgrid[-20:20, -24:24]) < 11] = 60
TEXTS = (
    *("fire | snowy", "<script>alert(1)</script><img src=x onerror=alert(1)>", "{0.__class__} %s"),
    *("/etc/passwd", "file:///etc/passwd", "http://127.0.0.1:1/a.png", "\x00\x1b[31m\u2028\ud800"),
    *("NaN", "1e999", "9" * 5000, "x" * 100_000, "{}", '{"crops": [[[]]]}'),
)
TEXT = st.sampled_from(TEXTS) | st.text(max_size=40)
NUMBER = st.integers(-3, 300) | st.floats() | st.sampled_from([2**63, 10**400, True, -0.0])
FILE = st.fixed_dictionaries({"path": TEXT}, optional={"meta": st.none() | TEXT, "url": TEXT})
NESTED = st.just(json.loads("[" * 900 + "]" * 900)) | st.dictionaries(TEXT, NUMBER)
ANYTHING = st.none() | NUMBER | TEXT | FILE | NESTED | st.lists(NUMBER)
PLACE, LENGTH = st.integers(0, 160) | st.integers(0, 2000), st.sampled_from([0, 1, 4, 10**9])
EDITS = st.lists(st.tuples(PLACE, LENGTH, st.binary(max_size=4)), max_size=4)

pytestmark = [pytest.mark.hostile, pytest.mark.usefixtures("cache")]
few = settings(
    max_examples=20, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck)
)


def tried(function, *args):
    """Call it; what it refuses, it must refuse in one sentence that gives nothing away."""
    try:
        return function(*args)
    except (UserError, gr.Error) as error:
        text = getattr(error, "message", str(error))
        assert text != errors.UNEXPECTED
        assert re.fullmatch(".{1,600}", text)
        assert not re.search("Traceback|semcs_core", text)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    path = tmp_path_factory.mktemp("fuzz") / "made.png"
    record = Settings(), "fire", "snowy", "starter", DISC[..., 0], fingerprint(DISC), 4
    save_picture(path, DISC, Provenance(*record))
    return path


def damage(path, edits):
    """Replace, remove or put in some bytes of a file."""
    data = bytearray(path.read_bytes())
    for at, length, new in edits:
        data[at : at + length] = new
    path.write_bytes(data)


@few
@given(form=st.sampled_from(["PNG", "JPEG", "GIF", "TIFF", "WEBP"]), edits=EDITS)
def test_pictures(made, form, edits):
    path = made.with_name("upload")
    Image.fromarray(DISC).save(path, form)
    damage(path, edits)
    tried(lambda: fit(open_photo(path), 64))
    tried(read_provenance, path)
    mask = tried(read_layer, path)
    assert mask is None or ((mask >= 0) & (mask <= 1)).all()


@few
@given(edits=EDITS, where=st.integers(0, 99), value=ANYTHING)
def test_records_of_pictures(made, edits, where, value):
    with Image.open(made) as image:
        record = json.loads(image.text["semcs"])
    part = record if where % 2 else record["settings"]
    part[sorted(part)[where // 2 % len(part)]] = value
    info = PngImagePlugin.PngInfo()
    info.add_itxt("semcs", json.dumps(record))
    path = made.with_name("upload")
    Image.fromarray(DISC).save(path, "PNG", pnginfo=info)
    damage(path, edits)
    tried(read_provenance, path)


@few
@given(texts=st.tuples(*[st.none() | TEXT] * 2), name=st.sampled_from(NAMES), value=ANYTHING)
def test_prompts_settings_and_links(texts, name, value):
    values = flatten(Settings()) | {name: value}
    tried(read_settings, [values[name] for name in NAMES])
    tried(lambda: links.write_query(links.read_query({name: str(value)[:5000]})))
    regions = tried(lambda: two_regions(DISC[..., 0] / 255, *split(*texts)))
    prompts = [region.prompt for region in regions or ()]
    unknown = tried(check_known, load_models("starter").encoder, prompts) or {}
    assert not re.search(r"<(?!/?p\b)|[\x00-\x1f]", status.note(describe_unknown(unknown)))


@few
@given(value=ANYTHING, number=ANYTHING, threshold=ANYTHING)
def test_masks(value, number, threshold):
    found = find_object(DISC)
    for change in edit.grow, edit.shrink, edit.feather:
        tried(change, found.mask, value)
    tried(mask_from_eigenvector, found, DISC, number, 0.5)
    tried(mask_from_eigenvector, found, DISC, 1, threshold)


@few
@given(values=st.lists(ANYTHING, min_size=4, max_size=4), sound=st.integers(0, 12))
def test_the_api(cache, values, sound):
    path = Path(cache) / "fuzz.png"
    Image.fromarray(DISC).save(path)
    photo = {"path": str(path), "meta": {"_type": "gradio.FileData"}}
    usual = [photo, "fire", "", None, "starter", "studio", 64, 2, 0, 1.0, 1.0, "{}", "draft"]
    tried(api.mask, photo, *values[:4])
    frames = api.stylize(*usual[:sound], values[0], *usual[sound + 1 :])
    tried(next, frames)  # as far as the queue
    frames.close()


@few
@given(data=st.data())
def test_the_events_of_the_page(data):
    from app import demo

    for event in data.draw(st.lists(st.sampled_from(list(demo.fns.values())), min_size=9)):
        values = [data.draw(ANYTHING) for _ in event.inputs][: data.draw(st.integers(-1, 99))]
        told = gr.EventData(None, data.draw(ANYTHING | st.fixed_dictionaries({"index": ANYTHING})))
        answer = demo.process_api(event, values, event_data=told, request=None)
        # In a thread of its own, since this one may have a browser's loop.
        tried(ThreadPoolExecutor(1).submit(asyncio.run, answer).result)
