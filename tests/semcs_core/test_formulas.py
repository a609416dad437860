"""Every term of the loss of each method's steps, against the formulas in float64 NumPy.

From the pixels that the encoder was shown: what it makes of them, and the content features, have
tests of their own (tests/models/test_exactness.py, test_losses.py).
"""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from semcs_core import objective
from semcs_core import run as run_module
from semcs_core.methods import METHODS, two_regions
from semcs_core.run import stylize
from studio.flat_settings import changed
from tests.helpers.colour_encoder import COLOURS, ColourEncoder, LocalContrast

OBJECT = np.zeros((64, 96), np.float32)
OBJECT[8:56, 24:72] = 1


def photo():
    return 0.2 + 0.6 * torch.rand(1, 3, 64, 96, generator=torch.Generator().manual_seed(3))


def unit(vector):
    return vector / np.linalg.norm(vector)


def embed(x):
    """What `ColourEncoder` does, in float64."""
    return unit(x.astype(np.float64).mean(axis=(1, 2)))


def text(prompt):
    return unit(np.array(COLOURS[prompt], np.float64))


def away(a, b):
    return 1 - unit(a) @ unit(b)


def terms_by_the_formulas(regions, shown, owners, picture, content, settings):
    """The terms of one step's loss, weighted, in the order in which a step tells them.

    Args:
        regions: of the picture.
        shown: what the encoder saw: of the photo, each region as a whole before its source crops,
            then this step's regions and crops.
        owners: each crop's region, by its number.
        picture: that was learned from, [3, H, W].
        content: the content loss of the step, unweighted.
        settings: of the run.
    """
    *sources, pixels = shown
    whole, patches = pixels[: len(regions)], pixels[len(regions) :]
    original = photo().double()

    def thumbnail(x):
        size = pixels.shape[-2:]
        return F.interpolate(x, size=size, mode="bilinear", antialias=True)[0].numpy()

    source = [embed(thumbnail(original))] * len(regions)
    if settings.source == "crops":
        source = [np.mean([embed(x) for x in crops], axis=0) for _, *crops in sources]
    terms, alignment, roots, patch = [], [], [], []
    for region, seen in zip(regions, whole, strict=True):
        own = 1 if settings.source == "slides" else torch.from_numpy(region.mask)
        change = embed(seen) - embed(thumbnail(original * own))
        loss = away(change, text(region.prompt) - text("photo"))
        terms.append(region.controls.global_weight * loss)
        alignment.append(away(embed(seen), text(region.prompt)))
        roots.append(region.mask.mean() ** 0.5)
    for owner, seen in zip(owners, patches, strict=True):
        region, controls = regions[owner], regions[owner].controls
        loss = away(embed(seen) - source[owner], text(region.prompt) - text("photo"))
        patch.append(controls.weight * loss * (loss > controls.threshold))
    differences = (
        picture[:, :, 1:] - picture[:, :, :-1],
        picture[:, 1:] - picture[:, :-1],
        picture[:, 1:, 1:] - picture[:, :-1, :-1],
        picture[:, 1:, :-1] - picture[:, :-1, 1:],
    )
    return [
        *terms,
        settings.alignment_weight * np.average(alignment, weights=roots),
        *([settings.patch_weight * np.mean(patch)] if patch else []),
        settings.content_weight * content,
        settings.tv_weight * sum(np.sqrt((d**2).sum()) for d in differences),
    ]


@pytest.mark.parametrize("method", METHODS)
def test_every_term_is_that_of_its_formula(method, monkeypatch):
    pixels, crops, pictures, contents = [], [], [], []

    def spied(owner, name, keep):
        original = getattr(owner, name)

        def spy(*arguments):
            result = original(*arguments)
            keep(arguments[0], result)
            return result

        monkeypatch.setattr(owner, name, spy)

    encoder = ColourEncoder()
    spied(encoder, "encode_image", lambda seen, _: pixels.append(seen.detach().numpy()))
    spied(run_module, "sample_crops", lambda _, drawn: crops.append(drawn))
    spied(
        objective,
        "total_variation",
        lambda picture, _: pictures.append(picture[0].detach().double().numpy()),
    )
    spied(objective, "content_loss", lambda _, value: contents.append(value.item()))
    settings = changed(METHODS[method], {"steps": 2, "crops": 10, "crop_size": 32})
    regions = two_regions(OBJECT, "red", "red" if method == "clipstyler" else "blue", settings)
    assert len(regions) == (1 if method == "clipstyler" else 2)
    steps = list(stylize(photo(), regions, encoder, LocalContrast(), settings))
    _, *sources = pixels[: -len(steps)]  # the photo as a whole comes first
    seen = pixels[-len(steps) :]
    if method == "semcs-paper":
        crops = [[] for _ in steps]
    for step, *shown in zip(steps, seen, crops, pictures, contents, strict=True):
        now, drawn, picture, content = shown
        owners = sorted(crop.area.index for crop in drawn)
        expected = terms_by_the_formulas(
            regions, [*sources, now], owners, picture, content, settings
        )
        *terms, total = step.losses.values()
        # The first direction is that of a small change: of it float32 has lost digits, not percent.
        assert terms == pytest.approx(expected, rel=1e-3)
        assert total == pytest.approx(sum(expected), rel=1e-3)


def test_one_stylenet_paints_the_whole_picture_where_published():
    settings = changed(METHODS["semcs"], {"steps": 2, "crops": 10, "crop_size": 32})
    regions = two_regions(OBJECT, "red", "blue", settings)
    *_, last = stylize(photo(), regions, ColourEncoder(), LocalContrast(), settings)
    # Its sigmoid starts from anywhere, not from the photo.
    assert (last.image - photo()).abs().mean() > 0.05
