"""Every weight file of the full models."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath

from semcs_core.errors import UserError


@dataclass(frozen=True)
class WeightFile:
    """One file to fetch, from the Hugging Face Hub (`repo`) or from an address of its own (`url`).

    Attributes:
        name: what the rest of the program calls it.
        what: what it is, in a few words.
        licence: SPDX identifier of those who trained it.
        size: bytes, counted from the parameters at 4 bytes each: within 1 %, not exact.
        filename: at its source.
        repo: of the Hub, None for a file from elsewhere.
        revision: branch, tag or commit of the repository.
        url: None for a file of the Hub.
        sha256: as many of its hexadecimal digits, from the first on, as are known in advance. None
            leaves it to the Hub's own record of the file.
    """

    name: str
    what: str
    licence: str
    size: int
    filename: str
    repo: str | None = None
    revision: str = "main"
    url: str | None = None
    sha256: str | None = None

    @property
    def suffix(self) -> str:
        """`.safetensors` or `.pth`."""
        return PurePosixPath(self.filename).suffix

    @property
    def flat_name(self) -> str:
        """Its name in a folder that SEMCS_WEIGHTS names, such as `dino-vits16.safetensors`."""
        return f"{self.name}{self.suffix}"

    @property
    def source(self) -> str:
        """The repository, or the address."""
        return self.repo or self.url or ""


_CLIP = "open_clip_model.safetensors"
_TIMM = "model.safetensors"
_FCN = "fcn_resnet101_coco-7ecb50ca.pth"

# CLIP's licence is that of OpenAI's repository, from which timm's files were converted.
FILES = (
    WeightFile(
        name="clip-vit-b32",
        what="CLIP ViT-B/32, any words, the fastest",
        licence="MIT",
        size=605_200_000,
        filename=_CLIP,
        repo="timm/vit_base_patch32_clip_224.openai",
    ),
    WeightFile(
        name="clip-vit-b16",
        what="CLIP ViT-B/16, any words, finer patches",
        licence="MIT",
        size=598_600_000,
        filename=_CLIP,
        repo="timm/vit_base_patch16_clip_224.openai",
    ),
    WeightFile(
        name="clip-rn50",
        what="CLIP ResNet-50, any words, that of Sem-CS",
        licence="MIT",
        size=408_300_000,
        filename=_CLIP,
        repo="timm/resnet50_clip.openai",
    ),
    WeightFile(
        name="dino-vits16",
        what="DINO ViT-S/16, features for the mask",
        licence="Apache-2.0",
        size=86_700_000,
        filename=_TIMM,
        repo="timm/vit_small_patch16_224.dino",
    ),
    WeightFile(
        name="dino-vits8",
        what="DINO ViT-S/8, features for a finer mask",
        licence="Apache-2.0",
        size=86_700_000,
        filename=_TIMM,
        repo="timm/vit_small_patch8_224.dino",
    ),
    WeightFile(
        name="vgg19",
        what="VGG19, features for the content loss",
        licence="BSD-3-Clause",
        size=574_700_000,
        filename=_TIMM,
        repo="timm/vgg19.tv_in1k",
    ),
    WeightFile(
        name="fcn-resnet101",
        what="FCN ResNet-101, the mask of people",
        licence="BSD-3-Clause",
        size=217_800_000,
        filename=_FCN,
        url=f"https://download.pytorch.org/models/{_FCN}",
        # torchvision writes the first digits of a file's SHA-256 into its name, and no others.
        sha256="7ecb50ca",
    ),
)


def find(name: str) -> WeightFile:
    """The file of that name.

    Raises:
        UserError: there is none.
    """
    for file in FILES:
        if file.name == name:
            return file
    names = ", ".join(file.name for file in FILES)
    raise UserError(f"There is no weight file called {name!r:.40}: there are {names}.")


def megabytes(size: int) -> str:
    """A number of bytes for people to read, such as `605 MB`; 1 MB is 1,000,000 bytes."""
    return f"{size / 1e6:.0f} MB" if size >= 10_000_000 else f"{size / 1e6:.2g} MB"
