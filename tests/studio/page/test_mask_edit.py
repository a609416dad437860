"""Laws of the changes of a mask by hand."""

import numpy as np
import pytest

from semcs_core.errors import UserError
from studio.page.mask_edit import feather, grow, invert, shrink

ROWS, COLUMNS = np.mgrid[:256, :256] - 127.5


def disc(radius: float, softness: float = 1.0) -> np.ndarray:
    """A disc in the middle of 256 x 256 whose edge passes from 1 to 0 over 2 * softness."""
    distance = radius - np.hypot(ROWS, COLUMNS)
    return (0.5 + distance / (2 * softness)).clip(0, 1).astype(np.float32)


def half_plane(angle: float, softness: float = 4.0) -> np.ndarray:
    """Object on one side of a straight edge through the middle, at an angle in degrees."""
    across = ROWS * np.sin(np.radians(angle)) + COLUMNS * np.cos(np.radians(angle))
    return (0.5 - across / (2 * softness)).clip(0, 1).astype(np.float32)


def radius_of(mask: np.ndarray) -> float:
    return float(np.sqrt((mask > 0.5).sum() / np.pi))


def noise() -> np.ndarray:
    return np.random.default_rng(0).random((40, 60)).astype(np.float32)


@pytest.mark.parametrize("pixels", [1, 2, 3, 5, 8, 13, 21, 34, 40])
def test_the_outline_of_a_disc_moves_by_the_pixels_asked_for(pixels):
    assert radius_of(grow(disc(60), pixels)) == pytest.approx(60 + pixels, abs=0.6)
    assert radius_of(shrink(disc(60), pixels)) == pytest.approx(60 - pixels, abs=0.6)


@pytest.mark.parametrize("angle", range(0, 360, 15))
@pytest.mark.parametrize("pixels", [1, 2, 7, 30])
def test_a_soft_edge_moves_as_it_is_in_every_direction(angle, pixels):
    inner = (slice(60, -60), slice(60, -60))  # nothing comes in from outside the picture
    ramp = 8.0
    moved = grow(half_plane(angle), pixels) - half_plane(angle)
    across = ROWS * np.sin(np.radians(angle)) + COLUMNS * np.cos(np.radians(angle))
    expected = (0.5 - (across - pixels) / ramp).clip(0, 1) - half_plane(angle)
    assert np.abs(moved - expected)[inner].max() <= 0.5 / ramp


def test_growing_then_shrinking_a_disc_returns_it_nearly():
    for pixels in (1, 4, 16, 40):
        again = shrink(grow(disc(50, softness=3), pixels), pixels)
        assert np.abs(again - disc(50, softness=3)).mean() < 1e-3
        assert ((again > 0.5) != (disc(50) > 0.5)).sum() < 16


def test_grow_only_adds_and_shrink_only_takes_away():
    mask = noise()
    assert (grow(mask, 2) >= mask).all()
    assert (grow(mask, 3) >= grow(mask, 2)).all()
    assert (shrink(mask, 2) <= mask).all()


def test_shrinking_the_object_is_growing_the_background():
    background = invert(noise())
    assert np.allclose(shrink(noise(), 3), invert(grow(background, 3)), atol=1e-6)


def test_an_object_at_the_border_does_not_come_off_it():
    assert (shrink(np.ones((40, 60), np.float32), 10) == 1).all()
    assert (grow(np.zeros((40, 60), np.float32), 10) == 0).all()
    left = np.zeros((40, 60), np.float32)
    left[:, :30] = 1
    assert np.array_equal(shrink(left, 10)[0] > 0.5, np.arange(60) < 20)


@pytest.mark.parametrize("pixels", [1, 4, 16, 64])
@pytest.mark.parametrize("edge", [100, 128, 180])
def test_feathering_leaves_a_straight_edge_where_it_is(edge, pixels):
    mask = np.zeros((256, 256), np.float32)
    mask[:, :edge] = 1
    soft = feather(mask, pixels)
    assert np.array_equal(soft > 0.5, mask > 0.5)
    # Of a Gaussian, 0.977 lies below two standard deviations.
    assert soft[:, edge - pixels - 1].min() > 0.95
    assert soft[:, edge + pixels].max() < 0.05
    steps = np.diff(soft[0])
    assert (steps <= 1e-6).all()


def test_feathering_darkens_no_border_of_the_picture():
    assert feather(np.ones((40, 60), np.float32), 64).min() == pytest.approx(1, abs=1e-5)
    left = np.zeros((128, 128), np.float32)
    left[:, :64] = 1
    soft = feather(left, 16)
    assert np.allclose(soft[0], soft[64], atol=1e-6)
    assert soft[:, 0].min() == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("change", [grow, shrink, feather])
@pytest.mark.parametrize("shape", [(1, 1), (3, 200), (200, 3), (40, 60)])
def test_every_change_keeps_shape_range_and_what_it_was_given(change, shape):
    mask = np.random.default_rng(1).random(shape).astype(np.float32)
    before = mask.copy()
    for pixels in (1, 2.5, 64):
        changed = change(mask, pixels)
        assert changed.shape == shape
        assert changed.dtype == np.float32
        assert changed.min() >= 0
        assert changed.max() <= 1
    assert np.array_equal(mask, before)


@pytest.mark.parametrize("change", [grow, shrink, feather])
@pytest.mark.parametrize("pixels", [0, 0.5, -3, 65, float("nan"), float("inf")])
def test_a_distance_out_of_range_is_refused_in_one_sentence(change, pixels):
    with pytest.raises(UserError, match="1 to 64 pixels") as caught:
        change(disc(40), pixels)
    assert str(caught.value).count(". ") == 0
