"""`python -m studio check`: it believes the built-in network, and none with random weights."""

import json

import numpy as np
import pytest
import torch

from models import hub, loading
from studio import check
from studio.cli import main
from tests.helpers.random_weights import random_tensors, shapes_of, write_random


@pytest.fixture
def weights(tmp_path, monkeypatch):
    """A folder of weight files, of which there are none yet."""
    forget = [loading._load, loading._load_file]
    for cached in forget:
        cached.cache_clear()
    folder = tmp_path / "weights"
    folder.mkdir()
    monkeypatch.setenv("SEMCS_WEIGHTS", str(folder))
    yield folder
    for cached in forget:
        cached.cache_clear()


def put(name, folder):
    path = folder / hub.find(name).flat_name
    if path.suffix == ".safetensors":
        write_random(name, path)
    else:
        torch.save(random_tensors(shapes_of(name)), path)


def test_the_built_in_network_is_what_it_says(tmp_path, weights, capsys, monkeypatch):
    monkeypatch.setattr(check, "STEPS", 12)
    call = ["check", "--report", str(tmp_path / "report.json"), "--pictures", str(tmp_path)]
    assert main(call) == 0
    said = capsys.readouterr()
    assert "5 of 5 facts hold." in said.out
    assert "NO" not in said.out
    report = json.loads((tmp_path / "report.json").read_text("utf-8"))
    assert [fact["holds"] for fact in report["facts"]] == 5 * [True]
    assert report["versions"].keys() >= {"torch", "timm"}
    assert (tmp_path / "check-starter.png").stat().st_size > 10_000


@pytest.mark.parametrize(
    ("name", "facts"),
    [
        pytest.param("dino-vits16", check.of_dino, marks=pytest.mark.real_size),
        pytest.param("fcn-resnet101", check.of_person, marks=pytest.mark.real_size),
        ("vgg19", check.of_vgg),
    ],
)
def test_random_weights_are_found_out(weights, name, facts):
    put(name, weights)
    told = list(facts("cpu"))
    assert {fact.model for fact in told} == {name}
    assert not told[0].holds


@pytest.mark.real_size
@pytest.mark.parametrize("name", ["clip-vit-b32", "clip-rn50"])
def test_a_random_clip_knows_tokens_and_nothing_else(weights, name):
    put(name, weights)
    ranks, captions, _, drawings, dtype, tokens = check.of_clip(name, "cpu")
    assert not any(fact.holds for fact in (ranks, captions, drawings))
    assert dtype.holds
    assert tokens.holds


def test_a_file_that_is_missing_or_damaged_is_a_fact_and_the_others_go_on(
    weights, tmp_path, capsys, monkeypatch
):
    monkeypatch.setattr(check, "STEPS", 3)
    assert main(["check", "--models", "dino"]) == 2
    assert "cannot be downloaded" in capsys.readouterr().err
    (weights / hub.find("dino-vits16").flat_name).write_bytes(b"no weights")
    assert main(["check", "--models", "dino", "starter", "--pictures", str(tmp_path)]) == 1
    said = capsys.readouterr().out
    assert "NO   dino: can be used: The weights of DINO" in said
    assert "yes  starter" in said


def test_a_run_is_judged_by_its_losses_and_its_picture():
    random = np.random.default_rng(0)
    photo = np.clip(np.cumsum(random.normal(0, 3, (64, 64, 3)), 1) + 128, 0, 255).astype(np.uint8)
    noise = random.integers(0, 256, photo.shape, dtype=np.uint8)
    falling, rising = [2.0, 1.9, 1.5, 1.2, 1.0, 0.9], [1.0, 1.1, 1.5, 1.6, 1.7, 1.9]
    assert [f.holds for f in check.judge("run", falling, photo, photo)] == [True, True, True]
    assert [f.holds for f in check.judge("run", rising, noise, photo)] == [False, False, False]
    assert check.structural_similarity(*2 * [photo[..., 0].astype(float)]) == pytest.approx(1)
