"""Every number of a run in one frozen record: default, range, label and help live here alone.

The page and the command line are built from `fields(Settings)` and cannot drift from it. Variants
are made with `dataclasses.replace`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, fields
from typing import Any

from semcs_core.errors import UserError


def setting(
    default: float, label: str, help: str, minimum: float, maximum: float, step: float
) -> Any:
    """A dataclass field that carries what a form needs to show it."""
    metadata = {"label": label, "help": help, "minimum": minimum, "maximum": maximum, "step": step}
    return field(default=default, metadata=metadata)


@dataclass(frozen=True)
class Settings:
    """The settings of one run; the defaults are those of the starter models.

    Weights are relative to each other: Adam does not see their common scale. The published
    CLIPstyler uses 500 (global), 9000 (patch), 150 (content) and 2e-3 (total variation).

    Raises:
        UserError: a value outside its range, or of the wrong type.
    """

    size: int = setting(384, "Size", "Long side of the working picture in pixels.", 64, 1024, 8)
    steps: int = setting(100, "Steps", "How long the network learns.", 1, 1000, 1)
    seed: int = setting(0, "Seed", "The same seed gives the same picture.", 0, 2**31 - 1, 1)
    learning_rate: float = setting(
        3e-3, "Learning rate", "Step length of Adam for the network.", 1e-5, 0.1, 1e-5
    )
    crops: int = setting(32, "Crops", "Patches looked at in each step, all regions.", 1, 256, 1)
    crop_size: int = setting(
        96, "Crop size", "Side of a patch in pixels of the working picture.", 16, 512, 1
    )
    crop_jitter: float = setting(
        0.3, "Crop jitter", "How much the side of a patch varies, up and down.", 0, 0.9, 0.01
    )
    distortion: float = setting(
        0.35, "Perspective", "Strength of the random perspective of the patches.", 0, 0.9, 0.01
    )
    threshold: float = setting(
        0.0, "Threshold", "Patches whose loss is below it are left alone (tau).", 0, 2, 0.01
    )
    global_weight: float = setting(
        0.25, "Global weight", "Style of each region seen as a whole.", 0, 1e5, 0.01
    )
    patch_weight: float = setting(1.0, "Patch weight", "Style of the patches.", 0, 1e5, 0.01)
    alignment_weight: float = setting(
        1.0, "Alignment weight", "Absolute nearness of the patches to their prompt.", 0, 1e5, 0.01
    )
    content_weight: float = setting(
        0.1, "Content weight", "How much of the photo's structure is kept.", 0, 1e5, 0.01
    )
    tv_weight: float = setting(
        2e-4, "Smoothness weight", "Total variation: less speckle, less detail.", 0, 1e3, 1e-5
    )

    def __post_init__(self) -> None:
        for f in fields(self):
            value, kind = getattr(self, f.name), int if f.type == "int" else float
            valid = isinstance(value, kind | int) and not isinstance(value, bool)
            low, high = f.metadata["minimum"], f.metadata["maximum"]
            if not valid or not math.isfinite(value) or not low <= value <= high:
                raise UserError(
                    f"{f.metadata['label']} must be a number from {low:g} to {high:g}: "
                    f"{value!r:.40} is not."
                )
