"""CLIP, on the real architectures with random weights."""

import sys
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F

from models.clip import CONTEXT, Clip, imagenet_templates, installed_package
from semcs_core.errors import UserError
from semcs_core.prompts import embed_prompt
from tests.helpers.plain_clip import plain_clip
from tests.helpers.random_weights import write_random

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
def resnet(folder: Path) -> Clip:
    return Clip.load("clip-rn50", folder / "clip-rn50")


@pytest.fixture(params=["vit", "resnet"])
def model(request: pytest.FixtureRequest) -> Clip:
    return request.getfixturevalue(request.param)


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


def test_rows_are_of_unit_length_and_differ(model, images):
    for rows in (model.encode_image(images), model.encode_text(TEXTS)):
        assert rows.dtype == torch.float32
        assert rows.shape[1] == model.network.text_projection.shape[1]
        torch.testing.assert_close(rows.norm(dim=1), torch.ones(len(rows)))
        cosines = rows @ rows.T
        assert (cosines - torch.eye(len(rows))).max() < 0.9999


def test_the_gradient_reaches_every_pixel_and_no_weight(model, images):
    images = images[:1].clone().requires_grad_()
    model.encode_image(images)[0, :8].sum().backward()
    assert images.grad.isfinite().all()
    assert (images.grad.abs().sum(dim=1) > 0).all()
    assert all(parameter.grad is None for parameter in model.parameters())


def test_a_picture_means_the_same_alone_and_in_a_batch(model, images):
    together = model.encode_image(images)
    torch.testing.assert_close(together[1:2], model.encode_image(images[1:2]), rtol=0, atol=1e-5)


def test_a_text_means_the_same_alone_and_in_a_batch(vit):
    together = vit.encode_text(TEXTS)
    torch.testing.assert_close(together[1:2], vit.encode_text(TEXTS[1:2]), rtol=0, atol=1e-5)


@pytest.mark.parametrize("package", ["clip", "open_clip"])
@pytest.mark.parametrize("name", ["clip-vit-b32", "clip-rn50"])
def test_bfloat16_is_close_to_float32(name, package, folder, images, request):
    full = request.getfixturevalue("vit" if name == "clip-vit-b32" else "resnet")
    half = Clip.load(name, folder / name, dtype=torch.bfloat16, package=package)
    pairs = (
        (half.encode_image(images), full.encode_image(images)),
        (half.encode_text(TEXTS), full.encode_text(TEXTS)),
    )
    for a, b in pairs:
        assert a.dtype == torch.float32
        assert F.cosine_similarity(a, b).min() > 0.99
    for module in half.network.modules():
        normalises = isinstance(module, torch.nn.LayerNorm | torch.nn.BatchNorm2d)
        for parameter in module.parameters(recurse=False):
            assert parameter.dtype == (torch.float32 if normalises else torch.bfloat16)


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
@pytest.mark.parametrize("name", ["clip-vit-b32", "clip-rn50"])
def test_embeddings_and_gradients_are_those_of_a_network_built_the_usual_way(
    name, package, folder, images
):
    """The rewritten picture tower computes what the package's own does."""
    network = plain_clip(name, folder / name)
    model = Clip.load(name, folder / name, package=package)
    mean = torch.tensor([0.48145466, 0.4578275, 0.40821073]).view(1, 3, 1, 1)
    deviation = torch.tensor([0.26862954, 0.26130258, 0.27577711]).view(1, 3, 1, 1)
    plain, ours = images.clone().requires_grad_(), images.clone().requires_grad_()
    rows = F.normalize(network.encode_image((plain - mean) / deviation), dim=1)
    torch.testing.assert_close(model.encode_image(ours), rows, rtol=0, atol=1e-5)
    rows[:, :50].sum().backward()
    model.encode_image(ours)[:, :50].sum().backward()
    # A ReLU near its corner may fall to the other side, and its share of the gradient with it.
    tolerance = 1e-4 if name == "clip-vit-b32" else 1e-2
    for a, b in zip(ours.grad, plain.grad, strict=True):
        assert (a - b).norm() < tolerance * b.norm()
    with torch.no_grad():
        texts = F.normalize(network.encode_text(model.tokenise(TEXTS)), dim=1)
    torch.testing.assert_close(model.encode_text(TEXTS), texts, rtol=0, atol=1e-5)


@pytest.mark.parametrize("package", ["clip", "open_clip"])
def test_a_text_means_the_same_beside_a_long_one(package, folder, vit):
    """Short texts are computed without most of their padding."""
    model = Clip.load("clip-vit-b32", folder / "clip-vit-b32", package=package)
    long = "a painting of " + "red " * 40 + "rocks"
    among = model.encode_text([*TEXTS, long])[: len(TEXTS)]
    torch.testing.assert_close(model.encode_text(TEXTS), among, rtol=0, atol=1e-5)


def test_words_after_the_end_do_not_count(vit):
    """The causal mask is in place, though no checkpoint has it."""
    tokens = vit.tokenise(["fire"])
    altered = tokens.clone()
    altered[0, tokens[0].argmax() + 1 :] = 320
    assert torch.equal(altered.argmax(dim=1), tokens.argmax(dim=1))
    with torch.no_grad():
        a, b = vit.network.encode_text(tokens), vit.network.encode_text(altered)
    torch.testing.assert_close(a, b, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("package", ["clip", "open_clip"])
def test_a_text_of_77_tokens_is_read_and_a_longer_one_refused(package, folder):
    model = Clip.load("clip-rn50", folder / "clip-rn50", dtype=torch.bfloat16, package=package)
    longest = " ".join(["fire"] * (CONTEXT - 2))
    assert (model.tokenise([longest]) != 0).all()
    with pytest.raises(UserError, match="shorten"):
        model.encode_text(["snow", longest + " fire"])


def test_pictures_of_another_size_are_resized(vit, images):
    larger = F.interpolate(images, (448, 448), mode="bicubic")
    cosines = F.cosine_similarity(vit.encode_image(larger), vit.encode_image(images))
    assert cosines.min() > 0.9
    assert vit.encode_image(torch.rand(2, 3, 64, 64)).shape == (2, 512)


def test_the_ensemble_is_the_80_templates(vit):
    assert len(vit.templates) == len(set(vit.templates)) == 80
    assert "a photo of many {}." in vit.templates
    assert all(template.count("{}") == 1 for template in vit.templates)
    assert vit.source_text == "a Photo"
    assert imagenet_templates() == vit.templates


def test_a_prompt_goes_through_the_ensemble(vit, monkeypatch):
    monkeypatch.setattr(vit, "templates", vit.templates[:3])
    rows = vit.encode_text(
        ["a bad photo of a fire.", "a photo of many fire.", "a sculpture of a fire."]
    )
    torch.testing.assert_close(embed_prompt(vit, "fire"), F.normalize(rows.mean(dim=0), dim=0))


def test_no_word_is_unknown(vit):
    assert vit.nearest("a Zdzisław-Beksiński-ish xqzv") == {}


def test_open_clip_is_taken_where_openais_package_is_not(monkeypatch):
    assert installed_package() == "clip"
    for module in ("clip", "clip.model"):
        monkeypatch.setitem(sys.modules, module, None)
    assert installed_package() == "open_clip"


def test_another_package_called_clip_is_not_taken_for_openais(monkeypatch):
    monkeypatch.delitem(sys.modules, "clip.model", raising=False)
    monkeypatch.setitem(sys.modules, "clip", type(sys)("clip"))
    assert installed_package() == "open_clip"
