"""What a model must be able to do: a few small Protocols.

Every model takes RGB in [0, 1], normalises inside, is frozen and in evaluation mode when it is
built, and stays on the device and in the dtype that its builder chose. The core is handed models
and never picks one, nor a device.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

import numpy as np

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from semcs_core.crops import Crop


@dataclass(frozen=True)
class Seen:
    """What an encoder saw of a picture with R regions and N crops.

    Attributes:
        regions: [R, D], E_I of each region as a whole, float32, rows of unit length.
        crops: [N, D], the same of each crop.
        maps: one [1, C, h, w] for each layer of its network that shows the content, or None where
            another network has to look for that.
    """

    regions: Tensor
    crops: Tensor
    maps: list[Tensor] | None


class RegionEncoder(Protocol):
    """E_I: regions and crops of a picture into one space, differentiably."""

    @property
    def dtype(self) -> torch.dtype:
        """What it computes in: float32, or bfloat16 where that is faster."""
        ...

    def see(
        self,
        picture: Tensor,
        layers: Tensor,
        masks: Tensor,
        crops: Sequence[Crop],
        crop_size: int,
    ) -> Seen:
        """Embed the regions and crops of a picture.

        An encoder may look at the picture, or at each region's own layer, which has its style
        everywhere.

        Args:
            picture: [1, 3, H, W] in [0, 1], the layers laid over each other by their masks.
            layers: [R, 3, H, W] in [0, 1].
            masks: [R, 1, H, W] in [0, 1].
            crops: each in the area of one of the layers.
            crop_size: the crops' side in pixels.
        """
        ...

    def nearest(self, text: str) -> dict[str, list[str]]:
        """Words of a prompt that are not known, in order, each once.

        Each word, or two that belong together, comes with the known prompts nearest to it.

        Raises:
            UserError: the prompt cannot be used.
        """
        ...


@runtime_checkable
class TextEncoder(Protocol):
    """E_T: any text into the space of a `RegionEncoder`, as CLIP does (Radford et al., 2021)."""

    @property
    def templates(self) -> Sequence[str]:
        """The prompt ensemble: sentences with one `{}` for the prompt."""
        ...

    @property
    def source_text(self) -> str:
        """What a plain photograph is called (t_src of CLIPstyler: "a Photo")."""
        ...

    def encode_text(self, texts: Sequence[str]) -> Tensor:
        """Texts to [len(texts), D], float32, each row of unit length.

        Raises:
            UserError: a text that it cannot use.
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
    """Reads a text by drawing it over the photo: E_T is E_I of the drawing.

    A run also starts from it, as far as its settings say.
    """

    def sketch(
        self,
        prompt: str,
        photo: Tensor,
        mask: Tensor,
        crop_size: int,
        generator: torch.Generator,
        times: int = 1,
    ) -> Tensor:
        """Draw a style over a photo.

        Args:
            prompt: the style.
            photo: [1, 3, H, W] in [0, 1].
            mask: [1, 1, H, W] in [0, 1], where the drawing will be seen.
            crop_size: side in pixels of a crop, which sets the size of the style's marks.
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


class ObjectFeatures(Protocol):
    """A network that can name what is in a picture: it knows parts, and where things are."""

    def see(self, rgb: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Descriptors of cells, and how much a place speaks for what the network names.

        A picture [H, W, 3], uint8, of any size to [gh, gw, C], float32, centred, of length 1 on
        average, gh and gw even; and to [gh/2, gw/2], float32 in [0, 1].
        """
        ...


class Segmenter(Protocol):
    """Finds one kind of thing in a picture."""

    def segment(self, rgb: np.ndarray) -> np.ndarray:
        """How likely each pixel of [H, W, 3], uint8, is to be of it: [H, W], float32 in [0, 1]."""
        ...
