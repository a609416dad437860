"""What the built-in network sees in a photo: the features of its parts, and where things are.

Where things are is LayerCAM (Jiang et al., TIP 2021) of the likeliest ImageNet classes, at three
sizes of the photo: small ones see large things whole; and a linear readout of the features, which
`tools/learn_things.py` learned from hand-masked photos. On 30 photos LayerCAM ranks object above
background 0.94 of the time. It likes telling parts best, a face more than a coat; the readout,
learned without the photo in question, likes whole things: 0.97.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from models.starter.network import EfficientNetLite
from semcs_core.image import to_tensor

SIDES = 256, 384, 512
"""Longer side in pixels of the photo as the network sees it; features are read at the last."""
DETAIL = 2, 4, 7, 10
"""Blocks whose features describe a cell: strides 4, 8, 16 and 16."""
LAST_SEEN = 14  # classes are traced back to the outputs of this block and of `DETAIL`'s last
THINGS = Path(__file__).with_name("things.npy")  # [424] float32: the readout's weights
READ = 4, 7, 10, 14  # the blocks whose outputs they are for
THINGS_WEIGHT = 2 / 3
LIKELIEST = 5
SHORTEST = 64  # pixels: a very long photo is widened to it


class StarterEyes:
    """`ObjectFeatures` of EfficientNet-Lite0, on its device."""

    def __init__(self, network: EfficientNetLite) -> None:
        self.network = network
        self.things = torch.from_numpy(np.load(THINGS)).to(network.device)

    def see(self, rgb: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """As in `ObjectFeatures`: [gh, gw, 256] at stride 8 of 512 pixels, and [gh/2, gw/2]."""
        photo = to_tensor(rgb, self.network.device)
        with torch.enable_grad():
            looks = [self._look(resized(photo, side)) for side in SIDES]
            detail, _, traced = looks[-1]
            height, width = (2 * size for size in detail[-1].shape[-2:])
            classes = _attention([look[1:] for look in looks], (height // 2, width // 2))
        things = _stretched(readable([*detail[1:], traced[-1]]) @ self.things)
        attention = torch.lerp(classes, things, THINGS_WEIGHT)
        descriptors = [_unit_scale(_at(features, (height, width))) for features in detail]
        joined = torch.cat(descriptors, 1)[0].permute(1, 2, 0) / len(DETAIL) ** 0.5
        return joined.cpu().numpy(), attention.cpu().numpy()

    def _look(self, images: Tensor) -> tuple[list[Tensor], Tensor, list[Tensor]]:
        """The features of `DETAIL`, the logits, and the two outputs to trace them back to."""
        network = self.network.network
        with torch.no_grad():
            detail = self.network.maps(images, DETAIL)
        x = detail[-1].requires_grad_()  # the gradient is not needed any further back
        traced = [x]
        blocks = [block for stage in network.blocks for block in stage]
        for number, block in enumerate(blocks[DETAIL[-1] + 1 :], DETAIL[-1] + 1):
            x = block(x)
            if number == LAST_SEEN:
                traced.append(x)
        head = network.bn2(network.conv_head(x))
        return detail, network.classifier(head.mean((2, 3))), traced


def _attention(looks: list[tuple[Tensor, list[Tensor]]], shape: tuple[int, int]) -> Tensor:
    """The mean over sizes and blocks of LayerCAM, all stretched to [0, 1]: [h, w]."""
    logits = (looks[0][0] + looks[-1][0]).detach() / 2
    likely, classes = logits.softmax(1)[0].topk(LIKELIEST)
    maps = []
    for scores, traced in looks:
        score = scores[0, classes] @ (likely / likely.sum()) - scores.mean()
        for output, gradient in zip(traced, torch.autograd.grad(score, traced), strict=True):
            seen = _at((output * gradient).detach().relu().sum(1, keepdim=True), shape)[0, 0]
            maps.append(_stretched(seen))
    return _stretched(torch.stack(maps).mean(0))


def readable(features: list[Tensor]) -> Tensor:
    """What `things.npy` reads: [h, w, 424], at the shape of the last but one of the features."""
    height, width = features[-2].shape[-2:]
    joined = torch.cat([_at(_unit_scale(each), (height, width)) for each in features], 1)
    return joined[0].permute(1, 2, 0)


def _stretched(seen: Tensor) -> Tensor:
    return (seen - seen.min()) / (seen.max() - seen.min()).clamp(min=1e-6)


def _unit_scale(features: Tensor) -> Tensor:
    """Features [1, C, h, w] centred, with cells of length 1 on average."""
    centred = features.detach() - features.detach().mean((2, 3), keepdim=True)
    return centred / centred.square().sum(1).mean().sqrt().clamp(min=1e-6)


def resized(photo: Tensor, side: int) -> Tensor:
    """The photo with about this longer side, in multiples of the network's stride of 32."""
    scale = side / max(photo.shape[-2:])
    shape = [max(SHORTEST, round(size * scale / 32) * 32) for size in photo.shape[-2:]]
    return F.interpolate(photo, shape, mode="bilinear", antialias=True).clamp(0, 1)


def _at(features: Tensor, shape: tuple[int, int]) -> Tensor:
    return F.interpolate(features, shape, mode="bilinear", antialias=True)
