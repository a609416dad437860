"""The published methods: their constants, their crops, and their total against the formulas."""

import copy
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torchvision.transforms.v2 import functional as tv

from models.clip import Clip
from models.starter import LocalContrast
from models.vgg import Vgg19
from semcs_core import objective
from semcs_core import run as run_module
from semcs_core import targets as targets_module
from semcs_core.crops import Area, Crop, cut, sample_crops
from semcs_core.image import with_contrast
from semcs_core.methods import METHODS, two_regions
from semcs_core.run import stylize
from semcs_core.settings import Settings
from semcs_core.step import learning_rate
from studio.flat_settings import changed
from tests.helpers.colour_encoder import COLOURS, ColourEncoder
from tests.helpers.plain_clip import plain_clip
from tests.helpers.random_weights import random_tensors, shapes_of

OBJECT = np.zeros((64, 96), np.float32)
OBJECT[8:56, 24:72] = 1


def photo():
    generator = torch.Generator().manual_seed(3)
    return 0.2 + 0.6 * torch.rand(1, 3, 64, 96, generator=generator)


def small(method, **changes):
    return changed(METHODS[method], {"steps": 2, "crops": 10, "crop_size": 32, **changes})


def areas_of(mask, settings):
    return [
        Area(n, torch.from_numpy(region.mask)[None, None], region.controls)
        for n, region in enumerate(two_regions(mask, "red", "blue", settings))
    ]


def draw(mask, settings, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return sample_crops(areas_of(mask, settings), settings, generator)


@pytest.mark.parametrize(
    ("method", "steps", "content", "weights", "globals_", "share", "band"),
    [
        ("clipstyler", 200, 150, (1, 1), (500, 500), 1, 1),
        ("generative-artisan", 400, 150, (0.3, 1), (0, 500), 0.2, 0.2),
        ("semcs", 400, 600, (1, 1), (500, 500), 1, 1),
    ],
)
def test_published_constants(method, steps, content, weights, globals_, share, band):
    s = METHODS[method]
    inside, outside = s.controls_of(0), s.controls_of(1)
    assert (s.size, s.crops, s.crop_size, s.steps) == (512, 64, 128, steps)
    assert (s.patch_weight, s.content_weight, s.tv_weight) == (9000, content, 2e-3)
    assert (inside.threshold, outside.threshold) == (0.7, 0.7)
    assert (inside.weight, outside.weight) == weights
    assert (inside.global_weight, outside.global_weight) == globals_
    assert (inside.share, outside.share, s.distortion) == (share, 1, 0.5)
    assert (inside.band, outside.band) == (band, band)
    assert (s.contrast, s.learning_rate, s.alignment_weight) == (1.5, 5e-4, 0)


def test_the_studio_is_the_default():
    assert METHODS["studio"] == Settings()


def test_the_published_rate_is_halved_every_100_steps():
    rates = [learning_rate(step, METHODS["semcs"]) for step in (1, 100, 101, 200, 201, 400)]
    assert rates == pytest.approx([5e-4, 5e-4, 2.5e-4, 2.5e-4, 1.25e-4, 0.625e-4])


def test_contrast_is_torchvisions():
    image = photo()
    expected = tv.adjust_contrast(image, 1.5)
    torch.testing.assert_close(with_contrast(image, 1.5), expected, atol=1e-5, rtol=0)
    assert with_contrast(image, 1.0) is image


def test_the_band_at_the_bottom_of_a_crop_decides_its_region():
    settings = small("generative-artisan", foreground_share=1.0)
    for crop in draw(OBJECT, replace(settings, crops=100)):
        left, top, right, bottom = (
            ((crop.window + 1) / 2 * torch.tensor([96, 64, 96, 64])).round().long().tolist()
        )
        assert (right - left, bottom - top) == (32, 32)
        band = OBJECT[bottom - round(0.2 * 32) : bottom, left:right].mean()
        assert abs(band - 0.5) < 0.1 or crop.area.index == (0 if band > 0.5 else 1)


def test_each_region_has_a_band_of_its_own():
    lower = np.zeros((64, 96), np.float32)
    lower[56:] = 1  # the object is a strip at the bottom, a quarter of the lowest crops
    settings = replace(small("clipstyler"), crops=100)
    assert not any(crop.area.index == 0 for crop in draw(lower, settings))
    narrow = draw(lower, changed(settings, {"foreground_band": 0.2}))
    assert any(crop.area.index == 0 for crop in narrow)


def test_the_object_gets_its_share_of_the_crops_and_no_more():
    settings = small("generative-artisan")
    counts = [sum(crop.area.index == 0 for crop in draw(OBJECT, settings, n)) for n in range(20)]
    assert max(counts) == 2  # a fifth of ten
    free = changed(settings, {"foreground_share": 1.0})
    counts = [sum(crop.area.index == 0 for crop in draw(OBJECT, free, n)) for n in range(20)]
    assert max(counts) > 4


def test_a_picture_that_the_object_fills_still_gets_all_its_crops():
    full = np.ones((64, 96), np.float32)
    full[0, :20] = 0
    crops = draw(full, small("generative-artisan"))
    assert len(crops) == 10
    assert {crop.area.index for crop in crops} == {0}


def test_the_published_crop_is_torchvisions_perspective_with_black_around():
    coarse = torch.rand(1, 3, 6, 9, generator=torch.Generator().manual_seed(0))
    image = torch.nn.functional.interpolate(coarse, size=(128, 192), mode="bicubic").clamp(0, 1)
    settings = replace(METHODS["clipstyler"], crops=1, crop_size=64)
    (crop,) = draw(np.kron(OBJECT, np.ones((2, 2), np.float32)), settings)
    patch = cut(image, crop.corners[None], 64, crop.window[None])
    left, top = ((crop.window[:2] + 1) / 2 * torch.tensor([192, 128])).tolist()
    black = (patch == 0).all(dim=1)[0]
    assert 0.02 < black.float().mean() < 0.9
    # Where RandomPerspective would have moved the crop's corners to, solved once more in NumPy.
    square = np.array([[-1.0, -1], [1, -1], [1, 1], [-1, 1]])
    rows, values = [], []
    for (u, v), (x, y) in zip(square, crop.corners.double().numpy(), strict=True):
        rows += [[u, v, 1, 0, 0, 0, -u * x, -v * x], [0, 0, 0, u, v, 1, -u * y, -v * y]]
        values += [x, y]
    back = np.linalg.inv(np.append(np.linalg.solve(rows, values), 1).reshape(3, 3))
    x0, y0, x1, y1 = crop.window.double().numpy()
    moved = np.array([[x0, y0, 1], [x1, y0, 1], [x1, y1, 1], [x0, y1, 1]]) @ back.T
    end = ((moved[:, :2] / moved[:, 2:] + 1) * 32).tolist()
    start = [[0, 0], [64, 0], [64, 64], [0, 64]]
    plain = tv.crop(image, round(top), round(left), 64, 64)
    expected = tv.perspective(plain, start, end, fill=0)
    there = ~(expected == 0).all(dim=1)[0]
    assert (there == ~black).float().mean() > 0.97
    assert (patch - expected)[0, :, there & ~black].abs().mean() < 0.02
    assert (patch - plain)[0, :, there & ~black].abs().mean() > 0.06


def mean_colour(x):
    """What `ColourEncoder` does, in float64."""
    mean = x.astype(np.float64).mean(axis=(1, 2))
    return mean / np.linalg.norm(mean)


def colour_of(prompt):
    vector = np.array(COLOURS[prompt or "photo"], np.float64)
    return vector / np.linalg.norm(vector)


def total_by_the_formulas(
    regions, pixels, owners, picture, content, settings, embed=mean_colour, text=colour_of
):
    """The loss of one step in float64 NumPy, from the pixels that the encoder was shown."""

    def thumbnail(x):
        size = pixels.shape[-2:]
        small_ = torch.nn.functional.interpolate(
            torch.from_numpy(x)[None].double(), size=size, mode="bilinear", antialias=True
        )
        return small_[0].numpy()

    def away(a, b):
        return 1 - a @ b / (np.linalg.norm(a) * np.linalg.norm(b))

    # The encoder is shown each region's source crops and the region as a whole, then each step.
    *shown, pixels = pixels
    whole, patches = pixels[: len(regions)], pixels[len(regions) :]
    original = photo()[0].double().numpy()
    if settings.source == "photo":
        sources = [embed(thumbnail(original))] * len(regions)
    else:
        sources = [
            np.mean([embed(x) for x in crops], axis=0) for crops in shown[: 2 * len(regions) : 2]
        ]
    total = 0.0
    for region, seen in zip(regions, whole, strict=True):
        change = embed(seen) - embed(thumbnail(original * region.mask))
        total += region.controls.global_weight * away(change, text(region.prompt) - text(None))
    patch = alignment = 0.0
    for owner, seen in zip(owners, patches, strict=True):
        region, embedding = regions[owner], embed(seen)
        loss = away(embedding - sources[owner], text(region.prompt) - text(None))
        patch += region.controls.weight * loss if loss > region.controls.threshold else 0.0
        alignment += region.controls.weight * away(embedding, text(region.prompt))
    total += settings.patch_weight * patch / len(patches)
    total += settings.alignment_weight * alignment / len(patches)
    total += settings.content_weight * content
    differences = (
        picture[:, :, 1:] - picture[:, :, :-1],
        picture[:, 1:] - picture[:, :-1],
        picture[:, 1:, 1:] - picture[:, :-1, :-1],
        picture[:, 1:, :-1] - picture[:, :-1, 1:],
    )
    return total + settings.tv_weight * sum(np.sqrt((d**2).sum()) for d in differences)


# The studio's first picture is nearly the photo: the direction of so small a change loses digits.
PRECISION = {"stylenet": 1e-5, "layers": 3e-5}


def watch(monkeypatch, encoder):
    """Keep what each step showed the encoder, drew, composed and measured as content."""
    kept = {"pixels": [], "crops": [], "picture": [], "content": [], "layers": []}

    def spied(owner, name, keep):
        original = getattr(owner, name)

        def spy(*arguments):
            result = original(*arguments)
            keep(arguments, result)
            return result

        monkeypatch.setattr(owner, name, spy)

    spied(encoder, "encode_image", lambda a, _: kept["pixels"].append(a[0].detach().numpy()))
    spied(run_module, "sample_crops", lambda _, crops: kept["crops"].append(crops))
    spied(
        objective,
        "total_variation",
        lambda a, _: kept["picture"].append(a[0][0].detach().double().numpy()),
    )
    spied(
        objective,
        "compose",
        lambda a, _: kept["layers"].append(a[1].detach().double().numpy()),
    )
    spied(objective, "content_loss", lambda _, value: kept["content"].append(value.item()))
    return kept


def regions_of(method, settings):
    regions = two_regions(OBJECT, "red", "red" if method == "clipstyler" else "blue", settings)
    assert len(regions) == (1 if method == "clipstyler" else 2)
    return regions


@pytest.mark.parametrize("method", METHODS)
def test_the_total_is_that_of_the_formulas(method, monkeypatch):
    settings, encoder = small(method), ColourEncoder()
    regions = regions_of(method, settings)
    kept = watch(monkeypatch, encoder)
    steps = list(stylize(photo(), regions, encoder, LocalContrast(), settings))
    sources = kept["pixels"][: -len(steps)]
    for step, pixels, crops, picture, content in zip(
        steps,
        kept["pixels"][-len(steps) :],
        kept["crops"],
        kept["picture"],
        kept["content"],
        strict=True,
    ):
        assert all(isinstance(crop, Crop) for crop in crops)
        owners = sorted(crop.area.index for crop in crops)
        shown = [*sources, pixels]
        expected = total_by_the_formulas(regions, shown, owners, picture, content, settings)
        assert step.losses["total"] == pytest.approx(expected, rel=PRECISION[settings.painter])


@pytest.fixture(scope="module")
def clip(request, tmp_path_factory):
    """The real architecture with random weights, in float32; the same in float64; its texts."""
    path = tmp_path_factory.mktemp("clip") / "weights.safetensors"
    save_file(random_tensors(shapes_of(request.param)), path)
    encoder = Clip.load(request.param, path)
    exact = plain_clip(request.param, path).double()
    path.unlink()

    @cache
    def text(prompt):
        sentences = [t.format(prompt or "a Photo") for t in encoder.templates]
        vector = encoder.encode_text(sentences).double().mean(dim=0)
        return (vector / vector.norm()).numpy()

    return encoder, exact, text


@pytest.fixture(scope="module")
def vgg(tmp_path_factory):
    """The real architecture with random weights, in float32, and the same in float64."""
    path = tmp_path_factory.mktemp("vgg") / "weights.safetensors"
    shapes = {n: s for n, s in shapes_of("vgg19").items() if n.startswith("features.")}
    save_file(random_tensors(shapes), path)
    network = Vgg19.load(path)
    return network, copy.deepcopy(network.network).double()


# The terms are the same functions whatever the encoder: with the second one, the one that has all.
@pytest.mark.parametrize(
    ("clip", "method"),
    [*(("clip-vit-b32", method) for method in METHODS), ("clip-rn50", "studio")],
    indirect=["clip"],
)
def test_the_total_is_that_of_the_formulas_with_the_real_networks(method, clip, vgg, monkeypatch):
    monkeypatch.setattr(targets_module, "SOURCE_CROPS", 3)
    (encoder, exact, text), (vgg, exact_vgg) = clip, vgg
    settings = replace(small(method), steps=1, crops=4)
    regions = regions_of(method, settings)

    @torch.no_grad()
    def embed(x):
        mean = torch.tensor([0.48145466, 0.4578275, 0.40821073]).view(3, 1, 1).double()
        deviation = torch.tensor([0.26862954, 0.26130258, 0.27577711]).view(3, 1, 1).double()
        vector = exact.encode_image(((torch.from_numpy(x).double() - mean) / deviation)[None])[0]
        return (vector / vector.norm()).numpy()

    assert len(encoder.templates) == 80
    kept = watch(monkeypatch, encoder)
    (step,) = stylize(photo(), regions, encoder, vgg, settings)
    mean = torch.tensor([0.485, 0.456, 0.406]).view(3, 1, 1).double()
    deviation = torch.tensor([0.229, 0.224, 0.225]).view(3, 1, 1).double()

    @torch.no_grad()
    def taps(x):
        x, found = ((torch.from_numpy(x) - mean) / deviation)[None], {}
        for number, layer in enumerate(exact_vgg):
            x = layer(x)
            found[number] = x.clone()
        return found[22], found[31]  # after the ReLUs of conv4_2 and conv5_2

    picture = kept["picture"][0]
    references = taps(photo()[0].double().numpy())
    # Of the picture as published, of each region's own layer where it is seen in the studio.
    whole = np.ones_like(OBJECT)
    seen = [(picture, whole)]
    if method == "studio":
        masks = [region.mask for region in regions]
        seen = list(zip(kept["layers"][0], masks, strict=True))
    content = 0.0
    for layer, mask in seen:
        for a, b in zip(taps(layer), references, strict=True):
            share = torch.from_numpy(mask)[None, None].double()
            share = torch.nn.functional.adaptive_avg_pool2d(share, a.shape[-2:])
            content += float((share * (a - b) ** 2).mean())
    assert kept["content"][0] == pytest.approx(content, rel=1e-5)
    owners = sorted(crop.area.index for crop in kept["crops"][0])
    expected = total_by_the_formulas(
        regions, kept["pixels"], owners, picture, content, settings, embed, text
    )
    assert step.losses["total"] == pytest.approx(expected, rel=PRECISION[settings.painter])


def test_one_stylenet_paints_the_whole_picture_where_published():
    settings = small("semcs")
    regions = two_regions(OBJECT, "red", "blue", settings)
    *_, last = stylize(photo(), regions, ColourEncoder(), LocalContrast(), settings)
    # Its sigmoid starts from anywhere, not from the photo.
    assert (last.image - photo()).abs().mean() > 0.05
