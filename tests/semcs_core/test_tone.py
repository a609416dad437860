"""Large light and colours: the sketch's colours in the photo's light."""

from pathlib import Path

import pytest
import torch

from semcs_core.image import fit, luminance, open_photo, to_tensor
from semcs_core.losses import CLIPPED, COLOUR, LIGHT, border_loss, tone_loss
from semcs_core.tone import CELL, SHADE_LIMITS, recoloured, tone, wanted_tone
from tests.helpers.colour_encoder import ColourSketcher
from tests.helpers.small_runs import finish, next_step, start

EXAMPLES = Path(__file__).parents[2] / "examples"
EVERYWHERE = torch.ones(1, 1, 64, 96)


@pytest.fixture(scope="module")
def photo():
    return to_tensor(fit(open_photo(EXAMPLES / "coffee.jpg"), 96).rgb)


def noise(seed, low=0.0, high=1.0, size=(64, 96)):
    return low + (high - low) * torch.rand(
        1, 3, *size, generator=torch.Generator().manual_seed(seed)
    )


def flat(*colour, size=(64, 96)):
    return torch.tensor(colour).view(1, 3, 1, 1).expand(1, 3, *size)


def moments(image, mask=None):
    colours = (image if mask is None else image[..., mask[0, 0] > 0]).flatten(2)[0]
    return colours.mean(dim=1), torch.cov(colours, correction=0)


@pytest.mark.parametrize("light", [0.4, 1.0])
@pytest.mark.parametrize("turn", [1, -1], ids=["drawing", "negative"])
def test_a_face_keeps_its_light_side_and_a_negative_its_dark_side(photo, light, turn):
    sketch = (turn * (photo - 0.5) + noise(0, -0.2, 0.2) + 0.5).clamp(0, 1)
    wanted = wanted_tone(photo, sketch, EVERYWHERE, light)
    shade, there = luminance(wanted).flatten(), luminance(tone(photo)).flatten()
    low, high = SHADE_LIMITS
    assert shade.min() > low - 1e-4
    assert shade.max() < high + 1e-4
    free = (shade > low + 1e-3) & (shade < high - 1e-3)
    assert free.float().mean() > 0.5
    in_order = turn * shade[there.argsort()]
    assert (in_order.diff() > -1e-5).all()
    slope = torch.cov(torch.stack([there[free], shade[free]]))
    assert slope[0, 1] / slope[0, 0] == pytest.approx(turn * light, rel=1e-3)


def test_colours_and_mean_light_are_the_sketch_s_in_its_own_part(photo):
    left = EVERYWHERE.clone()
    left[..., 48:] = 0
    sketch = torch.where(left > 0, flat(0.5, 0.3, 0.2), flat(1.0, 1.0, 1.0))
    wanted = wanted_tone(0.3 + 0.4 * photo, sketch, left, 0.5)
    inside = tone(left)[0, 0] == 1
    there, asked = (x - luminance(x) for x in (wanted, tone(sketch)))
    torch.testing.assert_close(there[..., inside], asked[..., inside])
    mean = luminance(wanted)[..., inside].mean()
    assert mean == pytest.approx(
        luminance(flat(0.5, 0.3, 0.2)).mean().item(), abs=0.04
    )  # 0.67 of all


def test_a_recoloured_photo_has_the_style_s_mean_colour_and_its_spread(photo):
    # Of few enough colours that none of those asked for lies outside of the picture's range.
    style = noise(1, 0.4, 0.5, (30, 50)) + 0.15 * noise(2, size=(30, 50))[:, [0, 0, 1]]
    mask = EVERYWHERE.clone()
    mask[..., 60:] = 0
    for image in photo, noise(3):
        moved = recoloured(image, mask, style)
        mean, covariance = moments(moved, mask)
        wanted_mean, wanted = moments(style)
        torch.testing.assert_close(mean, wanted_mean, atol=0.01, rtol=0)
        torch.testing.assert_close(covariance, wanted, atol=0.1 * wanted.max().item(), rtol=0)
        changed = luminance(moved).flatten(), luminance(image).flatten()
        assert torch.corrcoef(torch.stack(changed))[0, 1] > 0.7  # the photo is still there
    torch.testing.assert_close(recoloured(photo, EVERYWHERE, photo), photo, atol=1e-3, rtol=0)


def test_one_colour_is_no_problem_neither_as_a_style_nor_as_a_photo(photo):
    green = flat(0.1, 0.7, 0.2)
    assert (recoloured(photo, EVERYWHERE, green) - green).abs().mean() < 0.02
    for image, mask in ((green, EVERYWHERE), (photo, 0 * EVERYWHERE)):
        moved = recoloured(image, mask, noise(0))
        assert moved.isfinite().all()
        assert 0 <= moved.min() <= moved.max() <= 1


def test_the_tone_loss_counts_light_colour_speckle_and_burnt_pixels():
    grey, everywhere = flat(0.5, 0.5, 0.5), torch.ones(1, 1, 8, 12)
    wanted = tone(grey)
    assert tone_loss(grey, wanted, everywhere) == 0
    assert tone_loss(grey + 0.1, wanted, everywhere) == pytest.approx(LIGHT * 0.01, rel=1e-3)
    assert tone_loss(grey + 0.1, wanted, everywhere / 2) == pytest.approx(LIGHT / 400, rel=1e-3)
    colour = flat(0.1, 0.0, 0.0)
    colour = colour - luminance(colour)
    expected = COLOUR * colour.square().mean().item()
    assert tone_loss(grey + colour, wanted, everywhere) == pytest.approx(expected, rel=1e-3)
    white = flat(1.0, 1.0, 1.0)
    assert tone_loss(white, tone(white), everywhere) == pytest.approx(CLIPPED * 0.07, rel=1e-3)
    pixels = torch.arange(64)[:, None] + torch.arange(96)
    checks = torch.where(pixels % 2 == 0, 0.1, -0.1)
    light, hue = (
        tone_loss(grey + checks * share, tone(grey + checks * share), everywhere)
        for share in (1, colour / 0.1)
    )
    assert light < 1e-6 < 1e-3 < hue  # light may change from pixel to pixel, colour may not


@pytest.mark.parametrize(
    ("column", "held"), [(47 - 2 * CELL, False), (46, True), (49, False)], ids=str
)
def test_a_layer_is_held_to_its_start_where_it_shows_beside_another(column, held):
    left = EVERYWHERE.clone()
    left[..., 48:] = 0
    starts = noise(0).repeat(2, 1, 1, 1)
    layers = starts.clone()
    layers[0, :, :, column] += 0.1
    loss = border_loss(layers, starts, torch.cat([left, 1 - left]))
    assert (loss > 0) == held
    assert border_loss(layers[:1], starts[:1], EVERYWHERE) == 0  # the only region has no border


def test_a_run_goes_to_the_large_colours_of_its_sketch_and_without_one_does_not_ask():
    nothing_else = {"patch_weight": 0.0, "alignment_weight": 0.0, "content_weight": 0.0}
    alone = nothing_else | {"foreground_global": 0.0, "background_global": 0.0, "tv_weight": 0.0}
    run = start("red", "green", ColourSketcher(), **alone)
    run.extend(20)

    def missed(image):
        away = [(tone(image) - t.tone)[..., tone(t.area.mask)[0, 0] == 1] for t in run.targets]
        return [part.abs().mean() for part in away]

    before = missed(run.picture())
    assert all(b < a / 2 for a, b in zip(before, missed(finish(run).image), strict=True))
    assert run.last.losses["tone"] > 0
    for other in start("red", "green"), start("red", "green", ColourSketcher(), tone_weight=0.0):
        assert "tone" not in next_step(other).losses
