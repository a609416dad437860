"""Regions: which prompt paints which part of the photo."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from semcs_core.errors import UserError
from semcs_core.image import Photo, resize_mask
from semcs_core.settings import RegionControls

WHOLE = "picture"  # name of the one region of a picture in one style
SAME_RATIO = 0.02  # a mask that was scaled with the photo differs by rounding alone


@dataclass(frozen=True)
class Region:
    """A part of the photo and the style it gets.

    Attributes:
        name: as shown to the user.
        prompt: the style in words.
        mask: [H, W], float32 in [0, 1], 1 = inside. The masks of a run's regions add up to at most
            1; where the sum is less, the photo shows through.
        picture: [h, w, 3] uint8, the style as a picture, in place of words or beside them; None
            for words alone.
    """

    name: str
    prompt: str
    mask: np.ndarray
    controls: RegionControls = field(default_factory=RegionControls)
    picture: np.ndarray | None = None


def same_style(a: Region, b: Region) -> bool:
    """Whether two regions ask for one style, in words and as a picture."""
    if a.picture is None or b.picture is None:
        return a.prompt == b.prompt and a.picture is b.picture
    return a.prompt == b.prompt and np.array_equal(a.picture, b.picture)


def find_origins(old: Sequence[Region], new: Sequence[Region]) -> list[int | None]:
    """For each new region the index of the old one that it continues, None where there is none.

    That is the old region of the same name. Where the whole picture is split into parts, or parts
    are joined, it is the one of the same style, or else the first.
    """
    origins = []
    for region in new:
        kin = [n for n, other in enumerate(old) if other.name == region.name] or [
            n for n, other in enumerate(old) if WHOLE in (other.name, region.name)
        ]
        alike = [n for n in kin if same_style(old[n], region)]
        origins.append(next(iter(alike + kin), None))
    return origins


def mask_from_photo(photo: Photo, size: tuple[int, int]) -> np.ndarray:
    """A mask from a picture: white is the object, black and transparent are not.

    It is resized to the (width, height) of its photo: [height, width], float32 in [0, 1].

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
