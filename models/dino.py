"""DINO: the patch features whose affinities give the mask.

Caron et al., "Emerging Properties in Self-Supervised Vision Transformers", ICCV 2021. The keys of
the last attention block as a graph's features: Melas-Kyriazi et al., "Deep Spectral Methods",
CVPR 2022, section 3.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import timm
import torch
from torch import Tensor, nn

from models.checkpoint import FullModel, fill, read_safetensors
from semcs_core.image import resize_map
from semcs_core.mask.descriptors import grid_shape

FEWEST_PATCHES, MOST_PATCHES = 1024, 4096
LEAST_SIDE = 224  # pixels, where the patches allow: what the position embeddings were trained at


class Dino(FullModel):
    """A self-supervised vision transformer (a `PatchFeatures`): timm's, of dynamic picture size."""

    @property
    def patch(self) -> int:
        """Side of a patch in pixels."""
        return int(self.network.patch_embed.patch_size[0])

    @classmethod
    def load(cls, path: Path, device: torch.device | str = "cpu") -> Dino:
        """Read `model.safetensors` of timm/vit_small_patch16_224.dino on the Hub.

        Raises:
            UserError: the file is damaged, or is not this model's.
        """
        with torch.device("meta"):
            kind = "vit_small_patch16_224"
            network = timm.create_model(kind, num_classes=0, dynamic_img_size=True)
        fill(network, read_safetensors(path, "DINO ViT-S/16"), "DINO ViT-S/16", device)
        return cls(network)

    def describe(self, rgb: np.ndarray) -> np.ndarray:
        """The key of each patch of a picture [H, W, 3], uint8, 1x1 or larger, in the last block.

        The picture is resized so that the grid covers it exactly: the reference crops it to whole
        patches. [gh, gw, 384], float32, not normalised, 1024 to 4096 patches in about its aspect.
        """
        gh, gw = patch_grid(rgb.shape[0], rgb.shape[1], self.patch)
        image = resize_map(rgb, (gh * self.patch, gw * self.patch)) / 255
        pixels = torch.from_numpy(np.ascontiguousarray(image.transpose(2, 0, 1))[None])
        return self.keys(pixels.to(self.device))[0].cpu().numpy()

    @torch.no_grad()
    def keys(self, images: Tensor) -> Tensor:
        """Keys of the last attention block without the class token's.

        [N, 3, H, W] in [0, 1], sides multiples of the patch, to [N, H / patch, W / patch, 384],
        float32: [:, 1:, C:2C] of `blocks[-1].attn.qkv`, read without a hook that all users share.
        """
        last = self.network.blocks[-1]
        before, images = [len(self.network.blocks) - 2], self.normalise(images)
        (x,) = self.network.forward_intermediates(
            images, indices=before, stop_early=True, intermediates_only=True
        )
        x = last.norm1(x.permute(0, 2, 3, 1))
        width = x.shape[-1]
        key = slice(width, 2 * width)
        return nn.functional.linear(x, last.attn.qkv.weight[key], last.attn.qkv.bias[key])


def patch_grid(height: int, width: int, patch: int) -> tuple[int, int]:
    """(gh, gw) for a picture: one patch for each square of `patch` pixels, within bounds.

    Small pictures are enlarged to 1024 patches or 224 pixels on the shorter side, whichever is
    more; none has more than 4096 patches.
    """
    pixels, short = height * width, min(height, width)
    patches = max(pixels / patch**2, FEWEST_PATCHES, pixels * (LEAST_SIDE / patch / short) ** 2)
    return grid_shape(height, width, min(patches, MOST_PATCHES))
