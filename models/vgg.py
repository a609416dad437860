"""VGG19, whose features tell whether the content was kept.

Simonyan and Zisserman, "Very Deep Convolutional Networks for Large-Scale Image Recognition",
ICLR 2015. Its features as a measure of content: Gatys, Ecker and Bethge, CVPR 2016.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import timm
import torch
from torch import Tensor, nn

from models.checkpoint import FullModel, fill, read_safetensors

TAPS = (22, 31)  # layers whose outputs are the features: the ReLUs after conv4_2 and conv5_2
LEAST_SIDE = 16


class Vgg19(FullModel):
    """VGG19 as far as conv5_2 (a `PerceptualFeatures`), frozen.

    CLIPstyler (eq. 3) names conv4_2 and conv5_2. Its code reads both after the ReLU, which works
    in place; so does this. Layers beyond are never loaded.
    """

    @classmethod
    def load(
        cls, path: Path, device: torch.device | str = "cpu", dtype: torch.dtype = torch.float32
    ) -> Vgg19:
        """Read `model.safetensors` of timm/vgg19.tv_in1k on the Hugging Face Hub.

        Raises:
            UserError: the file is damaged, or is not this model's.
        """
        with torch.device("meta"):
            layers: Any = timm.create_model("vgg19").features.to(dtype)
        beyond = tuple(f"features.{n}." for n in range(TAPS[-1] + 1, len(layers)))
        layers = layers[: TAPS[-1] + 1]
        tensors = read_safetensors(path, "VGG19", unused=("pre_logits.", "head.", *beyond))
        fill(nn.ModuleDict({"features": layers}), tensors, "VGG19", device)
        return cls(layers.to(memory_format=torch.channels_last))

    def features(self, images: Tensor) -> list[Tensor]:
        """[N, 3, H, W] in [0, 1] to the features conv4_2 and conv5_2; differentiable.

        [N, 512, H / 8, W / 8] and [N, 512, H / 16, W / 16], sides rounded down, float32, >= 0.

        Raises:
            ValueError: a side is under 16 pixels.
        """
        if min(images.shape[-2:]) < LEAST_SIDE:
            raise ValueError(f"sides must be at least {LEAST_SIDE}, not {list(images.shape[-2:])}")
        x = self.normalise(images).to(self.dtype, memory_format=torch.channels_last)
        taps = []
        for number, layer in enumerate(self.network):
            x = layer(x)
            if number in TAPS:
                taps.append(x.float())
        return taps
