"""What a run leaves on the page, and the ways back to how it was made."""

import gradio as gr
import numpy as np
import torch

from semcs_core.settings import Settings
from semcs_core.step import Step
from studio.page.photo_panel import EXAMPLES
from studio.page.photos import open_for_visit
from studio.page.result_panel import ResultPanel
from studio.provenance import DAMAGED, Provenance
from studio.runs.events import Finished
from studio.runs.results import REMEMBERED, save_result
from studio.runs.signals import Signals
from tests.helpers.browser import apart, pixels_of
from tests.helpers.pictures import with_text

ODD = {
    "size": 128,
    "steps": 4,
    "seed": 7,
    "foreground_strength": 0.9,
    "background_strength": 1.2,
    "crops": 9,
    "contrast": 1.1,
}


def test_a_picture_brings_everything_back(page, jobs, disc_photo, tmp_path):
    path, _ = disc_photo
    page.begin(path, **ODD)
    page.open_fold("mask-fold")
    page.tool("Grow", "grown by 8 pixels")
    data = page.make("fire", "mosaic")
    picture, damaged = tmp_path / "picture.png", tmp_path / "damaged.png"
    picture.write_bytes(data)
    made = jobs[-1].change.mask
    assert 0.05 < made.mean() < 0.5

    # Over another photo: all but the mask, which comes with its photo.
    page.pick_example(1)
    page.until_found()
    page.page.locator("#reset").click()
    page.until_values({"size": 384, "steps": 24, "seed": 0})
    page.give("drop", picture)
    page.until_note("for its mask, upload the photo")
    page.until_prompts("fire", "mosaic")
    page.until_values(ODD)
    page.forget_note()
    page.choose_file("#upload-box button", EXAMPLES[2].path)  # not this one
    page.until_found()
    page.choose_file("#upload-box button", path)
    page.until_note("was made from this photo")
    assert page.make("fire", "mosaic") == data
    np.testing.assert_array_equal(jobs[-1].change.mask, made)
    assert jobs[-1].settings == jobs[0].settings

    # A damaged record: a sentence, and nothing changes.
    damaged.write_bytes(with_text("{}"))
    page.prompts("golden", "snowy")
    page.settings(steps=1, seed=8)
    page.give("drop", damaged)
    assert DAMAGED in page.toast("damaged")
    assert page.note().endswith(DAMAGED)
    assert page.prompt_values() == ("golden", "snowy")
    page.until_values({"size": 128, "steps": 1, "seed": 8})

    # Over its own photo: all of it; and once more, the picture itself is the photo.
    page.tool("Invert", "changed places")
    page.give("drop", picture)
    page.until_note("drop it again to use it as the photo")
    page.until_prompts("fire", "mosaic")
    page.until_values(ODD)
    page.forget_note()
    page.give("drop", picture)
    page.until_found()
    page.make("fire", "mosaic")
    np.testing.assert_array_equal(jobs[-1].visit.photo.rgb, pixels_of(data))


def test_history_opens_a_result_again(page, jobs, disc_photo):
    page.begin(disc_photo[0], size=64)
    pictures = []
    for tool, note, *prompts, seed, steps in (
        ("Find the object", "% of the photo", "fire", "mosaic", 3, 2),
        ("Invert", "changed places", "golden", "", 11, 1),
    ):
        page.tool(tool, note)
        page.settings(seed=seed, steps=steps)
        pictures.append(page.make(*prompts))
    page.page.get_by_role("tab", name="Before / after").click()
    page.until_shown(pictures[1], "#compare")
    page.forget_status()
    page.page.locator("#history button").nth(1).click()  # the latest comes first
    page.until_true("document.querySelector('.semcs-line').innerText.includes('Opened again')")
    assert "fire | mosaic, seed 3." in page.status()
    page.until_shown(pictures[0])
    assert page.download() == ("semcs-3.png", pictures[0])
    page.until_values({"size": 64, "seed": 3, "steps": 2})
    page.page.get_by_role("tab", name="Before / after").click()
    page.until_shown(pictures[0], "#compare")
    page.until_prompts("fire", "mosaic")
    assert page.make("fire", "mosaic") == pictures[0]
    first, other, again = (job.change.mask for job in jobs)
    np.testing.assert_array_equal(again, first)
    assert ((first > 0.5) != (other > 0.5)).mean() > 0.98


def test_at_most_twelve_results_are_kept(tmp_path, disc_photo, monkeypatch):
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    with gr.Blocks():
        panel = ResultPanel()
        panel.build_below()
        panel.build_history()
    work, kept = open_for_visit(disc_photo[0]), []
    step = Step(1, 1, torch.zeros(1, 3, 16, 16), {}, (), 1.0)
    pixels, mask = np.zeros((16, 16, 3), np.uint8), np.zeros((8, 8), np.uint8)
    for seed in range(REMEMBERED + 2):
        made = Provenance(Settings(seed=seed), "fire", "", "starter", mask, "0" * 64, 1)
        result = save_result(pixels + seed, made, work, Signals(tmp_path))
        updates = panel.show(Finished(step, pixels, result=result), kept)
        kept = updates[panel.kept]
    assert REMEMBERED == 12
    assert [one.provenance.settings.seed for one in kept] == list(range(13, 1, -1))
    captions = [text for _, text in updates[panel.history]["value"]]
    assert captions == [f"fire | photo, seed {seed}" for seed in range(13, 1, -1)]


def test_variations_and_the_seed_of_one(page, jobs, disc_photo):
    page.begin(disc_photo[0], size=64, steps=20, seed=1)
    page.prompts("fire", "mosaic")
    page.open_fold("variations")
    page.page.locator("#vary").click()
    sources = page.addresses("#variation-gallery img", 4)
    pictures = [pixels_of(page.fetch(src)) for src in sources]
    for n, picture in enumerate(pictures):
        assert picture.shape == (48, 64, 3)
        assert all(apart(picture, other) > 1 for other in pictures[:n])
    captions = page.page.locator("#variation-gallery .caption-label").all_inner_texts()
    seeds = [int(text.removeprefix("seed ")) for text in captions]
    assert len(set(seeds)) == 4

    page.page.locator("#variation-gallery button").nth(2).click()
    page.until_values({"seed": seeds[2]})
    page.stylize()
    assert f"seed {seeds[2]}." in page.until_over()
    assert jobs[-1].settings.seed == seeds[2]
    distances = [apart(pixels_of(page.shown()), picture) for picture in pictures]
    assert np.argmin(distances) == 2, distances
