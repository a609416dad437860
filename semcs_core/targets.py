"""What each region is optimised towards: its sketch, and where its embeddings are to go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from semcs_core.crops import EVERYWHERE, Area, Crop, sample_corners
from semcs_core.errors import UserError
from semcs_core.image import resize, to_tensor, working_size
from semcs_core.prompts import embed_prompt
from semcs_core.protocols import RegionEncoder, Sketcher, TextEncoder
from semcs_core.regions import Region, same_style
from semcs_core.settings import RegionControls, Settings
from semcs_core.tone import filled, recoloured, wanted_tone

SOURCE_CROPS = 32
SAME_SOURCE = 0.99  # cosine; a GPU embeds nearly as a CPU does


@dataclass(frozen=True)
class Aim:
    """Where the embeddings of a region, or of its crops, are to go.

    Attributes:
        source: [D], E_I of the photo.
        style: [D], unit vector, what is asked for: E_T of the words, E_I of a style picture, or the
            mean of both.
        direction: [D], unit vector, from photos in general, or from this one, to the style.
    """

    source: Tensor
    style: Tensor
    direction: Tensor


@dataclass(frozen=True)
class Target:
    """A region with all that is computed once from its style and its mask.

    Attributes:
        region: as the caller gave it.
        area: the region on the device of the run.
        sketch: [1, 3, H, W] in [0, 1], a drawing of its style; None where there is none.
        tone: [1, 3, h, w], the large light and colours that it is to have; None without a sketch.
        whole: for the region seen as a whole.
        crops: for its crops.
    """

    region: Region
    area: Area
    sketch: Tensor | None
    tone: Tensor | None
    whole: Aim
    crops: Aim


class TargetBuilder:
    """Computes the targets of regions on one photo [1, 3, H, W] in [0, 1].

    The encoder is on the photo's device. Without a sketcher it is a `TextEncoder` too.

    Attributes:
        source: [D], embedding of the source text, or of the photo where texts are drawn over it.
    """

    def __init__(
        self,
        photo: Tensor,
        encoder: RegionEncoder,
        sketcher: Sketcher | None,
        settings: Settings,
    ) -> None:
        self.photo, self.encoder = photo, encoder
        self.sketcher, self.settings = sketcher, settings
        self.photo_as_whole = self._see(photo, torch.ones_like(photo[:, :1]))[0]
        if sketcher is None:
            self.source = self._embed(None)
        else:
            self.source = self.photo_as_whole

    def sketch(self, region: Region) -> Tensor | None:
        """A drawing of the region's style [1, 3, H, W] in [0, 1], None without a sketcher.

        Raises:
            UserError: a prompt that cannot be drawn.
        """
        return None if self.sketcher is None else self.redraw(region, self.photo, 1)

    def redraw(self, region: Region, photo: Tensor, times: int) -> Tensor:
        """The sketch of a region at a larger size: the same marks at the same places.

        The words are drawn; a style picture gives the drawing, or the photo, its colours.

        The photo is [1, 3, times * H, times * W] in [0, 1], the sketch of the same shape in [0, 1];
        in other proportions the marks would differ.

        Raises:
            UserError: a prompt that cannot be drawn.
            ValueError: there is no sketcher.
        """
        if self.sketcher is None:
            raise ValueError("Nothing was drawn that could be drawn again.")
        mask = F.interpolate(self._mask(region), size=photo.shape[-2:], mode="bilinear")
        size, drawing = self.settings.crop_size, photo
        if region.prompt:
            drawing = self.sketcher.sketch(
                region.prompt, filled(photo, mask), mask, size, self.own_generator(), times
            )
        if region.picture is None:
            return drawing
        return recoloured(drawing, mask, self._style(region.picture))

    def build(
        self, index: int, region: Region, sketch: Tensor | None, generator: torch.Generator
    ) -> Target:
        """The target of the region at a place, from 0, in the regions' order.

        The generator, on the CPU, draws the source crops.

        Raises:
            UserError: a prompt that the encoder cannot use.
        """
        mask = self._mask(region)
        corners = sample_corners(mask, SOURCE_CROPS, self.settings, generator)
        sources = here = self._see(self.photo, mask, corners)
        if self.settings.source == "photo":
            sources = torch.stack([here[0], self.photo_as_whole])
        elif self.settings.source == "slides":
            sources = self.photo_as_whole.expand_as(here)
        styles, directions = [], []  # of the words and of the picture; of the region and its crops
        if region.prompt:
            drawn = None if sketch is None else self._see(sketch, mask, corners)
            text = self._embed(region.prompt) if drawn is None else drawn
            styles.append(text.expand_as(here))
            directions.append(styles[-1] - (self.source if drawn is None else here))
        if region.picture is not None:
            style = self._style(region.picture)
            everywhere = torch.ones_like(style[:, :1])
            corners = sample_corners(everywhere, SOURCE_CROPS, self.settings, generator)
            styles.append(self._see(style, everywhere, corners))
            directions.append(styles[-1] - here)
        wanted = F.normalize(torch.stack(styles).mean(dim=0), dim=-1)
        ways = F.normalize(F.normalize(torch.stack(directions), dim=-1).sum(dim=0), dim=-1)
        light = self.settings.light
        return Target(
            region,
            Area(index, mask, region.controls),
            sketch,
            None if sketch is None else wanted_tone(self.photo, sketch, mask, light),
            *(Aim(*parts) for parts in zip(sources, wanted, ways, strict=True)),
        )

    def rebuild(self, index: int, region: Region, old: Target | None) -> Target:
        """The target of a region of a steered run; `old` is None where a new layer begins.

        A layer that was initialised from a sketch keeps it. If style and mask are unchanged,
        computes nothing and takes only the new controls.

        Raises:
            UserError: a prompt that cannot be used.
        """
        if old is None or not same_style(old.region, region):
            return self.build(index, region, self.sketch(region), self.own_generator())
        if not np.array_equal(old.region.mask, region.mask):
            return self.build(index, region, old.sketch, self.own_generator())
        return replace(old, region=region, area=Area(index, old.area.mask, region.controls))

    def start(self, targets: Sequence[Target]) -> Tensor | None:
        """What the layers start from, [R, 3, H, W] in [0, 1], or None for the photo."""
        drawn = [target.sketch for target in targets if target.sketch is not None]
        if not drawn or self.settings.sketch == 0:
            return None
        return torch.lerp(self.photo, torch.cat(drawn), self.settings.sketch)

    def own_generator(self) -> torch.Generator:
        """A new generator, so that a change to one region does not change another's target."""
        return torch.Generator().manual_seed(self.settings.seed)

    def state_dict(self, targets: Sequence[Target]) -> dict[str, Any]:
        """What was computed for these targets: only tensors and containers of them."""
        computed = [
            {"sketch": t.sketch, "tone": t.tone, "whole": vars(t.whole), "crops": vars(t.crops)}
            for t in targets
        ]
        return {"source": self.source, "computed": computed}

    def load_state_dict(
        self, state: dict[str, Any], targets: Sequence[Target]
    ) -> tuple[Target, ...]:
        """These targets with what a `state_dict` of the same regions, on any device, holds of them.

        Raises:
            UserError: it was computed by other models.
            KeyError, TypeError, ValueError, RuntimeError: it is no such state.
        """
        source, computed = _sent((state["source"], state["computed"]), self.photo.device)
        alike = source.shape == self.source.shape
        alike = alike and float(F.cosine_similarity(source, self.source, dim=0)) > SAME_SOURCE
        if not alike or any((c["sketch"] is None) != (self.sketcher is None) for c in computed):
            raise UserError(
                "This run was saved with other models: choose those, or start a new run."
            )
        self.source = source
        return tuple(
            replace(t, **c | {"whole": Aim(**c["whole"]), "crops": Aim(**c["crops"])})
            for t, c in zip(targets, computed, strict=True)
        )

    def _embed(self, prompt: str | None) -> Tensor:
        """[D], E_T of a prompt, or of the source text."""
        if not isinstance(self.encoder, TextEncoder):
            raise TypeError("This encoder reads no texts: give it a sketcher.")
        return embed_prompt(self.encoder, self.encoder.source_text if prompt is None else prompt)

    @torch.no_grad()
    def _see(self, picture: Tensor, mask: Tensor, corners: Tensor | None = None) -> Tensor:
        """[2, D], E_I of a region of a picture, and the mean of its crops'; the former if none."""
        area = Area(0, mask, RegionControls())
        crops = [Crop(area, c, EVERYWHERE) for c in (() if corners is None else corners)]
        seen = self.encoder.see(picture, picture, mask, crops, self.settings.crop_size)
        return torch.stack([seen.regions[0], (seen.crops if crops else seen.regions).mean(dim=0)])

    def _style(self, picture: np.ndarray) -> Tensor:
        """A style picture [1, 3, h, w], as long as the photo."""
        size = max(self.photo.shape[-2:])
        fitted = resize(picture, working_size(picture.shape[1], picture.shape[0], size))
        return to_tensor(fitted, self.photo.device)

    def _mask(self, region: Region) -> Tensor:
        return torch.from_numpy(region.mask)[None, None].to(self.photo)


def _sent(state: Any, device: torch.device) -> Any:
    if isinstance(state, dict):
        return {key: _sent(value, device) for key, value in state.items()}
    if isinstance(state, (list, tuple)):
        return [_sent(value, device) for value in state]
    return None if state is None else state.to(device)
