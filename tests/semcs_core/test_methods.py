"""The published methods: their constants and their crops."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torchvision.transforms.v2 import functional as tv

from semcs_core.crops import Area, cut, sample_crops
from semcs_core.errors import UserError
from semcs_core.image import with_contrast
from semcs_core.methods import METHODS, two_regions
from semcs_core.settings import Settings
from semcs_core.step import learning_rate
from studio.flat_settings import changed

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
        ("semcs", 400, 600, (0.3, 1), (500, 500), 0.2, 0.2),
    ],
)
def test_published_constants(method, steps, content, weights, globals_, share, band):
    s = METHODS[method]
    inside, outside = s.controls_of(0), s.controls_of(1)
    assert (s.size, s.size_means) == (512, "square")
    assert (s.crops, s.crop_size, s.steps) == (64, 128, steps)
    assert (s.patch_weight, s.content_weight, s.tv_weight) == (9000, content, 2e-3)
    assert (inside.threshold, outside.threshold) == (0.7, 0.7)
    assert (inside.weight, outside.weight) == weights
    assert (inside.global_weight, outside.global_weight) == globals_
    assert (inside.share, outside.share, s.distortion) == (share, 1, 0.5)
    assert (inside.band, outside.band) == (band, band)
    assert (s.contrast, s.learning_rate, s.alignment_weight) == (1.5, 5e-4, 0)


def test_the_slides_of_sem_cs_have_the_global_losses_alone():
    code, slides = METHODS["semcs"], METHODS["semcs-paper"]
    assert slides == replace(code, patch_weight=0.0, source="slides")


@pytest.mark.parametrize("method", ["semcs", "semcs-paper"])
def test_one_text_of_sem_cs_drives_two_regions(method):
    both = two_regions(OBJECT, "pop art", "pop art", METHODS[method])
    assert [region.name for region in both] == ["foreground", "background"]
    assert [region.prompt for region in both] == ["pop art", "pop art"]
    assert np.array_equal(both[0].mask + both[1].mask, np.ones_like(OBJECT))
    with pytest.raises(UserError, match=r"brush\.$"):
        two_regions(np.zeros_like(OBJECT), "pop art", "pop art", METHODS[method])
    (whole,) = two_regions(OBJECT, "pop art", "pop art", METHODS["clipstyler"])
    assert whole.name == "picture"


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
        band = OBJECT[bottom - round(0.2 * 32) : bottom, left:right]
        assert crop.area.index == (0 if band.any() else 1)


def test_each_region_has_a_band_of_its_own():
    middle = np.zeros((64, 96), np.float32)
    middle[31:33] = 1
    settings = replace(small("clipstyler"), crops=100)
    assert all(crop.area.index == 0 for crop in draw(middle, settings))
    narrow = draw(middle, changed(settings, {"foreground_band": 0.2}))
    assert 0 < sum(crop.area.index == 0 for crop in narrow) < 50


def published_crops(mask, settings, generator):
    """Corners and owners as the published loop draws them, one by one, until all are there."""
    side, count = settings.crop_size, settings.crops
    cap, band = settings.controls_of(0).share * count, settings.controls_of(0).band
    crops, portraits = [], 0
    while len(crops) < count:
        top = int(generator.integers(mask.shape[0] - side + 1))
        left = int(generator.integers(mask.shape[1] - side + 1))
        lowest = mask[top + side - round(band * side) : top + side, left : left + side]
        if lowest.any():
            if portraits >= cap:
                continue
            portraits += 1
        crops.append((top, left, 0 if lowest.any() else 1))
    return np.array(crops)


def test_crops_are_drawn_as_the_published_loop_draws_them():
    settings = changed(small("generative-artisan"), {"foreground_share": 0.3, "crop_size": 24})
    sizes = torch.tensor([96, 64])
    ours, theirs = [], []
    for seed in range(150):
        for crop in draw(OBJECT, settings, seed):
            left, top = ((crop.window[:2] + 1) / 2 * sizes).round().tolist()
            ours.append((top, left, crop.area.index))
        theirs.extend(published_crops(OBJECT, settings, np.random.default_rng(seed)))
    ours, theirs = np.array(ours), np.array(theirs)
    assert len(ours) == len(theirs) == 1500
    assert abs(ours[:, 2].mean() - theirs[:, 2].mean()) < 0.02
    for owner in (0, 1):
        places = [crops[crops[:, 2] == owner, :2].mean(axis=0) for crops in (ours, theirs)]
        assert np.abs(places[0] - places[1]).max() < 4


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


def test_a_picture_is_a_style_by_itself_and_beside_words():
    one = np.zeros((20, 30, 3), np.uint8)
    (alone,) = two_regions(OBJECT, "", "", pictures=(one, None))
    assert (alone.name, alone.prompt, alone.picture is one) == ("foreground", "", True)
    assert len(two_regions(OBJECT, "fire", "fire", pictures=(one, one + 1))) == 2
    assert len(two_regions(0 * OBJECT, "fire", "fire", pictures=(one, one.copy()))) == 1
    with pytest.raises(UserError, match="The mask is empty"):
        two_regions(0 * OBJECT, "", "fire", pictures=(one, None))
