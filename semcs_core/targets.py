"""What each region is optimised towards: its sketch, and what its crops are judged by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from semcs_core.crops import Area, cut, reduced, sample_corners
from semcs_core.errors import UserError
from semcs_core.prompts import embed_prompt, text_direction
from semcs_core.protocols import ImageTextEncoder, Sketcher
from semcs_core.regions import Region
from semcs_core.settings import Settings

SOURCE_CROPS = 32
SAME_TEXT = 0.99  # cosine; a GPU embeds the source text nearly as a CPU does
# The fields of a target that are computed from its region.
COMPUTED = ("sketch", "text", "direction", "crop_source", "global_source")


@dataclass(frozen=True)
class Target:
    """A region with all that is computed once from its prompt and its mask.

    Attributes:
        region: as the caller gave it.
        area: the region on the device of the run.
        sketch: [1, 3, H, W] in (0, 1), a drawing of its style; None where its layer starts as the
            photo.
        text: [D], unit embedding of its prompt.
        direction: [D], unit text direction.
        crop_source: [D], mean embedding of the photo's crops in the region, or of the whole photo.
        global_source: [D], embedding of the photo's region seen as a whole.
    """

    region: Region
    area: Area
    sketch: Tensor | None
    text: Tensor
    direction: Tensor
    crop_source: Tensor
    global_source: Tensor


class TargetBuilder:
    """Computes the targets of regions on one photo [1, 3, H, W] in [0, 1].

    The encoder is on the photo's device. The sketcher is not used where `settings.sketch` is 0.

    Attributes:
        source: [D], embedding of the encoder's source text.
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
        return self.sketcher.sketch(
            region.prompt, self.photo, mask, size, light, self.own_generator()
        )

    def redraw(self, region: Region, photo: Tensor, times: int) -> Tensor:
        """The sketch of a region at a larger size: the same marks at the same places.

        The photo is [1, 3, times * H, times * W] in [0, 1], the sketch of the same shape in (0, 1);
        in other proportions the marks would differ.

        Raises:
            UserError: a prompt that cannot be drawn.
            ValueError: there is no sketcher.
        """
        if self.sketcher is None:
            raise ValueError("Nothing was drawn that could be drawn again.")
        mask = F.interpolate(self._mask(region), size=photo.shape[-2:], mode="bilinear")
        size, light = self.settings.crop_size, self.settings.light
        return self.sketcher.sketch(
            region.prompt, photo, mask, size, light, self.own_generator(), times
        )

    def build(
        self, index: int, region: Region, sketch: Tensor | None, generator: torch.Generator
    ) -> Target:
        """The target of the region at a place, from 0, in the regions' order.

        The generator, on the CPU, draws the source crops.

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
                # Words describe a style in general; the sketch is one example of it, and a
                # picture between two examples has the grain of neither.
                drawn = self._embed_crops(sketch, corners).mean(dim=0)
                text = F.normalize(
                    torch.lerp(text, F.normalize(drawn, dim=0), self.settings.likeness), dim=0
                )
        return Target(
            region,
            Area(index, mask, region.controls),
            sketch,
            text=text,
            direction=text_direction(text, self.source),
            crop_source=patches.mean(dim=0),
            global_source=whole[0],
        )

    def rebuild(self, index: int, region: Region, old: Target | None) -> Target:
        """The target of a region of a steered run; `old` is None where a new layer begins.

        Keeps the old sketch, since the layer was initialised from it. If prompt and mask are
        unchanged, computes nothing and takes only the new controls.

        Raises:
            UserError: a prompt that cannot be used.
        """
        if old is None:
            return self.build(index, region, self.sketch(region), self.own_generator())
        if old.region.prompt != region.prompt or not np.array_equal(old.region.mask, region.mask):
            return self.build(index, region, old.sketch, self.own_generator())
        return replace(old, region=region, area=Area(index, old.area.mask, region.controls))

    def start(self, targets: Sequence[Target]) -> Tensor | None:
        """What the layers start from, [R, 3, H, W] in [0, 1], or None for the photo."""
        drawn = [target.sketch for target in targets if target.sketch is not None]
        return torch.lerp(self.photo, torch.cat(drawn), self.settings.sketch) if drawn else None

    def own_generator(self) -> torch.Generator:
        """A new generator, so that a change to one region does not change another's target."""
        return torch.Generator().manual_seed(self.settings.seed)

    def state_dict(self, targets: Sequence[Target]) -> dict[str, Any]:
        """What was computed for these targets: only tensors and containers of them."""
        computed = [{key: getattr(target, key) for key in COMPUTED} for target in targets]
        return {"source": self.source, "computed": computed}

    def load_state_dict(
        self, state: dict[str, Any], targets: Sequence[Target]
    ) -> tuple[Target, ...]:
        """These targets with what a `state_dict` of the same regions, on any device, holds of them.

        Raises:
            UserError: it was computed by other models.
            KeyError, TypeError, ValueError, RuntimeError: it is no such state.
        """
        source = state["source"].to(self.photo.device)
        computed: list[dict[str, Any]] = [
            {key: None if x is None else x.to(self.photo.device) for key, x in one.items()}
            for one in state["computed"]
        ]
        alike = source.shape == self.source.shape and float(source @ self.source) > SAME_TEXT
        if not alike or any((c["sketch"] is None) != (self.sketcher is None) for c in computed):
            raise UserError(
                "This run was saved with other models: choose those, or start a new run."
            )
        self.source = source
        return tuple(replace(t, **c) for t, c in zip(targets, computed, strict=True))

    def _embed_crops(self, picture: Tensor, corners: Tensor) -> Tensor:
        """[N, D], embeddings of crops of a picture [1, 3, H, W], cut like those of a step."""
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
