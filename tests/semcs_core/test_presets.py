import json
from dataclasses import replace
from pathlib import Path

import pytest

from semcs_core.methods import METHODS, PRESETS, SCALED, with_preset
from semcs_core.settings import Settings
from studio.cli import main
from studio.flat_settings import flatten

PHOTO = str(Path(__file__).parents[2] / "examples" / "flower.jpg")


@pytest.mark.parametrize("method", METHODS)
def test_each_preset_has_more_of_everything_than_the_one_before_and_changes_nothing_else(method):
    draft, standard, fine = (with_preset(METHODS[method], name) for name in PRESETS)
    assert standard == METHODS[method]
    for name, value in flatten(METHODS[method]).items():
        if name in SCALED:
            assert getattr(draft, name) < value < getattr(fine, name)
        else:
            assert flatten(draft)[name] == value == flatten(fine)[name]
    # The marks of a style keep their proportion to the picture.
    for settings in draft, fine:
        before, after = standard.crop_size / standard.size, settings.crop_size / settings.size
        assert after == pytest.approx(before, rel=0.02)


def test_a_preset_stays_within_the_range_and_the_steps_of_each_setting():
    large = replace(Settings(), size=1024, steps=1000, crops=256, crop_size=512)
    assert with_preset(large, "fine") == large
    small = replace(Settings(), size=64, steps=1, crops=1, crop_size=16)
    assert with_preset(small, "draft") == small
    for method in METHODS.values():
        assert with_preset(method, "draft").size % 8 == 0


def test_the_command_line_lays_a_preset_over_the_method_and_single_settings_over_both(
    tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    call = [PHOTO, "--text", "fire", "--models", "starter", "--report", "r.json", "--quiet"]
    tiny = ["--size", "64", "--steps", "2"]
    assert main([*call, *tiny, "--method", "semcs", "--preset", "draft"]) == 0
    assert capsys.readouterr().err == ""
    report = json.loads(Path("r.json").read_text())
    assert report["settings"] == flatten(
        replace(with_preset(METHODS["semcs"], "draft"), size=64, steps=2)
    )
