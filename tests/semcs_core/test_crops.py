import pytest
import torch
import torch.nn.functional as F

from semcs_core.crops import allot, cut, reduced, sample_corners
from semcs_core.settings import Settings

SQUARE = torch.tensor([[-1.0, -1], [1, -1], [1, 1], [-1, 1]])


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def test_an_axis_parallel_crop_is_a_slice():
    image = torch.rand(1, 3, 40, 60, generator=generator())
    top, left, size = 8, 20, 16
    extent = torch.tensor([60.0, 40.0])
    origin = torch.tensor([left, top], dtype=torch.float32)
    corners = (origin + (SQUARE + 1) / 2 * size) / extent * 2 - 1
    patch = cut(image, corners[None], size)
    expected = image[..., top : top + size, left : left + size]
    torch.testing.assert_close(patch, expected, atol=1e-5, rtol=0)


@pytest.mark.parametrize(("crop_size", "patch"), [(48, 16), (128, 16)])
def test_a_crop_of_many_pixels_is_seen_with_all_of_them(crop_size, patch):
    # Noise is where looking at a few pixels and looking at all of them differ most.
    image = torch.rand(1, 3, 128, 128, generator=generator())
    share = crop_size / 128
    seen = reduced(image, crop_size, patch)
    ours = cut(seen, (SQUARE * share)[None], patch)
    edge = (128 - crop_size) // 2
    crop = image[..., edge : edge + crop_size, edge : edge + crop_size]
    whole = F.interpolate(crop, size=(patch, patch), mode="bilinear", antialias=True)
    plain = cut(image, (SQUARE * share)[None], patch)
    inner = (..., slice(2, -2), slice(2, -2))
    off = (ours - whole)[inner].std()
    assert off < 0.4 * (plain - whole)[inner].std()


def test_a_crop_of_no_more_pixels_than_are_seen_is_left_alone():
    image = torch.rand(1, 3, 64, 64, generator=generator())
    assert reduced(image, 127, 64) is image
    assert reduced(image, 128, 224) is image
    assert reduced(image, 128, 64).shape == (1, 3, 32, 32)


def test_centres_lie_in_the_region():
    mask = torch.zeros(1, 1, 100, 200)
    mask[..., 60:70, 150:160] = 1
    corners = sample_corners(mask, 200, Settings(crop_size=20, distortion=0), generator())
    centre = (corners.mean(dim=1) + 1) / 2 * torch.tensor([200, 100])
    assert (centre >= torch.tensor([149, 59])).all()
    assert (centre <= torch.tensor([161, 71])).all()


@pytest.mark.parametrize("shape", [(32, 640), (16, 16)])
def test_a_region_of_any_size_gets_its_crops(shape):
    """The published loop draws until it has hit the region, which may be never."""
    mask = torch.zeros(1, 1, *shape)
    mask[..., -1, -1] = 1
    corners = sample_corners(mask, 7, Settings(crop_size=128), generator())
    assert corners.shape == (7, 4, 2)
    assert corners.isfinite().all()
    assert (corners.amax(dim=1) - corners.amin(dim=1) <= 2 + 1e-6).all()  # at most the picture


def test_crops_are_shared_out_by_the_root_of_the_area():
    assert allot(30, [0.8, 0.2]) == [20, 10]
    assert allot(30, [1.0]) == [30]
    assert allot(2, [0.999, 0.001]) == [2, 1]


def test_the_edge_is_looked_at_as_often_as_the_middle():
    corners = sample_corners(torch.ones(1, 1, 100, 100), 4000, Settings(crop_size=30), generator())
    low, high = corners.amin(dim=1)[:, 0], corners.amax(dim=1)[:, 0]
    seen = [((low < x) & (high > x)).float().mean().item() for x in (-0.98, 0.0, 0.98)]
    assert seen[0] > 0.45 * seen[1]
    assert seen[2] > 0.45 * seen[1]


def test_over_the_edge_the_picture_is_mirrored():
    image = torch.rand(1, 3, 20, 20, generator=generator())
    left = SQUARE + torch.tensor([-1.0, 0.0])  # half of it outside
    patch = cut(image, left[None], 20)
    torch.testing.assert_close(patch[..., :10], patch[..., 10:].flip(-1), atol=1e-5, rtol=0)
