"""What each region aims at: the sketch of its style, and what its crops are judged against."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from semcs_core.crops import Target, cut, reduced, sample_corners
from semcs_core.prompts import embed_prompt, text_direction
from semcs_core.protocols import ImageTextEncoder, Sketcher
from semcs_core.regions import Region
from semcs_core.settings import Settings

SOURCE_CROPS = 32


@dataclass(frozen=True)
class Aim:
    """A region with all that follows from its prompt and its mask.

    Attributes:
        region: as the caller gave it.
        sketch: [1, 3, H, W] in (0, 1), a drawing of its style; None where its layer starts as the
            photo.
        target: what its crops are judged against.
    """

    region: Region
    sketch: Tensor | None
    target: Target


class Aimer:
    """Turns regions into aims, for one photo.

    Args:
        photo: [1, 3, H, W] in [0, 1].
        encoder: on the photo's device.
        sketcher: not used where the settings want no sketch.
        settings: crops, source, sketch, light and likeness.
    """

    def __init__(
        self,
        photo: Tensor,
        encoder: ImageTextEncoder,
        sketcher: Sketcher | None,
        settings: Settings,
    ) -> None:
        self.photo = photo
        self.encoder = encoder
        self.sketcher = sketcher if settings.sketch > 0 else None
        self.settings = settings
        self.source = embed_prompt(encoder, encoder.source_text)

    def sketch(self, region: Region) -> Tensor | None:
        """A drawing of the region's style [1, 3, H, W], None without a sketcher.

        Raises:
            UserError: a prompt that cannot be drawn.
        """
        if self.sketcher is None:
            return None
        mask = self._mask(region)
        size, light = self.settings.crop_size, self.settings.light
        return self.sketcher.sketch(region.prompt, self.photo, mask, size, light, self.chance())

    def redraw(self, region: Region, photo: Tensor, times: int) -> Tensor:
        """The sketch of a region once more, larger: the same marks at the same places.

        Args:
            region: as in `sketch`.
            photo: [1, 3, times * H, times * W] in [0, 1].
            times: a whole number, as other proportions would be another throw of the dice.

        Returns:
            [1, 3, times * H, times * W] in (0, 1).

        Raises:
            UserError: a prompt that cannot be drawn.
            ValueError: there is no sketcher.
        """
        if self.sketcher is None:
            raise ValueError("Nothing was drawn that could be drawn again.")
        mask = F.interpolate(self._mask(region), size=photo.shape[-2:], mode="bilinear")
        size, light = self.settings.crop_size, self.settings.light
        return self.sketcher.sketch(region.prompt, photo, mask, size, light, self.chance(), times)

    def aim(
        self, index: int, region: Region, sketch: Tensor | None, generator: torch.Generator
    ) -> Aim:
        """The aim of the region at a place in the sequence.

        Args:
            index: from 0.
            region: with a mask of the photo's size.
            sketch: [1, 3, H, W] in [0, 1], or None.
            generator: on the CPU; draws the source crops.

        Raises:
            UserError: a prompt that the encoder cannot use.
        """
        photo, encoder, mask = self.photo, self.encoder, self._mask(region)
        text = embed_prompt(encoder, region.prompt)
        corners = sample_corners(mask, SOURCE_CROPS, self.settings, generator)
        size = encoder.input_size
        with torch.no_grad():
            if self.settings.source == "photo":
                patches = encoder.encode_image(thumbnail(photo, size))
            else:
                patches = self._embed_crops(photo, corners)
            whole = encoder.encode_image(thumbnail(mask * photo, size))
            if sketch is not None:
                # Words say what a style is like in general; the sketch is one of its looks, and
                # what lies between two looks has the grain of neither.
                drawn = self._embed_crops(sketch, corners).mean(dim=0)
                text = F.normalize(
                    torch.lerp(text, F.normalize(drawn, dim=0), self.settings.likeness), dim=0
                )
        target = Target(
            index=index,
            mask=mask,
            text=text,
            direction=text_direction(text, self.source),
            crop_source=patches.mean(dim=0),
            global_source=whole[0],
            weight=region.weight,
            global_weight=region.global_weight,
            threshold=region.threshold,
            share=region.share,
            band=region.band,
        )
        return Aim(region, sketch, target)

    def aim_on(self, index: int, region: Region, old: Aim | None) -> Aim:
        """The aim of a region whose layer goes on from an old one, or begins where that is None.

        The sketch is the old one's, which the layer has started from. So is the target where style
        and place are the same, but for the region's weights.

        Raises:
            UserError: a prompt that cannot be used.
        """
        if old is None:
            return self.aim(index, region, self.sketch(region), self.chance())
        if old.region.prompt != region.prompt or not np.array_equal(old.region.mask, region.mask):
            return self.aim(index, region, old.sketch, self.chance())
        target = replace(
            old.target,
            index=index,
            weight=region.weight,
            global_weight=region.global_weight,
            threshold=region.threshold,
            share=region.share,
            band=region.band,
        )
        return Aim(region, old.sketch, target)

    def start(self, aims: Sequence[Aim]) -> Tensor | None:
        """What the layers start from, [R, 3, H, W] in [0, 1], or None for the photo."""
        drawn = [aim.sketch for aim in aims if aim.sketch is not None]
        return torch.lerp(self.photo, torch.cat(drawn), self.settings.sketch) if drawn else None

    def chance(self) -> torch.Generator:
        """A generator of its own: a change to one region must not change what another one gets."""
        return torch.Generator().manual_seed(self.settings.seed)

    def _embed_crops(self, picture: Tensor, corners: Tensor) -> Tensor:
        """[N, D] of a picture [1, 3, H, W], seen as the painted crops will be."""
        size = self.encoder.input_size
        seen = reduced(picture, self.settings.crop_size, size)
        return self.encoder.encode_image(cut(seen, corners, size))

    def _mask(self, region: Region) -> Tensor:
        return torch.from_numpy(region.mask)[None, None].to(self.photo)


def thumbnail(image: Tensor, size: int) -> Tensor:
    """A picture [N, C, H, W] as a square, whatever its sides."""
    return F.interpolate(
        image, size=(size, size), mode="bilinear", align_corners=False, antialias=True
    )
