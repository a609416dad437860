"""Settings as one flat table of named values, as forms, links, options and pictures hold them.

"foreground_weight" is `weight` in the controls of the first region, "background_weight" in those
of the second; every other name is a field of `Settings`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from semcs_core.errors import UserError
from semcs_core.methods import PARTS
from semcs_core.settings import RegionControls, Settings

SHORT = {"global_weight": "global"}  # fields of `RegionControls` with another flat name
TITLES = ("Object", "Background")


@dataclass(frozen=True)
class Entry:
    """What a form needs to know of one value."""

    label: str  # its name on the page
    default: Any
    kind: type  # int, float or str
    about: Mapping[str, Any]  # its "help", and "options" or "minimum", "maximum" and "step"


def _entry(field: Any, title: str = "") -> Entry:
    label = field.metadata["label"]
    label = f"{title} {label.lower()}" if title else label
    return Entry(label, field.default, type(field.default), field.metadata)


def _flat_name(part: str, name: str) -> str:
    return f"{part}_{SHORT.get(name, name)}"


ENTRIES: dict[str, Entry] = {
    **{f.name: _entry(f) for f in fields(Settings) if f.metadata},
    **{
        _flat_name(part, f.name): _entry(f, title)
        for f in fields(RegionControls)
        for part, title in zip(PARTS, TITLES, strict=True)
    },
}
"""Every value by its flat name."""


def flatten(settings: Settings) -> dict[str, Any]:
    """All values by their flat names."""
    values = {f.name: getattr(settings, f.name) for f in fields(Settings) if f.metadata}
    for place, part in enumerate(PARTS):
        for name, value in vars(settings.controls_of(place)).items():
            values[_flat_name(part, name)] = value
    return values


def changed(settings: Settings, values: Mapping[str, Any]) -> Settings:
    """Settings with some values changed; whole numbers may come as floats, as forms send them.

    Raises:
        UserError: a name that there is not, or a value that is no number or outside its range.
    """
    unknown = values.keys() - ENTRIES.keys()
    if unknown:
        raise UserError(f"There is no setting called {min(unknown)!r:.40}: see docs/api.md.")
    flat = {**flatten(settings), **values}
    for name, value in flat.items():
        if ENTRIES[name].kind is int and isinstance(value, float) and value.is_integer():
            flat[name] = int(value)
    controls = []
    for part, title in zip(PARTS, TITLES, strict=True):
        own = {f.name: flat.pop(_flat_name(part, f.name)) for f in fields(RegionControls)}
        try:
            controls.append(RegionControls(**own))
        except UserError as error:
            text = str(error)
            raise UserError(f"{title} {text[0].lower()}{text[1:]}") from None
    return replace(settings, controls=tuple(controls), **flat)
