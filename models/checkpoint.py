"""What the full models have in common: frozen networks, read from files, with normalised inputs."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from timm.data import IMAGENET_DEFAULT_MEAN, IMAGENET_DEFAULT_STD
from torch import Tensor, nn

from semcs_core.errors import UserError

COUNTER = "num_batches_tracked"  # batch normalisation's count of steps; old files have none


class Normalise(nn.Module):
    """RGB in [0, 1] to the training set's range, by mean and deviation of its channels."""

    mean: Tensor
    deviation: Tensor

    def __init__(
        self, mean: Sequence[float], deviation: Sequence[float], device: torch.device | str
    ) -> None:
        super().__init__()
        for name, numbers in ("mean", mean), ("deviation", deviation):
            self.register_buffer(name, torch.tensor(numbers, device=device).view(3, 1, 1))

    def forward(self, images: Tensor) -> Tensor:
        """[N, 3, H, W] in [0, 1] to the same shape, float32."""
        return (images.float() - self.mean) / self.deviation


class FullModel(nn.Module):
    """A frozen network in evaluation mode, with the dtype and device of its first parameter.

    Pictures are normalised by ImageNet's mean and deviation unless others are given.
    """

    network: Any
    dtype: torch.dtype
    device: torch.device

    def __init__(
        self,
        network: nn.Module,
        mean: Sequence[float] = IMAGENET_DEFAULT_MEAN,
        deviation: Sequence[float] = IMAGENET_DEFAULT_STD,
    ) -> None:
        super().__init__()
        self.network = network
        first = next(network.parameters())
        self.dtype, self.device = first.dtype, first.device
        self.normalise = Normalise(mean, deviation, first.device)
        self.eval().requires_grad_(False)


def read_safetensors(path: Path, title: str, unused: tuple[str, ...] = ()) -> dict[str, Tensor]:
    """Read a safetensors file, but for tensors whose names begin with one of `unused`.

    `title` is the model's name in messages.

    Raises:
        UserError: the file is damaged or missing.
    """
    try:
        with safe_open(path, framework="pt") as file:
            names = [name for name in file.keys() if not name.startswith(unused)]  # noqa: SIM118
            return {name: file.get_tensor(name) for name in names}
    except (OSError, SafetensorError) as error:
        raise damaged(title) from error


def read_pickle(path: Path, title: str) -> dict[str, Tensor]:
    """Read a pickled state dict, of which nothing but tensors is unpickled; as above."""
    try:
        tensors = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # torch raises anything for a damaged file
        raise damaged(title) from error
    if not isinstance(tensors, dict):
        raise damaged(title)
    return tensors


def fill(
    network: nn.Module, tensors: Mapping[str, Tensor], title: str, device: torch.device | str
) -> None:
    """Move a network that was built on the meta device to a real one, with a file's weights.

    Parameters keep the network's dtype; buffers without values in the file get none; single numbers
    that the network has not, as OpenAI's `input_resolution`, are left out.

    Raises:
        UserError: a tensor is missing, superfluous or of another shape.
    """
    network.to_empty(device=device)
    try:
        missing, unknown = network.load_state_dict(tensors, strict=False)
    except RuntimeError as error:  # its last line names a tensor and both shapes
        raise _unlike(title, f"has a {str(error).splitlines()[-1].strip()}") from error
    lacking = [name for name in missing if not name.endswith(COUNTER)]
    large = [name for name in unknown if tensors[name].numel() > 1]
    if large or lacking:
        raise _unlike(title, f"has no {lacking[0]}" if lacking else f"has also {large[0]}")
    if unknown:
        warnings.warn(f"The weights of {title} have also {unknown[0]}: not used.", stacklevel=2)


def damaged(title: str) -> UserError:
    """The error for a file that cannot be opened."""
    return UserError(f"The weights of {title} cannot be read: download them again.")


def _unlike(title: str, difference: str) -> UserError:
    return UserError(
        f"The weights of {title} are another model's, since the file {difference}: "
        "download them again."
    )
