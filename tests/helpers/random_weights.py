"""Weights of the published formats, random: each table lists a file's tensors and their shapes."""

import json
from pathlib import Path

import torch
from safetensors.torch import save_file

TABLES = Path(__file__).parents[1] / "data" / "checkpoints"
Shapes = dict[str, list[int]]


def shapes_of(name: str) -> Shapes:
    return json.loads((TABLES / f"{name}.json").read_text())


def random_tensors(shapes: Shapes, seed: int = 0) -> dict[str, torch.Tensor]:
    """Weights that keep activations in range, cheaply: large tensors repeat a block of noise."""
    generator = torch.Generator().manual_seed(seed)
    noise = torch.randn(2**20 + 7, generator=generator)
    tensors = {}
    for number, (name, shape) in enumerate(shapes.items()):
        size = torch.Size(shape).numel()
        values = noise.roll(7919 * number).repeat(-(-size // len(noise)))[:size].view(shape)
        if name.endswith("num_batches_tracked"):
            tensors[name] = torch.tensor(100)
        elif name.endswith("running_var"):
            tensors[name] = 1 + 0.1 * values.abs()
        elif name.endswith("bn3.weight"):  # the end of a residual block: many add up
            tensors[name] = 0.2 + 0.05 * values
        elif name.endswith("weight") and len(shape) == 1:
            tensors[name] = 1 + 0.1 * values
        elif len(shape) > 1 and "embedding" not in name:
            tensors[name] = values * (2 / values[0].numel()) ** 0.5
        else:
            tensors[name] = 0.05 * values
    return tensors


def write_random(name: str, path: Path) -> Path:
    """A file of this checkpoint's format, with random weights."""
    save_file(random_tensors(shapes_of(name)), path)
    return path
