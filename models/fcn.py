"""FCN-ResNet101: where the people are.

Long, Shelhamer and Darrell, "Fully Convolutional Networks for Semantic Segmentation", CVPR 2015,
as torchvision has it, with the 21 classes of Pascal VOC. Generative Artisan takes its mask from
the class person.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torchvision.models.segmentation import fcn_resnet101

from models.checkpoint import FullModel, fill, read_pickle
from semcs_core.image import resize_map

CLASSES = 21
PERSON = 15
SHORT_SIDE, LONG_SIDE = 520, 1040
"""Pixels of the picture that the network sees: it was trained at 520 on the shorter side."""
FEWEST_PIXELS = 32


class PersonSegmenter(FullModel):
    """FCN-ResNet101's class person (a `Segmenter`): torchvision's `FCN` of 21 classes."""

    @classmethod
    def load(cls, path: Path, device: torch.device | str = "cpu") -> PersonSegmenter:
        """Read torchvision's `fcn_resnet101_coco-7ecb50ca.pth`.

        Raises:
            UserError: the file is damaged, or is not this model's.
        """
        title = "FCN-ResNet101"
        tensors = read_pickle(path, title)  # with a second classifier, which only helped training
        tensors = {n: t for n, t in tensors.items() if not n.startswith("aux_classifier.")}
        with torch.device("meta"):
            network = fcn_resnet101(weights=None, weights_backbone=None, num_classes=CLASSES)
        fill(network, tensors, title, device)
        return cls(network)

    @torch.no_grad()
    def segment(self, rgb: np.ndarray) -> np.ndarray:
        """How likely each pixel of [H, W, 3], uint8, 1x1 or larger, is to show a person.

        [H, W], float32 in [0, 1]: the softmax over the 21 classes, from a map of one value for
        8 x 8 pixels of a picture of about 520 pixels.
        """
        height, width = rgb.shape[:2]
        image = resize_map(rgb, working_size(height, width)) / 255
        pixels = torch.from_numpy(np.ascontiguousarray(image.transpose(2, 0, 1))[None])
        logits = self.network(self.normalise(pixels.to(self.device)))["out"]
        person = logits.softmax(dim=1)[0, PERSON].cpu().numpy()
        return resize_map(person, (height, width)).clip(0, 1)


def working_size(height: int, width: int) -> tuple[int, int]:
    """(height, width) that the network sees: 520 pixels on the shorter side, 1040 at most."""
    scale = min(SHORT_SIDE / min(height, width), LONG_SIDE / max(height, width))
    return max(round(height * scale), FEWEST_PIXELS), max(round(width * scale), FEWEST_PIXELS)
