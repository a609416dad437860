"""VGG19: its taps are those of the reference, by index and by hand."""

from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
import torchvision
from safetensors.torch import save_file

from models.vgg import Vgg19
from tests.helpers.random_weights import random_tensors, shapes_of


@pytest.fixture(scope="module")
def tensors() -> dict[str, torch.Tensor]:
    shapes = {n: s for n, s in shapes_of("vgg19").items() if n.startswith("features.")}
    return random_tensors(shapes)


@pytest.fixture(scope="module")
def path(tensors: dict[str, torch.Tensor], tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("vgg") / "model.safetensors"
    save_file(tensors, path)
    return path


@pytest.fixture(scope="module")
def vgg(path: Path) -> Vgg19:
    return Vgg19.load(path)


@pytest.fixture(scope="module")
def images() -> torch.Tensor:
    return torch.rand(2, 3, 64, 96, generator=torch.Generator().manual_seed(0))


def test_taps_are_what_the_published_loop_reads_from_torchvisions_network(vgg, tensors, images):
    with torch.device("meta"):
        features = torchvision.models.vgg19().features
    state = {name.removeprefix("features."): tensor for name, tensor in tensors.items()}
    features.load_state_dict(state, assign=True)
    mean = torch.tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1)
    deviation = torch.tensor([0.229, 0.224, 0.225]).view(1, 3, 1, 1)
    x = (images - mean) / deviation
    read = {}
    with torch.no_grad():
        for number, layer in enumerate(features):
            x = layer(x)
            read[number] = x  # a reference, so that layer 22 works on what was read at 21
    for tap, number in zip(vgg.features(images), (21, 31), strict=True):
        torch.testing.assert_close(tap, read[number], rtol=1e-4, atol=1e-4)
        assert tap.min() == 0


def test_taps_are_conv4_2_and_conv5_2_counted_by_hand(vgg, tensors, images):
    x = vgg.normalise(images)
    weights = [tensors[name] for name in tensors if name.endswith("weight")]
    biases = [tensors[name] for name in tensors if name.endswith("bias")]
    taps, number = {}, 0
    for stage, convolutions in enumerate((2, 2, 4, 4, 4), start=1):
        for place in range(1, convolutions + 1):
            x = F.relu(F.conv2d(x, weights[number], biases[number], padding=1))
            taps[f"conv{stage}_{place}"] = x
            number += 1
        x = F.max_pool2d(x, 2)
    conv4_2, conv5_2 = vgg.features(images)
    torch.testing.assert_close(conv4_2, taps["conv4_2"], rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(conv5_2, taps["conv5_2"], rtol=1e-4, atol=1e-4)
    assert conv4_2.shape == (2, 512, 8, 12)
    assert conv5_2.shape == (2, 512, 4, 6)


def test_the_gradient_reaches_every_pixel(vgg, images):
    images = images.clone().requires_grad_()
    sum(tap.square().mean() for tap in vgg.features(images)).backward()
    assert images.grad.isfinite().all()
    assert (images.grad.abs().sum(dim=1) > 0).all()


def test_a_picture_has_the_same_features_alone_and_in_a_batch(vgg, images):
    together, alone = vgg.features(images), vgg.features(images[1:])
    for a, b in zip(together, alone, strict=True):
        torch.testing.assert_close(a[1:], b, rtol=1e-4, atol=1e-4)


def test_bfloat16_is_close_to_float32(path, vgg, images):
    half = Vgg19.load(path, dtype=torch.bfloat16)
    assert half.network[0].weight.dtype == torch.bfloat16
    for a, b in zip(half.features(images), vgg.features(images), strict=True):
        assert a.dtype == torch.float32
        assert F.cosine_similarity(a.flatten(1), b.flatten(1)).min() > 0.99


def test_layers_beyond_the_last_tap_are_not_held(vgg):
    assert len(vgg.network) == 32
    assert sum(p.numel() for p in vgg.parameters()) == 15_304_768


def test_pictures_too_small_for_the_last_tap_are_refused(vgg):
    with pytest.raises(ValueError, match="16"):
        vgg.features(torch.rand(1, 3, 15, 40))
    assert vgg.features(torch.rand(1, 3, 16, 40))[1].shape == (1, 512, 1, 2)
