"""The training set: every recipe drawn over photos, and the photos themselves."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

import styles
from semcs_core.image import fit, open_photo, to_tensor
from styles.palettes import COLOURS
from styles.recipe import Colouring
from styles.recipes import RECIPES
from styles.render import render
from tools.starter.photolike import photolike

SIDE = 112
BATCH = 10  # pictures of one scale
SCALES = (0.85, 1.2)  # a wider range would blur what a style's texture is
# Colours multiply what there is to see.
PICTURES = {Colouring.FIXED: 1.0, Colouring.OPTIONAL: 1.4, Colouring.REQUIRED: 3.0}
COLOURED = {Colouring.OPTIONAL: 0.4, Colouring.REQUIRED: 1.0}
# Set apart: they judge the models and are never learned from.
JUDGED_PHOTOS = sorted((Path(__file__).parent / "photos/judged").glob("*.jpg"))
TRAINING_PHOTOS = sorted(
    path
    for folder in (
        Path(__file__).parents[2] / "examples",
        Path(__file__).parent / "photos/training",
    )
    for path in folder.iterdir()
    if path.suffix in {".jpg", ".png"}
)

PATCH_SHARE = (0.5, 0.85)  # of a picture's side that a patch shows
STYLES_CODE = sorted(Path(styles.__path__[0]).glob("*.py"))
# All that a rendered set depends on.
DEPENDENCIES = (*STYLES_CODE, Path(__file__), *TRAINING_PHOTOS)


@dataclass(frozen=True)
class Dataset:
    """Pictures and what they are.

    Attributes:
        renders: [N, 3, 112, 112], uint8.
        styles: [N], number of the recipe.
        colours: [N], number of the colour word, -1 for a recipe's own palette.
        photos: [M, 3, 112, 112], uint8.
    """

    renders: Tensor
    styles: Tensor
    colours: Tensor
    photos: Tensor


def build(per_recipe: int, generator: torch.Generator) -> Iterator[tuple[str, int, Dataset]]:
    """Render the set recipe by recipe.

    Yields:
        The recipe's key, its number, and its part of the set.
    """
    sources = [to_tensor(fit(open_photo(path), 384).rgb) for path in TRAINING_PHOTOS]
    for number, (key, recipe) in enumerate(RECIPES.items()):
        colourable = recipe.colouring is not Colouring.FIXED
        count = round(per_recipe * PICTURES[recipe.colouring])
        renders, colours = [], []
        for start in range(0, count, BATCH):
            n = min(BATCH, count - start)
            drawn = torch.full((n,), -1)
            if colourable:
                coloured = torch.rand(n, generator=generator) < COLOURED[recipe.colouring]
                # "green" before "crystal" would be the name of another style.
                free = torch.tensor(
                    [n for n, word in enumerate(COLOURS) if word not in recipe.reserved]
                )
                pick = torch.randint(len(free), (int(coloured.sum()),), generator=generator)
                drawn[coloured] = free[pick]
            words = [list(COLOURS)[c] if c >= 0 else None for c in drawn.tolist()]
            low, high = SCALES
            scale = low + (high - low) * float(torch.rand(1, generator=generator))
            photos = content(sources, n, generator)
            picture = render(recipe, photos, generator, words, strength=1.0, scale=scale)
            renders.append(_bytes(picture))
            colours.append(drawn)
        photos = _bytes(content(sources, max(1, per_recipe // 4), generator, real=0.9))
        styles = torch.full((count,), number)
        yield key, number, Dataset(torch.cat(renders), styles, torch.cat(colours), photos)


def join(parts: list[Dataset]) -> Dataset:
    """One set of many."""
    return Dataset(
        *(
            torch.cat([getattr(part, name) for part in parts])
            for name in ("renders", "styles", "colours", "photos")
        )
    )


def content(
    sources: list[Tensor], count: int, generator: torch.Generator, real: float = 0.5
) -> Tensor:
    """Crops of the photos and, for the rest, drawn photo-like pictures; [count, 3, 112, 112].

    With random gamma, white balance and mirroring: fourteen photos are few, and "a photo"
    must mean any photo.
    """
    drawn = count - math.ceil(real * count)
    pictures = torch.cat([_crop(sources, generator) for _ in range(count - drawn)])
    if drawn:
        pictures = torch.cat([pictures, photolike(drawn, SIDE, generator)])
    gamma = 0.65 + 0.7 * torch.rand(count, 1, 1, 1, generator=generator)
    balance = 1 + 0.3 * (torch.rand(count, 3, 1, 1, generator=generator) - 0.5)
    pictures = (pictures.clamp(0, 1) ** gamma * balance).clamp(0, 1)
    return pictures[torch.randperm(count, generator=generator)]


def _crop(sources: list[Tensor], generator: torch.Generator) -> Tensor:
    def between(low: float, high: float) -> float:
        return low + (high - low) * float(torch.rand(1, generator=generator))

    photo = sources[int(between(0, len(sources)))]
    height, width = photo.shape[-2:]
    side = int(between(SIDE * 0.7, min(height, width)))
    top, left = int(between(0, height - side + 1)), int(between(0, width - side + 1))
    patch = photo[..., top : top + side, left : left + side]
    if between(0, 1) < 0.5:
        patch = patch.flip(-1)
    return F.interpolate(patch, size=(SIDE, SIDE), mode="bilinear", antialias=True)


def _bytes(pictures: Tensor) -> Tensor:
    return (pictures.clamp(0, 1) * 255).round().byte()
