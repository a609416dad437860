"""Print how well the automatic mask meets hand-made ones: photos apart from drawn pictures.

Run from the project's folder: python -m tools.evaluate_mask [FOLDER] [--without-network]

FOLDER has more photos and a masks.json as in tests/data/masks.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import defaultdict
from pathlib import Path

import numpy as np
from PIL import Image

from models.starter.eyes import StarterEyes
from models.starter.network import EfficientNetLite
from semcs_core.mask import find_object
from studio.check import intersection_over_union

ROOT = Path(__file__).resolve().parent.parent
HAND_MASKS = ROOT / "tests" / "data" / "masks" / "masks.json"


def main() -> None:
    """Print one line for each picture, and the mean of each kind."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--without-network", action="store_true")
    options = parser.parse_args()
    eyes = None if options.without_network else StarterEyes(EfficientNetLite.load())
    kinds = [(HAND_MASKS, "drawn pictures", "example photos")]
    if options.folder is not None:
        kinds.append((options.folder / "masks.json", "drawn pictures", str(options.folder)))
    scores = defaultdict(list)
    print(f"{'picture':28} {'IoU':>6} {'confidence':>10} {'CPU seconds':>12}")
    for index, drawn, photos in kinds:
        for entry in json.loads(index.read_text(encoding="utf-8")):
            rgb = np.array(Image.open(ROOT / entry["image"]).convert("RGB"))
            hand = np.array(Image.open(ROOT / entry["mask"]))
            start = time.process_time()
            found = find_object(rgb, eyes=eyes)
            seconds = time.process_time() - start
            score = intersection_over_union(found.mask, hand)
            scores[drawn if entry["name"].startswith("syn_") else photos].append(score)
            print(f"{entry['name']:28} {score:6.3f} {found.confidence:10.2f} {seconds:12.2f}")
    for kind, all_of_it in scores.items():
        print(f"mean of {len(all_of_it)} {kind}: {np.mean(all_of_it):.3f}")


if __name__ == "__main__":
    main()
