"""The pictures of docs/guide.md: `python -m tools.guide_pictures`, about five minutes on two cores.

Each shows four runs of the starter models on an example. `timelapse.webp` and `four-pairs.jpg` are
shown in the README.
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

from models.loading import find_mask, load_models
from semcs_core.image import Photo, fit, open_photo, to_tensor, to_uint8
from semcs_core.mask import ObjectMask, mask_from_eigenvector
from semcs_core.methods import two_regions
from semcs_core.run import stylize
from semcs_core.settings import Settings
from studio.flat_settings import changed
from studio.runs.mask_layer import COLOUR
from studio.timelapse import Timelapse

ROOT = Path(__file__).parents[1]
OUTPUT = ROOT / "docs/pictures"
WIDTH, LABEL, GAP = 972, 20, 4
MASK = np.array(COLOUR)


@dataclass(frozen=True)
class Cell:
    """One picture of a row.

    Attributes:
        label: above it.
        style: "object | background"; empty for the photo under its mask.
        settings: changed fields of `Settings`.
        eigenvector: that the mask is taken from, 0 for the automatic one, None for no mask.
    """

    label: str
    style: str = ""
    settings: dict[str, Any] = field(default_factory=dict)
    eigenvector: int | None = 0


NAMES = {"both strengths": ["foreground_strength", "background_strength"]}
"""Of the settings that a label stands for, where it is not a setting's own name."""


def pairs(*styles: str) -> list[Cell]:
    """Each style under its own words."""
    return [Cell(style, style) for style in styles]


def varied(label: str, values: Sequence[float], style: str) -> list[Cell]:
    """One style, with the settings that a label stands for at each value in turn."""
    names = NAMES.get(label, [label])
    return [Cell(f"{label} {value:g}", style, dict.fromkeys(names, value)) for value in values]


SHEETS: dict[str, tuple[str, list[Cell]]] = {
    "four-pairs": (
        "china.jpg",
        [
            Cell("the photo", eigenvector=None),
            Cell("the object, found by itself"),
            *pairs("stained glass | starry night", "golden | The Great Wave off Kanagawa"),
            *pairs("blueprint | autumn leaves", "cherry blossom | aurora"),
        ],
    ),
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
        pairs(
            "blue marble | wooden", "green marble | rust", "red mosaic | snowy", "golden | tartan"
        ),
    ),
    "guide-strength": (
        "flower.jpg",
        varied("both strengths", (0.4, 0.7, 1.0, 1.5), "stained glass | starry night"),
    ),
    "guide-sketch": (
        "china.jpg",
        varied("sketch", (0, 0.5, 0.85, 1), "mosaic | The Great Wave off Kanagawa"),
    ),
    "guide-light": ("astronaut.jpg", varied("light", (0, 0.4, 0.8, 1.6), "mosaic | red rocks")),
    "guide-seeds": ("rocket.jpg", varied("seed", range(4), "origami | The Scream by Edvard Munch")),
}


def main() -> None:
    """Paint the sheets that are asked for, all of them by default."""
    parser = argparse.ArgumentParser(description="Paint the guide's pictures.")
    parser.add_argument("names", nargs="*", choices=[*SHEETS, "timelapse", []])
    for name in parser.parse_args().names or [*SHEETS, "timelapse"]:
        if name == "timelapse":
            animate(OUTPUT / "timelapse.webp")
        else:
            photo, cells = SHEETS[name]
            sheet(ROOT / "examples" / photo, cells).save(OUTPUT / f"{name}.jpg", quality=85)
        print(name, flush=True)


def sheet(path: Path, cells: Sequence[Cell]) -> Image.Image:
    """Four or six pictures, in rows of four or three, each under its label."""
    photo = fit(open_photo(path), Settings().size)
    found = find_mask(photo, "spectral")
    columns = 4 if len(cells) == 4 else 3
    width = (WIDTH + GAP) // columns - GAP
    height = round(width * photo.rgb.shape[0] / photo.rgb.shape[1])
    paper = Image.new("RGB", (WIDTH, len(cells) // columns * (LABEL + height)), "white")
    draw = ImageDraw.Draw(paper)
    font = ImageFont.load_default(size=13)
    for place, cell in enumerate(cells):
        row, column = divmod(place, columns)
        left, top = column * (width + GAP), row * (LABEL + height)
        draw.text((left + 1, top + 1), cell.label, fill="black", font=font)
        picture = Image.fromarray(paint(photo, found, cell))
        picture = picture.resize((width, height), Image.Resampling.LANCZOS)
        paper.paste(picture, (left, top + LABEL))
    return paper


def paint(photo: Photo, found: ObjectMask, cell: Cell) -> np.ndarray:
    """One cell, [H, W, 3] uint8."""
    mask = found.mask
    if cell.eigenvector:
        mask = mask_from_eigenvector(found, photo.rgb, cell.eigenvector)
    if cell.eigenvector is None:
        return photo.rgb
    if not cell.style:
        share = mask[..., None] / 2
        return (photo.rgb * (1 - share) + MASK * share).round().astype(np.uint8)
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
    mask = find_mask(photo, "spectral").mask
    with tempfile.TemporaryDirectory() as folder:
        timelapse = Timelapse(Path(folder))
        timelapse.add(0, photo.rgb)
        for step in learn(photo, mask, "stained glass | starry night", Settings()):
            if step.step % 2 == 0:
                timelapse.add(step.step, to_uint8(step.image))
        timelapse.save(path)


if __name__ == "__main__":
    main()
