"""How the full models are read from their files, and what their pictures are normalised by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor, nn

from semcs_core.errors import UserError

COUNTER = "num_batches_tracked"
"""Of batch normalisation: it counts training steps, and old files have none."""


class Normalise(nn.Module):
    """RGB in [0, 1] to the range that a network was trained on, in float32.

    Args:
        mean: of the training set's channels.
        deviation: of the same.
        device: of the pictures.
    """

    scale: Tensor
    offset: Tensor

    def __init__(
        self, mean: Sequence[float], deviation: Sequence[float], device: torch.device | str
    ) -> None:
        super().__init__()
        means, deviations = (
            torch.tensor(numbers, device=device, dtype=torch.float64).view(1, 3, 1, 1)
            for numbers in (mean, deviation)
        )
        self.register_buffer("scale", (1 / deviations).float())
        self.register_buffer("offset", (-means / deviations).float())

    def forward(self, images: Tensor) -> Tensor:
        """[N, 3, H, W] in [0, 1] to the same shape, float32."""
        return torch.addcmul(self.offset, images.float(), self.scale)


def read_safetensors(path: Path, title: str, unused: tuple[str, ...] = ()) -> dict[str, Tensor]:
    """Read the tensors of a safetensors file.

    Args:
        path: of the file.
        title: the model's name in messages.
        unused: beginnings of the names of tensors that are left in the file.

    Raises:
        UserError: the file is damaged or missing.
    """
    try:
        with safe_open(path, framework="pt") as file:
            names = [name for name in file.keys() if not name.startswith(unused)]  # noqa: SIM118
            return {name: file.get_tensor(name) for name in names}
    except (OSError, SafetensorError) as error:
        raise damaged(title) from error


def fill(
    network: nn.Module, tensors: Mapping[str, Tensor], title: str, device: torch.device | str
) -> None:
    """Move a network that was built on the meta device to a real one, with a file's weights.

    Each parameter keeps the dtype that the network gives it. Buffers that are no part of a
    checkpoint are left without values.

    Raises:
        UserError: a tensor is missing, left over or of another shape.
    """
    wanted = network.state_dict()
    for name, tensor in wanted.items():
        if name not in tensors:
            if name.endswith(COUNTER):
                continue
            raise _unlike(title, f"has no {name}")
        if tensors[name].shape != tensor.shape:
            found, shape = list(tensors[name].shape), list(tensor.shape)
            raise _unlike(title, f"has {name} as {found} and not as {shape}")
    for name in tensors:
        if name not in wanted:
            raise _unlike(title, f"has {name}, which the model has not")
    network.to_empty(device=device)
    network.load_state_dict(tensors, strict=False)


def damaged(title: str) -> UserError:
    """What to say of a file that cannot be opened."""
    return UserError(f"The weights of {title} cannot be read: download them again.")


def _unlike(title: str, difference: str) -> UserError:
    return UserError(
        f"The weights of {title} are another model's, since the file {difference}: "
        "download them again."
    )
