"""Learn where whole things are from photos with hand masks: writes models/starter/things.npy.

Run from the project's folder: python -m tools.learn_things FOLDER...

Each FOLDER has photos and a masks.json as in tests/data/masks. What is here was learned from 21
photos, the seven examples and tests/data/photos14, and not from tests/data/photos20: every photo,
its mirror image and two cuttings around the object. It is a ridge regression on what the built-in
network sees, in which every photo counts the same and a small object nearly as much as a large one.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from models.starter.eyes import READ, SIDES, THINGS, StarterEyes, readable, resized
from models.starter.network import EfficientNetLite
from semcs_core.image import resize_map, to_tensor
from studio.check import IGNORE, OBJECT
from tools.evaluate_mask import ROOT

RIDGE = 0.005
BALANCE = 0.5
"""0 counts all cells the same, 1 the object as much as the background."""
CUTTINGS = 2


def main() -> None:
    """Learn the weights, and write them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", type=Path, nargs="+")
    eyes, random = StarterEyes(EfficientNetLite.load()), np.random.default_rng(0)
    system, wanted = np.zeros(1), np.zeros(1)
    for folder in parser.parse_args().folders:
        for entry in json.loads((folder / "masks.json").read_text(encoding="utf-8")):
            if entry["image"].startswith("tests/data/masks"):
                continue  # drawn, not photographed
            rgb = np.array(Image.open(ROOT / entry["image"]).convert("RGB"))
            hand = np.array(Image.open(ROOT / entry["mask"]))
            views = [equations(eyes, *view) for view in seen_otherwise(rgb, hand, random)]
            system = system + np.mean([left for left, _ in views], axis=0)
            wanted = wanted + np.mean([right for _, right in views], axis=0)
    photos = system[-1, -1]  # the weights of each photo's cells add up to 1
    ridge = RIDGE * np.diag([*np.ones(len(system) - 1), 0])
    weights = np.linalg.solve(system / photos + ridge, wanted / photos)[:-1]
    np.save(THINGS, weights.astype(np.float32))


def seen_otherwise(
    rgb: np.ndarray, hand: np.ndarray, random: np.random.Generator
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """A photo [H, W, 3] and its hand mask [H, W], their mirror image, and cuttings with it all."""
    yield rgb, hand
    yield rgb[:, ::-1], hand[:, ::-1]
    inside = [np.flatnonzero((hand == OBJECT).any(axis)) for axis in (1, 0)]
    for _ in range(CUTTINGS):
        window = tuple(
            slice(
                int(there[0] * random.uniform(0.2, 0.9)),
                int(there[-1] + 1 + (size - there[-1] - 1) * random.uniform(0.1, 0.8)),
            )
            for there, size in zip(inside, hand.shape, strict=True)
        )
        yield rgb[window], hand[window]


@torch.no_grad()
def equations(eyes: StarterEyes, rgb: np.ndarray, hand: np.ndarray) -> tuple[np.ndarray, ...]:
    """The two sides of the normal equations: [425, 425] and [425]."""
    photo = to_tensor(np.ascontiguousarray(rgb), eyes.network.device)
    known = (
        readable(eyes.network.maps(resized(photo, SIDES[-1]), READ))
        .cpu()
        .numpy()
        .astype(np.float64)
    )
    there = resize_map((hand == OBJECT).astype(np.float32), known.shape[:2]).ravel()
    sure = resize_map((hand != IGNORE).astype(np.float32), known.shape[:2]).ravel()
    x = np.column_stack([known.reshape(len(there), -1), np.ones(len(there))])
    on, off = (there * sure).sum(), ((1 - there) * sure).sum()
    weight = sure * (there * on**-BALANCE + (1 - there) * off**-BALANCE)
    weighted = x * (weight / weight.sum())[:, None]
    return x.T @ weighted, weighted.T @ (2 * there - 1)


if __name__ == "__main__":
    main()
