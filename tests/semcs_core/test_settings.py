from dataclasses import FrozenInstanceError, replace

import pytest

from semcs_core.errors import UserError
from semcs_core.methods import METHODS
from semcs_core.settings import Settings
from studio.flat_settings import ENTRIES, changed, flatten


def test_every_setting_says_what_a_form_needs():
    for entry in ENTRIES.values():
        assert entry.label
        assert entry.about["help"].endswith(".")
        if entry.kind is str:
            assert set(entry.about) == {"label", "help", "options"}
            assert entry.default in entry.about["options"]
        else:
            assert set(entry.about) == {"label", "help", "minimum", "maximum", "step"}
            assert entry.about["minimum"] <= entry.default <= entry.about["maximum"]


def test_flat_names_stay_since_links_and_pictures_hold_them():
    names = {name for name in ENTRIES if name.startswith(("foreground_", "background_"))}
    parts = ("strength", "band", "share", "threshold", "weight", "global")
    assert names == {
        f"{region}_{part}" for region in ("foreground", "background") for part in parts
    }
    for settings in METHODS.values():
        assert changed(Settings(), flatten(settings)) == settings


def test_settings_are_frozen():
    with pytest.raises(FrozenInstanceError):
        Settings().seed = 1


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("steps", 0),
        ("steps", 10**9),
        ("steps", 2.5),
        ("steps", True),
        ("steps", "40"),
        ("size", None),
        ("size", -8),
        ("seed", -1),
        ("patch_weight", float("nan")),
        ("patch_weight", float("inf")),
        ("learning_rate", 0),
        ("foreground_threshold", [0.5]),
        ("background_threshold", {"a": 1}),
    ],
)
def test_values_outside_the_range_are_refused_in_one_sentence(name, value):
    with pytest.raises(UserError, match="must be a number from") as caught:
        changed(Settings(), {name: value})
    assert len(str(caught.value)) < 160


@pytest.mark.parametrize("value", ["", "oil", None, 1, ["layers"]])
def test_a_choice_is_one_of_its_options(value):
    with pytest.raises(UserError, match=r"Painter must be layers or stylenet: .* is not"):
        replace(Settings(), painter=value)


NUMBERS = [name for name, entry in ENTRIES.items() if entry.kind is not str]


@pytest.mark.parametrize("name", NUMBERS)
def test_the_ends_of_every_range_are_allowed(name):
    for end in ("minimum", "maximum"):
        value = ENTRIES[name].kind(ENTRIES[name].about[end])
        assert flatten(changed(Settings(), {name: value}))[name] == value
