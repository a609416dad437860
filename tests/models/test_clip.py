"""CLIP, on the real architectures with random weights: tokens, texts, and pictures in a batch."""

import sys
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F

from models.clip import CONTEXT, Clip, imagenet_templates, installed_package
from semcs_core.errors import UserError
from tests.helpers.random_weights import write_random

pytestmark = pytest.mark.real_size
TEXTS = [
    "a Photo",
    "The Great Wave off Kanagawa by Hokusai",
    "  Weird   spacing &amp; ENTITIES, ümläuts, “quotes”, 🎨 and 1,234 numbers... ",
    "",
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("clip")
    for name in ("clip-vit-b32", "clip-rn50"):
        write_random(name, folder / name)
    return folder


@pytest.fixture(scope="module")
def vit(folder: Path) -> Clip:
    return Clip.load("clip-vit-b32", folder / "clip-vit-b32")


@pytest.fixture(scope="module")
def images() -> torch.Tensor:
    """Noise of three grains: pictures that differ."""
    generator = torch.Generator().manual_seed(0)
    return torch.cat(
        [
            F.interpolate(torch.rand(1, 3, side, side, generator=generator), (224, 224))
            for side in (7, 56, 224)
        ]
    )


@pytest.mark.parametrize("name", ["clip-vit-b32", "clip-rn50"])
def test_both_packages_give_the_same_tokens_and_embeddings(name, folder, images):
    ours, other = (
        Clip.load(name, folder / name, package=package) for package in ("clip", "open_clip")
    )
    assert type(ours.network).__module__ == "clip.model"
    assert type(other.network).__module__.startswith("open_clip.")
    prompts = TEXTS + [template.format("fire") for template in ours.templates]
    assert torch.equal(ours.tokenise(prompts), other.tokenise(prompts))
    torch.testing.assert_close(
        ours.encode_image(images), other.encode_image(images), rtol=0, atol=1e-5
    )
    torch.testing.assert_close(ours.encode_text(TEXTS), other.encode_text(TEXTS), rtol=0, atol=1e-5)


@pytest.mark.parametrize("package", ["clip", "open_clip"])
def test_a_text_means_the_same_beside_a_long_one(package, folder, vit):
    """Short texts are computed without most of their padding."""
    model = Clip.load("clip-vit-b32", folder / "clip-vit-b32", package=package)
    long = "a painting of " + "red " * 40 + "rocks"
    among = model.encode_text([*TEXTS, long])[: len(TEXTS)]
    torch.testing.assert_close(model.encode_text(TEXTS), among, rtol=0, atol=1e-5)


@pytest.mark.parametrize("package", ["clip", "open_clip"])
def test_a_text_of_77_tokens_is_read_and_a_longer_one_refused(package, folder):
    model = Clip.load("clip-rn50", folder / "clip-rn50", dtype=torch.bfloat16, package=package)
    longest = " ".join(["fire"] * (CONTEXT - 2))
    assert (model.tokenise([longest]) != 0).all()
    with pytest.raises(UserError, match="shorten"):
        model.encode_text(["snow", longest + " fire"])


def test_the_ensemble_is_the_80_templates(vit):
    assert len(vit.templates) == len(set(vit.templates)) == 80
    assert "a photo of many {}." in vit.templates
    assert all(template.count("{}") == 1 for template in vit.templates)
    assert vit.source_text == "a Photo"
    assert imagenet_templates() == vit.templates


def test_open_clip_is_taken_where_openais_package_is_not(monkeypatch):
    assert installed_package() == "clip"
    for module in ("clip", "clip.model"):
        monkeypatch.setitem(sys.modules, module, None)
    assert installed_package() == "open_clip"


def test_another_package_called_clip_is_not_taken_for_openais(monkeypatch):
    monkeypatch.delitem(sys.modules, "clip.model", raising=False)
    monkeypatch.setitem(sys.modules, "clip", type(sys)("clip"))
    assert installed_package() == "open_clip"
