"""Draft, standard and fine: how large a picture is and how long it is learned, for every method.

Each is a few factors, laid over whatever a method has, so that the standard of a published method
is what was published. `cost` says what they take on this machine.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from semcs_core.errors import UserError
from semcs_core.methods import METHODS
from semcs_core.settings import Settings


@dataclass(frozen=True)
class Preset:
    """Factors of the settings of the same names.

    A patch grows with the picture, or a style's marks would change against the photo.
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


def find_preset(values: Mapping[str, object], method: str) -> str | None:
    """The preset whose values these are.

    Args:
        values: of the settings in `SCALED`, by name; others are not looked at.
        method: of `METHODS`, the one that the preset lies over.
    """
    for name in PRESETS:
        preset = with_preset(METHODS[method], name)
        if all(values[scaled] == getattr(preset, scaled) for scaled in SCALED):
            return name
    return None


def _in_range(name: str, value: float) -> int:
    about = Settings.__dataclass_fields__[name].metadata
    step = about["step"]
    return int(min(about["maximum"], max(about["minimum"], step * round(value / step))))
