"""The reference: every style drawn anew, described, and what is nearest to a region.

python -m tools.starter.bank    # build it and say how well it tells the styles apart
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from semcs_core.image import fit, open_photo, to_tensor
from styles.recipe import Colouring, Recipe
from styles.recipes import RECIPES
from styles.render import render
from tools.starter import descriptor
from tools.starter.dataset import PATCH_SHARE, SCALES, STYLES_CODE, TRAINING_PHOTOS
from tools.starter.dataset import SIDE as TRAINED
from tools.starter.descriptor import describe_region
from tools.starter.fingerprint import fingerprint
from tools.starter.photolike import photolike

CACHE = Path("build/starter")
RENDERS = 24  # of each style
SIDE = 192  # of a reference picture, drawn so that a pixel is one of a training render's
PATCHES = 8  # of each reference picture
BATCH = 4  # pictures of one scale
PHOTO = "photo"
"""The class of untouched photos, beside the styles."""
PHOTO_SAMPLES = 48
SHRINK = 0.1  # of the covariance towards its diagonal


@dataclass(frozen=True)
class Bank:
    """Described reference pictures of every class.

    Attributes:
        samples: [N, 28], descriptors as of `describe_region`.
        classes: [N], number of the class.
        groups: [N], number of the class and palette: what varies within it is chance.
        names: of the classes: keys of RECIPES, and "photo".
        whiten: [28, 28]; the Euclidean distance of samples times it is Mahalanobis's.
    """

    samples: Tensor
    classes: Tensor
    groups: Tensor
    names: tuple[str, ...]
    whiten: Tensor

    def distances(self, descriptors: Tensor, leave_out: bool = False) -> Tensor:
        """Distance from each descriptor to each class's nearest sample.

        Args:
            descriptors: [M, 28].
            leave_out: they are the bank's own samples, and none counts as its own neighbour.

        Returns:
            [M, number of classes], Mahalanobis under the pooled covariance within the groups.
        """
        pairs = torch.cdist(descriptors @ self.whiten, self.samples @ self.whiten)
        if leave_out:
            pairs.fill_diagonal_(torch.inf)
        nearest = torch.full((len(descriptors), len(self.names)), torch.inf)
        return nearest.scatter_reduce(
            1, self.classes.expand(len(pairs), -1), pairs, reduce="amin", include_self=True
        )

    def order(self, descriptors: Tensor) -> list[list[str]]:
        """Names of all classes for each of the descriptors [M, 28], the nearest first."""
        places = self.distances(descriptors).argsort(dim=1).tolist()
        return [[self.names[n] for n in row] for row in places]


def build_bank(
    sources: Sequence[Tensor],
    renders: int = RENDERS,
    seed: int = 0,
    recipes: Mapping[str, Recipe] = RECIPES,
) -> Bank:
    """Draw and describe the reference.

    Every palette of a style gets its share of the pictures. Styles that are nothing but a colour
    are left out: with all colours they would be near to everything.

    Args:
        sources: photos [1, 3, H, W] in [0, 1], none of them judged; may be empty.
        renders: of each style.
        seed: of all chance.
        recipes: the styles.
    """
    generator = torch.Generator().manual_seed(seed)
    samples: list[Tensor] = []
    classes: list[int] = []
    groups: list[int] = []
    names = [k for k, recipe in recipes.items() if recipe.colouring is not Colouring.REQUIRED]
    for number, key in enumerate(names):
        palettes = recipes[key].palettes
        for place, palette in enumerate(palettes):
            count = renders * (place + 1) // len(palettes) - renders * place // len(palettes)
            recipe = replace(recipes[key], palettes=(palette,))
            for start in range(0, count, BATCH):
                drawn = _draw(recipe, sources, min(BATCH, count - start), generator)
                samples += [_describe_patches(picture, generator) for picture in drawn]
            classes += [number] * count
            groups += [groups[-1] + 1 if groups else 0] * count
    photos = content(sources, PHOTO_SAMPLES * renders // RENDERS, generator)
    samples += [_describe_patches(photo, generator) for photo in photos]
    classes += [len(names)] * len(photos)
    groups += [groups[-1] + 1] * len(photos)
    described, membership = torch.stack(samples), torch.tensor(groups)
    return Bank(
        described,
        torch.tensor(classes),
        membership,
        (*names, PHOTO),
        _whitening(described, membership),
    )


def load_bank(
    judged: Sequence[Path] = (), renders: int = RENDERS, seed: int = 0, cache: Path = CACHE
) -> Bank:
    """The bank for a set of judged photos, built once for the same arguments and styles."""
    return read_bank(bank_file(judged, renders, seed, cache))


def bank_file(
    judged: Sequence[Path] = (), renders: int = RENDERS, seed: int = 0, cache: Path = CACHE
) -> Path:
    """Where that bank is kept; its name tells all that the bank depends on."""
    excluded = {path.read_bytes() for path in judged}
    paths = [path for path in TRAINING_PHOTOS if path.read_bytes() not in excluded]
    needed = (*STYLES_CODE, Path(__file__), Path(descriptor.__file__), *paths)
    file = cache / f"bank-{renders}-{seed}-{fingerprint(needed)}.pt"
    if not file.exists():
        sources = [to_tensor(fit(open_photo(path), 384).rgb) for path in paths]
        cache.mkdir(parents=True, exist_ok=True)
        torch.save(asdict(build_bank(sources, renders, seed)), file)
    return file


def read_bank(file: Path) -> Bank:
    """A bank that `bank_file` has kept."""
    state = torch.load(file, weights_only=True)
    return Bank(**(state | {"names": tuple(state["names"])}))


def content(sources: Sequence[Tensor], count: int, generator: torch.Generator) -> Tensor:
    """Squares of the photos and, as many again, drawn photo-like pictures; [count, 3, 192, 192]."""
    real = count - count // 2 if sources else 0
    pictures = [photolike(count - real, SIDE, generator)] if count > real else []
    for _ in range(real):
        photo = sources[int(torch.randint(len(sources), (1,), generator=generator))]
        height, width = photo.shape[-2:]
        least = min(height, width) // 2
        side = int(torch.randint(least, min(height, width) + 1, (1,), generator=generator))
        top = int(torch.randint(height - side + 1, (1,), generator=generator))
        left = int(torch.randint(width - side + 1, (1,), generator=generator))
        square = photo[..., top : top + side, left : left + side]
        pictures.append(F.interpolate(square, (SIDE, SIDE), mode="bilinear", antialias=True))
    mixed = torch.cat(pictures).clamp(0, 1)
    return mixed[torch.randperm(count, generator=generator)]


def _draw(
    recipe: Recipe, sources: Sequence[Tensor], count: int, generator: torch.Generator
) -> Tensor:
    low, high = SCALES
    scale = (low + (high - low) * float(torch.rand(1, generator=generator))) * SIDE / TRAINED
    photos = content(sources, count, generator)
    return render(recipe, photos, generator, strength=1.0, scale=scale)


def _describe_patches(picture: Tensor, generator: torch.Generator) -> Tensor:
    """Random squares of a picture [3, 192, 192] as one descriptor."""
    squares = []
    low, high = (round(share * TRAINED) for share in PATCH_SHARE)
    for _ in range(PATCHES):
        side = int(torch.randint(low, high + 1, (1,), generator=generator))
        top, left = torch.randint(SIDE - side + 1, (2,), generator=generator).tolist()
        squares.append(to_patch(picture[None, :, top : top + side, left : left + side]))
    return describe_region(torch.cat(squares))


def to_patch(square: Tensor) -> Tensor:
    """A square [1, C, S, S] at the descriptor's size, [1, C, 64, 64]."""
    size = (descriptor.SIDE, descriptor.SIDE)
    return F.interpolate(square, size, mode="bilinear", antialias=True).clamp(0, 1)


def _whitening(samples: Tensor, groups: Tensor) -> Tensor:
    """[D, D]: the root of the inverse of the pooled covariance within the groups."""
    offsets = samples.double().clone()
    for group in groups.unique():
        offsets[groups == group] -= offsets[groups == group].mean(dim=0)
    freedom = max(1, len(samples) - len(groups.unique()))
    covariance = offsets.T @ offsets / freedom
    variances = covariance.diagonal().clamp(min=1e-9)
    covariance = (1 - SHRINK) * covariance + SHRINK * torch.diag(variances)
    return torch.linalg.cholesky(torch.linalg.inv(covariance)).float()


def accuracy(distances: Tensor, classes: Tensor) -> tuple[float, float]:
    """Share of samples whose own class is nearest, and among the nearest three."""
    own = distances.gather(1, classes[:, None])
    rank = 1 + (distances < own).sum(dim=1)
    return float((rank == 1).float().mean()), float((rank <= 3).float().mean())


def main() -> None:
    """Build the bank and print how often a picture finds its own style."""
    parser = argparse.ArgumentParser(description="Validate the reference bank.")
    parser.add_argument("--renders", type=int, default=RENDERS, help="of each style")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    torch.set_num_threads(1)
    began = time.perf_counter()
    bank = load_bank(renders=options.renders, seed=options.seed)
    print(f"{len(bank.samples)} samples of {len(bank.names)} classes", end=" ")
    print(f"in {time.perf_counter() - began:.0f} s")
    fresh = load_bank(renders=6, seed=options.seed + 1000)
    for name, distances, classes in (
        ("leave one out", bank.distances(bank.samples, leave_out=True), bank.classes),
        ("fresh renders", bank.distances(fresh.samples), fresh.classes),
    ):
        first, third = accuracy(distances, classes)
        print(f"{name}: own style first {first:.1%}, in the first three {third:.1%}")
        missed = {
            key: accuracy(distances[classes == number], classes[classes == number])[0]
            for number, key in enumerate(bank.names)
        }
        worst = sorted(missed, key=missed.__getitem__)[:10]
        print("  least found:", ", ".join(f"{key} {missed[key]:.0%}" for key in worst))


if __name__ == "__main__":
    main()
