"""Choosing models, method and mask source on the page, with every download shown."""

import re
from dataclasses import replace

import numpy as np
import pytest
from playwright.sync_api import expect
from safetensors.torch import save

from models import hub as weights
from models import loading
from studio.page import photos
from studio.page.photo_panel import EXAMPLES
from studio.runs import downloads
from studio.runs.mask_layer import to_alpha
from tests.helpers.fake_hub import FakeHub, use_endpoint
from tests.helpers.random_weights import random_tensors, shapes_of

DEAD = "http://127.0.0.1:9"  # nothing listens there
PROGRESS = r"Downloading [\w /-]+( \(\d of \d\))?: \d+ of \d+ MB, about \d+ s left"


def checkpoint(name):
    """A file of the real format, random and in half precision; without what nothing reads."""
    tensors = random_tensors(shapes_of(name))
    kept = {n: t for n, t in tensors.items() if name != "vgg19" or n.startswith("features.")}
    return save({n: t.half() if t.is_floating_point() else t for n, t in kept.items()})


@pytest.fixture
def hub(monkeypatch, tmp_path):
    """A Hub with nothing on it yet, and an empty cache; models of other tests are forgotten."""
    forget = [loading._load, loading._load_file]
    for cached in forget:
        cached.cache_clear()
    with FakeHub() as hub:
        hub.use(monkeypatch, tmp_path)
        yield hub
    for cached in forget:
        cached.cache_clear()


def serve(hub, *names):
    for name in names:
        file = weights.find(name)
        hub.serve(file.repo, file.filename, checkpoint(name))


def ready(visit, disc_photo):
    page = visit()
    page.upload(disc_photo[0])
    page.until_found()
    page.prompts("fire", "mosaic")
    return page


def until_status(page, pattern):
    script = "pattern => new RegExp(pattern).test(document.querySelector('#status').innerText)"
    page.page.wait_for_function(script, arg=pattern)


@pytest.mark.real_size
def test_full_models_are_downloaded_with_progress_once(visit, jobs, disc_photo, hub):
    serve(hub, "clip-rn50", "vgg19")
    page = ready(visit, disc_photo)
    assert "starter" in page.choices("models")[0]
    assert any("clip-rn50 · downloads 983 MB" in line for line in page.choices("models"))
    page.choose("models", "clip-rn50")
    method = page.page.locator("#method input").first
    expect(method).to_have_value(re.compile("^Sem-CS, 2023"))  # its settings are there now
    page.settings(size=128, steps=2, crops=2)

    # Stopped on the way: the page is free at once, and the next download begins anew.
    hub.bytes_per_second = 30e6
    page.stylize()
    until_status(page, PROGRESS)
    page.stop()
    until_status(page, "Stopped before the first step")
    page.until("#stylize:not([disabled])")
    assert len(hub.gets) == 1

    hub.bytes_per_second = 120e6
    page.stylize()
    until_status(page, PROGRESS)
    assert "Done: 2 of 2" in page.until_over()
    assert hub.gets == [0, 0, 0]
    assert jobs[-1].models == "clip-rn50"
    assert jobs[-1].settings.crops == 2
    first = page.download()[1]

    page.settings(seed=1)
    page.stylize()
    assert "Done: 2 of 2 steps" in page.until_over()
    assert page.download()[1] != first
    assert len(hub.gets) == 3
    assert any("clip-rn50 · 983 MB, downloaded" in line for line in page.choices("models"))


def test_without_network_it_says_what_to_do_and_what_stands_in_for_a_method(
    visit, disc_photo, hub, monkeypatch
):
    use_endpoint(monkeypatch, DEAD)
    page = ready(visit, disc_photo)
    page.choose("models", "clip-vit-b32")
    page.settings(size=128, steps=2)
    page.stylize()
    text = page.toast("cannot be downloaded")
    for part in ("clip-vit-b32", "605 MB", "SEMCS_WEIGHTS", "starter models work meanwhile"):
        assert part in text
        assert part in page.status()
    page.until("#stylize:not([disabled])")
    assert page.prompt_values() == ("fire", "mosaic")
    judges = page.page.locator("#judges")
    expect(judges).to_have_text(
        "CLIP (clip-vit-b32) and VGG19 judge the picture: any words will do. Not Sem-CS as "
        "published: that takes the models clip-rn50 and the mask source sem-cs (a download of "
        "1070 MB)."
    )
    method, models, steps = (
        page.page.locator(f"#{name} input").first for name in ("method", "models", "steps")
    )
    expect(method).to_have_value(re.compile("^Sem-CS, 2023"))
    page.choose("models", "starter")
    ours = "Built-in network, 118 styles. Any words: choose CLIP in Settings."
    expect(judges).to_have_text(ours)
    expect(method).to_have_value(re.compile("^Studio"))
    expect(steps).to_have_value("24")
    for title, year in ("Sem-CS", 2023), ("Generative Artisan", 2022), ("CLIPstyler", 2022):
        page.choose("method", f"{title}, {year}")
        expect(judges).to_contain_text(f"{ours} Not {title} as published: that takes the models")
        expect(models).to_have_value(re.compile("^starter"))
    page.choose("method", "Studio")
    expect(judges).to_have_text(ours)
    page.settings(size=128, steps=2)
    page.stylize()
    assert "Done: 2 of 2" in page.until_over()


@pytest.mark.real_size
def test_the_object_by_downloaded_features_or_the_mask_stays(visit, disc_photo, hub, monkeypatch):
    serve(hub, "dino-vits16")
    files = tuple(replace(f, url=f"{DEAD}/fcn.pth") if f.url else f for f in weights.FILES)
    monkeypatch.setattr(weights, "FILES", files)
    page = ready(visit, disc_photo)
    page.choose("mask-source", "dino")
    hub.bytes_per_second = 20e6
    page.page.get_by_role("button", name="Find the object").click()
    page.until_note(r"Downloading DINO ViT-S.16: \d+ of \d+ MB, about")
    page.until_found()
    assert len(hub.gets) == 1
    assert any("dino · 87 MB, downloaded" in line for line in page.choices("mask-source"))

    # A method brings its mask now, but not in the place of one that the visitor has made.
    source = page.page.locator("#mask-source input").first
    by_dino = page.until_at_rest()
    page.forget_note()
    page.choose("method", "Sem-CS, 2023")
    page.until_found()
    expect(source).to_have_value(re.compile("^sem-cs"))
    as_published = page.until_at_rest()
    assert not np.array_equal(as_published, by_dino)
    page.tool("Invert", "Object and background")
    inverted = page.until_at_rest()
    page.choose("method", "Studio")
    expect(source).to_have_value(re.compile("^spectral"))
    np.testing.assert_array_equal(page.until_at_rest(), inverted)

    page.choose("mask-source", "person")
    before = page.until_at_rest()
    page.page.get_by_role("button", name="Find the object").click()
    assert "fcn-resnet101" in page.toast("cannot be downloaded")
    assert "starter models work meanwhile" in page.note()
    np.testing.assert_array_equal(page.until_at_rest(), before)

    # A new photo is shown all the same, with the mask that needs no download.
    page.pick_example(0)
    page.toast("cannot be downloaded")
    assert page.prompt_values() in EXAMPLES[0].pairs
    example = photos.open_example(EXAMPLES[0].path)
    assert page.agreement(example.shown.rgb, to_alpha(example.found.mask)) > 0.9


@pytest.fixture
def slow(hub):
    file = weights.find("dino-vits16")
    hub.serve(file.repo, file.filename, bytes(10_000_000))
    hub.bytes_per_second = 1e6
    return hub


def test_a_page_that_leaves_ends_its_download(slow):
    fetching = downloads.fetch_missing(["dino-vits16"])
    seen = [next(fetching) for _ in range(4)]
    fetching.close()
    assert seen[0].text == "Downloading DINO ViT-S/16: 87 MB …"
    assert re.search(r": \d of 10 MB, about \d+ s left", seen[-1].text)
    assert 0 < seen[-1].received < seen[-1].total == 10_000_000
    slow.bytes_per_second = None
    assert [f.text for f in downloads.fetch_missing(["dino-vits16"])]
    assert slow.gets == [0, 0]
    assert not list(downloads.fetch_missing(["dino-vits16"]))


def test_of_two_visitors_one_downloads_and_the_other_waits_for_it(slow):
    first, second = (downloads.fetch_missing(["dino-vits16"]) for _ in range(2))
    while next(first).received == 0:
        pass
    assert next(second).text == "Downloading DINO ViT-S/16: 87 MB …"
    slow.bytes_per_second = None
    for visitor in first, second:
        list(visitor)
    assert weights.cached("dino-vits16") is not None
    assert slow.gets == [0]


def test_one_who_leaves_does_not_end_the_download_of_the_other(slow):
    first, second = (downloads.fetch_missing(["dino-vits16"]) for _ in range(2))
    next(first)
    next(second)
    first.close()
    slow.bytes_per_second = None
    list(second)
    assert weights.cached("dino-vits16") is not None
