"""The loss of a step, term by term: how far each region is from its target."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from semcs_core.crops import Crop, sent
from semcs_core.losses import (
    alignment_loss,
    border_loss,
    content_loss,
    directional_loss,
    patch_loss,
    tone_loss,
    total_variation,
)
from semcs_core.painter import compose
from semcs_core.protocols import PerceptualFeatures, RegionEncoder, Seen
from semcs_core.settings import Settings
from semcs_core.targets import Target
from semcs_core.tone import tone

BORDER = 200.0  # weight of `border_loss` beside `tone_loss`


class Objective:
    """The weighted sum of all losses on one photo [1, 3, H, W] in [0, 1].

    The models are on the photo's device. The settings have the terms' weights, and say which
    painter the layers come from. `perceptual` is None for an encoder that shows the content itself.
    """

    def __init__(
        self,
        photo: Tensor,
        encoder: RegionEncoder,
        perceptual: PerceptualFeatures | None,
        settings: Settings,
    ) -> None:
        self.photo, self.encoder, self.perceptual = photo, encoder, perceptual
        self.settings = settings
        self.references, self.photo_tone = self._references(), tone(photo)

    def backward(
        self, layers: Tensor, targets: Sequence[Target], crops: Sequence[Crop]
    ) -> dict[str, Tensor]:
        """All weighted terms of the loss; the layers, a leaf, get the gradient of their sum.

        The terms see every region in full, whatever its strength. Two networks run one after the
        other: what the encoder keeps for its gradient is freed before the features keep anything.

        Args:
            layers: [R, 3, H, W] in [0, 1], one for each target.
            targets: in the regions' order.
            crops: each in the area of one of the targets.

        Returns:
            Scalars by name: "global" ("global 0", "global 1", ... for several regions), "patch",
            "alignment", "content", "tone" and "tv".
        """
        masks = [target.area.mask for target in targets]
        picture = compose(self.photo, layers, masks)
        seen = self.encoder.see(picture, layers, torch.cat(masks), crops, self.settings.crop_size)
        style = self._style(seen, targets, crops)
        if self.perceptual is not None:
            _sum(style).backward()
        rest = {
            "content": self.settings.content_weight * self._content(seen, layers, picture, masks),
            "tv": self.settings.tv_weight * total_variation(picture),
        }
        drawn = [(t.sketch, t.tone) for t in targets if t.sketch is not None and t.tone is not None]
        if drawn and self.settings.tone_weight > 0:
            sketches, tones = (torch.cat(tensors) for tensors in zip(*drawn, strict=True))
            missed = self._tone(layers, picture, masks, sketches, tones)
            rest["tone"] = self.settings.tone_weight * missed
        _sum(rest if self.perceptual is not None else style | rest).backward()
        return {name: term.detach() for name, term in (style | rest).items()}

    def _style(
        self, seen: Seen, targets: Sequence[Target], crops: Sequence[Crop]
    ) -> dict[str, Tensor]:
        """Weighted global, patch and alignment losses."""
        settings, terms = self.settings, {}
        nearness = []
        for target, embedding in zip(targets, seen.regions, strict=True):
            name = "global" if len(targets) == 1 else f"global {target.area.index}"
            aim, weight = target.whole, target.region.controls.global_weight
            terms[name] = (
                weight * directional_loss((embedding - aim.source)[None], aim.direction)[0]
            )
            nearness.append(alignment_loss(embedding[None], aim.style))
        # By the root of their areas: a small thing would else stain what is around it.
        roots = [target.area.share**0.5 for target in targets]
        alignment = sum(n[0] * root for n, root in zip(nearness, roots, strict=True)) / sum(roots)
        terms["alignment"] = settings.alignment_weight * alignment
        if crops:
            controls = [crop.area.controls for crop in crops]
            weights, thresholds = sent(
                torch.tensor([[c.weight for c in controls], [c.threshold for c in controls]]),
                seen.crops.device,
            )
            aims = [targets[crop.area.index].crops for crop in crops]
            sources = torch.stack([aim.source for aim in aims])
            directions = torch.stack([aim.direction for aim in aims])
            terms["patch"] = settings.patch_weight * patch_loss(
                directional_loss(seen.crops - sources, directions), weights, thresholds
            )
        return terms

    def _content(
        self, seen: Seen, layers: Tensor, picture: Tensor, masks: Sequence[Tensor]
    ) -> Tensor:
        """The content loss of the picture, or of each region's own layer.

        A feature sees many pixels: features of the whole picture would let one region's prompt
        change what another region keeps of the photo. They do where the encoder's own maps, of one
        pass for all regions, show the content, and as published.
        """
        if self.perceptual is None:
            return content_loss(seen.maps or (), self.references)
        if self.settings.painter == "stylenet":
            return content_loss(self.perceptual.features(picture), self.references)
        return content_loss(self.perceptual.features(layers), self.references, torch.cat([*masks]))

    def _tone(
        self,
        layers: Tensor,
        picture: Tensor,
        masks: Sequence[Tensor],
        sketches: Tensor,
        tones: Tensor,
    ) -> Tensor:
        """The large light and colours, and the borders: what pooled features do not hold."""
        parts = [tone(mask) for mask in masks]
        wanted = compose(self.photo_tone, tones, parts)
        # A cell across a border would give each region something of the other's colours.
        own = torch.cat(parts).sub(0.5).abs().amin(dim=0, keepdim=True).mul(2)
        starts = torch.lerp(self.photo, sketches, self.settings.sketch)
        beside = border_loss(layers, starts, torch.cat([*masks]))
        return tone_loss(picture, wanted, own**2) + BORDER * beside

    @torch.no_grad()
    def _references(self) -> list[Tensor]:
        if self.perceptual is not None:
            return self.perceptual.features(self.photo)
        everywhere, size = torch.ones_like(self.photo[:, :1]), self.settings.crop_size
        return self.encoder.see(self.photo, self.photo, everywhere, (), size).maps or []


def _sum(terms: dict[str, Tensor]) -> Tensor:
    return torch.stack(list(terms.values())).sum()
