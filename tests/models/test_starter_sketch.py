"""The drawing that a starter run starts from."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from models.loading import load_models
from semcs_core.image import fit, open_photo, to_tensor
from semcs_core.regions import Region
from semcs_core.run import stylize
from semcs_core.settings import Settings

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


def draw(models, photo, prompt, seed=0):
    mask = torch.ones_like(photo[:, :1])
    return models.sketcher.sketch(prompt, photo, mask, 32, generator(seed))


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


def test_a_run_starts_from_the_sketch_as_far_as_it_is_told(models, photo):
    left = torch.zeros(photo.shape[-2:])
    left[:, :48] = 1
    regions = [
        Region("left", "mosaic", left.numpy()),
        Region("right", "fire", (1 - left).numpy()),
    ]
    moved = []
    for share in (0.0, 0.5, 1.0):
        settings = replace(SMALL, sketch=share)
        (step,) = stylize(photo, regions, models.encoder, None, settings, models.sketcher)
        moved.append((step.image - photo).abs().mean())
    assert moved[0] < 0.03 < moved[1] - moved[0]
    assert moved[2] > 1.5 * moved[1]
