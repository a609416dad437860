"""What a published method brings with it, and what is said where that is not to be had."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from models import hub
from semcs_core.errors import UserError
from semcs_core.methods import METHODS, with_preset
from studio.cli import build_parser, main
from studio.published import SETUPS, choose, departure, in_words, own_choice

PHOTO = str(Path(__file__).parents[2] / "examples" / "flower.jpg")
OURS = ("starter", "spectral")


@pytest.fixture(params=[False, True], ids=["nothing downloaded", "all downloaded"])
def downloaded(request, monkeypatch):
    monkeypatch.setattr(hub, "cached", lambda name: Path(name) if request.param else None)
    return request.param


@pytest.mark.parametrize(
    ("method", "one_style", "expected"),
    [
        ("semcs", False, ("clip-rn50", "sem-cs")),
        ("semcs", True, ("clip-vit-b32", "sem-cs")),
        ("generative-artisan", False, ("clip-vit-b32", "person")),
        ("clipstyler", True, ("clip-vit-b32", "spectral")),
        ("studio", False, OURS),
    ],
)
def test_a_method_brings_its_models_and_its_mask(downloaded, method, one_style, expected):
    chosen = own_choice(method, one_style)
    assert chosen == (expected if downloaded else OURS)
    said = departure(method, *chosen, one_style)
    assert bool(said) == (not downloaded and method != "studio")


def test_every_method_but_our_own_says_what_it_was_made_with():
    assert {"studio", *SETUPS} == set(METHODS)


def test_what_stands_in_and_what_a_download_takes_is_one_sentence(monkeypatch):
    monkeypatch.setattr(hub, "cached", lambda name: None)
    assert departure("semcs", *OURS) == (
        "Not Sem-CS as published: that takes the models clip-rn50 and the mask source sem-cs "
        "(a download of 1070 MB)."
    )
    assert departure("generative-artisan", "clip-vit-b32", "spectral") == (
        "Not Generative Artisan as published: that takes the mask source person "
        "(a download of 218 MB)."
    )
    assert "untried" in departure("studio", "clip-rn50", "spectral")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ([], ("studio", "starter", "spectral")),
        (["--models", "clip-vit-b16"], ("semcs", "clip-vit-b16", "spectral")),
        (
            ["--models", "clip-vit-b16", "--method", "studio"],
            ("studio", "clip-vit-b16", "spectral"),
        ),
        (["--method", "semcs", "--mask-source", "dino"], ("semcs", "starter", "dino")),
    ],
)
def test_what_is_chosen_stays_and_the_rest_follows(monkeypatch, given, expected):
    monkeypatch.setattr(hub, "cached", lambda name: None)
    options = build_parser().parse_args([PHOTO, "--text", "fire | ice", *given])
    chosen = choose(options.method, options.models, options.mask_source, one_style=False)
    assert chosen == expected


def test_the_command_line_and_the_report_name_method_models_and_mask(monkeypatch, tmp_path, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(hub, "cached", lambda name: None)
    small = ["--size", "64", "--steps", "1", "--crops", "2", "--crop-size", "32"]
    call = [PHOTO, "--text", "fire | ice", "--method", "semcs", *small, "--report", "r.json"]
    assert main([*call, "--mask-neighbours", "0"]) == 0
    assert "Not Sem-CS as published" in capsys.readouterr().err
    report = json.loads(Path("r.json").read_text("utf-8"))
    said = [report[name] for name in ("method", "models", "mask_source")]
    assert said == ["semcs, settings changed", "starter", "spectral"]
    assert main([*call, "--mask-neighbours", "nan"]) == 2
    assert "from 0 to 100" in capsys.readouterr().err


def test_a_method_is_named_with_what_was_changed_of_it():
    assert in_words("semcs", METHODS["semcs"]) == "semcs"
    assert in_words("semcs", replace(METHODS["semcs"], seed=7)) == "semcs"
    assert in_words("semcs", with_preset(METHODS["semcs"], "draft")) == "semcs, draft"
    assert in_words("semcs", METHODS["studio"]) == "semcs, settings changed"
    with pytest.raises(UserError, match="no method called 'other'"):
        in_words("other", METHODS["studio"])
