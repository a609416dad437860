"""The published methods and ours: settings, presets of size and length, and their two regions.

Where a paper and its published code differ, the paper is followed; the constants that only the code
gives (thresholds, weights, share, band) are the code's. Three faults of the code are not copied:
here crops keep their own weights, each text drives its own region, and drawing crops always ends.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from semcs_core.errors import UserError
from semcs_core.image import SQUARE
from semcs_core.prompts import clean_prompt
from semcs_core.regions import WHOLE, Region, same_style
from semcs_core.settings import RegionControls, Settings

PARTS = ("foreground", "background")
"""Names of the two regions, in the order of `Settings.controls`."""
MIN_PIXELS = 16  # fewer cannot show a style; a stray dot of the brush is not a region

STUDIO = Settings()

CLIPSTYLER = Settings(
    size=512,
    size_means=SQUARE,
    steps=200,
    learning_rate=5e-4,
    schedule="halving",
    painter="stylenet",
    crops=64,
    crop_size=128,
    crop_jitter=0.0,
    crop_choice="band",
    distortion=0.5,
    perspective="black",
    sketch=0.0,
    source="photo",
    patch_weight=9000.0,
    alignment_weight=0.0,
    content_weight=150.0,
    tone_weight=0.0,
    tv_weight=2e-3,
    contrast=1.5,
    controls=2 * (RegionControls(band=1.0, threshold=0.7, global_weight=500.0),),
)
"""Kwon and Ye, CVPR 2022, section 4.1: one text for the whole picture."""

GENERATIVE_ARTISAN = replace(
    CLIPSTYLER,
    steps=400,
    controls=(
        RegionControls(band=0.2, share=0.2, threshold=0.7, weight=0.3, global_weight=0.0),
        RegionControls(band=0.2, threshold=0.7, global_weight=500.0),
    ),
)
"""Yang et al., arXiv 2207.11598: eq. 10-18 for the patches, eq. 19-22 for the background."""

SEM_CS = replace(
    CLIPSTYLER,
    steps=400,
    content_weight=600.0,
    one_style="apart",
    controls=(
        RegionControls(band=0.2, share=0.2, threshold=0.7, weight=0.3, global_weight=500.0),
        RegionControls(band=0.2, threshold=0.7, global_weight=500.0),
    ),
)
"""Kamra et al., ICIP 2023: a global loss for each region against its own text (lines 7-12).

The patches, which line 13 does not have, are those of the code.
"""

SEM_CS_PAPER = replace(SEM_CS, patch_weight=0.0, source="slides")
"""The same as the slides have it: line 13 alone, and E_I of the whole photo as the source."""

METHODS = {
    "studio": STUDIO,
    "semcs": SEM_CS,
    "semcs-paper": SEM_CS_PAPER,
    "clipstyler": CLIPSTYLER,
    "generative-artisan": GENERATIVE_ARTISAN,
}


@dataclass(frozen=True)
class Preset:
    """Factors of the settings of the same names, laid over any method.

    The standard of a published method is therefore what was published. A patch grows with the
    picture, so that a style's marks keep their size relative to the photo.
    """

    size: float = 1.0
    steps: float = 1.0
    crops: float = 1.0
    crop_size: float = 1.0


STANDARD = "standard"
PRESETS = {
    "draft": Preset(size=2 / 3, steps=0.4, crops=0.5, crop_size=2 / 3),
    STANDARD: Preset(),
    "fine": Preset(size=1.5, steps=1.5, crops=1.5, crop_size=1.5),
}
SCALED = tuple(f.name for f in fields(Preset))
"""The settings that a preset changes."""


def with_preset(settings: Settings, name: str) -> Settings:
    """A method's settings under a preset, each in its own steps and within its own range.

    Raises:
        UserError: there is no such preset.
    """
    if name not in PRESETS:
        raise UserError(f"There is no preset called {name!r:.40}: use {' or '.join(PRESETS)}.")
    changes: dict[str, Any] = {
        scaled: _in_range(scaled, getattr(settings, scaled) * getattr(PRESETS[name], scaled))
        for scaled in SCALED
    }
    return replace(settings, **changes)


def two_regions(
    mask: np.ndarray,
    foreground: str,
    background: str,
    settings: Settings = STUDIO,
    pictures: Sequence[np.ndarray | None] = (None, None),
) -> tuple[Region, ...]:
    """The object, which is 1 in a mask [H, W] in [0, 1], and what is around it.

    A style is a prompt, a picture [h, w, 3] uint8, or both. Equal styles under equal controls make
    one region of the whole picture, unless the settings keep them apart; a part without a style
    stays the photo. `settings` hold the controls of both.

    Raises:
        UserError: no style at all, or a style whose part of the mask is empty.
    """
    mask = mask.astype(np.float32).clip(0, 1)
    prompts = clean_prompt(foreground), clean_prompt(background)
    controls = settings.controls_of(0), settings.controls_of(1)
    parts = zip(PARTS, prompts, (mask, 1 - mask), controls, pictures, strict=True)
    both = [Region(*part) for part in parts]
    regions = {part.name: part for part in both if part.prompt or part.picture is not None}
    if not regions:
        raise UserError("There is no style yet: give words or a picture, for object or background.")
    apart = settings.one_style == "apart"
    if same_style(*both) and controls[0] == controls[1] and not apart:
        return (replace(both[0], name=WHOLE, mask=np.ones_like(mask)),)
    or_join = "" if apart else ", or give both parts one style"
    if PARTS[0] in regions and np.count_nonzero(mask >= 0.5) < MIN_PIXELS:
        raise UserError(f"The mask is empty: draw the object with the brush{or_join}.")
    if PARTS[1] in regions and np.count_nonzero(mask < 0.5) < MIN_PIXELS:
        raise UserError(
            f"The mask covers the whole picture: erase the background from it{or_join}."
        )
    return tuple(regions.values())


def _in_range(name: str, value: float) -> int:
    about = Settings.__dataclass_fields__[name].metadata
    step = about["step"]
    return int(min(about["maximum"], max(about["minimum"], step * round(value / step))))
