"""The full models end to end: real architectures and formats, random weights, a loopback Hub."""

import json
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file

from models import device, loading
from models import hub as weights
from semcs_core.errors import UserError
from semcs_core.image import Photo
from studio.cli import main
from tests.helpers.fake_hub import FakeHub
from tests.helpers.random_weights import random_tensors, shapes_of

PHOTO = str(Path(__file__).parents[2] / "examples" / "flower.jpg")
FAST = ["--size", "64", "--steps", "1", "--crops", "2", "--text", "fire | ice"]


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Random weights under the names of the real files."""
    folder = tmp_path_factory.mktemp("weights")
    for name in ("clip-rn50", "vgg19", "dino-vits16"):
        tensors = {n: t.half() for n, t in random_tensors(shapes_of(name)).items()}
        save_file(tensors, folder / f"{name}.safetensors")
    torch.save(
        {n: t.half() for n, t in random_tensors(shapes_of("fcn-resnet101")).items()},
        folder / "fcn-resnet101.pth",
    )
    yield folder
    for file in folder.iterdir():
        file.unlink()


@pytest.fixture(autouse=True)
def _fresh(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    loads = loading._load, loading._load_file
    for load in loads:
        load.cache_clear()
    yield
    for load in loads:
        load.cache_clear()


@pytest.fixture
def hub(monkeypatch, tmp_path):
    """A Hub without files, and an empty cache."""
    with FakeHub() as hub:
        hub.use(monkeypatch, tmp_path / "home")
        yield hub


@pytest.mark.real_size
def test_the_first_run_downloads_and_says_so_and_the_second_does_not(hub, files, capsys):
    for name in ("clip-rn50", "vgg19"):
        file = weights.find(name)
        hub.serve(file.repo, file.filename, files / f"{name}.safetensors")
    call = [PHOTO, *FAST, "--models", "clip-rn50"]
    assert main([*call, "--output", "a.png", "--report", "r.json"]) == 0
    said = capsys.readouterr().err
    assert "Downloading clip-rn50" in said
    assert "Downloading vgg19" in said
    assert json.loads(Path("r.json").read_text())["models"] == "clip-rn50"
    with Image.open("a.png") as image:
        assert np.asarray(image).std() > 5
    received = len(hub.gets)
    assert received >= 2
    assert main([*call, "--output", "b.png"]) == 0
    assert "Downloading" not in capsys.readouterr().err
    assert len(hub.gets) == received
    assert Path("a.png").read_bytes() == Path("b.png").read_bytes()
    # What is there is taken by itself from now on, whatever the words.
    full = loading.CHOICES[loading.FULL]
    assert full.missing
    assert loading.resolve("auto").name == "starter"


@pytest.mark.parametrize("real", [True, False])
def test_a_gpu_computes_in_bfloat16_only_if_it_has_it(monkeypatch, real):
    def supported(including_emulation=True):
        return including_emulation or real

    monkeypatch.setattr(torch.cuda, "is_bf16_supported", supported)
    assert device.best_dtype("cuda") == (torch.bfloat16 if real else torch.float32)


@pytest.mark.parametrize(
    ("source", "model"), [("dino", "models.dino.Dino"), ("person", "models.fcn.PersonSegmenter")]
)
def test_masks_are_found_in_float32_on_every_machine(monkeypatch, source, model):
    monkeypatch.setattr(loading, "fetch", lambda names, downloading: None)
    monkeypatch.setattr(weights, "checked", Path)
    loaded = []

    def load(path, device, dtype=torch.float32):
        loaded.append(dtype)
        raise UserError("enough")

    monkeypatch.setattr(f"{model}.load", load)
    monkeypatch.setattr(loading, "best_dtype", lambda device: torch.bfloat16)
    with pytest.raises(UserError, match="enough"):
        loading.find_mask(Photo(np.zeros((32, 32, 3), np.uint8)), source)
    assert loaded == [torch.float32]


def test_auto_takes_what_is_cached_and_asks_no_network_on_a_cpu(tmp_path, monkeypatch):
    for name in loading.CHOICES["clip-rn50"].files:
        (tmp_path / Path(weights.find(name).filename).with_stem(name).name).touch()
    monkeypatch.setattr(loading, "FULL", "clip-rn50")
    monkeypatch.setattr(
        weights, "reachable", lambda timeout: pytest.fail("the network must not be asked")
    )
    monkeypatch.setenv("SEMCS_WEIGHTS", str(tmp_path))
    assert loading.resolve("auto").name == "clip-rn50"
    monkeypatch.setenv("SEMCS_WEIGHTS", str(tmp_path / "nothing"))
    assert loading.resolve("auto").name == "starter"


def test_auto_on_a_gpu_machine_asks_the_hub_for_three_seconds_at_most(hub, monkeypatch):
    file = weights.FILES[0]
    hub.serve(file.repo, file.filename, b"its record is asked for, not its bytes")
    assert loading.resolve("auto", "cuda").name == loading.FULL
    assert hub.gets == []
    hub.status = 503
    began = time.monotonic()
    assert loading.resolve("auto", "cuda").name == "starter"
    assert time.monotonic() - began < 4


def test_no_network_is_one_sentence_and_the_starter_works(hub, capsys):
    hub.status = 503
    assert main([PHOTO, *FAST, "--models", "clip-rn50", "--quiet"]) == 2
    lines = capsys.readouterr().err.strip().splitlines()
    assert len(lines) == 1
    assert "SEMCS_WEIGHTS" in lines[0]
    assert "starter" in lines[0]
    assert not list(Path().glob("*.png"))
    assert main([PHOTO, *FAST, "--models", "starter", "--quiet"]) == 0


@pytest.mark.real_size
@pytest.mark.parametrize("source", ["dino", "person"])
def test_other_sources_of_the_mask(files, monkeypatch, source):
    monkeypatch.setenv("SEMCS_WEIGHTS", str(files))
    call = [PHOTO, *FAST, "--text", "fire", "--models", "starter"]
    assert main([*call, "--mask-source", source, "--mask-output", "m.png"]) == 0
    with Image.open("m.png") as mask:
        assert mask.size == (64, 40)


def test_an_eigenvector_a_threshold_and_flip_choose_the_mask():
    call = [PHOTO, *FAST, "--models", "starter", "--quiet"]
    chosen = ["--eigenvector", "2", "--mask-threshold", "0.4"]
    assert main([*call, *chosen, "--mask-output", "a.png"]) == 0
    assert main([*call, *chosen, "--flip", "--mask-output", "b.png"]) == 0
    a, b = (np.asarray(Image.open(name), float) for name in ("a.png", "b.png"))
    assert ((a > 127) != (b > 127)).mean() > 0.98
