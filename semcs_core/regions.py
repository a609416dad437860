"""Regions: which prompt paints which part of the photo."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from semcs_core.errors import UserError
from semcs_core.image import Photo, resize_mask
from semcs_core.prompts import clean_prompt
from semcs_core.settings import Settings

WHOLE = "picture"  # name of the one region of a picture in one style
MIN_PIXELS = 16  # fewer cannot show a style; a stray dot of the brush is not a region
SAME_RATIO = 0.02  # a mask scaled with the photo may differ by rounding, not by more


@dataclass(frozen=True)
class Region:
    """A part of the photo and the style it gets.

    Attributes:
        name: as shown to the user.
        prompt: the style in words.
        mask: [H, W], float32 in [0, 1], 1 = inside. The masks of a run's regions add up to at most
            1; where they fall short the photo shows through.
        strength: how far it goes from the photo: 0 leaves the photo, 1 is the style as learned and
            more exaggerates it. Nothing that is learned depends on it.
        weight: of its patches alone (the weight penalty, Generative Artisan eq. 16).
        threshold: tau, the loss below which a patch is left alone (eq. 15).
        global_weight: of the loss of the region seen as a whole.
        share: the most of all crops that may be its own, from 0 to 1 (eq. 17).
        band: share of a crop's height, at its bottom, by which it claims the crop (eq. 18).
    """

    name: str
    prompt: str
    mask: np.ndarray
    strength: float = 1.0
    weight: float = 1.0
    threshold: float = 0.0
    global_weight: float = 0.25
    share: float = 1.0
    band: float = 1.0


def split_regions(
    mask: np.ndarray, foreground: str, background: str, settings: Settings | None = None
) -> tuple[Region, ...]:
    """The usual case: the object and what is around it.

    Equal prompts under equal controls make one region of the whole picture. An empty prompt leaves
    its part the photo.

    Args:
        mask: [H, W] in [0, 1], 1 = object.
        foreground: the style of the object.
        background: the style of what is around it.
        settings: the controls of both regions.

    Raises:
        UserError: no prompt at all, or a prompt whose part of the mask is empty.
    """
    foreground, background = clean_prompt(foreground), clean_prompt(background)
    if not foreground and not background:
        raise UserError("There is no style yet: describe one for the object or the background.")
    mask = mask.astype(np.float32).clip(0, 1)
    settings = settings if settings is not None else Settings()
    inside = {
        "strength": settings.foreground_strength,
        "weight": settings.foreground_weight,
        "threshold": settings.foreground_threshold,
        "global_weight": settings.foreground_global,
        "share": settings.foreground_share,
        "band": settings.foreground_band,
    }
    outside = {
        "strength": settings.background_strength,
        "weight": settings.background_weight,
        "threshold": settings.background_threshold,
        "global_weight": settings.background_global,
        "share": settings.background_share,
        "band": settings.background_band,
    }
    if foreground == background and inside == outside:
        return (Region(WHOLE, foreground, np.ones_like(mask), **outside),)
    regions = []
    if foreground:
        if np.count_nonzero(mask >= 0.5) < MIN_PIXELS:
            raise UserError(
                "The mask is empty: draw the object with the brush, or give both parts one style."
            )
        regions.append(Region("foreground", foreground, mask, **inside))
    if background:
        if np.count_nonzero(mask < 0.5) < MIN_PIXELS:
            raise UserError(
                "The mask covers the whole picture: erase the background from it, "
                "or give both parts one style."
            )
        regions.append(Region("background", background, 1 - mask, **outside))
    return tuple(regions)


def find_origins(old: Sequence[Region], new: Sequence[Region]) -> list[int | None]:
    """Which of a run's regions each new one goes on from.

    The one of its name; where the whole picture is split into parts, or parts are joined, the one
    of its prompt among them, or the first.

    Returns:
        For each new region an index into the old ones, None where it has no predecessor.
    """
    origins = []
    for region in new:
        kin = [n for n, other in enumerate(old) if other.name == region.name] or [
            n for n, other in enumerate(old) if WHOLE in (other.name, region.name)
        ]
        alike = [n for n in kin if old[n].prompt == region.prompt]
        origins.append(next(iter(alike + kin), None))
    return origins


def mask_from_photo(photo: Photo, size: tuple[int, int]) -> np.ndarray:
    """A mask that came as a picture: white is the object, black and transparent are not.

    Args:
        photo: the opened mask.
        size: (width, height) of the photo it belongs to.

    Returns:
        [height, width], float32 in [0, 1].

    Raises:
        UserError: its proportions are not the photo's.
    """
    width, height = photo.size
    if abs(width * size[1] / (height * size[0]) - 1) > SAME_RATIO:
        raise UserError(
            f"The mask is {width} x {height} pixels and the photo {size[0]} x {size[1]}: "
            "send a mask of the photo's proportions."
        )
    grey = photo.rgb.astype(np.float32).mean(axis=2) / 255
    return resize_mask(grey if photo.alpha is None else grey * photo.alpha, size)
