"""A style that is given as a picture, in place of words or beside them."""

from copy import deepcopy
from dataclasses import replace

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from semcs_core.regions import WHOLE, Region
from semcs_core.run import Run
from tests.helpers.colour_encoder import COLOURS, ColourEncoder, ColourSketcher, LocalContrast
from tests.helpers.small_runs import INSIDE, OBJECT, SETTINGS, SKETCHERS, finish, grey_photo, same

EVERYWHERE = np.ones_like(OBJECT)


def picture(colour, shape=(20, 30)):
    """Of a colour, with a little noise, as a photograph has."""
    noise = np.random.default_rng(0).normal(0, 8, (*shape, 3))
    return (255 * np.array(COLOURS[colour]) + noise).clip(0, 255).astype(np.uint8)


def run_of(*regions, sketcher=None, steps=0, **changes):
    settings = replace(SETTINGS, **changes)
    run = Run(grey_photo(), regions, ColourEncoder(), LocalContrast(), settings, sketcher)
    for _ in range(steps):
        run.advance()
    return run


def whole(prompt="", colour=None, shape=(20, 30)):
    shown = None if colour is None else picture(colour, shape)
    return Region(WHOLE, prompt, EVERYWHERE, picture=shown)


def embedding(colour):
    return F.normalize(torch.tensor(COLOURS[colour]), dim=0)


def mean_colour(image, inside=...):
    return image[0][:, inside].flatten(1).mean(dim=1)


@SKETCHERS
@pytest.mark.parametrize("shape", [(20, 30), (200, 16), (64, 1000)])
def test_a_picture_alone_is_aimed_at_from_this_photo(sketcher, shape):
    (target,) = run_of(whole(colour="green", shape=shape), sketcher=sketcher).targets
    here = F.normalize(mean_colour(grey_photo()), dim=0)
    for aim in target.whole, target.crops:
        torch.testing.assert_close(aim.style, embedding("green"), atol=0.03, rtol=0)
        way = F.normalize(embedding("green") - here, dim=0)
        torch.testing.assert_close(aim.direction, way, atol=0.05, rtol=0)


def test_words_and_a_picture_count_the_same():
    words, shown, both = (
        run_of(region).targets[0]
        for region in (whole("red"), whole("", "blue"), whole("red", "blue"))
    )
    for kind in "whole", "crops":
        a, b, mixed = (getattr(target, kind) for target in (words, shown, both))
        for part in "style", "direction":
            middle = F.normalize(getattr(a, part) + getattr(b, part), dim=0)
            torch.testing.assert_close(getattr(mixed, part), middle, atol=0.01, rtol=0)


@SKETCHERS
def test_each_region_goes_to_the_colour_of_its_own_picture(sketcher):
    regions = [
        Region("object", "", OBJECT, picture=picture("green")),
        Region("rest", "", 1 - OBJECT, picture=picture("red")),
    ]
    run = run_of(*regions, sketcher=sketcher, content_weight=0.0)
    run.extend(15)
    image = finish(run).image
    inside, outside = mean_colour(image, INSIDE), mean_colour(image, ~INSIDE)
    assert inside.argmax() == 1
    assert inside[1] > inside[0] + 0.15
    assert outside[0] > outside[1] + 0.15


def test_a_drawing_takes_the_picture_s_colours_at_every_size():
    photo = grey_photo()
    large = F.interpolate(photo, scale_factor=3, mode="bilinear")
    for region in whole(colour="green"), whole("red", "green"):
        run = run_of(region, sketcher=ColourSketcher())
        colour = mean_colour(run.targets[0].sketch)
        torch.testing.assert_close(colour, torch.tensor(COLOURS["green"]), atol=0.03, rtol=0)
        redrawn = run.builder.redraw(region, large, 3)
        assert redrawn.shape == large.shape
        torch.testing.assert_close(mean_colour(redrawn), colour, atol=0.01, rtol=0)


def test_steering_to_another_picture_begins_anew_and_to_an_equal_one_changes_nothing():
    sketcher = ColourSketcher()
    run, straight = (run_of(whole(colour="green"), sketcher=sketcher, steps=3) for _ in range(2))
    run.steer([whole(colour="green")])  # equal pixels in another array
    assert same(finish(run), finish(straight))
    for after in whole(colour="blue"), whole("red", "green"), whole("red"):
        run = run_of(whole(colour="green"), sketcher=sketcher, steps=3)
        run.steer([after])
        begun = run_of(after, sketcher=sketcher)
        assert (run.picture() - begun.picture()).abs().max() < 0.06
        assert run.targets[0].whole.style.allclose(begun.targets[0].whole.style, atol=0.01)


def test_a_run_with_a_picture_goes_on_from_its_state():
    for sketcher in None, ColourSketcher():
        run, copy = (run_of(whole("red", "green"), sketcher=sketcher) for _ in range(2))
        run.advance()
        copy.load_state_dict(deepcopy(run.state_dict()))
        assert same(finish(copy), finish(run))
