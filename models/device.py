"""The device that models compute on, and in which dtype."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import replace
from functools import cache

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from semcs_core.methods import METHODS, two_regions
from semcs_core.run import Run
from semcs_core.views import PictureEncoder

USE_GPU = True  # False in a process that only lends its GPU to others
TOLERANCE = 0.01  # mean difference of a picture in [0, 1] after two steps


def best_device() -> str:
    """CUDA where there is one that this process may use, or Apple's GPU, else the CPU."""
    if USE_GPU and torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() and computes_right("mps") else "cpu"


def best_dtype(device: str) -> torch.dtype:
    """bfloat16 on GPUs and CPUs that compute in it and do not emulate it, else float32."""
    if device == "cuda":
        real = torch.cuda.is_bf16_supported(including_emulation=False)
        return torch.bfloat16 if real else torch.float32
    supported = getattr(torch.cpu, "_is_avx512_bf16_supported", lambda: False)()
    return torch.bfloat16 if device == "cpu" and supported else torch.float32


@cache
def computes_right(device: str) -> bool:
    """Whether two steps of a run come out there as on the CPU; a warning says so if not."""
    try:
        apart = max(
            float((_two_steps(method, device) - _two_steps(method, "cpu")).abs().mean())
            for method in ("studio", "semcs")
        )
        fault = "" if apart < TOLERANCE else "computes otherwise than the CPU"  # NaN does too
    except Exception as error:  # an operation that a device has not raises anything
        fault = f"cannot do a step ({type(error).__name__})"
    if fault:
        warnings.warn(f"The GPU “{device}” {fault}: the CPU is used in its place.", stacklevel=2)
    return not fault


def _two_steps(method: str, device: str) -> Tensor:
    """The picture [1, 3, 64, 64] after two steps of a method on a device, brought to the CPU."""
    settings = replace(METHODS[method], size=64, steps=2, crops=4, crop_size=32)
    photo = torch.rand(1, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    mask = np.zeros((64, 64), np.float32)
    mask[:, 20:] = 1
    eye = _Eye(device)
    run = Run(photo.to(device), two_regions(mask, "one", "two", settings), eye, eye, settings)
    while not run.finished:
        run.advance()
    return run.look().image.cpu()


class _Eye(PictureEncoder):
    """A network of one layer: what an encoder and perceptual features need to be."""

    input_size = 32
    dtype = torch.float32
    templates = ("{}",)
    source_text = "photo"

    def __init__(self, device: str) -> None:
        chance = torch.Generator().manual_seed(1)
        self.kernel = torch.randn(4, 3, 4, 4, generator=chance).to(device)

    def encode_image(self, images: Tensor) -> Tensor:
        return F.normalize(self.features(images)[0].flatten(1), dim=1)

    def features(self, images: Tensor) -> list[Tensor]:
        return [F.conv2d(images, self.kernel, stride=4)]

    def encode_text(self, texts: Sequence[str]) -> Tensor:
        rows = [torch.Generator().manual_seed(len(text)) for text in texts]
        texts_as = [torch.randn(256, generator=row) for row in rows]
        return F.normalize(torch.stack(texts_as), dim=1).to(self.kernel.device)

    def nearest(self, text: str) -> dict[str, list[str]]:
        return {}
