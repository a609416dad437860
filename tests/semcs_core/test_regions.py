import numpy as np
import pytest

from semcs_core.errors import UserError
from semcs_core.image import Photo
from semcs_core.methods import two_regions
from semcs_core.regions import mask_from_photo
from semcs_core.settings import Settings
from studio.flat_settings import changed

OBJECT = np.zeros((40, 60), np.float32)
OBJECT[10:30, 20:40] = 1


def test_two_prompts_make_two_regions_that_add_up_to_one():
    foreground, background = two_regions(OBJECT, " fire ", "snowy")
    assert (foreground.name, foreground.prompt) == ("foreground", "fire")
    assert (background.name, background.prompt) == ("background", "snowy")
    assert np.array_equal(foreground.mask, OBJECT)  # white is the object
    assert np.array_equal(foreground.mask + background.mask, np.ones_like(OBJECT))


def test_one_style_for_everything_is_one_region_whatever_the_mask():
    (region,) = two_regions(np.zeros_like(OBJECT), "fire", "fire")
    assert region.mask.min() == 1


def test_one_style_in_two_strengths_is_two_regions():
    settings = changed(Settings(), {"foreground_strength": 0.5})
    foreground, background = two_regions(OBJECT, "fire", "fire", settings)
    assert (foreground.controls.strength, background.controls.strength) == (0.5, 1)
    (region,) = two_regions(OBJECT, "fire", "fire", changed(settings, {"background_strength": 0.5}))
    assert (region.name, region.controls.strength) == ("picture", 0.5)


def test_an_empty_prompt_leaves_its_part_alone():
    (region,) = two_regions(OBJECT, "", "snowy")
    assert region.name == "background"
    assert region.mask[20, 30] == 0
    (region,) = two_regions(OBJECT, "fire", "  ")
    assert region.name == "foreground"


@pytest.mark.parametrize(
    ("mask", "foreground", "background", "sentence"),
    [
        (OBJECT, "", " \n", "no style yet"),
        (np.zeros_like(OBJECT), "fire", "snowy", "mask is empty"),
        (np.ones_like(OBJECT), "fire", "snowy", "covers the whole"),
        (OBJECT, "x" * 2000, "snowy", "2,000 characters"),
    ],
)
def test_what_cannot_be_painted_is_refused(mask, foreground, background, sentence):
    with pytest.raises(UserError, match=sentence):
        two_regions(mask, foreground, background)


def test_a_full_mask_is_no_problem_without_a_background():
    (region,) = two_regions(np.ones_like(OBJECT), "fire", "")
    assert region.name == "foreground"


def test_a_mask_file_of_the_photos_proportions_is_scaled():
    big = np.kron(OBJECT, np.ones((2, 2)))
    rgb = np.repeat((big * 255).astype(np.uint8)[..., None], 3, axis=2)
    assert np.abs(mask_from_photo(Photo(rgb), (60, 40)) - OBJECT).mean() < 0.02
    assert np.array_equal(mask_from_photo(Photo(rgb), (120, 80)), big)


def test_a_mask_file_of_other_proportions_is_refused():
    rgb = np.zeros((50, 50, 3), np.uint8)
    with pytest.raises(UserError, match="50 x 50 pixels and the photo 60 x 40"):
        mask_from_photo(Photo(rgb), (60, 40))


def test_transparent_parts_of_a_mask_are_not_the_object():
    alpha = np.zeros((40, 60), np.float32)
    alpha[:, :30] = 1
    white = np.full((40, 60, 3), 255, np.uint8)
    assert np.array_equal(mask_from_photo(Photo(white, alpha), (60, 40)), alpha)
