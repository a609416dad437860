"""What a model must be able to do: a few small Protocols.

Every model takes RGB in [0, 1], normalises inside, is frozen and in evaluation mode when it is
built, and stays on the device and in the dtype that its builder chose. The core is handed models
and never picks one, nor a device.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

import numpy as np

if TYPE_CHECKING:
    import torch
    from torch import Tensor


class ImageTextEncoder(Protocol):
    """Images and texts into one space, as CLIP does (Radford et al., 2021)."""

    @property
    def input_size(self) -> int:
        """Side in pixels of the square pictures that `encode_image` is made for."""
        ...

    @property
    def dtype(self) -> torch.dtype:
        """What it computes in: float32, or bfloat16 where that is faster."""
        ...

    @property
    def templates(self) -> Sequence[str]:
        """The prompt ensemble: sentences with one `{}` for the prompt."""
        ...

    @property
    def source_text(self) -> str:
        """What a plain photograph is called (t_src of CLIPstyler: "a Photo")."""
        ...

    def encode_image(self, images: Tensor) -> Tensor:
        """[N, 3, S, S] in [0, 1] to [N, D], float32, rows of unit length; differentiable."""
        ...

    def encode_text(self, texts: Sequence[str]) -> Tensor:
        """Texts to [len(texts), D], float32, each row of unit length.

        Raises:
            UserError: a text that it cannot use.
        """
        ...

    def nearest(self, text: str) -> dict[str, list[str]]:
        """Words of a prompt that the encoder has never learned, in order, each once.

        Each word, or two that belong together, comes with the known prompts nearest to it.
        """
        ...


class PerceptualFeatures(Protocol):
    """Features whose mean squared difference tells whether the content was kept."""

    def features(self, images: Tensor) -> list[Tensor]:
        """[N, 3, H, W] in [0, 1] to one map [N, C, h, w] for each layer that is read.

        Differentiable.
        """
        ...


class Sketcher(Protocol):
    """Draws what a run starts from."""

    def sketch(
        self,
        prompt: str,
        photo: Tensor,
        mask: Tensor,
        crop_size: int,
        light: float,
        generator: torch.Generator,
        times: int = 1,
    ) -> Tensor:
        """Draw a style over a photo.

        Args:
            prompt: the style.
            photo: [1, 3, H, W] in [0, 1].
            mask: [1, 1, H, W] in [0, 1], where the drawing will be seen.
            crop_size: side in pixels of a crop, which sets the size of the style's marks.
            light: how much of the photo's light and shade is kept, 1 for all of it.
            generator: on the CPU, the source of all chance.
            times: how many times larger the photo is than the one that `crop_size` is for; the
                drawing is the same, but finer.

        Returns:
            [1, 3, H, W] in (0, 1), on the photo's device.

        Raises:
            UserError: a prompt that cannot be drawn.
        """
        ...


class PatchFeatures(Protocol):
    """Descriptors of the picture on a grid, the nodes of the mask's graph."""

    def describe(self, rgb: np.ndarray) -> np.ndarray:
        """A picture [H, W, 3], uint8, to one descriptor for each cell, [gh, gw, C], float32."""
        ...


class Segmenter(Protocol):
    """Finds one kind of thing in a picture."""

    def segment(self, rgb: np.ndarray) -> np.ndarray:
        """How likely each pixel of [H, W, 3], uint8, is to be of it: [H, W], float32 in [0, 1]."""
        ...
