"""The mask without weights against fourteen masks made by hand."""

import json

import numpy as np
import pytest
from PIL import Image

from semcs_core.image import fit, open_photo, resize_mask
from semcs_core.mask import ObjectMask, find_object
from tools.evaluate_mask import HAND_MASKS, ROOT, intersection_over_union

ENTRIES = json.loads(HAND_MASKS.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def found() -> dict[str, tuple[ObjectMask, np.ndarray]]:
    """For each picture what was found and the hand mask."""
    return {
        entry["name"]: (
            find_object(np.asarray(Image.open(ROOT / entry["image"]).convert("RGB"))),
            np.asarray(Image.open(ROOT / entry["mask"])),
        )
        for entry in ENTRIES
    }


def test_the_mean_overlap(found):
    scores = {name: intersection_over_union(o.mask, hand) for name, (o, hand) in found.items()}
    assert len(scores) == 14
    assert np.mean(list(scores.values())) >= 0.86, scores


@pytest.mark.parametrize("name", [entry["name"] for entry in ENTRIES])
def test_the_object_is_white_on_every_picture(found, name):
    mask, hand = found[name][0].mask > 0.5, found[name][1]
    # Far more of the object than of the background, not merely more: the two can't be swapped.
    assert mask[hand == 255].mean() > 0.5 + mask[hand == 0].mean() / 2


@pytest.mark.parametrize("name", [e["name"] for e in ENTRIES if "syn" not in e["name"]])
def test_the_size_of_the_picture_does_not_choose_the_object(found, name):
    (entry,) = (entry for entry in ENTRIES if entry["name"] == name)
    small = fit(open_photo(ROOT / entry["image"]), 256)
    mask = resize_mask(find_object(small.rgb).mask, found[name][0].mask.shape[::-1])
    assert intersection_over_union(mask, np.where(found[name][0].mask > 0.5, 255, 0)) > 0.85


@pytest.mark.parametrize("name", [entry["name"] for entry in ENTRIES if "syn" in entry["name"]])
def test_drawn_pictures_are_nearly_perfect(found, name):
    assert intersection_over_union(found[name][0].mask, found[name][1]) > 0.94


def test_intersection_over_union_ignores_what_the_hand_mask_is_unsure_of():
    hand = np.array([[255, 255, 128, 0, 0]], np.uint8)
    assert intersection_over_union(np.array([[1, 0, 1, 1, 0]]), hand) == pytest.approx(1 / 3)
    assert intersection_over_union(np.array([[1, 1, 0, 0, 0]]), hand) == 1
