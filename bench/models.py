"""The full models with random weights: their cost is that of the real ones, their losses are not.

Weights are drawn once and saved in the real file format, so that both loops of a comparison
compute with the same network and ours is loaded by the code that loads the real one.
"""

from __future__ import annotations

import importlib
import math
from pathlib import Path
from typing import Any

import timm
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from models.clip import NETWORKS, Clip
from models.loading import Models
from models.vgg import Vgg19

VGG = "vgg19"


def write_random_weights(folder: Path, name: str) -> Path:
    """Save random weights as `NAME.safetensors`, float32.

    Args:
        folder: where they go; a file that is there already is kept.
        name: of `models.clip.NETWORKS`, or "vgg19".
    """
    path = folder / f"{name}.safetensors"
    if not path.exists():
        network = timm.create_model(VGG) if name == VGG else plain_clip(name)
        torch.manual_seed(0)
        tensors = {n: _draw(n, t) for n, t in network.state_dict().items() if t.is_floating_point()}
        if name == VGG:
            tensors = {n: t for n, t in tensors.items() if n.startswith("features.")}
        save_file(tensors, path)
    return path


def plain_clip(name: str, path: Path | None = None) -> Any:
    """A CLIP as its package gives it: float32, every parameter with a gradient."""
    open_clip: Any = importlib.import_module("open_clip")
    network = open_clip.CLIP(**open_clip.get_model_config(NETWORKS[name]))
    if path is not None:
        network.load_state_dict(load_file(path), strict=False)
    return network


def plain_vgg(path: Path) -> nn.Sequential:
    """All convolutions of a VGG19 in float32, frozen."""
    layers: Any = timm.create_model(VGG).features
    tensors = {n.removeprefix("features."): t for n, t in load_file(path).items()}
    layers.load_state_dict(tensors)
    return layers.eval().requires_grad_(False)


def random_models(folder: Path, name: str, device: str, dtype: torch.dtype) -> Models:
    """What a run needs, as `models.loading.load_models` would load it."""
    encoder = Clip.load(name, write_random_weights(folder, name), device, dtype)
    return Models(name, encoder, Vgg19.load(write_random_weights(folder, VGG), device, dtype))


def _draw(name: str, like: Tensor) -> Tensor:
    """Weights under which signals neither fade nor grow, so that every operation has real work."""
    if name.endswith("running_var"):
        return torch.ones_like(like)
    if like.dim() < 2:
        is_scale = name.endswith("weight")
        return (1.0 if is_scale else 0.0) + 0.02 * torch.randn_like(like)
    return torch.randn_like(like) * math.sqrt(2 / max(1, like[0].numel()))
