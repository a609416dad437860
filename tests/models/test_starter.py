"""Laws of what the starter sees: regions and crops of a picture, and its content."""

from itertools import pairwise, permutations
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F

from models.starter import Starter, StyleSketcher
from models.starter.network import EfficientNetLite
from semcs_core.crops import EVERYWHERE, Area, Crop, sample_corners
from semcs_core.image import fit, open_photo, to_tensor
from semcs_core.losses import content_loss
from semcs_core.painter import compose
from semcs_core.settings import RegionControls, Settings

EXAMPLES = Path(__file__).parents[2] / "examples"
CROP = 64
STYLES = ("mosaic", "fire", "snowy", "starry night", "sketch with black pencil", "forest")


@pytest.fixture(scope="module")
def starter():
    return Starter(EfficientNetLite.load())


def load(name):
    return to_tensor(fit(open_photo(EXAMPLES / name), 192).rgb)


@pytest.fixture(scope="module")
def photo():
    return load("coffee.jpg")


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def stripes(photo, *edges):
    """Masks [R, 1, H, W] of stripes between columns, given in parts of the width."""
    columns = torch.arange(photo.shape[-1]) / photo.shape[-1]
    masks = [(columns >= a) & (columns < b) for a, b in pairwise(edges)]
    return torch.stack(masks).float()[:, None, None].expand(-1, 1, *photo.shape[-2:])


def crops_of(masks, count=6):
    """As many crops for each region, in the regions' order."""
    settings = Settings(crop_size=CROP)
    return [
        Crop(Area(n, mask[None], RegionControls()), corners, EVERYWHERE)
        for n, mask in enumerate(masks)
        for corners in sample_corners(mask[None], count, settings, generator(n))
    ]


def see(starter, picture, masks, crops=()):
    return starter.see(picture, picture.expand(len(masks), -1, -1, -1), masks, crops, CROP)


def distance(a, b):
    return (a - b).norm(dim=-1)


@torch.no_grad()
def test_every_row_has_unit_length_and_says_something_of_its_own(starter, photo):
    masks = stripes(photo, 0, 0.3, 1)
    seen = see(starter, photo, masks, crops_of(masks))
    assert seen.regions.shape == (2, seen.crops.shape[1])
    assert len(seen.crops) == 12
    for rows in seen.regions, seen.crops:
        assert rows.dtype == torch.float32
        torch.testing.assert_close(rows.norm(dim=1), torch.ones(len(rows)))
        assert (torch.cdist(rows, rows) + torch.eye(len(rows))).min() > 0.01


@torch.no_grad()
def test_a_region_hardly_sees_what_is_far_outside_of_it(starter, photo):
    masks = stripes(photo, 0, 0.4, 0.7, 1)
    left, _, right = masks[:, None]
    noise = torch.rand(photo.shape, generator=generator())
    rows = [
        see(starter, compose(photo, noise, [where]), masks[:1]).regions[0]
        for where in (0 * left, right, left)
    ]
    assert distance(rows[1], rows[0]) < distance(rows[2], rows[0]) / 5


@torch.no_grad()
def test_what_is_seen_of_a_region_and_its_crops_is_the_same_in_any_order(starter, photo):
    masks = stripes(photo, 0, 0.2, 0.6, 1)
    crops = crops_of(masks, count=2)
    first = see(starter, photo, masks, crops)
    for order in permutations(range(3)):
        place = {old: new for new, old in enumerate(order)}
        mixed = [
            Crop(Area(place[c.area.index], c.area.mask, c.area.controls), c.corners, c.window)
            for c in crops[::-1]
        ]
        again = see(starter, photo, masks[list(order)], mixed)
        torch.testing.assert_close(again.regions, first.regions[list(order)], atol=1e-4, rtol=0)
        torch.testing.assert_close(again.crops, first.crops.flip(0), atol=1e-4, rtol=0)


@pytest.mark.parametrize("shape", ["nothing", "pixel", "line", "disc", "everything"])
@pytest.mark.parametrize("size", [(192, 128), (32, 640), (32, 32)])
def test_a_mask_of_any_size_gives_numbers_and_a_gradient(starter, shape, size):
    rows, columns = torch.meshgrid(*(torch.linspace(-1, 1, side) for side in size), indexing="ij")
    mask = {
        "nothing": torch.zeros(size),
        "pixel": F.pad(torch.ones(1, 1), (9, size[1] - 10, 9, size[0] - 10)),
        "line": (rows == rows[7, 0]).float(),
        "disc": (rows**2 + columns**2 < 0.3).float(),
        "everything": torch.ones(size),
    }[shape][None, None]
    picture = torch.rand(1, 3, *size, generator=generator()).requires_grad_()
    seen = see(starter, picture, mask, crops_of(mask, count=2))
    assert seen.regions.isfinite().all()
    assert seen.crops.isfinite().all()
    (seen.regions[:, :99].sum() + seen.crops[:, :99].sum()).backward()
    assert picture.grad.isfinite().all()
    if shape == "everything":
        assert (picture.grad.abs().amax(dim=1) > 0).float().mean() > 0.95
    elif shape != "nothing":
        assert picture.grad.abs().max() > 0


def test_of_each_layer_the_part_that_shows_learns(starter, photo):
    masks = stripes(photo, 0, 0.5, 1)
    layers = photo.repeat(2, 1, 1, 1).requires_grad_()
    picture = compose(photo, layers, [*masks[:, None]])
    seen = starter.see(picture, layers, masks, crops_of(masks), CROP)
    (seen.regions[:, :99].sum() + seen.crops[:, :99].sum()).backward()
    moved = layers.grad.abs().amax(dim=1, keepdim=True) > 0
    assert not moved[masks == 0].any()
    assert moved[masks == 1].float().mean() > 0.95


@torch.no_grad()
def test_two_styles_are_farther_apart_than_two_drawings_of_one(starter, photo):
    """In the region as a whole, and in its crops; or a run could not tell what it was asked for."""
    masks = stripes(photo, 0.2, 0.8)
    crops, sketcher = crops_of(masks, count=16), StyleSketcher()
    wholes, patches = [], []
    for prompt in STYLES:
        drawn = [sketcher.sketch(prompt, photo, masks, CROP, generator(n)) for n in (0, 1)]
        seen = [see(starter, picture, masks, crops) for picture in drawn]
        wholes.append(torch.cat([one.regions for one in seen]))
        patches.append(torch.stack([one.crops.mean(dim=0) for one in seen]))
    for rows in torch.stack(wholes), torch.stack(patches):
        one_style = distance(rows[:, 0], rows[:, 1])
        two_styles = torch.cdist(rows[:, 0], rows[:, 1])[~torch.eye(len(STYLES), dtype=torch.bool)]
        assert (one_style < two_styles.view(len(STYLES), -1).amin(dim=1)).all()
        assert one_style.mean() < two_styles.mean() / 1.5


@torch.no_grad()
def test_content_is_what_stays_when_light_and_colours_change(starter, photo):
    def content(picture):
        return see(starter, picture, torch.ones_like(picture[:, :1])).maps

    other = F.interpolate(load("chelsea.jpg"), size=photo.shape[-2:], mode="bilinear")
    there = content(photo)
    changed = {
        "darker": 0.3 * photo,
        "paler": 0.7 + 0.3 * photo,
        "recoloured": photo[:, [2, 0, 1]],
        "grey": photo.mean(dim=1, keepdim=True).expand_as(photo),
    }
    another = content_loss(content(other), there)
    for name, picture in changed.items():
        assert content_loss(content(picture), there) < another / 6, name
    assert content_loss(content(photo), there) == 0
