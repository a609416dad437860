"""Print how well the mask without learned weights meets the hand-made ones.

Run from the project's folder: python -m tools.evaluate_mask
"""

from __future__ import annotations

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


def main() -> None:
    """Print one line for each picture, and the mean."""
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
    print(f"{'mean':28} {np.mean(scores):6.3f}")


if __name__ == "__main__":
    main()
