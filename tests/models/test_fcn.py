"""FCN-ResNet101: the class person as a soft mask."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from models.fcn import PersonSegmenter, working_size
from tests.helpers.random_weights import random_tensors, shapes_of


@pytest.mark.real_size
def test_a_certain_person_is_1_and_anything_else_0_at_the_pictures_size(tmp_path):
    certain = random_tensors(shapes_of("fcn-resnet101"))
    certain["classifier.4.weight"] = torch.zeros_like(certain["classifier.4.weight"])
    for chosen, value in ((15, 1.0), (14, 0.0)):
        certain["classifier.4.bias"] = 50 * F.one_hot(torch.tensor(chosen), 21).float()
        torch.save(certain, tmp_path / "fcn.pth")
        people = PersonSegmenter.load(tmp_path / "fcn.pth")
        for size in ((25, 500), (1, 40)) if value else ((25, 500),):
            mask = people.segment(np.full((*size, 3), 90, np.uint8))
            np.testing.assert_allclose(mask, np.full(size, value), atol=1e-6)


@pytest.mark.parametrize(
    ("size", "seen"),
    [
        ((3000, 4000), (520, 693)),
        ((200, 4000), (52, 1040)),
        ((4000, 1), (1040, 32)),
        ((1, 1), (520, 520)),
    ],
)
def test_the_network_sees_the_size_it_was_trained_on(size, seen):
    assert working_size(*size) == seen
