"""Two styles in two places, on real photos, measured without the encoder.

Each region must move its own statistic the way its own prompt says, and stay where it is when only
the other region's prompt is changed.
"""

from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest
from scipy import ndimage

from models.loading import load_models
from semcs_core.image import fit, open_photo, to_tensor, to_uint8
from semcs_core.mask import find_object
from semcs_core.mask.descriptors import rgb_to_lab
from semcs_core.methods import two_regions
from semcs_core.run import stylize
from semcs_core.settings import Settings

EXAMPLES = Path(__file__).parents[2] / "examples"
SETTINGS = Settings(size=144, steps=24, crops=16, crop_size=64)

# What a style does to a region: statistic, and which way.
EFFECTS = {
    "fire": ("b", +1),
    "golden": ("b", +1),
    "red rocks": ("a", +1),
    "underwater": ("b", -1),
    "night sky": ("L", -1),
    "snowy": ("b", -1),
    "forest": ("L", -1),
}
# Photo, foreground, background, and what each is changed to in turn.
PAIRS = [
    ("flower.jpg", "golden", "night sky", "underwater", "fire"),
    ("chelsea.jpg", "red rocks", "snowy", "underwater", "fire"),
    ("astronaut.jpg", "underwater", "forest", "golden", "fire"),
]


@lru_cache
def photo_and_mask(name):
    photo = fit(open_photo(EXAMPLES / name), SETTINGS.size)
    return photo.rgb, find_object(photo.rgb).mask


@lru_cache
def painted(name, foreground, background):
    rgb, mask = photo_and_mask(name)
    models = load_models("starter")
    regions = two_regions(mask, foreground, background)
    *_, last = stylize(
        to_tensor(rgb), regions, models.encoder, models.perceptual, SETTINGS, models.sketcher
    )
    return to_uint8(last.image)


def statistics(rgb, inside):
    lab = rgb_to_lab(rgb / 255)
    gradient = np.hypot(ndimage.sobel(lab[..., 0], 0), ndimage.sobel(lab[..., 0], 1))
    chroma = np.hypot(lab[..., 1], lab[..., 2])
    values = {"L": lab[..., 0], "a": lab[..., 1], "b": lab[..., 2]}
    values |= {"chroma": chroma, "edges": gradient}
    return {name: float(value[inside].mean()) for name, value in values.items()}


@pytest.mark.parametrize(("name", "foreground", "background", "other_fg", "other_bg"), PAIRS)
def test_each_region_follows_its_own_prompt_and_no_other(
    name, foreground, background, other_fg, other_bg
):
    rgb, mask = photo_and_mask(name)
    inside, outside = mask >= 0.5, mask < 0.5
    picture = painted(name, foreground, background)
    changed_fg = painted(name, other_fg, background)
    changed_bg = painted(name, foreground, other_bg)
    for prompt, where in ((foreground, inside), (background, outside)):
        statistic, way = EFFECTS[prompt]
        before, after = statistics(rgb, where), statistics(picture, where)
        assert way * (after[statistic] - before[statistic]) > 3, (prompt, statistic)
    for where, own, others in (
        (inside, changed_fg, changed_bg),
        (outside, changed_bg, changed_fg),
    ):
        base = statistics(picture, where)
        by_own, by_other = statistics(own, where), statistics(others, where)
        own_change = np.array([by_own[k] - base[k] for k in ("L", "a", "b")])
        bleeding = np.array([by_other[k] - base[k] for k in ("L", "a", "b")])
        assert np.linalg.norm(bleeding) < np.linalg.norm(own_change) / 4
