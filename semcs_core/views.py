"""What an encoder of whole pictures is shown of a picture: its regions, and its crops."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from semcs_core.crops import Crop, cut, reduced
from semcs_core.protocols import Seen


class PictureEncoder(ABC):
    """A `RegionEncoder` that embeds square pictures one by one, as CLIP does.

    Attributes:
        input_size: side in pixels of the pictures that it is made for.
    """

    input_size: int

    @abstractmethod
    def encode_image(self, images: Tensor) -> Tensor:
        """[N, 3, S, S] in [0, 1] to [N, D], float32, rows of unit length; differentiable."""

    def see(
        self,
        picture: Tensor,
        layers: Tensor,
        masks: Tensor,
        crops: Sequence[Crop],
        crop_size: int,
    ) -> Seen:
        """Embed each layer, black outside its region, and the crops of it (a `RegionEncoder`)."""
        # In the layers' order, so that each layer's crops are cut from it at once.
        order = sorted(range(len(crops)), key=lambda n: crops[n].area.index)
        size = self.input_size
        shown = [thumbnail(masks * layers, size)]
        seen = reduced(layers, crop_size, size)
        for index in range(len(layers)):
            own = [crops[n] for n in order if crops[n].area.index == index]
            if own:
                corners = torch.stack([crop.corners for crop in own])
                windows = torch.stack([crop.window for crop in own])
                shown.append(cut(seen[index, None], corners, size, windows))
        embeddings = self.encode_image(torch.cat(shown))
        regions, patches = embeddings[: len(layers)], embeddings[len(layers) :]
        places = sorted(range(len(order)), key=order.__getitem__)
        return Seen(regions, patches[places], None)


def thumbnail(image: Tensor, size: int) -> Tensor:
    """A picture [N, C, H, W] as a square, whatever its sides."""
    return F.interpolate(
        image, size=(size, size), mode="bilinear", align_corners=False, antialias=True
    )
