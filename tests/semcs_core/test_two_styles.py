"""Two styles in two places, on real photos, measured without the encoder.

Each region must have more of what its own prompt says than it has under another prompt, and stay
where it is when only the other region's prompt is changed.
"""

from pathlib import Path

import numpy as np
import pytest
from scipy.ndimage import binary_erosion

from models.loading import load_models
from semcs_core.image import fit, open_photo, to_tensor, to_uint8
from semcs_core.mask import find_object
from semcs_core.mask.descriptors import rgb_to_lab
from semcs_core.methods import two_regions
from semcs_core.run import stylize
from semcs_core.settings import Settings

EXAMPLES = Path(__file__).parents[2] / "examples"
SETTINGS = Settings(size=192, steps=8, crops=8, crop_size=64)
BORDER = 8  # pixels on each side of the mask's edge that see both styles

# What a style does to a region, whatever the photo: statistic, and which way.
EFFECTS = {
    "fire": ("b", +1),
    "golden": ("b", +1),
    "red rocks": ("a", +1),
    "grass": ("a", -1),
    "underwater": ("b", -1),
    "night sky": ("b", -1),
    "snowy": ("b", -1),
    "forest": ("a", -1),
    "lava": ("b", +1),
    "sketch with black pencil": ("chroma", -1),
    "The Great Wave off Kanagawa": ("b", -1),
}
# Photo, foreground, background, and what each is changed to in turn.
PAIRS = [
    ("flower.jpg", "golden", "night sky", "underwater", "fire"),
    ("chelsea.jpg", "red rocks", "snowy", "underwater", "fire"),
]
MORE = [
    ("astronaut.jpg", "underwater", "forest", "golden", "fire"),
    ("china.jpg", "red rocks", "lava", "grass", "underwater"),
    ("coffee.jpg", "grass", "sketch with black pencil", "fire", "lava"),
    ("camera.png", "fire", "The Great Wave off Kanagawa", "underwater", "golden"),
]


def painted(rgb, mask, foreground, background):
    models = load_models("starter")
    regions = two_regions(mask, foreground, background)
    *_, last = stylize(
        to_tensor(rgb), regions, models.encoder, models.perceptual, SETTINGS, models.sketcher
    )
    return to_uint8(last.image)


def statistics(rgb, inside):
    lab = rgb_to_lab(rgb / 255)[inside]
    values = dict(zip("Lab", lab.mean(axis=0), strict=True))
    return values | {"chroma": np.hypot(lab[:, 1], lab[:, 2]).mean()}


def distance(one, other, inside):
    """Between two pictures' mean colours in a region, in CIE Lab."""
    a, b = (statistics(rgb, inside) for rgb in (one, other))
    return np.linalg.norm([a[k] - b[k] for k in "Lab"])


@pytest.mark.parametrize(
    ("name", "foreground", "background", "other_fg", "other_bg"),
    [*PAIRS, *(pytest.param(*pair, marks=pytest.mark.real_size) for pair in MORE)],
)
def test_each_region_follows_its_own_prompt_and_no_other(
    name, foreground, background, other_fg, other_bg
):
    rgb = fit(open_photo(EXAMPLES / name), SETTINGS.size).rgb
    mask = find_object(rgb).mask
    inside, outside = (
        binary_erosion(part, iterations=BORDER, border_value=1)
        for part in (mask >= 0.5, mask < 0.5)
    )
    picture = painted(rgb, mask, foreground, background)
    changed_fg = painted(rgb, mask, other_fg, background)
    changed_bg = painted(rgb, mask, foreground, other_bg)
    for prompt, where, own, others in (
        (foreground, inside, changed_fg, changed_bg),
        (background, outside, changed_bg, changed_fg),
    ):
        statistic, way = EFFECTS[prompt]
        under_another, here = statistics(own, where), statistics(picture, where)
        assert way * (here[statistic] - under_another[statistic]) > 10, prompt
        assert distance(others, picture, where) < distance(own, picture, where) / 4
