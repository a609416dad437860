"""Print how well the mask without learned weights meets the hand-made ones.

Run from the project's folder: python -m tools.evaluate_mask [--overlays FOLDER]
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import numpy as np
from PIL import Image

from semcs_core.mask import find_object

ROOT = Path(__file__).resolve().parent.parent
HAND_MASKS = ROOT / "tests" / "data" / "masks" / "masks.json"
OBJECT, IGNORE = 255, 128


def intersection_over_union(mask: np.ndarray, hand: np.ndarray) -> float:
    """Overlap of two objects where the hand mask is sure.

    Args:
        mask: [H, W], in [0, 1]; above 0.5 is object.
        hand: [H, W], uint8: 255 object, 0 background, 128 ignore.

    Returns:
        0 to 1; 0 if neither has an object.
    """
    found, there, sure = mask > 0.5, hand == OBJECT, hand != IGNORE
    union = ((found | there) & sure).sum()
    return float((found & there & sure).sum() / max(union, 1))


def overlay(rgb: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """The picture with its background turned blue: [H, W, 3] uint8."""
    blue = np.array([0, 0, 120], np.float32)
    shade = rgb * 0.25 + blue
    return (shade + mask[..., None] * (rgb - shade)).astype(np.uint8)


def main() -> None:
    """Print one line for each picture, and the mean."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--overlays", type=Path, help="also write the masks over their pictures")
    folder = parser.parse_args().overlays
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)

    scores = []
    print(f"{'picture':28} {'IoU':>6} {'confidence':>10} {'seconds':>8}")
    for entry in json.loads(HAND_MASKS.read_text(encoding="utf-8")):
        rgb = np.asarray(Image.open(ROOT / entry["image"]).convert("RGB"))
        hand = np.asarray(Image.open(ROOT / entry["mask"]))
        start = time.perf_counter()
        found = find_object(rgb)
        seconds = time.perf_counter() - start
        scores.append(intersection_over_union(found.mask, hand))
        print(f"{entry['name']:28} {scores[-1]:6.3f} {found.confidence:10.2f} {seconds:8.2f}")
        if folder is not None:
            Image.fromarray(overlay(rgb, found.mask)).save(folder / f"{entry['name']}.png")
    print(f"{'mean':28} {np.mean(scores):6.3f}")


if __name__ == "__main__":
    main()
