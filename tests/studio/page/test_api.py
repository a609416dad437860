"""The endpoints for programs, called as docs/api.md shows."""

import asyncio
import base64
import re
import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import httpx
import numpy as np
import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client
from PIL import Image

from semcs_core.settings import Settings
from studio.flat_settings import ENTRIES
from studio.page.photos import load_examples, open_example
from studio.page.setting_controls import MAIN, STRENGTHS
from studio.provenance import read_provenance
from studio.runs import jobs, signals
from studio.runs.mask_layer import from_alpha, to_alpha
from studio.runs.signals import Change
from studio.server import service
from tests.helpers.hand_runs import finish

DOC = (Path(__file__).parents[3] / "docs" / "api.md").read_text("utf-8")
QUICK = {"size": 64, "steps": 2}
SMALL = Settings(size=64, steps=3, seed=9)


@pytest.fixture(scope="module")
def client(url):
    return Client(url, verbose=False)


@pytest.fixture(scope="module")
def photo(disc_photo):
    return handle_file(disc_photo[0])


def pixels(path):
    return np.asarray(Image.open(path), int)


def runs_kept():
    return set(signals.root().iterdir())


def test_the_examples_of_the_documentation_run(url, disc_photo, tmp_path, monkeypatch, capsys):
    shutil.copy(disc_photo[0], tmp_path / "photo.jpg")
    monkeypatch.chdir(tmp_path)
    scope = {}
    for block in re.findall(r"```python\n(.*?)```", DOC, re.DOTALL):
        exec(block.replace("http://127.0.0.1:7860", url), scope)
    found, run, *progress, error = capsys.readouterr().out.strip().splitlines()
    assert re.match(r"The object is \d+% of the photo\. (1\.0|0\.[89])", found)
    assert re.fullmatch(r"4 [\d.]+ \[\]", run)
    assert [int(n) for n in progress] == sorted(int(n) for n in progress)
    assert (int(progress[0]), int(progress[-1])) == (0, 6)
    assert error == "Steps must be a number from 1 to 1000: 0 is not."

    # White is the object, at the photo's own size; the second picture has the found mask.
    mask, disc = pixels(scope["mask"]), disc_photo[1]
    assert mask.shape == disc.shape
    assert ((mask >= 128) == disc).mean() > 0.98
    made = read_provenance(scope["picture"])
    assert (made.foreground, made.background, made.steps) == ("fire", "", 6)
    assert made.settings == replace(Settings(), size=128, steps=6, light=1.2)
    picture, grey = pixels(scope["picture"]), pixels(disc_photo[0])
    assert picture.shape == (96, 128, 3)
    small = np.asarray(Image.fromarray(grey.astype(np.uint8)).resize((128, 96)), int)
    outside = ~np.asarray(Image.fromarray(disc).resize((128, 96)))
    assert np.abs(picture - small)[outside].mean() < 6
    assert np.abs(picture - small)[~outside].mean() > 25
    report = scope["report"]
    assert report["steps"] == 6
    assert report["finished"]
    assert report["settings"]["light"] == 1.2
    assert report["losses"][0].keys() >= {"patch", "total"}


def test_a_picture_is_that_of_a_run_by_hand(client):
    example = load_examples()[0]
    visit = open_example(example.path)
    mask = from_alpha(to_alpha(visit.found.mask))
    asked = Change("fire", "snowy", 1.0, 1.0, mask, mask_source="spectral")
    by_hand = finish(jobs.prepare(visit, asked, SMALL))
    asked = {"foreground": "fire", "background": "snowy", "size": 64, "steps": 3, "seed": 9}
    path, _ = client.predict(photo=handle_file(example.path), **asked, api_name="/stylize")
    assert Path(path).read_bytes() == by_hand.file.read_bytes()
    record = read_provenance(path)
    np.testing.assert_array_equal(record.mask, to_alpha(visit.found.mask))
    said = record.method, record.models, record.mask_source
    assert said == ("studio, settings changed", "starter", "spectral")


def test_a_mask_of_ones_own_and_every_way_to_find_one(client, photo, disc_photo, tmp_path):
    disc = disc_photo[1]
    Image.fromarray(np.indices(disc.shape)[1] < 160).save(tmp_path / "left.png")
    before = runs_kept()
    made, report = client.predict(
        photo=photo,
        mask=handle_file(tmp_path / "left.png"),
        background="snowy",
        background_picture=photo,
        **QUICK,
        background_strength=0.5,
        settings='{"seed": 4, "background_strength": 1}',
        api_name="/stylize",
    )
    assert report["mask_confidence"] is None
    assert report["mask_source"] == "a file"
    assert report["regions"][0]["name"] == "background"
    assert report["regions"][0]["style"] == "snowy and a picture"
    assert report["regions"][0]["strength"] == 0.5  # the argument goes before the JSON
    assert report["regions"][0]["share"] == pytest.approx(0.5, abs=0.01)
    assert read_provenance(made).settings.seed == 4
    assert runs_kept() == before  # nobody can go on from it

    plain = pixels(client.predict(photo=photo, flip=True, api_name="/mask")[0])
    assert ((plain < 128) == disc).mean() > 0.98
    for flip, where in ((False, disc), (True, ~disc)):
        cut = client.predict(photo=photo, eigenvector=1, flip=flip, api_name="/mask")
        agrees = ((pixels(cut[0]) >= 128) == where).mean()
        assert max(agrees, 1 - agrees) > 0.95
    shares = [
        client.predict(photo=photo, eigenvector=1, threshold=t, api_name="/mask")[1]["share"]
        for t in (0.1, 0.9)
    ]
    assert shares[0] > shares[1]


@pytest.mark.parametrize(
    ("endpoint", "arguments", "sentence"),
    [
        ("/stylize", {"photo": handle_file(__file__)}, "That file is not a picture"),
        ("/stylize", {"background_picture": handle_file(__file__)}, "That file is not a picture"),
        ("/stylize", {"models": "gpt"}, "There are no models called 'gpt'"),
        ("/stylize", {"method": "x"}, "There is no method called 'x'"),
        ("/stylize", {"foreground": ""}, "There is no style yet"),
        ("/stylize", {"foreground": "zyzzyva"}, "know no word of"),
        ("/stylize", {"steps": 5000}, "Steps must be a number from 1 to 1000"),
        ("/stylize", {"size": True}, "Size must be a number from 64 to 1024"),
        ("/stylize", {"settings": '{"zoom": 1}'}, "There is no setting called 'zoom'"),
        ("/stylize", {"settings": '{"light": NaN}'}, "Light must be a number"),
        ("/stylize", {"settings": "[" * 100_000}, "Settings must be a JSON object"),
        ("/mask", {"source": "magic"}, "There is no mask source called 'magic'"),
        ("/mask", {"eigenvector": 7}, "from 1 to 4"),
        ("/mask", {"eigenvector": 1, "threshold": 2}, "from 0 to 1"),
        ("/mask", {"flip": "yes"}, "Flip must be true or false"),
    ],
)
def test_what_cannot_be_used_is_named_in_a_sentence(client, photo, endpoint, arguments, sentence):
    if endpoint == "/stylize":
        arguments = {"foreground": "fire", **QUICK, **arguments}
    before = runs_kept()
    with pytest.raises(AppError, match=sentence) as error:
        client.predict(**{"photo": photo, **arguments}, api_name=endpoint)
    text = str(error.value)
    assert text.endswith((".", "!"))
    assert "\n" not in text
    assert "Traceback" not in text
    assert str(Path(__file__).parent) not in text
    assert runs_kept() == before


def test_models_that_are_not_here_are_not_downloaded(client, photo, tmp_path, monkeypatch):
    monkeypatch.setenv("SEMCS_WEIGHTS", str(tmp_path))
    asked = {"photo": photo, "foreground": "fire", **QUICK}
    with pytest.raises(AppError, match=r"clip-rn50 is not on this machine yet: .*clip-rn50 vgg19"):
        client.predict(**asked, models="clip-rn50", api_name="/stylize")
    with pytest.raises(AppError, match="dino is not on this machine yet"):
        client.predict(photo=photo, source="dino", api_name="/mask")
    assert client.predict(**asked, models="auto", api_name="/stylize")[1]["models"] == "starter"


def test_a_cancelled_call_ends_its_run(client, photo):
    before = runs_kept()
    job = client.submit(photo=photo, foreground="fire", size=64, steps=1000, api_name="/stylize")
    patience = time.monotonic() + 60
    while not any(report["steps"] for _, report in job.outputs()):
        assert time.monotonic() < patience
        time.sleep(0.1)
    assert len(runs_kept() - before) == 1
    job.cancel()
    while runs_kept() != before:
        assert time.monotonic() < patience
        time.sleep(0.1)


def test_these_two_alone_are_public_and_wait_in_the_pages_own_line(url, client, photo):
    import app

    assert set(client.view_api(return_format="dict")["named_endpoints"]) == {"/mask", "/stylize"}
    public = {fn.name: fn for fn in app.demo.fns.values() if fn.api_visibility != "private"}
    assert set(public) == {"mask", "stylize"}
    run = next(fn for fn in app.demo.fns.values() if fn.name == "on_run")
    assert public["stylize"].concurrency_id == run.concurrency_id == "gpu"
    with service.queue.enter("a") as ahead:
        ahead()
        job = client.submit(photo, "fire", size=64, steps=2, api_name="/stylize")
        deadline = time.monotonic() + 60
        while service.queue.state() != (1, 1):
            assert time.monotonic() < deadline
            time.sleep(0.05)
    assert job.result()[1]["steps"] == 2
    # Past the queue there is no way.
    assert httpx.post(f"{url}gradio_api/run/stylize", json={"data": []}).status_code == 404


def test_tools_for_an_assistant(url, disc_photo):
    path, disc = disc_photo
    photo = "data:image/png;base64," + base64.b64encode(path.read_bytes()).decode()

    async def converse():
        async with (
            streamable_http_client(f"{url}gradio_api/mcp/") as (reading, writing, _),
            ClientSession(reading, writing) as session,
        ):
            await session.initialize()
            tools = {tool.name: tool for tool in (await session.list_tools()).tools}
            mask = await session.call_tool("mask", {"photo": photo})
            made = await session.call_tool(
                "stylize", {"photo": photo, "foreground": "fire", **QUICK, "settings": "{}"}
            )
            wrong = await session.call_tool("stylize", {"photo": photo})
            return tools, mask, made, wrong

    with ThreadPoolExecutor(1) as thread:  # this one's event loop is Playwright's
        tools, mask, made, wrong = thread.submit(asyncio.run, converse()).result()
    assert set(tools) == {"mask", "stylize"}
    for tool in tools.values():
        assert tool.inputSchema["required"] == ["photo"]
        assert all(p.get("description") for p in tool.inputSchema["properties"].values())
    assert tools["mask"].inputSchema["properties"]["source"]["enum"]
    properties = tools["stylize"].inputSchema["properties"]
    for name in MAIN + STRENGTHS:
        limits = ENTRIES[name].about
        assert f"{limits['minimum']} to {limits['maximum']}" in properties[name]["description"]

    assert not mask.isError, mask.content
    assert len(mask.content) == 3, mask.content
    image, _, report = mask.content
    assert (image.type, image.mimeType) == ("image", "image/png")
    with Image.open(BytesIO(base64.b64decode(image.data))) as found:
        assert ((np.asarray(found) >= 128) == disc).mean() > 0.98
    assert "% of the photo" in report.text
    assert not made.isError, made.content
    assert made.content[0].mimeType == "image/png"
    assert "'steps': 2" in made.content[-1].text
    assert wrong.isError
    assert "There is no style yet" in wrong.content[0].text
