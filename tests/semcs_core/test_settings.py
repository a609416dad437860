from dataclasses import replace

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


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("steps", 10**9),
        ("steps", 2.5),
        ("steps", True),
        ("size", None),
        ("seed", -1),
        ("patch_weight", float("nan")),
        ("foreground_threshold", [0.5]),
    ],
)
def test_values_outside_the_range_are_refused_in_one_sentence(name, value):
    with pytest.raises(UserError, match="must be a number from") as caught:
        changed(Settings(), {name: value})
    assert len(str(caught.value)) < 160


@pytest.mark.parametrize("value", ["oil", None, ["layers"]])
def test_a_choice_is_one_of_its_options(value):
    with pytest.raises(UserError, match=r"Painter must be layers or stylenet: .* is not"):
        replace(Settings(), painter=value)


@pytest.mark.parametrize("end", ["minimum", "maximum"])
def test_the_ends_of_every_range_are_allowed(end):
    ends = {name: e.kind(e.about[end]) for name, e in ENTRIES.items() if e.kind is not str}
    assert flatten(changed(Settings(), ends)).items() >= ends.items()
