"""Masks from learned features, from one eigenvector, and of people."""

from dataclasses import replace

import numpy as np
import pytest

from semcs_core.errors import UserError
from semcs_core.image import resize_map
from semcs_core.mask import (
    ObjectMask,
    find_object,
    mask_from_eigenvector,
    person_mask,
    published_mask,
)
from semcs_core.mask.cleanup import drop_crumbs


class TwoKinds:
    """Features of two directions with noise: one where `inside`, the other elsewhere."""

    def __init__(self, inside: np.ndarray, shape: tuple[int, int], noise: float = 0.3) -> None:
        self.inside, self.shape, self.noise = inside, shape, noise

    def describe(self, rgb: np.ndarray) -> np.ndarray:
        assert rgb.dtype == np.uint8
        random = np.random.default_rng(0)
        kinds = random.normal(size=(2, 64))
        share = resize_map(self.inside, self.shape)[..., None]
        features = share * kinds[0] + (1 - share) * kinds[1]
        features += self.noise * random.normal(size=features.shape)
        return features.astype(np.float32)


def two_blobs(height: int, width: int) -> np.ndarray:
    y, x = np.mgrid[:height, :width]
    left = np.hypot(y - 0.5 * height, x - 0.27 * width) < 0.17 * height
    right = np.hypot(y - 0.45 * height, x - 0.72 * width) < 0.2 * height
    return left | right


def overlap(mask: np.ndarray, inside: np.ndarray) -> float:
    return ((mask > 0.5) & inside).sum() / ((mask > 0.5) | inside).sum()


def disc_picture() -> tuple[np.ndarray, np.ndarray]:
    """A red disc on a blue gradient, and where it is."""
    y, x = np.mgrid[:200, :260]
    inside = np.hypot(y - 95, x - 140) < 50
    rgb = np.stack([60 + x / 8, 90 + y / 8, 150 + x / 8], axis=-1)
    rgb[inside] = (220, 60, 40)
    return rgb.astype(np.uint8), inside


def test_features_find_what_colours_do_not_show():
    rgb = np.random.default_rng(1).integers(0, 256, (256, 256, 3)).astype(np.uint8)
    inside = two_blobs(256, 256)
    found = find_object(rgb, features=TwoKinds(inside, (24, 36)))
    assert found.mask.shape == (256, 256)
    assert found.mask.dtype == np.float32
    assert found.eigenvectors.shape == (16, 24, 36)
    assert overlap(found.mask, inside) > 0.85
    assert found.mask[inside].mean() > 0.8 > 0.2 > found.mask[~inside].mean()
    assert found.confidence > 0.3
    assert found.message == ""
    assert overlap(find_object(rgb).mask, inside) < 0.5


def test_features_see_the_photo_without_its_frame():
    rgb, inside = disc_picture()
    seen = []

    class Spy(TwoKinds):
        def describe(self, rgb):
            seen.append(rgb.shape)
            return super().describe(rgb)

    framed = np.pad(rgb, ((30, 30), (36, 36), (0, 0)), constant_values=255)
    found = find_object(framed, features=Spy(inside, (28, 36)))
    assert seen == [rgb.shape]
    expected = np.pad(inside, ((30, 30), (36, 36)))
    assert overlap(found.mask, expected) > 0.95
    frame = np.pad(np.zeros(inside.shape, bool), ((30, 30), (36, 36)), constant_values=True)
    for flip in (False, True):
        assert mask_from_eigenvector(found, framed, flip=flip)[frame].max() == 0
    assert overlap(mask_from_eigenvector(found, framed), expected) > 0.95


@pytest.fixture(scope="module")
def disc() -> tuple[np.ndarray, np.ndarray, ObjectMask]:
    rgb, inside = disc_picture()
    return rgb, inside, find_object(rgb)


@pytest.mark.parametrize("number", [1, 4])
def test_every_eigenvector_gives_a_mask_and_flipped_its_complement(disc, number):
    rgb, _, found = disc
    mask = mask_from_eigenvector(found, rgb, number)
    assert mask.shape == (200, 260)
    assert mask.dtype == np.float32
    assert mask.min() >= 0
    assert mask.max() <= 1
    assert 0 < (mask > 0.5).mean() < 1
    flipped = mask_from_eigenvector(found, rgb, number, flip=True)
    np.testing.assert_allclose(flipped, 1 - mask, atol=1e-6)
    # The mask is on the side where the eigenvector is higher.
    high = resize_map(found.eigenvectors[number], mask.shape)
    assert high[mask > 0.5].mean() > high[mask <= 0.5].mean()


def test_the_fiedler_vector_of_an_easy_picture_is_its_object(disc):
    rgb, inside, found = disc
    assert overlap(mask_from_eigenvector(found, rgb), inside) > 0.95
    assert overlap(mask_from_eigenvector(found, rgb, flip=True), ~inside) > 0.95


def test_the_mask_of_sem_cs_is_cut_at_0_and_has_one_piece(disc):
    rgb, _, found = disc
    values = np.full((10, 13), -0.5, np.float32)
    values[2:6, 2:6], values[2:6, 6:8] = 1.0, 0.1  # Otsu's cut leaves out the weak ones
    values[8:, 11:] = 1.0  # a second piece
    found = replace(found, eigenvectors=np.stack([np.ones_like(values), values]))
    hard = resize_map(values, rgb.shape[:2]) > 0
    hard[120:] = False
    assert overlap(published_mask(found, rgb).mask, hard) > 0.75
    assert overlap(mask_from_eigenvector(found, rgb), hard) < 0.65


@pytest.mark.parametrize("number", [0, 5, 1.5, True, None])
def test_a_wrong_number_is_refused(disc, number):
    with pytest.raises(UserError, match=r"^Choose an eigenvector from 1 to 4\.$"):
        mask_from_eigenvector(disc[2], disc[0], number)


@pytest.mark.parametrize("threshold", [-0.1, 1.1, float("nan")])
def test_a_wrong_threshold_is_refused(disc, threshold):
    with pytest.raises(UserError, match=r"^Choose a threshold .* from 0 to 1\.$"):
        mask_from_eigenvector(disc[2], disc[0], 1, threshold)


class FakeSegmenter:
    def __init__(self, probability: np.ndarray) -> None:
        self.probability = probability

    def segment(self, rgb: np.ndarray) -> np.ndarray:
        assert rgb.shape[:2] == self.probability.shape
        return self.probability


def test_people_are_the_mask_and_their_probability_the_confidence():
    probability = np.full((6, 8), 0.1, np.float32)
    probability[2:4, 2:4] = [[0.9, 0.8], [0.7, 0.6]]
    rgb = np.zeros((6, 8, 3), np.uint8)
    found = person_mask(FakeSegmenter(probability), rgb)
    np.testing.assert_array_equal(found.mask, probability)
    assert found.confidence == pytest.approx(0.75)
    assert found.message == ""
    with pytest.raises(UserError, match="no eigenvectors"):
        mask_from_eigenvector(found, rgb)


def test_without_people_there_is_no_mask_but_a_sentence():
    rgb = np.zeros((6, 8, 3), np.uint8)
    found = person_mask(FakeSegmenter(np.full((6, 8), 0.5, np.float32)), rgb)
    assert found.mask.shape == (6, 8)
    assert found.mask.max() == 0
    assert found.confidence == 0
    assert found.message.startswith("No person found: ")


def test_crumbs_go_on_both_sides_and_large_holes_stay():
    mask = np.zeros((40, 40), np.float32)
    mask[5:35, 5:35] = 1
    mask[10:20, 10:20] = 0  # a hole as large as an object
    mask[30, 30] = 0.2  # a pinhole
    mask[1, 1] = 0.9  # a crumb
    expected = mask.copy()
    expected[30, 30], expected[1, 1] = 1, 0
    np.testing.assert_array_equal(drop_crumbs(mask), expected)
    for value in (0, 1):
        np.testing.assert_array_equal(drop_crumbs(np.full((4, 5), value, np.float32)), value)
