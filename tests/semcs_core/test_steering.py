"""A run that is changed while it learns, and one that goes on after its end."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from semcs_core.errors import UserError
from semcs_core.settings import Settings
from semcs_core.step import learning_rate
from tests.helpers.colour_encoder import ColourSketcher
from tests.helpers.small_runs import (
    INSIDE,
    OBJECT,
    SKETCHERS,
    finish,
    grey_photo,
    next_step,
    regions_of,
    same,
    start,
)


def mean_colour(image, inside):
    return image[0][:, inside].mean(dim=1)


def assert_begins_as(run, begun, inside):
    """A layer is at its beginning, but for the free pixels' first noise."""
    difference = (run.picture() - begun.picture())[..., inside].abs()
    assert difference.max() < 0.06
    assert difference.mean() < 0.02


def moments(run, layer):
    """Adam's first moments of one layer's free pixels, coarse first."""
    pyramid = run.painter.pyramid
    return [run._optimiser.state[p]["exp_avg"][:, 3 * layer : 3 * layer + 3] for p in pyramid]


@pytest.mark.parametrize(
    ("painter", "sketcher"), [("layers", ColourSketcher()), ("stylenet", None)]
)
def test_steering_to_the_same_regions_changes_nothing(painter, sketcher):
    straight = finish(start(sketcher=sketcher, painter=painter))
    run = start(sketcher=sketcher, painter=painter, steps=3)
    run.steer(regions_of("red", "blue"))
    assert same(finish(run), straight)


@SKETCHERS
def test_the_other_regions_prompt_leaves_a_layer_and_its_learning(sketcher):
    run = start(sketcher=sketcher, steps=4)
    before, learned = run.picture(), moments(run, 0)
    run.steer(regions_of("red", "green"))
    torch.testing.assert_close(run.picture()[..., INSIDE], before[..., INSIDE])
    assert all(torch.equal(a, b) for a, b in zip(moments(run, 0), learned, strict=True))
    if sketcher is None:
        torch.testing.assert_close(run.picture(), before)
    else:
        assert (run.picture() - before)[..., ~INSIDE].abs().mean() > 0.1
        assert_begins_as(run, start("red", "green", sketcher), ~INSIDE)
        assert not any(m.any() for m in moments(run, 1))


def test_a_region_with_another_prompt_goes_to_its_new_style():
    kept, steered = (start(steps=6, content_weight=0.0) for _ in range(2))
    steered.steer(regions_of("red", "green"))
    for run in (kept, steered):
        run.extend(20)
    kept_image, image = finish(kept).image, finish(steered).image
    change = mean_colour(image, ~INSIDE) - mean_colour(kept_image, ~INSIDE)
    assert change[1] > 0.1
    assert change[2] < -0.05
    other = mean_colour(image, INSIDE) - mean_colour(kept_image, INSIDE)
    assert other.norm() < change.norm() / 4


def test_one_region_splits_into_two_that_go_on_from_it():
    run = start("red", "red", steps=4)
    before = run.picture()
    run.steer(regions_of("red", "red", foreground_weight=2.0))
    assert [region.name for region in run.regions] == ["foreground", "background"]
    torch.testing.assert_close(run.picture(), before)
    run.steer(regions_of("red", "blue"))
    torch.testing.assert_close(run.picture()[..., INSIDE], before[..., INSIDE])
    assert set(next_step(run).losses) >= {"global 0", "global 1"}


@pytest.mark.parametrize(("prompt", "where"), [("red", INSIDE), ("blue", ~INSIDE)])
def test_two_regions_join_in_the_one_whose_prompt_is_kept(prompt, where):
    run = start(sketcher=ColourSketcher(), steps=4)
    before = run.picture()
    run.steer(regions_of(prompt, prompt))
    assert [region.name for region in run.regions] == ["picture"]
    torch.testing.assert_close(run.picture()[..., where], before[..., where])
    assert "global" in next_step(run).losses


@SKETCHERS
def test_a_region_vanishes_and_appears(sketcher):
    run, photo = start(sketcher=sketcher, steps=4), grey_photo()
    before = run.picture()
    run.steer(regions_of("", "blue"))
    assert torch.equal(run.picture()[..., INSIDE], photo[..., INSIDE])
    torch.testing.assert_close(run.picture()[..., ~INSIDE], before[..., ~INSIDE])
    run.advance()
    run.steer(regions_of("green", "blue"))
    assert_begins_as(run, start("green", "blue", sketcher), INSIDE)
    finish(run)


def test_a_mask_changed_in_mid_run_shows_at_once_and_is_learned_in():
    run, photo = start("red", "", steps=4), grey_photo()
    moved = np.zeros_like(OBJECT)
    moved[:, 40:60] = 1
    layer = run.painter()
    run.steer(regions_of("red", "", moved))
    assert torch.equal(run.painter(), layer)
    step = next_step(run)
    where = torch.from_numpy(moved) == 1
    assert torch.equal(step.image[..., ~where], photo[..., ~where])
    torch.testing.assert_close(step.image[..., where], layer[..., where])
    early = mean_colour(step.image, where)
    run.extend(20)
    late = mean_colour(finish(run).image, where)
    assert late[0] - late[2] > early[0] - early[2] + 0.02


@pytest.mark.parametrize("painter", ["layers", "stylenet"])
def test_strength_changed_in_mid_run_is_instant_and_leaves_the_learning_alone(painter):
    plain, run = (start("red", "", painter=painter, steps=4) for _ in range(2))
    full, photo = run.picture(), grey_photo()
    distances = []
    for strength in (0.0, 0.5, 1.0, 1.5):
        run.steer(regions_of("red", "", foreground_strength=strength))
        expected = torch.lerp(photo, full, strength).clamp(0, 1)
        torch.testing.assert_close(run.picture()[..., INSIDE], expected[..., INSIDE])
        distances.append((run.picture() - photo).norm().item())
    assert distances[0] == 0
    assert distances == sorted(distances)
    run.steer(regions_of("red", ""))
    assert same(finish(run), finish(plain))


@SKETCHERS
def test_steering_that_fails_changes_nothing(sketcher):
    straight = finish(start(sketcher=sketcher))
    run = start(sketcher=sketcher, steps=3)
    regions = run.regions
    with pytest.raises((UserError, KeyError)):
        run.steer(regions_of("green", "mauve"))
    assert run.regions == regions
    assert same(finish(run), straight)


def test_one_stylenet_is_steered_by_its_targets_alone():
    run = start(painter="stylenet", steps=3)
    before = run.picture()
    run.steer(regions_of("green", "green"))
    torch.testing.assert_close(run.picture(), before)
    finish(run)
    assert not torch.equal(run.picture(), finish(start(painter="stylenet")).image)


def test_a_finished_run_goes_on_and_does_not_lose_what_it_has():
    run = start(sketcher=ColourSketcher())
    end = finish(run)
    assert torch.equal(run.picture(), end.image)
    run.extend(12)
    assert not run.finished
    assert run.steps == 20
    more = next_step(run)
    assert (more.step, more.steps) == (9, 20)
    assert torch.equal(more.image, end.image)  # the last step had shown what it learned itself
    last = finish(run)
    assert (last.step, last.seconds > more.seconds) == (20, True)
    assert last.losses["total"] < end.losses["total"] + 0.01
    with pytest.raises(ValueError, match="-1"):
        run.extend(-1)


def test_added_steps_are_half_a_cosine_more_without_warm_up():
    settings = Settings(steps=40, learning_rate=0.1)
    rates = [learning_rate(step, settings, (20, 10)) for step in range(1, 71)]
    assert rates[:40] == [learning_rate(step, settings) for step in range(1, 41)]
    for begin, end in ((40, 60), (60, 70)):
        assert rates[begin] == 0.1
        assert rates[begin:end] == sorted(rates[begin:end], reverse=True)
        assert rates[end - 1] < 0.013
    published = replace(settings, schedule="halving", steps=100)
    assert learning_rate(101, published, (50,)) == learning_rate(101, replace(published, steps=400))
