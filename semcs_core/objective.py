"""The loss of a step, term by term: how far each region's layer is from its target."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from semcs_core.crops import Crop, cut, reduced, sent
from semcs_core.losses import (
    alignment_loss,
    content_loss,
    directional_loss,
    patch_loss,
    total_variation,
)
from semcs_core.painter import compose
from semcs_core.protocols import ImageTextEncoder, PerceptualFeatures
from semcs_core.settings import Settings
from semcs_core.targets import Target, thumbnail


class Objective:
    """The weighted sum of all losses on one photo [1, 3, H, W] in [0, 1].

    The models are on the photo's device. The settings have the terms' weights, and say which
    painter the layers come from.
    """

    def __init__(
        self,
        photo: Tensor,
        encoder: ImageTextEncoder,
        perceptual: PerceptualFeatures,
        settings: Settings,
    ) -> None:
        self.photo, self.encoder, self.perceptual = photo, encoder, perceptual
        self.settings = settings
        self.references = [f.detach() for f in perceptual.features(photo)]

    def backward(
        self, layers: Tensor, targets: Sequence[Target], crops: Sequence[Crop]
    ) -> dict[str, Tensor]:
        """All weighted terms of the loss; the layers, a leaf, get the gradient of their sum.

        The terms see every region in full, whatever its strength. The networks run one after the
        other: what the encoder keeps for its gradient is freed before the features keep anything.

        Args:
            layers: [R, 3, H, W] in [0, 1], one for each target.
            targets: in the regions' order.
            crops: each in the area of one of the targets.

        Returns:
            Scalars by name: "global" ("global 0", "global 1", ... for several regions), "patch",
            "alignment", "content" and "tv".
        """
        style = self._style(layers, targets, crops)
        torch.stack(list(style.values())).sum().backward()
        picture = compose(self.photo, layers, [target.area.mask for target in targets])
        rest = {
            "content": self.settings.content_weight * self._content(layers, picture, targets),
            "tv": self.settings.tv_weight * total_variation(picture),
        }
        torch.stack(list(rest.values())).sum().backward()
        return {name: term.detach() for name, term in (style | rest).items()}

    def _style(
        self, layers: Tensor, targets: Sequence[Target], crops: Sequence[Crop]
    ) -> dict[str, Tensor]:
        """Weighted global, patch and alignment losses, from one call of the encoder."""
        settings = self.settings
        # In the targets' order, so that each target's crops are cut from its layer at once.
        crops = sorted(crops, key=lambda crop: crop.area.index)
        pictures = _looked_at(layers, targets, crops, settings.crop_size, self.encoder.input_size)
        embeddings = self.encoder.encode_image(pictures)
        whole, patches = embeddings[: len(targets)], embeddings[len(targets) :]
        owners = [targets[crop.area.index] for crop in crops]
        controls = [crop.area.controls for crop in crops]
        weights, thresholds = sent(
            torch.tensor([[c.weight for c in controls], [c.threshold for c in controls]]),
            patches.device,
        )
        terms = {}
        for target, embedding in zip(targets, whole, strict=True):
            name = "global" if len(targets) == 1 else f"global {target.area.index}"
            terms[name] = (
                target.region.controls.global_weight
                * directional_loss((embedding - target.global_source)[None], target.direction)[0]
            )
        sources = torch.stack([owner.crop_source for owner in owners])
        directions = torch.stack([owner.direction for owner in owners])
        texts = torch.stack([owner.text for owner in owners])
        terms["patch"] = settings.patch_weight * patch_loss(
            directional_loss(patches - sources, directions), weights, thresholds
        )
        terms["alignment"] = (
            settings.alignment_weight * (weights * alignment_loss(patches, texts)).mean()
        )
        return terms

    def _content(self, layers: Tensor, picture: Tensor, targets: Sequence[Target]) -> Tensor:
        """The content loss of each region's own layer, or of the whole picture as published.

        A feature sees many pixels: features of the whole picture would let one region's prompt
        change what another region keeps of the photo.
        """
        if self.settings.painter == "stylenet":
            return content_loss(self.perceptual.features(picture), self.references)
        masks = torch.cat([target.area.mask for target in targets])
        return content_loss(self.perceptual.features(layers), self.references, masks)


def _looked_at(
    layers: Tensor, targets: Sequence[Target], crops: Sequence[Crop], crop_size: int, size: int
) -> Tensor:
    """Each target's region as a whole, then all crops, target by target, [N, 3, size, size]."""
    areas = [target.area for target in targets]
    pictures = [thumbnail(area.mask * layers[area.index, None], size) for area in areas]
    seen = reduced(layers, crop_size, size)
    for area in areas:
        own = [crop for crop in crops if crop.area is area]
        if own:
            corners = torch.stack([crop.corners for crop in own])
            windows = torch.stack([crop.window for crop in own])
            pictures.append(cut(seen[area.index, None], corners, size, windows))
    return torch.cat(pictures)
