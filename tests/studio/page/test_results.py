"""What a run leaves on the page, and the ways back to how it was made."""

import io
import threading
import time
from dataclasses import asdict, fields
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import gradio as gr
import numpy as np
import pytest
import torch
from PIL import Image

from semcs_core.errors import UserError
from semcs_core.image import fit, open_photo
from semcs_core.methods import METHODS
from semcs_core.settings import Settings
from semcs_core.step import Step
from studio.full_size import render_full_size
from studio.page.links import Link, read_query, write_query
from studio.page.photos import open_for_visit
from studio.page.prompt_panel import STYLES
from studio.page.result_panel import ResultPanel
from studio.provenance import DAMAGED, Provenance, read_provenance
from studio.runs import own_size
from studio.runs.events import Finished
from studio.runs.results import REMEMBERED, save_result
from studio.runs.signals import Signals
from tests.helpers.browser import PATIENCE, Visit, pixels_of
from tests.studio.test_provenance import with_text

EXAMPLE = Path(__file__).parents[3] / "examples/coffee.jpg"
ODD = {
    "size": 128,
    "steps": 4,
    "seed": 7,
    "foreground_strength": 0.9,
    "background_strength": 1.2,
    "crops": 9,
    "contrast": 1.1,
}


def begin(visit, photo, **settings) -> Visit:
    """A page with a photo, its object found, and a small run set up."""
    page = visit()
    page.choose_file("#upload-box button", photo)
    page.until_found()
    page.settings(**settings)
    return page


def make(page: Visit, foreground: str, background: str) -> bytes:
    """Run to the end; the picture's file."""
    page.prompts(foreground, background)
    page.stylize()
    page.until_over()
    return page.download()[1]


def values(page: Visit, names) -> dict[str, float]:
    """What the controls say."""
    return {name: float(page.setting(name).input_value()) for name in names}


def until_values(page: Visit, expected: dict[str, float]) -> None:
    """The controls say that, soon."""
    name, value = list(expected.items())[-1]
    page.setting(name)
    page.until_true(
        f"Number(document.querySelector('#{name} input:not([type=range])').value) === {value}"
    )
    assert values(page, expected) == pytest.approx(expected)


def addresses(page: Visit, selector: str, count: int) -> list[str]:
    """Of the pictures there, once they are that many and loaded."""
    page.until_true(
        f"(images => images.length === {count} && images.every(i => i.naturalWidth))"
        f"([...document.querySelectorAll('{selector}')])"
    )
    return [image.get_attribute("src") for image in page.page.locator(selector).all()]


def until_compared(page: Visit, picture: bytes) -> None:
    """The slider shows a picture, soon."""
    deadline = time.monotonic() + PATIENCE / 1000
    while page.fetch(addresses(page, "#compare img", 2)[1]) != picture:
        assert time.monotonic() < deadline
        page.page.wait_for_timeout(100)


def apart(one, other) -> float:
    """Mean absolute difference of two pictures."""
    return np.abs(np.asarray(one, float) - np.asarray(other, float)).mean()


def test_a_picture_brings_everything_back(visit, jobs, disc_photo, tmp_path):
    path, _ = disc_photo
    page = begin(visit, path, **ODD)
    page.open_fold("mask-fold")
    page.tool("Grow", "grown by 8 pixels")
    data = make(page, "fire", "mosaic")
    picture, damaged = tmp_path / "picture.png", tmp_path / "damaged.png"
    picture.write_bytes(data)
    made = jobs[-1].change.mask
    assert 0.05 < made.mean() < 0.5

    # On another day, with its photo: the same picture again, bit for bit.
    page = begin(visit, path)
    page.give("drop", picture)
    page.until_note("Prompts, settings and mask are again those")
    page.until_at_rest()
    assert page.prompt_values() == ("fire", "mosaic")
    until_values(page, ODD)
    page.stylize()
    page.until_over()
    np.testing.assert_array_equal(jobs[-1].change.mask, made)
    assert jobs[-1].settings == jobs[0].settings
    again = page.download()[1]
    np.testing.assert_array_equal(pixels_of(again), pixels_of(data))

    # Over another photo: all but the mask, which comes with its photo.
    page.pick_example(1)
    page.until_found()
    page.page.locator("#reset").click()
    until_values(page, {"size": 384, "steps": 40, "seed": 0})
    page.give("drop", picture)
    page.until_note("its mask comes back with the photo")
    assert page.prompt_values() == ("fire", "mosaic")
    until_values(page, ODD)
    page.forget_note()
    page.choose_file("#upload-box button", EXAMPLE)  # not this one
    page.until_found()
    page.choose_file("#upload-box button", path)
    page.until_note("the photo of the picture that you dropped")
    page.until_at_rest()
    page.settings(size=64, steps=1)
    page.stylize()
    page.until_over()
    np.testing.assert_array_equal(jobs[-1].change.mask, made)

    # A damaged record: a sentence, and nothing changes.
    damaged.write_bytes(with_text("{}"))
    page.prompts("golden", "snowy")
    page.give("drop", damaged)
    assert DAMAGED in page.toast("damaged")
    assert page.note().endswith(DAMAGED)
    assert page.prompt_values() == ("golden", "snowy")
    assert values(page, ["size", "steps", "seed"]) == {"size": 64, "steps": 1, "seed": 7}
    page.stylize()
    page.until_over()
    np.testing.assert_array_equal(jobs[-1].change.mask, made)
    assert jobs[-1].visit.size == (320, 240)

    # Twice in a row: the picture itself is the photo now.
    page.give("drop", picture)
    page.until_note("drop it once more to paint over the picture itself")
    page.forget_note()
    page.give("drop", picture)
    page.until_found()
    page.settings(size=128, steps=1)
    page.prompts("golden", "golden")
    page.stylize()
    page.until_over()
    np.testing.assert_array_equal(jobs[-1].visit.photo.rgb, pixels_of(data))


def test_comparison_time_lapse_and_own_size(visit, tmp_path):
    rows, columns = np.mgrid[:251, :333]
    disc = np.hypot(columns - 200, rows - 120) < 60
    rgb = np.stack([np.where(disc, 60, 120 + columns / 4), 200 - rows / 3, 90 + 0 * rows], axis=2)
    path = tmp_path / "photo.png"
    Image.fromarray(rgb.astype(np.uint8)).save(path)
    page = begin(visit, path, size=128, steps=6)
    result = pixels_of(make(page, "fire", "mosaic"))
    photo = fit(open_photo(path), 128).rgb
    assert apart(photo, result) > 10

    page.page.get_by_role("tab", name="Before / after").click()
    before, after = (page.fetch(src) for src in addresses(page, "#compare img", 2))
    assert apart(pixels_of(before), photo) < 3  # a JPEG
    np.testing.assert_array_equal(pixels_of(after), result)

    page.page.get_by_role("tab", name="Time-lapse").click()
    (src,) = addresses(page, "#timelapse img", 1)
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

    assert page.page.locator("#enlarge").inner_text() == "At 333 x 251"
    name, data = page.save("#enlarge")
    assert name == "semcs-0-333x251.png"
    with Image.open(io.BytesIO(data)) as image:
        assert (image.format, image.size) == ("PNG", (333, 251))
        reduced = image.convert("RGB").resize((128, 96), Image.Resampling.LANCZOS)
    assert np.square(np.asarray(reduced, float) - result).mean() < 255**2 / 1000  # 30 dB
    page.until("#stylize:not([disabled])")
    assert "Saved at 333 x 251." in page.status()
    (tmp_path / "large.png").write_bytes(data)
    (tmp_path / "result.png").write_bytes(page.download()[1])
    made = read_provenance(tmp_path / "large.png")
    assert vars(made).keys() == vars(read_provenance(tmp_path / "result.png")).keys()
    assert (made.foreground, made.background, made.steps) == ("fire", "mosaic", 6)


def test_stop_ends_a_rendering_and_nothing_is_lost(visit, disc_photo, monkeypatch):
    page = begin(visit, disc_photo[0], size=64, steps=2)
    data = make(page, "fire", "mosaic")
    downloads = []
    page.page.on("download", lambda one: downloads.append(one))
    begun, stopped = threading.Event(), threading.Event()

    def slow(*args):
        for part in render_full_size(*args, side=32):
            begun.set()
            time.sleep(0.05)
            yield part
        stopped.set()

    monkeypatch.setattr(own_size, "render_full_size", slow)
    page.forget_status()
    page.page.locator("#enlarge").click()
    page.until_true(
        "/^Rendering at 320 x 240: [0-9]+%/.test(document.querySelector('.semcs-line').innerText)"
    )
    for button in "#stylize", "#enlarge", "#continue":
        assert page.page.locator(button).is_disabled()
    page.stop()
    page.until_over()
    assert page.status().startswith(own_size.STOPPED)
    assert begun.is_set()
    assert not stopped.is_set()
    assert not downloads
    assert page.download()[1] == data
    page.until("#enlarge:not([disabled])")

    monkeypatch.setattr(own_size, "render_full_size", render_full_size)
    name, _ = page.save("#enlarge")
    assert name == "semcs-0-320x240.png"

    def broken(*_):
        raise RuntimeError("broken")

    monkeypatch.setattr(own_size, "render_full_size", broken)
    page.until("#enlarge:not([disabled])")
    page.page.locator("#enlarge").click()
    page.toast("went wrong")
    page.until("#stylize:not([disabled])")
    assert page.download()[1] == data


def test_history_opens_a_result_again(visit, jobs, disc_photo):
    page = begin(visit, disc_photo[0], size=64)
    runs = [("fire", "mosaic", 3, 2), ("golden", "", 11, 1), ("watercolour", "fire", 5, 2)]
    pictures = []
    tools = ("Invert", "places"), ("Find the object", "% of the photo"), ("Invert", "places")
    for tool, (foreground, background, seed, steps) in zip(tools, runs, strict=True):
        page.tool(*tool)
        page.settings(seed=seed, steps=steps)
        pictures.append(make(page, foreground, background))
    assert len(set(pictures)) == 3

    page.page.get_by_role("tab", name="Before / after").click()
    until_compared(page, pictures[2])
    # The latest comes first; the second time, what the first was made into again is there too.
    for number, place in (1, 1), (0, 3):
        foreground, background, seed, steps = runs[number]
        page.forget_status()
        page.page.locator("#history button").nth(place).click()
        page.until_true("document.querySelector('.semcs-line').innerText.includes('Opened again')")
        assert f"{foreground} | {background or 'photo'}, seed {seed}." in page.status()
        page.until_at_rest()
        assert page.shown() == pictures[number]
        assert page.download() == (f"semcs-{seed}.png", pictures[number])
        assert page.prompt_values() == (foreground, background)
        until_values(page, {"size": 64, "seed": seed, "steps": steps})
        page.page.get_by_role("tab", name="Before / after").click()
        until_compared(page, pictures[number])
        page.stylize()
        page.until_over()
        np.testing.assert_array_equal(jobs[-1].change.mask, jobs[number].change.mask)
        np.testing.assert_array_equal(pixels_of(page.shown()), pixels_of(pictures[number]))


def test_at_most_twelve_results_are_kept(tmp_path, disc_photo, monkeypatch):
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    with gr.Blocks():
        panel = ResultPanel()
        panel.build_below()
        panel.build_history()
    opened, kept = open_for_visit(disc_photo[0]), []
    step = Step(1, 1, torch.zeros(1, 3, 16, 16), {}, (), 1.0)
    pixels, mask = np.zeros((16, 16, 3), np.uint8), np.zeros((8, 8), np.uint8)
    for seed in range(REMEMBERED + 2):
        made = Provenance(Settings(seed=seed), "fire", "", "starter", mask, "0" * 64, 1)
        result = save_result(pixels + seed, made, opened, Signals(tmp_path))
        updates = panel.show(Finished(step, pixels, result=result), kept)
        kept = updates[panel.kept]
    assert REMEMBERED == 12
    assert [one.provenance.settings.seed for one in kept] == list(range(13, 1, -1))
    captions = [text for _, text in updates[panel.history]["value"]]
    assert captions == [f"fire | photo, seed {seed}" for seed in range(13, 1, -1)]


def test_variations_and_the_seed_of_one(visit, jobs, disc_photo):
    page = begin(visit, disc_photo[0], size=96, steps=20, seed=1)
    page.prompts("fire", "mosaic")
    page.open_fold("variations")
    page.page.locator("#vary").click()
    sources = addresses(page, "#variation-gallery img", 4)
    pictures = [pixels_of(page.fetch(src)) for src in sources]
    for n, picture in enumerate(pictures):
        assert picture.shape == (72, 96, 3)
        assert all(apart(picture, other) > 1 for other in pictures[:n])
    captions = page.page.locator("#variation-gallery .caption-label").all_inner_texts()
    seeds = [int(text.removeprefix("seed ")) for text in captions]
    assert len(set(seeds)) == 4

    page.page.locator("#variation-gallery button").nth(2).click()
    until_values(page, {"seed": seeds[2]})
    page.stylize()
    assert f"seed {seeds[2]}." in page.until_over()
    assert jobs[-1].settings.seed == seeds[2]
    distances = [apart(pixels_of(page.shown()), picture) for picture in pictures]
    assert np.argmin(distances) == 2, distances


def test_links_seeds_and_reset(visit, disc_photo):
    page = begin(visit, disc_photo[0])
    numbers = {f.name: f for f in fields(Settings) if "options" not in f.metadata}
    changed = {}
    for name, field in numbers.items():
        low, high, step = (field.metadata[key] for key in ("minimum", "maximum", "step"))
        value = round(low + step * round(0.37 * (min(high, 1000) - low) / step), 6)
        changed[name] = int(value) if field.type == "int" else value
        assert changed[name] != field.default
    page.choose("method", "Sem-CS, 2023")
    until_values(page, {"steps": 400, "content_weight": 600})
    page.settings(**changed)
    page.prompts("red rocks", "snowy & wild")
    choices = {f.name for f in fields(Settings)} - numbers.keys()

    def chosen(page):
        return {
            name: page.page.locator(f"#{name} input").input_value()
            for name in (*choices, "method", "models")
        }

    page.page.locator("#make-link").click()
    page.until("#link textarea, #link input")
    page.until_true("document.querySelector('#link textarea,#link input').value.includes('?')")
    link = page.page.locator("#link textarea, #link input").input_value()
    read = read_query(dict(parse_qsl(urlsplit(link).query)))
    assert asdict(read.settings) == asdict(METHODS["semcs"]) | changed

    other = visit()
    other.page.goto(link)
    other.until_note("% of the photo")
    until_values(other, changed)
    assert other.prompt_values() == ("red rocks", "snowy & wild")
    assert chosen(other) == chosen(page)
    assert chosen(other)["schedule"] == "halving"

    # Seeds: a thrown one, then that of the picture; and everything as on a new page.
    other.page.locator("#reset").click()
    defaults = {name: field.default for name, field in numbers.items()}
    until_values(other, defaults | {"steps": 40})
    assert {name: chosen(other)[name] for name in choices} == {
        name: getattr(Settings(), name) for name in choices
    }
    other.settings(size=64, steps=1, seed=77)
    make(other, "fire", "mosaic")
    other.page.locator("#dice").click()
    other.until_true("document.querySelector('#seed input').value !== '77'")
    other.page.locator("#reuse").click()
    until_values(other, {"seed": 77})

    # A link that cannot be used: a sentence, and the page is there all the same.
    base = urlsplit(link)
    other.page.goto(f"{base.scheme}://{base.netloc}{base.path}?steps=nan&foreground=fire")
    assert "Steps in the link must be a number" in other.toast("Steps")
    other.until_note("% of the photo")
    until_values(other, {"steps": 40})


def test_a_link_says_what_it_was_given():
    settings = Settings(size=128, seed=2**31 - 1, tv_weight=1e-5, schedule="halving")
    for link in (
        Link(),
        Link("fire & flames", "snow=white", "auto", "clipstyler", METHODS["clipstyler"]),
        Link("", "snowy", "starter", "semcs", settings),
        Link("“red” + 100 %", "", settings=settings),
    ):
        assert read_query(dict(parse_qsl(write_query(link)))) == link
    assert write_query(Link()) == ""
    assert write_query(Link("fire", settings=Settings(steps=80))) == "foreground=fire&steps=80"
    assert read_query({"theme": "dark", "seeds": "x", "__sign": "y"}) == Link()


@pytest.mark.parametrize(
    "query",
    [
        {"contrast": "nan"},
        {"patch_weight": "inf"},
        {"steps": "nan"},
        {"steps": "1" + "0" * 30},
        {"steps": "9" * 5000},
        {"size": "-8"},
        {"seed": "1.5"},
        {"seed": ""},
        {"contrast": "much"},
        {"schedule": "never"},
        {"method": "magic"},
        {"models": "../secret"},
        {"foreground": "x" * 400},
    ],
)
def test_a_bad_link_is_one_sentence(query):
    with pytest.raises(UserError) as error:
        read_query(query)
    text = str(error.value)
    assert 20 < len(text) < 200
    assert "\n" not in text
    assert text.endswith(".")


def test_words_for_both_and_pictures_of_styles(visit):
    page = visit()
    part = "#{}-style textarea, #{}-style input"
    field = page.page.locator(part.format("object", "object"))
    assert all(page.prompt_values())  # those of the example
    field.fill("fire | snowy")
    field.press("Tab")
    page.until_true(
        "document.querySelector('#background-style textarea,#background-style input').value"
        " === 'snowy'"
    )
    assert page.prompt_values() == ("fire", "snowy")

    page.open_fold("styles")
    tiles = page.page.locator("#style-gallery button")
    assert tiles.count() == len(STYLES)
    picked = STYLES[3][1], STYLES[10][1]
    for target, place in ("object", 3), ("background", 10):
        page.page.locator("#style-target").get_by_label(target.capitalize()).check()
        tiles.nth(place).click()
        page.until_true(
            f"document.querySelector('#{target}-style textarea,#{target}-style input').value"
            f" === {STYLES[place][1]!r}"
        )
    assert page.prompt_values() == picked

    field.fill("steampunk zyzzyva")
    field.press("Tab")
    page.until_true("document.querySelector('#words').innerText.includes('“zyzzyva”')")
    assert page.prompt_values() == ("steampunk zyzzyva", picked[1])
    field.fill("fire")
    field.press("Tab")
    page.until_true("document.querySelector('#words').innerText.trim() === ''")
    field.fill("zyzzyva")
    field.press("Tab")
    assert "zyzzyva" in page.toast("zyzzyva")
    assert page.prompt_values() == ("zyzzyva", picked[1])
