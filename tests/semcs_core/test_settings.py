from dataclasses import FrozenInstanceError, fields, replace

import pytest

from semcs_core.errors import UserError
from semcs_core.settings import Settings


def test_every_setting_says_what_a_form_needs():
    for f in fields(Settings):
        assert f.metadata["label"]
        assert f.metadata["help"].endswith(".")
        if f.type == "str":
            assert set(f.metadata) == {"label", "help", "options"}
            assert f.default in f.metadata["options"]
        else:
            assert set(f.metadata) == {"label", "help", "minimum", "maximum", "step"}
            assert f.metadata["minimum"] <= f.default <= f.metadata["maximum"]


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
        replace(Settings(), **{name: value})
    assert len(str(caught.value)) < 160


@pytest.mark.parametrize("value", ["", "oil", None, 1, ["layers"]])
def test_a_choice_is_one_of_its_options(value):
    with pytest.raises(UserError, match=r"Painter must be layers or stylenet: .* is not"):
        replace(Settings(), painter=value)


NUMBERS = [f for f in fields(Settings) if f.type != "str"]


@pytest.mark.parametrize("f", NUMBERS, ids=lambda f: f.name)
def test_the_ends_of_every_range_are_allowed(f):
    kind = int if f.type == "int" else float
    for end in ("minimum", "maximum"):
        assert getattr(replace(Settings(), **{f.name: kind(f.metadata[end])}), f.name) is not None
