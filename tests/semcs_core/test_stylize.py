import gc
import threading
import weakref
from dataclasses import replace

import numpy as np
import pytest
import torch

from semcs_core import objective
from semcs_core import run as run_module
from semcs_core.methods import two_regions
from semcs_core.painter import Painter
from semcs_core.regions import Region
from semcs_core.run import Run, stylize
from semcs_core.settings import RegionControls, Settings
from semcs_core.step import RunError, learning_rate
from studio.flat_settings import changed
from tests.helpers.colour_encoder import ColourEncoder, LocalContrast
from tests.helpers.small_runs import INSIDE, OBJECT, grey_photo

SETTINGS = Settings(steps=4, crops=6, crop_size=24)


def run(foreground="red", background="blue", mask=OBJECT, photo=None, **changes):
    photo = grey_photo() if photo is None else photo
    settings = changed(SETTINGS, changes)
    regions = two_regions(mask, foreground, background, settings)
    return list(stylize(photo, regions, ColourEncoder(), LocalContrast(), settings))


def test_each_step_is_recorded():
    steps = run()
    assert [s.step for s in steps] == [1, 2, 3, 4]
    assert {s.steps for s in steps} == {4}
    names = ["global 0", "global 1", "alignment", "patch", "content", "tv", "total"]
    for step in steps:
        assert list(step.losses) == names
        assert step.losses["total"] == pytest.approx(
            sum(v for k, v in step.losses.items() if k != "total"), rel=1e-5
        )
        assert step.image.shape == (1, 3, 48, 64)
        assert step.image.min() >= 0
        assert step.image.max() <= 1
        # The published loop keeps every step's loss with its graph, and memory grows.
        assert step.image.grad_fn is None
        assert all(type(value) is float for value in step.losses.values())
    assert steps[0].seconds < steps[-1].seconds


def test_each_prompt_colours_its_own_region():
    steps = run(steps=25, content_weight=0.0)
    image = steps[-1].image
    red, blue = (image[0][:, where].mean(dim=1) for where in (INSIDE, ~INSIDE))
    assert red[0] > red[2] + 0.15  # white in the mask is the object, and the object is red
    assert blue[2] > blue[0] + 0.15
    assert steps[-1].losses["total"] < steps[0].losses["total"]


def test_the_same_seed_gives_the_same_picture_and_seed_0_is_a_seed():
    torch.manual_seed(1)
    one = run(seed=0)[-1].image
    torch.manual_seed(2)  # whatever the process has drawn before
    two = run(seed=0)[-1].image
    assert torch.equal(one, two)
    assert not torch.equal(one, run(seed=1)[-1].image)


def test_a_run_beside_another_changes_neither():
    """A fresh network and generator per run: nothing is shared between visitors."""
    alone = run(seed=0)[-1].image
    results = {}
    threads = [
        threading.Thread(target=lambda n=n: results.update({n: run(seed=n)[-1].image}))
        for n in (0, 1)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert torch.equal(results[0], alone)
    assert not torch.equal(results[1], alone)


def test_an_abandoned_run_leaves_the_next_one_unchanged_and_frees_everything(monkeypatch):
    alone = run()[-1].image
    painters = []

    class Watched(Painter):
        def __init__(self, *arguments):
            super().__init__(*arguments)
            painters.append(weakref.ref(self))

    monkeypatch.setattr(run_module, "Painter", Watched)
    regions = two_regions(OBJECT, "red", "blue")
    abandoned = stylize(grey_photo(), regions, ColourEncoder(), LocalContrast(), SETTINGS)
    next(abandoned)
    assert painters[0]() is not None
    abandoned.close()
    del abandoned
    gc.collect()
    assert painters[0]() is None
    assert torch.equal(run()[-1].image, alone)


def test_no_gradient_mode_is_held_across_a_yield():
    regions = two_regions(OBJECT, "red", "blue")
    for _ in stylize(grey_photo(), regions, ColourEncoder(), LocalContrast(), SETTINGS):
        assert torch.is_grad_enabled()
        assert not torch.is_inference_mode_enabled()
        assert not torch.is_autocast_enabled("cpu")


@pytest.mark.parametrize("shape", [(32, 640), (40, 72)])
def test_any_working_size_runs(shape):
    """The published masks are hard-wired to 512 x 512."""
    mask = np.zeros(shape, np.float32)
    mask[8:24, 8:24] = 1
    photo = torch.full((1, 3, *shape), 0.5)
    assert run(mask=mask, photo=photo, steps=1)[-1].image.shape[-2:] == shape


def test_crops_under_the_threshold_do_not_crash_the_run():
    """When no crop passes, the published loss is a Python float without a gradient."""
    steps = run(
        foreground_threshold=2.0,
        background_threshold=2.0,
        alignment_weight=0.0,
        foreground_global=0.0,
        background_global=0.0,
    )
    assert len(steps) == 4
    assert all(step.losses["patch"] == 0 for step in steps)


@pytest.mark.parametrize("crop_choice", ["centre", "band"])
def test_each_crop_is_judged_by_its_own_regions_text_weight_and_threshold(monkeypatch, crop_choice):
    """The published loop re-orders the crops but not their weights and thresholds."""
    seen = []

    def redness_of_the_text(image_direction, text_direction):
        return text_direction.expand_as(image_direction)[:, 0]

    def spy(losses, weights, thresholds):
        seen.append((losses, weights, thresholds))
        return (weights * losses).mean() + 0 * losses.sum()

    monkeypatch.setattr(objective, "directional_loss", redness_of_the_text)
    monkeypatch.setattr(objective, "patch_loss", spy)
    regions = [
        Region("object", "red", OBJECT, RegionControls(weight=0.3, threshold=0.2)),
        Region("rest", "blue", 1 - OBJECT, RegionControls(weight=0.8, threshold=0.6)),
    ]
    settings = replace(SETTINGS, steps=3, crops=40, crop_size=16, crop_choice=crop_choice)
    list(stylize(grey_photo(), regions, ColourEncoder(), LocalContrast(), settings))
    assert len(seen) == 3
    for losses, weights, thresholds in seen:
        assert len(losses) == 40
        assert set(weights.tolist()) == {torch.tensor(0.3).item(), torch.tensor(0.8).item()}
        assert torch.equal(losses > 0, weights < 0.5)  # red text, and with it the weight of red
        assert torch.equal(thresholds > 0.5, weights > 0.5)


class Poisoned(ColourEncoder):
    """Its embeddings are not numbers from the third step on."""

    def encode_image(self, images):
        embeddings = super().encode_image(images)
        before = 1 + 2 + 2  # the photo, its regions, two steps
        return embeddings * float("nan") if self.calls > before else embeddings


def test_steps_that_nobody_looked_at_are_all_in_the_history():
    regions = two_regions(OBJECT, "red", "blue")
    steps = list(stylize(grey_photo(), regions, ColourEncoder(), LocalContrast(), SETTINGS))
    run = Run(grey_photo(), regions, ColourEncoder(), LocalContrast(), SETTINGS)
    while not run.finished:
        run.advance()
    assert run.last is None
    assert torch.equal(run.look().image, steps[-1].image)
    assert run.history == [step.losses for step in steps]
    assert run.look() is run.last


def test_a_broken_step_that_nobody_looked_at_does_not_touch_the_last_good_picture():
    regions = two_regions(OBJECT, "red", "blue")
    good, run = (
        Run(grey_photo(), regions, encoder, LocalContrast(), SETTINGS)
        for encoder in (ColourEncoder(), Poisoned())
    )
    for _ in range(2):
        good.advance()
    for _ in range(4):
        run.advance()
    with pytest.raises(RunError, match="no longer numbers") as caught:
        run.look()
    assert caught.value.last.step == 2
    assert torch.equal(caught.value.last.image, good.look().image)


def test_a_flat_picture_ends_the_run_with_the_last_good_one(monkeypatch):
    original = run_module.compose
    calls = []

    def collapse(*arguments):
        calls.append(0)
        picture = original(*arguments)
        return picture if len(calls) < 3 else picture * 0 + 0.5

    monkeypatch.setattr(run_module, "compose", collapse)
    with pytest.raises(RunError, match="collapsed to one colour") as caught:
        run()
    assert caught.value.last.step == 2
    assert caught.value.last.image.std() > 0.05


def test_a_photo_that_is_flat_itself_is_no_collapse():
    photo = torch.full((1, 3, 48, 64), 0.5)
    assert len(run(photo=photo, steps=2)) == 2


def test_the_learning_rate_warms_up_and_decays_to_a_tenth():
    settings = Settings(steps=100, learning_rate=0.1)
    rates = [learning_rate(step, settings) for step in range(1, 101)]
    assert rates[0] == pytest.approx(0.02)
    assert max(rates) == rates[4]
    assert rates[4:] == sorted(rates[4:], reverse=True)
    assert rates[-1] == pytest.approx(0.01, abs=0.001)
