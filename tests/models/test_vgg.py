"""VGG19: what is held of it, and the smallest picture."""

import pytest
import torch
from safetensors.torch import save_file

from models.vgg import Vgg19
from tests.helpers.random_weights import random_tensors, shapes_of


@pytest.mark.real_size
def test_layers_beyond_the_last_tap_are_not_held_and_too_small_pictures_refused(tmp_path):
    shapes = {n: s for n, s in shapes_of("vgg19").items() if n.startswith("features.")}
    save_file(random_tensors(shapes), tmp_path / "weights")
    vgg = Vgg19.load(tmp_path / "weights")
    assert len(vgg.network) == 32
    assert sum(p.numel() for p in vgg.parameters()) == 15_304_768
    with pytest.raises(ValueError, match="16"):
        vgg.features(torch.rand(1, 3, 15, 40))
    images = torch.rand(1, 3, 16, 40, requires_grad=True)
    conv4_2, conv5_2 = vgg.features(images)
    assert (conv4_2.shape, conv5_2.shape) == ((1, 512, 2, 5), (1, 512, 1, 2))
    (conv4_2.sum() + conv5_2.sum()).backward()
    assert (images.grad.abs().sum(dim=1) > 0).all()
