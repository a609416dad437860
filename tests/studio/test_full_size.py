"""A run's picture at the photo's own size."""

from dataclasses import replace

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from PIL import Image

from models.loading import load_models
from semcs_core.image import Photo, fit, to_tensor, to_uint8
from semcs_core.methods import two_regions
from semcs_core.run import Run
from semcs_core.settings import Settings
from semcs_core.stylenet import StyleNet, initialise
from studio.flat_settings import changed
from studio.full_size import REACH, finer, render_full_size, with_statistics
from studio.tiles import Tile, resampled, tiles
from tests.helpers.colour_encoder import ColourEncoder, ColourSketcher, LocalContrast
from tests.helpers.pictures import likeness

SETTINGS = Settings(size=64, steps=4, crops=4, crop_size=24)
WIDTH, HEIGHT = 333, 251  # multiples of nothing
KINDS = pytest.mark.parametrize(
    ("painter", "sketch"), [("layers", 0), ("layers", 0.85), ("stylenet", 0)]
)


@pytest.fixture(scope="module")
def photo():
    """Shapes that the working size shows, and grain that only the photo has."""
    rows, columns = np.mgrid[:HEIGHT, :WIDTH]
    disc = np.hypot(columns - 200, rows - 120) < 60
    rgb = np.stack([np.where(disc, 70, 120 + columns / 5), 190 - rows / 3, 90 + 0 * rows], axis=2)
    grain = 24.0 * ((rows // 2 + columns // 2) % 2)
    return (rgb + grain[..., None]).astype(np.uint8)


def start(rgb, foreground="red", background="blue", **changes):
    settings = changed(SETTINGS, changes)
    small = fit(Photo(rgb), settings.size).rgb
    mask = np.zeros(small.shape[:2], np.float32)
    mask[10:32, 26:50] = 1
    regions = two_regions(mask, foreground, background, settings)
    parts = ColourEncoder(), LocalContrast(), settings, ColourSketcher()
    run = Run(to_tensor(small), regions, *parts)
    while not run.finished:
        run.advance()
    return run


def picture_of(run, rgb, **options):
    *_, last = render_full_size(run, rgb, **options)
    return last.picture


def grain_of(picture):
    """What a picture has that is finer than a pixel of the working size."""
    small = Image.fromarray(picture).resize((64, 48), Image.Resampling.BOX)
    smooth = small.resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC)
    return (picture.astype(float) - np.asarray(smooth, float))[20:-20, 20:-20].std()


def network():
    net = StyleNet()
    initialise(net, torch.Generator().manual_seed(0))
    return net


@torch.no_grad()
def test_a_network_with_kept_statistics_is_local():
    generator = torch.Generator().manual_seed(2)
    small = torch.rand(1, 3, 48, 64, generator=generator)
    large = torch.rand(1, 3, 296, 360, generator=generator)
    net = network()
    local = with_statistics(net, small)
    torch.testing.assert_close(local(small), net(small), atol=1e-4, rtol=0)
    assert (net(large) - local(large)).abs().max() > 0.01

    whole = local(large)
    for tile in tiles((296, 360), 104):
        outer = tile.grown(REACH, (296, 360))
        part = local(large[(..., *outer.area)])[(..., *tile.within(outer))]
        torch.testing.assert_close(part, whole[(..., *tile.area)], atol=1e-5, rtol=0)


def test_tiles_of_a_resampled_picture_are_those_of_the_whole():
    image = torch.rand(2, 3, 48, 64, generator=torch.Generator().manual_seed(3))
    for size in (251, 333), (48, 64), (31, 40):
        whole = resampled(image, size, Tile(0, 0, *size))
        for tile in tiles(size, 24):
            part = resampled(image, size, tile)
            torch.testing.assert_close(part, whole[(..., *tile.area)], atol=1e-6, rtol=0)
    torch.testing.assert_close(resampled(image, (48, 64), Tile(0, 0, 48, 64)), image)
    # As Pillow has it, whose bicubic filter is the same.
    grey = Image.fromarray(image[0, 0].numpy())
    for width, height in (333, 251), (40, 31):
        ours = resampled(image[0, :1], (height, width), Tile(0, 0, height, width))
        theirs = np.array(grey.resize((width, height), Image.Resampling.BICUBIC))
        torch.testing.assert_close(ours[0], torch.from_numpy(theirs), atol=1e-5, rtol=0)


@KINDS
def test_the_picture_has_the_photos_size_and_looks_like_the_preview(photo, painter, sketch):
    run = start(photo, painter=painter, sketch=sketch, contrast=1.2)
    preview = to_uint8(run.look().image)
    picture = picture_of(run, photo)
    assert (picture.shape, picture.dtype) == (photo.shape, np.uint8)
    assert likeness(picture, preview) > 31
    enlarged = np.asarray(
        Image.fromarray(preview).resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC)
    )
    assert grain_of(picture) > 3 * grain_of(enlarged)

    # Borders of tiles are nowhere: not in another place either. Convolutions of other sizes round
    # differently, and a steep network makes more of it in a few pixels.
    for side in 104, 64:
        off = np.abs(picture_of(run, photo, side=side).astype(int) - picture)
        assert off.max() <= 2
        assert off.mean() < 0.01

    # It takes the look of another preview as well, such as that of a run that was stopped.
    lighter = (preview * 0.8 + 40).astype(np.uint8)
    assert likeness(picture_of(run, photo, preview=lighter), lighter) > 31


def test_the_starters_styles_are_drawn_again(photo):
    models = load_models("starter")
    settings = replace(SETTINGS, size=128, crop_size=96, steps=1)
    small = fit(Photo(photo), 128).rgb
    mask = np.zeros(small.shape[:2], np.float32)
    mask[:, 64:] = 1
    regions = two_regions(mask, "mosaic", "fire", settings)
    parts = models.encoder, models.perceptual, settings, models.sketcher
    run = Run(to_tensor(small), regions, *parts)
    run.advance()
    before = run.picture()
    picture = picture_of(run, photo)
    assert likeness(picture, to_uint8(before)) > 30
    torch.testing.assert_close(run.picture(), before, atol=0, rtol=0)
    large = to_tensor(fit(Photo(photo), 256).rgb)
    for target in run.targets:
        error = F.avg_pool2d(run.builder.redraw(target.region, large, 2), 2) - target.sketch
        # Two drawings that have nothing to do with each other would have 2.
        assert error.square().mean() < 0.5 * target.sketch.var()


def test_marks_that_come_out_elsewhere_are_not_seen_double():
    generator = torch.Generator().manual_seed(4)
    fine = F.interpolate(torch.rand(1, 3, 60, 80, generator=generator), size=(144, 192))
    sketch = F.avg_pool2d(fine, 3)
    torch.testing.assert_close(finer(sketch, fine.clone(), 3), fine, atol=1e-4, rtol=0)
    elsewhere = fine.roll((30, 40), dims=(2, 3))
    smooth = F.interpolate(sketch, scale_factor=3, mode="bicubic")
    off = (finer(sketch, elsewhere.clone(), 3) - smooth).std()
    assert off < 0.2 * (elsewhere - smooth).std()


@pytest.mark.parametrize("size", [(40, 30), (64, 48), (65, 40)])
def test_a_photo_that_is_no_larger_gets_the_preview(photo, size):
    small = np.asarray(Image.fromarray(photo).resize(size))
    run = start(small)
    preview = run.picture()
    parts = list(render_full_size(run, small))
    assert parts[-1].picture.shape == small.shape
    assert len(parts) == 1
    expected = Image.fromarray(to_uint8(preview)).resize(size, Image.Resampling.LANCZOS)
    np.testing.assert_array_equal(parts[-1].picture, np.asarray(expected))


def test_a_run_goes_on_as_if_nothing_had_been_rendered(photo):
    runs = [start(photo), start(photo)]
    for run in runs:
        mask = np.ascontiguousarray(run.regions[0].mask[:, ::-1])
        run.extend(2)
        run.steer(two_regions(mask, "green", "blue", run.settings))
        run.advance()
    picture = picture_of(runs[0], photo)
    assert likeness(picture, to_uint8(runs[0].picture())) > 30
    half = render_full_size(runs[0], photo, side=64)
    next(half)
    assert torch.is_grad_enabled()
    half.close()
    assert torch.is_grad_enabled()
    for run in runs:
        run.advance()
    last = [run.look() for run in runs]
    assert last[0].losses == last[1].losses
    assert torch.equal(last[0].image, last[1].image)
