"""FCN-ResNet101: the class person as a soft mask."""

from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torchvision.models.segmentation import fcn_resnet101

from models.fcn import PersonSegmenter, working_size
from tests.helpers.random_weights import random_tensors, shapes_of

Tensors = dict[str, torch.Tensor]


@pytest.fixture(scope="module")
def tensors() -> Tensors:
    return random_tensors(shapes_of("fcn-resnet101"))


@pytest.fixture(scope="module")
def path(tensors: Tensors, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("fcn") / "fcn.pth"
    torch.save(tensors, path)
    return path


@pytest.fixture(scope="module")
def people(path: Path) -> PersonSegmenter:
    return PersonSegmenter.load(path)


@pytest.fixture(scope="module")
def rgb() -> np.ndarray:
    coarse = torch.rand(1, 3, 6, 12, generator=torch.Generator().manual_seed(0))
    picture = F.interpolate(coarse, (104, 1040), mode="nearest")[0].permute(1, 2, 0)
    return (picture.numpy() * 255).astype(np.uint8)


def test_the_mask_is_the_softmax_of_class_15_of_torchvisions_network(people, tensors, rgb):
    with torch.device("meta"):
        network = fcn_resnet101(weights=None, weights_backbone=None, aux_loss=True)
    network.load_state_dict(tensors, assign=True)
    network.eval()
    assert working_size(*rgb.shape[:2]) == rgb.shape[:2]
    mean, deviation = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])
    pixels = torch.from_numpy(((rgb / 255 - mean) / deviation).transpose(2, 0, 1)[None]).float()
    with torch.no_grad():
        logits = network(pixels)["out"][0]
    probability = logits.exp() / logits.exp().sum(dim=0)
    mask = people.segment(rgb)
    assert mask.dtype == np.float32
    assert mask.std() > 1e-4
    np.testing.assert_allclose(mask, probability[15].numpy(), rtol=1e-3, atol=1e-5)


def test_the_mask_has_the_pictures_size(people):
    for size in ((1, 1), (25, 500), (400, 16)):
        mask = people.segment(np.full((*size, 3), 90, np.uint8))
        assert mask.shape == size
        assert mask.min() >= 0
        assert mask.max() <= 1


def test_a_certain_person_is_1_and_anything_else_0(tensors, tmp_path, rgb):
    certain = dict(tensors)
    certain["classifier.4.weight"] = torch.zeros_like(tensors["classifier.4.weight"])
    for chosen, value in ((15, 1.0), (14, 0.0)):
        certain["classifier.4.bias"] = 50 * F.one_hot(torch.tensor(chosen), 21).float()
        torch.save(certain, tmp_path / "fcn.pth")
        mask = PersonSegmenter.load(tmp_path / "fcn.pth").segment(rgb[:52])
        np.testing.assert_allclose(mask, value, atol=1e-6)


def test_bfloat16_is_close_to_float32(path, people, rgb):
    half = PersonSegmenter.load(path, dtype=torch.bfloat16).segment(rgb)
    full = people.segment(rgb)
    assert half.dtype == np.float32
    assert (half * full).sum() / np.sqrt((half**2).sum() * (full**2).sum()) > 0.99


@pytest.mark.parametrize(
    ("size", "seen"),
    [
        ((512, 512), (520, 520)),
        ((3000, 4000), (520, 693)),
        ((200, 4000), (52, 1040)),
        ((4000, 1), (1040, 32)),
        ((1, 1), (520, 520)),
    ],
)
def test_the_network_sees_the_size_it_was_trained_on(size, seen):
    assert working_size(*size) == seen
