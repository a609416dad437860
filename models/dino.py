"""DINO: the patch features whose affinities give the mask.

Caron et al., "Emerging Properties in Self-Supervised Vision Transformers", ICCV 2021. The keys of
the last attention block as a graph's features: Melas-Kyriazi et al., "Deep Spectral Methods",
CVPR 2022, section 3.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import timm
import torch
from timm.data import IMAGENET_DEFAULT_MEAN, IMAGENET_DEFAULT_STD
from torch import Tensor, nn

from models.checkpoint import Normalise, fill, read_safetensors
from semcs_core.image import resize_map

FEWEST_PATCHES, MOST_PATCHES = 1024, 4096
LEAST_SIDE = 224
"""Pixels of the shorter side, where the patches allow: the position embeddings were trained on
224, and shrunk much below they no longer give the keys of the original."""
FEWEST_ON_A_SIDE = 4


class Dino(nn.Module):
    """A self-supervised vision transformer (a `PatchFeatures`), frozen.

    Args:
        network: timm's `VisionTransformer`, of dynamic picture size, weights and all.
    """

    network: Any
    dtype: torch.dtype
    device: torch.device

    def __init__(self, network: Any) -> None:
        super().__init__()
        self.network = network
        self.patch = int(network.patch_embed.patch_size[0])
        weight = network.patch_embed.proj.weight
        self.dtype, self.device = weight.dtype, weight.device
        self.normalise = Normalise(IMAGENET_DEFAULT_MEAN, IMAGENET_DEFAULT_STD, weight.device)
        self.eval().requires_grad_(False)

    @classmethod
    def load(
        cls, path: Path, device: torch.device | str = "cpu", dtype: torch.dtype = torch.float32
    ) -> Dino:
        """Read `model.safetensors` of timm/vit_small_patch16_224.dino on the Hub.

        Args:
            path: of the file.
            device: where it computes.
            dtype: of weights and activations.

        Raises:
            UserError: the file is damaged, or is not this model's.
        """
        with torch.device("meta"):
            network = timm.create_model(
                "vit_small_patch16_224", num_classes=0, dynamic_img_size=True
            )
            network = network.to(dtype)
        fill(network, read_safetensors(path, "DINO ViT-S/16"), "DINO ViT-S/16", device)
        return cls(network)

    def describe(self, rgb: np.ndarray) -> np.ndarray:
        """The key of each patch in the last attention block.

        The picture is resized so that the grid covers it exactly. The reference crops it to whole
        patches instead and lays the crop's features over the whole picture's colours.

        Args:
            rgb: [H, W, 3], uint8; any size from 1x1 up.

        Returns:
            [gh, gw, 384], float32, not normalised; 1024 to 4096 patches or nearly, of about the
            picture's aspect.
        """
        gh, gw = grid_shape(rgb.shape[0], rgb.shape[1], self.patch)
        image = resize_map(rgb, (gh * self.patch, gw * self.patch)) / 255
        pixels = torch.from_numpy(np.ascontiguousarray(image.transpose(2, 0, 1))[None])
        return self.keys(pixels.to(self.device))[0].cpu().numpy()

    @torch.no_grad()
    def keys(self, images: Tensor) -> Tensor:
        """Keys of the last attention block, the class token left out.

        What a hook on `blocks[-1].attn.qkv` sees as [:, 1:, C:2C], without one: a hook would be
        shared by all that use the model at once.

        Args:
            images: [N, 3, H, W], RGB in [0, 1], sides multiples of the patch.

        Returns:
            [N, H / patch, W / patch, 384], float32.
        """
        last = self.network.blocks[-1]
        (x,) = self.network.forward_intermediates(
            self.normalise(images).to(self.dtype),
            indices=[len(self.network.blocks) - 2],
            stop_early=True,
            intermediates_only=True,
        )
        x = last.norm1(x.permute(0, 2, 3, 1))
        width = x.shape[-1]
        key = slice(width, 2 * width)
        return nn.functional.linear(x, last.attn.qkv.weight[key], last.attn.qkv.bias[key]).float()


def grid_shape(height: int, width: int, patch: int) -> tuple[int, int]:
    """(gh, gw) for a picture: one patch for `patch` pixels, within bounds on the whole.

    Small pictures are enlarged to 1024 patches and, if that is more, to 224 pixels on the shorter
    side; none has more than 4096 patches. Four on a side at least: a picture that is nearly a line
    is widened.
    """
    pixels, short = height * width, min(height, width)
    patches = max(pixels / patch**2, FEWEST_PATCHES, pixels * (LEAST_SIDE / patch / short) ** 2)
    scale = (min(patches, MOST_PATCHES) / pixels) ** 0.5
    most_on_a_side = MOST_PATCHES // FEWEST_ON_A_SIDE
    rows, columns = np.clip(
        [round(height * scale), round(width * scale)], FEWEST_ON_A_SIDE, most_on_a_side
    )
    return int(rows), int(columns)
