"""The pictures of docs/guide.md: `python -m tools.guide_pictures`, about five minutes on two cores.

Each is a row of four runs of the starter models on an example, with one thing changed from left to
right. `timelapse.webp` is the animation of the README.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from models.loading import load_models
from semcs_core.image import Photo, fit, open_photo, to_tensor, to_uint8
from semcs_core.mask import ObjectMask, find_object, mask_from_eigenvector
from semcs_core.methods import two_regions
from semcs_core.run import stylize
from semcs_core.settings import Settings
from studio.flat_settings import changed
from studio.timelapse import Timelapse

ROOT = Path(__file__).parents[1]
OUTPUT = ROOT / "docs/pictures"
WIDTH, LABEL, GAP = 240, 20, 4
PINK = np.array((255, 45, 120))


@dataclass(frozen=True)
class Cell:
    """One picture of a row.

    Attributes:
        label: above it.
        style: "object | background"; empty for the photo under its mask.
        settings: changed fields of `Settings`.
        eigenvector: that the mask is taken from, 0 for the automatic one.
    """

    label: str
    style: str = ""
    settings: dict[str, Any] = field(default_factory=dict)
    eigenvector: int = 0


ROWS: dict[str, tuple[str, list[Cell]]] = {
    "guide-mask": (
        "coffee.jpg",
        [
            Cell("found by itself"),
            Cell("golden | snowy", "golden | snowy"),
            Cell("eigenvector 4", eigenvector=4),
            Cell("golden | snowy", "golden | snowy", eigenvector=4),
        ],
    ),
    "guide-words": (
        "coffee.jpg",
        [
            Cell(style, style)
            for style in (
                "blue marble | wooden",
                "green marble | rust",
                "red mosaic | snowy",
                "golden | tartan",
            )
        ],
    ),
    "guide-strength": (
        "flower.jpg",
        [
            Cell(
                f"both strengths {value:g}",
                "stained glass | starry night",
                {"foreground_strength": value, "background_strength": value},
            )
            for value in (0.4, 0.7, 1.0, 1.5)
        ],
    ),
    "guide-sketch": (
        "china.jpg",
        [
            Cell(f"sketch {value:g}", "mosaic | The Great Wave off Kanagawa", {"sketch": value})
            for value in (0.0, 0.5, 0.85, 1.0)
        ],
    ),
    "guide-light": (
        "astronaut.jpg",
        [
            Cell(f"light {value:g}", "mosaic | red rocks", {"light": value})
            for value in (0.0, 0.4, 0.8, 1.6)
        ],
    ),
    "guide-seeds": (
        "rocket.jpg",
        [
            Cell(f"seed {seed}", "origami | The Scream by Edvard Munch", {"seed": seed})
            for seed in range(4)
        ],
    ),
}


def main() -> None:
    """Paint the rows that are asked for, all of them by default."""
    parser = argparse.ArgumentParser(description="Paint the guide's pictures.")
    parser.add_argument("names", nargs="*", choices=[*ROWS, "timelapse", []])
    for name in parser.parse_args().names or [*ROWS, "timelapse"]:
        if name == "timelapse":
            animate(OUTPUT / "timelapse.webp")
        else:
            photo, cells = ROWS[name]
            row(ROOT / "examples" / photo, cells).save(OUTPUT / f"{name}.jpg", quality=85)
        print(name, flush=True)


def row(path: Path, cells: Sequence[Cell]) -> Image.Image:
    """Four pictures side by side, each under its label."""
    photo = fit(open_photo(path), Settings().size)
    found = find_object(photo.rgb)
    height = round(WIDTH * photo.rgb.shape[0] / photo.rgb.shape[1])
    sheet = Image.new("RGB", (len(cells) * (WIDTH + GAP) - GAP, LABEL + height), "white")
    draw = ImageDraw.Draw(sheet)
    font = ImageFont.load_default(size=13)
    for place, cell in enumerate(cells):
        left = place * (WIDTH + GAP)
        draw.text((left + 1, 1), cell.label, fill="black", font=font)
        picture = Image.fromarray(paint(photo, found, cell))
        sheet.paste(picture.resize((WIDTH, height), Image.Resampling.LANCZOS), (left, LABEL))
    return sheet


def paint(photo: Photo, found: ObjectMask, cell: Cell) -> np.ndarray:
    """One cell, [H, W, 3] uint8."""
    mask = found.mask
    if cell.eigenvector:
        mask = mask_from_eigenvector(found, photo.rgb, cell.eigenvector)
    if not cell.style:
        share = mask[..., None] / 2
        return (photo.rgb * (1 - share) + PINK * share).round().astype(np.uint8)
    *_, last = learn(photo, mask, cell.style, changed(Settings(), cell.settings))
    return to_uint8(last.image)


def learn(photo: Photo, mask: np.ndarray, style: str, settings: Settings) -> Any:
    """The steps of a run of the starter models."""
    models = load_models("starter")
    foreground, background = style.split(" | ")
    regions = two_regions(mask, foreground, background, settings)
    tensor = to_tensor(photo.rgb)
    return stylize(tensor, regions, models.encoder, models.perceptual, settings, models.sketcher)


def animate(path: Path) -> None:
    """The time-lapse of the page's first example."""
    photo = fit(open_photo(ROOT / "examples/flower.jpg"), Settings().size)
    mask = find_object(photo.rgb).mask
    with tempfile.TemporaryDirectory() as folder:
        timelapse = Timelapse(Path(folder))
        timelapse.add(0, photo.rgb)
        for step in learn(photo, mask, "stained glass | starry night", Settings()):
            if step.step % 2 == 0:
                timelapse.add(step.step, to_uint8(step.image))
        timelapse.save(path)


if __name__ == "__main__":
    main()
