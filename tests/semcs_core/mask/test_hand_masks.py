"""The mask of the built-in network, and that without it, against masks made by hand."""

import json

import numpy as np
import pytest
from PIL import Image

from models.starter.eyes import StarterEyes
from models.starter.network import EfficientNetLite
from semcs_core.image import fit, open_photo, resize_mask
from semcs_core.mask import ObjectMask, find_object, mask_from_eigenvector
from studio.check import intersection_over_union
from tools.evaluate_mask import HAND_MASKS, ROOT
from tools.learn_things import equations, seen_otherwise

ENTRIES = {entry["name"]: entry for entry in json.loads(HAND_MASKS.read_text(encoding="utf-8"))}
PHOTOS = [name for name in ENTRIES if "syn" not in name]
DRAWN = [name for name in ENTRIES if "syn" in name]


@pytest.fixture(scope="module")
def eyes() -> StarterEyes:
    return StarterEyes(EfficientNetLite.load())


@pytest.fixture(scope="module")
def found(eyes) -> dict[str, tuple[ObjectMask, np.ndarray]]:
    """For each picture what the network finds and the hand mask."""
    return {name: (find_object(picture(name), eyes=eyes), hand(name)) for name in ENTRIES}


def picture(name: str) -> np.ndarray:
    return np.array(Image.open(ROOT / ENTRIES[name]["image"]).convert("RGB"))


def hand(name: str) -> np.ndarray:
    return np.array(Image.open(ROOT / ENTRIES[name]["mask"]))


@pytest.mark.parametrize(("names", "least", "mean"), [(PHOTOS, 0.7, 0.88), (DRAWN, 0.97, 0.985)])
def test_the_overlap_of_each_and_on_average(found, names, least, mean):
    scores = {name: intersection_over_union(found[name][0].mask, found[name][1]) for name in names}
    assert len(scores) == 7
    assert min(scores.values()) >= least, scores
    assert np.mean(list(scores.values())) >= mean, scores


@pytest.mark.parametrize("name", ENTRIES)
def test_hardly_a_pixel_is_half_object(found, name):
    # Where many are, one style fogs into the other.
    mask = found[name][0].mask
    assert ((mask > 0.05) & (mask < 0.95)).mean() < 0.06


# A rocket of two hundredths of the picture is too thin to be seen at 256 pixels.
@pytest.mark.parametrize("name", sorted({*PHOTOS} - {"rocket"}))
def test_the_size_of_the_picture_does_not_choose_the_object(eyes, found, name):
    small = fit(open_photo(ROOT / ENTRIES[name]["image"]), 256)
    mask = resize_mask(find_object(small.rgb, eyes=eyes).mask, found[name][0].mask.shape[::-1])
    assert intersection_over_union(mask, np.where(found[name][0].mask > 0.5, 255, 0)) > 0.5


@pytest.mark.parametrize("name", DRAWN)
def test_drawn_pictures_need_no_network(name):
    mask = find_object(picture(name)).mask
    assert intersection_over_union(mask, hand(name)) > 0.94


def test_an_eigenvector_of_what_the_network_sees_shows_the_object(found):
    mask = mask_from_eigenvector(found["flower"][0], picture("flower"))
    assert intersection_over_union(mask, hand("flower")) > 0.8


@pytest.mark.parametrize("size", [(1, 1), (3, 50), (40, 2000), (90, 120)])
def test_the_network_takes_a_picture_of_any_size_and_sees_nothing_in_one_colour(eyes, size):
    plain = find_object(np.full((*size, 3), 77, np.uint8), eyes=eyes)
    assert (plain.confidence, plain.mask.max()) == (0, 0)
    assert plain.mask.shape == size


def test_the_network_does_not_trust_noise(eyes):
    noise = np.random.default_rng(0).integers(0, 256, (256, 256, 3)).astype(np.uint8)
    assert find_object(noise, eyes=eyes).message.startswith("The object is hard to tell")


def test_the_readout_can_be_learned_again_from_photos_and_their_masks(eyes):
    rgb, marked = picture("flower"), hand("flower")
    views = list(seen_otherwise(rgb, marked, np.random.default_rng(0)))
    assert all((view[1] == 255).sum() == (marked == 255).sum() for view in views)
    system, wanted = equations(eyes, *views[-1])
    assert system[-1, -1] == pytest.approx(1)
    weights = np.linalg.solve(system + 0.005 * np.eye(len(system)), wanted)[:-1]
    assert np.corrcoef(weights, eyes.things.cpu().numpy())[0, 1] > 0.1


def test_intersection_over_union_ignores_what_the_hand_mask_is_unsure_of():
    hand = np.array([[255, 255, 128, 0, 0]], np.uint8)
    assert intersection_over_union(np.array([[1, 0, 1, 1, 0]]), hand) == pytest.approx(1 / 3)
    assert intersection_over_union(np.array([[1, 1, 0, 0, 0]]), hand) == 1
