"""The drawing that a starter run starts from."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from models.loading import load_models
from models.starter.sketch import with_light
from semcs_core.image import fit, open_photo, to_tensor
from semcs_core.regions import Region
from semcs_core.run import stylize
from semcs_core.settings import Settings
from styles import STYLES, Colouring
from styles.palettes import COLOURS
from styles.scene import luminance

EXAMPLES = Path(__file__).parents[2] / "examples"
SMALL = Settings(size=96, steps=1, crops=8, crop_size=32)


@pytest.fixture(scope="module")
def models():
    return load_models("starter")


@pytest.fixture(scope="module")
def photo():
    return to_tensor(fit(open_photo(EXAMPLES / "coffee.jpg"), 96).rgb)


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def draw(models, photo, prompt, light=0.8, seed=0):
    mask = torch.ones_like(photo[:, :1])
    return models.sketcher.sketch(prompt, photo, mask, 32, light, generator(seed))


def test_every_name_of_a_style_is_drawn_as_that_style(models):
    for style in STYLES.values():
        for name in style.names:
            assert models.sketcher.find(f"a painting of {name}")[0] is style, name


def test_a_colour_word_colours_the_style_it_stands_before(models):
    for style in STYLES.values():
        for word in COLOURS:
            if style.colouring is Colouring.FIXED or word in style.reserved:
                continue
            found, colour = models.sketcher.find(f"{word} {style.names[0]}")
            assert (found, colour) == (style, word)


@pytest.mark.parametrize(
    ("prompt", "key", "colour"),
    [
        ("red rocks", "redrock", None),
        ("green crystal", "greencrystal", None),
        ("violet mosaic", "mosaic", "purple"),
        ("red", "tint", "red"),
        ("a castle of stained glass", "stained", None),
    ],
)
def test_colours_within_a_name_and_alone(models, prompt, key, colour):
    style, word = models.sketcher.find(prompt)
    assert (style.key, word) == (key, colour)


def test_a_sketch_is_the_same_for_the_same_seed_and_another_for_another(models, photo):
    first = draw(models, photo, "mosaic")
    assert first.shape == photo.shape
    assert first.min() > 0
    assert first.max() < 1
    assert torch.equal(first, draw(models, photo, "mosaic"))
    assert not torch.equal(first, draw(models, photo, "mosaic", seed=1))


def test_a_coloured_sketch_has_its_colour(models, photo):
    red, blue = (
        draw(models, photo, f"{word} mosaic").mean(dim=(2, 3))[0] for word in ("red", "blue")
    )
    assert red[0] > blue[0] + 0.1
    assert blue[2] > red[2] + 0.1


@pytest.mark.parametrize("light", [0.4, 1.2])
def test_light_is_added_up_to_the_slope_that_is_asked_for(photo, light):
    flat = torch.full_like(photo, 0.5)
    lit = with_light(flat, photo, torch.ones_like(photo[:, :1]), light)
    x = torch.logit(luminance(photo).clamp(0.05, 0.95)).flatten()
    y = torch.logit(luminance(lit)).flatten()
    x, y = x - x.mean(), y - y.mean()
    assert (x * y).sum() / (x * x).sum() == pytest.approx(light, rel=0.05)


def run(models, photo, prompts, settings=SMALL, sketcher=None):
    left = torch.zeros(96, 96)[: photo.shape[-2]]
    left[:, :48] = 1
    regions = [
        Region("left", prompts[0], left.numpy()),
        Region("right", prompts[1], (1 - left).numpy()),
    ]
    return list(stylize(photo, regions, models.encoder, models.perceptual, settings, sketcher))


def test_a_run_starts_from_the_sketch_and_without_one_from_the_photo(models, photo):
    sketched = run(models, photo, ("mosaic", "fire"), sketcher=models.sketcher)[0].image
    plain = run(models, photo, ("mosaic", "fire"))[0].image
    assert (sketched - photo).abs().mean() > 0.1
    assert (plain - photo).abs().mean() < 0.05
    none = replace(SMALL, sketch=0)
    off = run(models, photo, ("mosaic", "fire"), none, models.sketcher)[0].image
    assert (off - photo).abs().mean() < 0.05
