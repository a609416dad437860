"""Train the starter models from scratch: `python -m tools.starter.train`.

Renders the training set (kept in build/), measures the texture statistics of patches of it,
whitens them, trains the text network to predict them from captions, and writes
models/starter/weights.safetensors.
"""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import asdict
from pathlib import Path
from random import Random

import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from torch import Tensor

from models.starter.encoder import MEANING, WEIGHTS, Starter
from semcs_core.crops import cut, sample_corners
from semcs_core.image import fit, open_photo, to_tensor
from semcs_core.settings import Settings
from styles.palettes import COLOURS
from styles.recipes import RECIPES
from tools.starter.captions import PHOTOS, caption, vocabulary
from tools.starter.dataset import DEPENDENCIES, JUDGED_PHOTOS, PATCH_SHARE, Dataset, build, join
from tools.starter.fingerprint import fingerprint

BATCH = 192
PHOTO_SHARE = 72  # of a batch
RATE = 2e-3
PHOTO = -2  # label; a style's are -1 and up
NOISE = 0.5  # of a whitened statistic, when styles are told apart
TEMPERATURE = 0.07  # of the learned part's contrast


def main() -> None:
    """Parse the command line and train."""
    parser = argparse.ArgumentParser(description="Train the starter models.")
    parser.add_argument("--renders", type=int, default=80, help="pictures of each recipe")
    parser.add_argument("--iterations", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--output", type=Path, default=WEIGHTS)
    parser.add_argument("--cache", type=Path, default=Path("build/starter"))
    arguments = parser.parse_args()
    data = load_or_build(arguments.cache, arguments.renders, arguments.seed)
    torch.manual_seed(arguments.seed)  # the initial weights
    encoder = Starter(vocabulary(), [recipe.names[0] for recipe in RECIPES.values()])
    generator = torch.Generator().manual_seed(arguments.seed)
    statistics, photos = measure(encoder, data, generator)
    train_text(encoder, data, statistics, photos, arguments.iterations, arguments.seed)
    evaluate(encoder, data, generator)
    recognise(encoder, generator)
    save(encoder, arguments.output)


def load_or_build(cache: Path, renders: int, seed: int) -> Dataset:
    """The training set, rendered once for the same arguments."""
    path = cache / f"renders-{renders}-{seed}-{fingerprint(DEPENDENCIES)}.pt"
    if path.exists():
        return Dataset(**torch.load(path, weights_only=True))
    generator = torch.Generator().manual_seed(seed)
    began, parts = time.time(), []
    for key, number, part in build(renders, generator):
        parts.append(part)
        print(f"{number + 1}/{len(RECIPES)} {key} {time.time() - began:.0f} s", flush=True)
    data = join(parts)
    cache.mkdir(parents=True, exist_ok=True)
    for old in cache.glob("renders-*.pt"):
        old.unlink()  # half a gigabyte each
    torch.save(asdict(data), path)
    return data


def patches(pictures: Tensor, size: int, generator: torch.Generator) -> Tensor:
    """A random patch of each picture, mirrored by chance.

    Args:
        pictures: [N, 3, H, H], uint8.
        size: side of the patches.
        generator: on the CPU.

    Returns:
        [N, 3, size, size], float32 in [0, 1].
    """
    count = len(pictures)
    low, high = PATCH_SHARE
    share = low + (high - low) * torch.rand(count, generator=generator)
    mirror = torch.where(torch.rand(count, generator=generator) < 0.5, -1.0, 1.0)
    affine = torch.zeros(count, 2, 3)
    affine[:, 0, 0], affine[:, 1, 1] = share * mirror, share
    centre = 2 * torch.rand(count, 2, generator=generator) - 1
    affine[:, :, 2] = centre * (1 - share)[:, None]
    grid = F.affine_grid(affine, [count, 3, size, size], align_corners=False)
    return F.grid_sample(pictures.float() / 255, grid, align_corners=False)


@torch.no_grad()
def measure(encoder: Starter, data: Dataset, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Whiten the statistics over the set and weigh them.

    Returns:
        Whitened statistics of the renders [N, size] and of the photos [M, size].
    """
    bank = encoder.statistics

    def raw(pictures: Tensor) -> Tensor:
        parts = pictures.split(64)
        return torch.cat([bank.measure(patches(p, encoder.input_size, generator)) for p in parts])

    renders, photos = raw(data.renders), raw(data.photos)
    everything = torch.cat([renders, photos])
    bank.mean.copy_(everything.mean(dim=0))
    bank.deviation.copy_(everything.std(dim=0) + 1e-4)
    renders = torch.asinh((renders - bank.mean) / bank.deviation)
    photos = torch.asinh((photos - bank.mean) / bank.deviation)
    members = [renders[data.styles == number] for number in range(len(RECIPES))]
    between = torch.stack([m.mean(dim=0) for m in members]).std(dim=0)
    within = torch.stack([m.std(dim=0) for m in members]).mean(dim=0)
    # A statistic counts as much as it tells styles apart (Fisher's ratio), within its group.
    ratio = between / (within + 0.1)
    groups = [group / group.mean() for group in ratio.split(bank.sizes)]
    encoder.importance.copy_(torch.cat(groups))
    return renders, photos


def train_text(
    encoder: Starter,
    data: Dataset,
    statistics: Tensor,
    photos: Tensor,
    iterations: int,
    seed: int,
) -> None:
    """Regress the statistics of pictures from their captions, and tell the pictures apart.

    The learned part is trained as in supervised contrastive learning (Khosla et al., 2020): a
    picture's numbers are near to those of every caption of its style and colour.
    """
    generator = torch.Generator().manual_seed(seed)
    random = Random(seed)  # noqa: S311 - captions, not secrets
    recipes, colours = list(RECIPES.values()), list(COLOURS)
    text, meaning = encoder.text.requires_grad_(True), encoder.meaning.requires_grad_(True)
    parameters = [*text.parameters(), *meaning.parameters()]
    optimiser = torch.optim.AdamW(parameters, RATE, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, iterations, pct_start=0.05)
    began = time.time()
    for iteration in range(iterations):
        chosen = torch.randint(len(statistics), (BATCH - PHOTO_SHARE,), generator=generator)
        plain = torch.randint(len(photos), (PHOTO_SHARE,), generator=generator)
        captions = [
            caption(
                recipes[int(data.styles[n])],
                colours[int(data.colours[n])] if data.colours[n] >= 0 else None,
                random,
            )
            for n in chosen
        ]
        captions += [random.choice(PHOTOS) for _ in plain]
        predicted = text(encoder.tokenise(captions))
        seen = torch.cat([statistics[chosen], photos[plain]])
        looks = data.styles[chosen] * (len(colours) + 1) + data.colours[chosen]
        labels = torch.cat([looks, torch.full((len(plain),), PHOTO)])
        # The learned part must not hang on what a few photos happen to have.
        blurred = seen + NOISE * torch.randn(seen.shape, generator=generator)
        expected, said = predicted.split([seen.shape[1], MEANING], dim=1)
        loss = F.mse_loss(expected, seen) + contrast(meaning(blurred), said, labels)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
        if iteration % 250 == 0:
            print(f"{iteration}/{iterations} {time.time() - began:.0f} s {loss:.4f}", flush=True)
    text.requires_grad_(False)
    meaning.requires_grad_(False)


def contrast(pictures: Tensor, texts: Tensor, labels: Tensor) -> Tensor:
    """Cross-entropy of which texts belong to which pictures, both ways.

    Args:
        pictures: [N, D].
        texts: [N, D].
        labels: [N]; equal ones belong together.
    """
    logits = F.normalize(pictures, dim=1) @ F.normalize(texts, dim=1).T / TEMPERATURE
    own = (labels[:, None] == labels).float()
    own = own / own.sum(dim=1, keepdim=True)
    return (F.cross_entropy(logits, own) + F.cross_entropy(logits.T, own)) / 2


@torch.no_grad()
def evaluate(encoder: Starter, data: Dataset, generator: torch.Generator) -> None:
    """Print how often the nearest style name of a fresh patch is its own."""
    texts = encoder.encode_text([*encoder.styles, Starter.source_text])
    own = data.colours < 0
    renders, styles = data.renders[own], data.styles[own]
    for name, pictures, truth in (
        ("renders", renders, styles),
        ("photos", data.photos, torch.full((len(data.photos),), len(encoder.styles))),
    ):
        parts = pictures.split(64)
        views = (patches(part, encoder.input_size, generator) for part in parts)
        similarity = torch.cat([encoder.encode_image(view) @ texts.T for view in views])
        rank = (similarity >= similarity.gather(1, truth[:, None])).sum(dim=1)
        first, third = (rank == 1).float().mean(), (rank <= 3).float().mean()
        print(f"{name}: own name first {first:.1%}, in the first three {third:.1%}", flush=True)


@torch.no_grad()
def recognise(encoder: Starter, generator: torch.Generator) -> None:
    """Print whether patches of the judged photos, and those photos as wholes, pass for photos."""
    names = [*encoder.styles, Starter.source_text]
    texts = encoder.encode_text(names)
    for path in JUDGED_PHOTOS:
        photo = to_tensor(fit(open_photo(path), Settings().size).rgb)
        corners = sample_corners(photo[:, :1] * 0 + 1, 128, Settings(), generator)
        embeddings = encoder.encode_image(cut(photo, corners, encoder.input_size))
        similarity = embeddings @ texts.T
        rank = (similarity >= similarity[:, -1:]).sum(dim=1)
        first, third = (rank == 1).float().mean(), (rank <= 3).float().mean()
        whole = names[int((embeddings.mean(dim=0) @ texts.T).argmax())]
        print(f"{path.stem}: patches {first:.0%}, in the first three {third:.0%}; whole: {whole}")


def save(encoder: Starter, path: Path) -> None:
    """Write parameters as fp16; vocabulary and styles travel in the file's metadata.

    Means and deviations stay float32: some are below what fp16 can tell from 0.
    """
    state = {name: buffer.clone() for name, buffer in encoder.named_buffers()}
    state |= {name: parameter.detach().half() for name, parameter in encoder.named_parameters()}
    metadata = {"words": json.dumps(encoder.words), "styles": json.dumps(encoder.styles)}
    save_file(state, path, metadata)


if __name__ == "__main__":
    main()
