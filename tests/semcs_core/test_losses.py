"""What of the losses the formulas of a whole step (test_formulas.py) do not show."""

import numpy as np
import pytest
import torch

from semcs_core.losses import (
    content_loss,
    directional_loss,
    patch_loss,
    total_variation,
)

RANDOM = np.random.default_rng(0)


def test_directional_loss_is_0_aligned_2_opposed_1_still():
    direction = torch.tensor([0.6, 0.8])
    images = torch.stack([3 * direction, -0.1 * direction, 0 * direction])
    torch.testing.assert_close(directional_loss(images, direction), torch.tensor([0.0, 2.0, 1.0]))


def test_patch_loss_rejects_what_is_under_its_own_threshold():
    losses = np.array([0.2, 0.7, 0.71, 1.3])
    weights, thresholds = np.array([1.0, 0.3, 0.3, 1.0]), np.array([0.1, 0.7, 0.7, 1.5])
    expected = (1.0 * 0.2 + 0 + 0.3 * 0.71 + 0) / 4
    actual = patch_loss(*(torch.tensor(x) for x in (losses, weights, thresholds)))
    assert actual.item() == pytest.approx(expected, rel=1e-12)


def test_patch_loss_has_a_zero_gradient_where_every_crop_is_rejected():
    losses = torch.tensor([0.1, 0.2], requires_grad=True)
    loss = patch_loss(losses, torch.ones(2), torch.full((2,), 0.7))
    loss.backward()
    assert loss.item() == 0
    assert losses.grad.tolist() == [0, 0]


def test_content_loss_is_the_mean_squared_difference_summed_over_layers():
    a = [RANDOM.normal(size=(1, 2, 4, 4)), RANDOM.normal(size=(1, 3, 2, 2))]
    b = [RANDOM.normal(size=x.shape) for x in a]
    expected = sum(((x - y) ** 2).mean() for x, y in zip(a, b, strict=True))
    actual = content_loss(
        [torch.tensor(x).float() for x in a], [torch.tensor(x).float() for x in b]
    )
    assert actual.item() == pytest.approx(expected, rel=1e-5)
    assert content_loss([torch.tensor(a[0])], [torch.tensor(a[0])]).item() == 0


def test_total_variation_of_a_flat_picture_has_a_finite_gradient():
    flat = torch.full((1, 3, 8, 8), 0.5, requires_grad=True)
    total_variation(flat).backward()
    assert flat.grad.abs().max() == 0


def test_content_of_a_layer_counts_where_it_is_seen():
    reference = [torch.zeros(1, 2, 4, 4)]
    layers = [torch.stack([torch.ones(2, 4, 4), torch.full((2, 4, 4), 3.0)])]
    left = torch.zeros(1, 1, 8, 8)
    left[..., :4] = 1
    masks = torch.cat([left, 1 - left])
    assert content_loss(layers, reference, masks) == pytest.approx((1 + 9) / 2)
    assert content_loss(layers, reference, 0 * masks) == 0
    one = [torch.ones(1, 2, 4, 4)]
    assert content_loss(one, reference, torch.ones(1, 1, 8, 8)) == content_loss(one, reference)
