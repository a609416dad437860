import numpy as np
import pytest

from semcs_core.mask import ObjectMask, find_object
from studio.check import intersection_over_union

BLUE, RED = (60, 90, 150), (220, 60, 40)
BLACK, WHITE = (0, 0, 0), (255, 255, 255)


def disc(height, width, centre, radius, background=BLUE, colour=RED):
    """A picture of one disc, and where the disc is."""
    y, x = np.mgrid[:height, :width]
    inside = (y - centre[0]) ** 2 + (x - centre[1]) ** 2 < radius**2
    rgb = np.full((height, width, 3), background, np.uint8)
    rgb[inside] = colour
    return rgb, inside


def textured(size=(240, 320), seed=0):
    """A disc on a gradient, both with grain: what an easy photo looks like."""
    _, inside = disc(*size, (size[0] * 0.45, size[1] * 0.55), size[0] * 0.28)
    x = np.linspace(0, 60, size[1])[None, :, None]
    rgb = np.where(inside[..., None], RED, np.array(BLUE) + x)
    grain = np.random.default_rng(seed).normal(0, 6, rgb.shape)
    return np.clip(rgb + grain, 0, 255).astype(np.uint8), inside


def overlap(found: ObjectMask, inside: np.ndarray) -> float:
    return intersection_over_union(found.mask, np.where(inside, 255, 0))


def check(found: ObjectMask, height: int, width: int) -> None:
    assert found.mask.shape == (height, width)
    assert found.mask.dtype == np.float32
    assert found.eigenvectors.dtype == np.float32
    assert found.eigenvectors.ndim == 3
    assert len(found.eigenvectors) == len(found.eigenvalues)
    assert np.isfinite(found.mask).all()
    assert np.isfinite(found.eigenvectors).all()
    assert found.mask.min() >= 0
    assert found.mask.max() <= 1
    assert 0 <= found.confidence <= 1


@pytest.mark.parametrize(("background", "colour"), [(RED, BLUE), (BLACK, WHITE), (WHITE, BLACK)])
def test_one_is_the_object_whatever_the_colours(background, colour):
    rgb, inside = disc(200, 260, (95, 140), 50, background, colour)
    found = find_object(rgb)
    check(found, 200, 260)
    assert found.mask[95, 140] > 0.9
    assert found.mask[[0, 0, -1, -1], [0, -1, 0, -1]].max() < 0.1
    assert overlap(found, inside) > 0.97


@pytest.mark.parametrize("radius", [30, 105])
def test_one_is_the_object_whether_it_is_the_smaller_part_or_the_larger(radius):
    # Sides chosen by size alone, as in the published code, fail one of the two.
    rgb, inside = disc(230, 230, (115, 115), radius)
    assert overlap(find_object(rgb), inside) > 0.97


def test_an_object_of_one_percent():
    # On a gradient, which the first eigenvectors would rather see than the disc.
    _, inside = disc(300, 400, (80, 300), 20)
    y, x = np.mgrid[:300, :400][..., None]
    background = np.array(BLUE) + 0.2 * x + y % 7
    rgb = np.where(inside[..., None], RED, background).astype(np.uint8)
    assert 0.009 < inside.mean() < 0.011
    assert overlap(find_object(rgb), inside) > 0.97


def test_the_eigenvectors_are_a_constant_and_then_the_object():
    rgb, inside = disc(230, 250, (115, 125), 40)
    found = find_object(rgb)
    check(found, 230, 250)
    assert len(found.eigenvectors) == 16
    assert np.ptp(found.eigenvectors[0]) == 0
    assert found.eigenvalues[0] == 0
    assert (np.diff(found.eigenvalues) >= 0).all()
    gh, gw = found.eigenvectors.shape[1:]
    rows = ((np.arange(gh) + 0.5) * 230 / gh).astype(int)
    columns = ((np.arange(gw) + 0.5) * 250 / gw).astype(int)
    on_object = inside[rows[:, None], columns]
    fiedler = found.eigenvectors[1]
    assert fiedler[on_object].mean() > fiedler[~on_object].mean()


def test_the_same_picture_gives_the_same_bits_and_is_not_changed():
    rgb, _ = textured()
    alpha = np.ones(rgb.shape[:2], np.float32)
    before = rgb.copy()
    first, second = find_object(rgb, alpha), find_object(rgb, alpha)
    np.testing.assert_array_equal(rgb, before)
    np.testing.assert_array_equal(alpha, 1)
    np.testing.assert_array_equal(first.mask, second.mask)
    np.testing.assert_array_equal(first.eigenvectors, second.eigenvectors)
    assert first.confidence == second.confidence


def test_a_picture_of_one_colour_has_no_object():
    for size in (90, 120), (1, 1), (3, 50):
        found = find_object(np.full((*size, 3), 77, np.uint8))
        check(found, *size)
        assert found.confidence == 0
        assert found.mask.max() == 0
        assert found.message.startswith("No object found")


@pytest.mark.parametrize("grain", [1, 4])
def test_noise_is_not_trusted(grain):
    noise = np.random.default_rng(0).integers(0, 256, (256 // grain, 256 // grain, 3))
    found = find_object(noise.astype(np.uint8).repeat(grain, 0).repeat(grain, 1))
    check(found, 256, 256)
    assert found.confidence < 0.1
    assert found.message


@pytest.mark.parametrize(("rows", "columns"), [((24, 24), (32, 32)), ((34, 34), (0, 0))])
def test_a_frame_is_background_and_does_not_hide_the_object(rows, columns):
    rgb, inside = textured()
    framed = np.pad(rgb, (rows, columns, (0, 0)), constant_values=255)
    found = find_object(framed)
    check(found, *framed.shape[:2])
    assert overlap(found, np.pad(inside, (rows, columns))) > 0.97
    frame = np.pad(np.zeros(inside.shape, bool), (rows, columns), constant_values=True)
    assert found.mask[frame].max() == 0
    # The grid is that of the whole picture: its cells are as square as the picture's pixels.
    gh, gw = found.eigenvectors.shape[1:]
    assert framed.shape[0] / gh == pytest.approx(framed.shape[1] / gw, rel=0.1)


def test_a_plain_square_on_a_plain_ground_is_not_taken_for_a_framed_photo():
    rgb = np.full((200, 200, 3), 255, np.uint8)
    rgb[20:180, 20:180] = RED
    found = find_object(rgb)
    assert overlap(found, (rgb == RED).all(-1)) > 0.97
    # Also what is not object is clearly so: no veil of half-object over the ground.
    assert found.mask[:10].max() < 0.1


@pytest.mark.parametrize("size", [(40, 2000), (2000, 40)])
def test_a_very_long_picture(size):
    rgb, inside = disc(*size, (size[0] // 2, size[1] // 2), 16)
    found = find_object(rgb)
    check(found, *size)
    assert overlap(found, inside) > 0.95


def test_transparency_is_the_mask():
    rgb, _ = textured()
    _, inside = disc(240, 320, (60, 60), 40)
    alpha = np.where(inside, 1, 0.25).astype(np.float32)
    found = find_object(rgb, alpha)
    check(found, 240, 320)
    np.testing.assert_array_equal(found.mask, alpha)
    assert found.confidence == 1
    assert found.mask is not alpha


@pytest.mark.parametrize("value", [0.0, 0.9])
def test_transparency_that_is_the_same_everywhere_says_nothing(value):
    rgb, inside = textured()
    alpha = np.full(rgb.shape[:2], value, np.float32)
    alpha[0, 0] = 1 - value
    assert overlap(find_object(rgb, alpha), inside) > 0.97
