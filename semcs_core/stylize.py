"""The loop: a network learns the styles of one photo, one record a step.

    for step in stylize(photo, regions, encoder, perceptual, settings):
        show(step.image)

Display, cadence and progress belong to the caller.
"""

from __future__ import annotations

import math
import time
from collections.abc import Generator, Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from semcs_core.backends import ImageTextEncoder, PerceptualFeatures, Sketcher
from semcs_core.crops import Crop, Target, cut, sample_corners, sample_crops
from semcs_core.errors import UserError
from semcs_core.losses import (
    alignment_loss,
    content_loss,
    directional_loss,
    patch_loss,
    total_variation,
)
from semcs_core.painter import Painter, StyleNetPainter, compose
from semcs_core.prompts import embed_prompt, text_direction
from semcs_core.regions import Region
from semcs_core.settings import Settings

SOURCE_CROPS = 32
HALVING = 100  # steps, as published
WARM_UP = 5  # steps; Adam's second moments mean nothing before
LUMINANCE = (0.2989, 0.587, 0.114)  # as in torchvision's adjust_contrast, which was published
FLAT = 0.01  # standard deviation of a picture that has nothing on it


@dataclass(frozen=True)
class Step:
    """One step of a run.

    Attributes:
        step: from 1 to `steps`.
        steps: of the whole run.
        image: [1, 3, H, W] in [0, 1], detached; the last step's is the result.
        losses: weighted terms by name, and their sum as "total".
        seconds: since the run began.
    """

    step: int
    steps: int
    image: Tensor
    losses: dict[str, float]
    seconds: float


class RunError(UserError):
    """A run that cannot go on; `last` is its last good step, if there was one."""

    def __init__(self, message: str, last: Step | None) -> None:
        super().__init__(message)
        self.last = last


def stylize(
    photo: Tensor,
    regions: Sequence[Region],
    encoder: ImageTextEncoder,
    perceptual: PerceptualFeatures,
    settings: Settings | None = None,
    sketcher: Sketcher | None = None,
) -> Generator[Step, None, None]:
    """Learn the regions' styles on one photo (Sem-CS, algorithm, lines 5-13).

    Every run has a network and a random generator of its own: the same arguments give the same
    pictures on the same machine, whatever runs beside or ran before.

    Args:
        photo: [1, 3, H, W] in [0, 1], sides multiples of 8; the run happens on its device.
        regions: what gets which style; masks of the photo's size.
        encoder: on the same device.
        perceptual: on the same device.
        settings: `size` is not used here, the photo has it.
        sketcher: draws what the picture starts from; without one it starts as the photo.

    Yields:
        One `Step` for each step. No gradient mode or autocast is held across a yield.

    Raises:
        RunError: the loss is no longer finite, or the picture has become flat.
        UserError: a prompt that the encoder cannot use.
    """
    settings = settings if settings is not None else Settings()
    began = time.perf_counter()
    generator = torch.Generator().manual_seed(settings.seed)
    source = embed_prompt(encoder, encoder.source_text)
    masks = [torch.from_numpy(region.mask)[None, None].to(photo) for region in regions]
    sketches = _sketches(photo, regions, masks, sketcher, settings)
    targets = [
        _target(n, region, mask, photo, sketches, source, encoder, settings, generator)
        for n, (region, mask) in enumerate(zip(regions, masks, strict=True))
    ]
    references = [f.detach() for f in perceptual.features(photo)]
    start = None if sketches is None else torch.lerp(photo, sketches, settings.sketch)
    painter = (
        StyleNetPainter(photo, len(regions), generator)
        if settings.painter == "stylenet"
        else Painter(photo, len(regions), generator, start)
    )
    optimiser = painter.optimiser()
    last = None
    for step in range(1, settings.steps + 1):
        for group in optimiser.param_groups:
            group["lr"] = group["scale"] * learning_rate(step, settings)
        layers = painter()
        picture = compose(photo, layers, masks)
        crops = sample_crops(targets, settings, generator)
        terms = _style_terms(layers, targets, crops, encoder, settings)
        terms["content"] = settings.content_weight * _content_term(
            layers, picture, masks, perceptual, references, settings
        )
        terms["tv"] = settings.tv_weight * total_variation(picture)
        total = torch.stack(list(terms.values())).sum()
        losses = {name: term.item() for name, term in terms.items()} | {"total": total.item()}
        if not math.isfinite(losses["total"]):
            raise RunError(
                "The losses are no longer numbers: lower the learning rate and start again.", last
            )
        optimiser.zero_grad()
        total.backward()
        optimiser.step()
        if step == settings.steps:
            with torch.no_grad():
                picture = compose(photo, painter(), masks)
        image = with_contrast(picture.detach(), settings.contrast)
        if is_flat(image, photo):
            raise RunError(
                "The picture has collapsed to one colour: lower the learning rate, or raise the "
                "content weight, and start again.",
                last,
            )
        last = Step(step, settings.steps, image, losses, time.perf_counter() - began)
        yield last


def learning_rate(step: int, settings: Settings) -> float:
    """A short warm-up and half a cosine down to a tenth, or halved every 100 steps."""
    if settings.schedule == "halving":
        return settings.learning_rate * 0.5 ** ((step - 1) // HALVING)
    progress = (step - 1) / settings.steps
    decay = 0.1 + 0.9 * 0.5 * (1 + math.cos(math.pi * progress))
    return settings.learning_rate * min(1.0, step / WARM_UP) * decay


def with_contrast(image: Tensor, factor: float) -> Tensor:
    """Stretch a picture [1, 3, H, W] away from its mean grey, in [0, 1]."""
    if factor == 1:
        return image
    weights = image.new_tensor(LUMINANCE).view(1, 3, 1, 1)
    grey = (image * weights).sum(dim=1).mean()
    return (grey + factor * (image - grey)).clamp(0, 1)


def is_flat(image: Tensor, photo: Tensor) -> bool:
    """Whether a picture has lost all structure that the photo had."""
    spread, reference = image.std(dim=(2, 3)).max(), photo.std(dim=(2, 3)).max()
    return bool((spread < FLAT) & (reference > 2 * FLAT)) or not bool(spread.isfinite())


def _sketches(
    photo: Tensor,
    regions: Sequence[Region],
    masks: Sequence[Tensor],
    sketcher: Sketcher | None,
    settings: Settings,
) -> Tensor | None:
    """Drawings of the regions' styles [R, 3, H, W], or None."""
    if sketcher is None or settings.sketch == 0:
        return None
    sketches = []
    for region, mask in zip(regions, masks, strict=True):
        # Chance of its own: another prompt for one region must not redraw the other.
        chance = torch.Generator().manual_seed(settings.seed)
        size, light = settings.crop_size, settings.light
        sketches.append(sketcher.sketch(region.prompt, photo, mask, size, light, chance))
    return torch.cat(sketches)


def _target(
    index: int,
    region: Region,
    mask: Tensor,
    photo: Tensor,
    sketches: Tensor | None,
    source: Tensor,
    encoder: ImageTextEncoder,
    settings: Settings,
    generator: torch.Generator,
) -> Target:
    text = embed_prompt(encoder, region.prompt)
    corners = sample_corners(mask, SOURCE_CROPS, settings, generator)
    size = encoder.input_size
    with torch.no_grad():
        if settings.source == "photo":
            patches = encoder.encode_image(_thumbnail(photo, size))
        else:
            patches = encoder.encode_image(cut(photo, corners, size))
        whole = encoder.encode_image(_thumbnail(mask * photo, size))
        if sketches is not None:
            # Words say what a style is like in general; the sketch is one of its looks, and what
            # lies between two looks has the grain of neither.
            drawn = encoder.encode_image(cut(sketches[index, None], corners, size)).mean(dim=0)
            text = F.normalize(
                torch.lerp(text, F.normalize(drawn, dim=0), settings.likeness), dim=0
            )
    return Target(
        index=index,
        mask=mask,
        text=text,
        direction=text_direction(text, source),
        crop_source=patches.mean(dim=0),
        global_source=whole[0],
        weight=region.strength * region.weight,
        global_weight=region.strength * region.global_weight,
        threshold=region.threshold,
        share=region.share,
        band=region.band,
    )


def _style_terms(
    layers: Tensor,
    targets: Sequence[Target],
    crops: Sequence[Crop],
    encoder: ImageTextEncoder,
    settings: Settings,
) -> dict[str, Tensor]:
    """Global, patch and alignment losses, from one call of the encoder."""
    size = encoder.input_size
    # In the targets' order, so that each target's crops are cut from its layer in one go.
    crops = sorted(crops, key=lambda crop: crop.target.index)
    pictures = [_thumbnail(target.mask * layers[target.index, None], size) for target in targets]
    for target in targets:
        own = [crop for crop in crops if crop.target is target]
        if own:
            corners = torch.stack([crop.corners for crop in own])
            windows = torch.stack([crop.window for crop in own])
            pictures.append(cut(layers[target.index, None], corners, size, windows))
    embeddings = encoder.encode_image(torch.cat(pictures))
    whole, patches = embeddings[: len(targets)], embeddings[len(targets) :]
    owners = [crop.target for crop in crops]
    weights = patches.new_tensor([owner.weight for owner in owners])
    thresholds = patches.new_tensor([owner.threshold for owner in owners])
    terms = {}
    for target, embedding in zip(targets, whole, strict=True):
        name = "global" if len(targets) == 1 else f"global {target.index}"
        terms[name] = (
            target.global_weight
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


def _content_term(
    layers: Tensor,
    picture: Tensor,
    masks: Sequence[Tensor],
    perceptual: PerceptualFeatures,
    references: Sequence[Tensor],
    settings: Settings,
) -> Tensor:
    """The content loss of each region's own layer, or of the picture as published.

    Features see more than one pixel: those of the picture would let one region's prompt change
    what the other keeps of the photo.
    """
    if settings.painter == "stylenet":
        return content_loss(perceptual.features(picture), references)
    return content_loss(perceptual.features(layers), references, torch.cat(list(masks)))


def _thumbnail(image: Tensor, size: int) -> Tensor:
    return F.interpolate(
        image, size=(size, size), mode="bilinear", align_corners=False, antialias=True
    )
