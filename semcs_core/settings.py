"""Every number of a run in two frozen records: default, range, label and help live here alone.

`RegionControls` are the numbers of one region, `Settings` all others with the regions' controls
among them. The page and the command line are built from their fields and cannot drift from them.
Variants are made with `dataclasses.replace`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any

from semcs_core.errors import UserError
from semcs_core.image import LONG_SIDE, MEASURES


def setting(
    default: float, label: str, help: str, minimum: float, maximum: float, step: float
) -> Any:
    """A dataclass field with what a form needs to show it."""
    metadata = {"label": label, "help": help, "minimum": minimum, "maximum": maximum, "step": step}
    return field(default=default, metadata=metadata)


def choice(default: str, label: str, help: str, options: tuple[str, ...]) -> Any:
    """A dataclass field with a few named values."""
    return field(default=default, metadata={"label": label, "help": help, "options": options})


@dataclass(frozen=True)
class RegionControls:
    """What is set for each region apart (Generative Artisan eq. 13-18, lambda_bg of Sem-CS).

    Raises:
        UserError: a value outside its range, or of the wrong type.
    """

    strength: float = setting(
        1.0,
        "Strength",
        "How far to go from the photo to the style; above 1 exaggerates it.",
        0,
        1.5,
        0.05,
    )
    band: float = setting(
        0.2,
        "Band",
        "Bottom part of a crop that must lie in the region (published methods).",
        0.01,
        1,
        0.01,
    )
    share: float = setting(
        1.0, "Share", "The largest share of all crops that the region may have.", 0, 1, 0.01
    )
    threshold: float = setting(
        0.0, "Threshold", "Patches whose loss is below this are ignored.", 0, 2, 0.01
    )
    weight: float = setting(1.0, "Weight", "Weight of the region's patches.", 0, 10, 0.01)
    global_weight: float = setting(
        0.05, "Global weight", "Style of the region seen as a whole.", 0, 1e5, 0.01
    )

    def __post_init__(self) -> None:
        _check(self)


@dataclass(frozen=True)
class Settings:
    """The settings of one run; the defaults are the studio's own, for the starter models.

    Weights are relative to each other: Adam does not see their common scale.

    Attributes:
        controls: one record for each region, in the regions' order; regions without one have the
            defaults.

    Raises:
        UserError: a value outside its range, or of the wrong type.
    """

    size: int = setting(384, "Size", "Of the working picture, in pixels.", 64, 1024, 8)
    size_means: str = choice(
        LONG_SIDE,
        "Size means",
        "The picture's long side or, since the published code works on squares, the side of a "
        "square of the same area.",
        MEASURES,
    )
    steps: int = setting(24, "Steps", "How long the network learns.", 1, 1000, 1)
    seed: int = setting(0, "Seed", "The same seed gives the same picture.", 0, 2**31 - 1, 1)
    learning_rate: float = setting(
        1.5e-3, "Learning rate", "Step length of Adam for the network.", 1e-5, 0.1, 1e-5
    )
    schedule: str = choice(
        "cosine",
        "Schedule",
        "Learning rate: warm-up and half a cosine, or halved every 100 steps as published.",
        ("cosine", "halving"),
    )
    painter: str = choice(
        "layers",
        "Painter",
        "A layer for each region, or one StyleNet for the whole picture as published.",
        ("layers", "stylenet"),
    )
    crops: int = setting(8, "Crops", "Patches in each step, of all regions together.", 1, 256, 1)
    crop_size: int = setting(
        96, "Crop size", "Side of a patch in pixels of the working picture.", 16, 512, 1
    )
    crop_jitter: float = setting(
        0.3,
        "Crop jitter",
        "How much larger or smaller a patch may be than the crop size.",
        0,
        0.9,
        0.01,
    )
    crop_choice: str = choice(
        "centre",
        "Crop's region",
        "A crop is of the region at its centre or, as published, of that in its bottom band.",
        ("centre", "band"),
    )
    distortion: float = setting(
        0.35, "Perspective", "Strength of the random perspective of the patches.", 0, 0.9, 0.01
    )
    perspective: str = choice(
        "inside",
        "Perspective's outside",
        "A tilted patch stays inside its crop or, as published, has black corners.",
        ("inside", "black"),
    )
    one_style: str = choice(
        "joined",
        "One style",
        "The same style for object and background makes one region or, as in Sem-CS, stays two.",
        ("joined", "apart"),
    )
    sketch: float = setting(
        0.9,
        "Sketch",
        "How much of a drawing of the style a run starts from (starter models only).",
        0,
        1,
        0.01,
    )
    light: float = setting(
        0.6,
        "Light",
        "How much of the photo's light and shade is kept (starter models only).",
        0,
        2,
        0.01,
    )
    source: str = choice(
        "crops",
        "Source",
        "A patch is compared with the region's own crops of the photo, or with all of it; on the "
        "slides of Sem-CS the whole region is, too.",
        ("crops", "photo", "slides"),
    )
    patch_weight: float = setting(0.05, "Patch weight", "Style of the patches.", 0, 1e5, 0.01)
    alignment_weight: float = setting(
        1.0, "Alignment weight", "Absolute nearness of each region to its style.", 0, 1e5, 0.01
    )
    content_weight: float = setting(
        0.13, "Content weight", "How much of the photo's structure is kept.", 0, 1e5, 0.01
    )
    tone_weight: float = setting(
        1.0,
        "Tone weight",
        "The sketch's colours in the photo's light, without speckle (starter models only).",
        0,
        1e5,
        0.01,
    )
    tv_weight: float = setting(
        5e-5, "Smoothness weight", "Total variation: less speckle, less detail.", 0, 1e3, 1e-5
    )
    contrast: float = setting(1.0, "Contrast", "Of the finished picture.", 0.5, 3, 0.01)

    controls: tuple[RegionControls, ...] = ()

    def __post_init__(self) -> None:
        _check(self)
        controls = self.controls
        while controls and controls[-1] == RegionControls():
            controls = controls[:-1]  # so that equal settings compare equal
        object.__setattr__(self, "controls", controls)

    def controls_of(self, place: int) -> RegionControls:
        """The controls of the region at a place in the regions' order."""
        return self.controls[place] if place < len(self.controls) else RegionControls()


def _check(record: Settings | RegionControls) -> None:
    for f in fields(record):
        if not f.metadata:
            continue
        value, label = getattr(record, f.name), f.metadata["label"]
        if "options" in f.metadata:
            if value not in f.metadata["options"]:
                options = " or ".join(f.metadata["options"])
                raise UserError(f"{label} must be {options}: {value!r:.40} is not.")
            continue
        number = isinstance(value, (int if f.type == "int" else float) | int)
        low, high = f.metadata["minimum"], f.metadata["maximum"]
        if not number or isinstance(value, bool) or not low <= value <= high:  # NaN isn't
            raise UserError(
                f"{label} must be a number from {low:g} to {high:g}: {value!r:.40} is not."
            )
