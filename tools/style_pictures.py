"""Paint every style on one photo: `python -m tools.style_pictures`, about 20 minutes.

Writes the page's thumbnails and docs/pictures/styles.jpg. Each picture is kept as a PNG in the
folder `--output`; started again it paints only what is not there yet.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont, ImageOps

from models.loading import find_mask, load_models
from semcs_core.image import fit, open_photo, to_tensor, to_uint8
from semcs_core.methods import two_regions
from semcs_core.run import stylize
from semcs_core.settings import Settings
from studio.page.prompt_panel import COLUMNS, SPRITE, TILE
from styles import STYLES

ROOT = Path(__file__).parents[1]
PHOTO = ROOT / "examples/chelsea.jpg"
SHEET = ROOT / "docs/pictures/styles.jpg"
SIZE = 192
WIDTH, LABEL, GAP = 150, 18, 4  # pixels of a picture on the sheet
LONGEST = 22  # letters of a label
WORDS = {key: style.names[0] for key, style in STYLES.items()}
LABELS = [
    next((name for name in style.names if len(name) <= LONGEST), key)
    for key, style in STYLES.items()
]


def main() -> None:
    """Paint what is not there yet, and lay all out."""
    parser = argparse.ArgumentParser(description="Paint every style on one photo.")
    parser.add_argument("--output", type=Path, default=Path("build/styles"))
    parser.add_argument("--only", nargs="+", choices=STYLES, help="paint these, lay nothing out")
    options = parser.parse_args()
    options.output.mkdir(parents=True, exist_ok=True)
    paths = []
    for key in options.only or STYLES:
        paths.append(options.output / f"{key}.png")
        if not paths[-1].exists():
            Image.fromarray(paint(WORDS[key])).save(paths[-1])
            print(WORDS[key], flush=True)
    if options.only is None:
        sheet(paths, LABELS).save(SHEET, quality=85)
        sprite(paths).save(SPRITE, quality=82)


def paint(style: str) -> np.ndarray:
    """The whole photo in one style, [H, W, 3] uint8, its marks as large in it as at full size."""
    settings = Settings()
    crop_size = round(settings.crop_size * SIZE / settings.size)
    settings = replace(settings, size=SIZE, crop_size=crop_size)
    photo = fit(open_photo(PHOTO), SIZE)
    models = load_models("starter")
    regions = two_regions(find_mask(photo, "spectral").mask, style, style, settings)
    parts = models.encoder, models.perceptual, settings, models.sketcher
    *_, last = stylize(to_tensor(photo.rgb), regions, *parts)
    return to_uint8(last.image)


def sheet(paths: Sequence[Path], labels: Sequence[str], columns: int = 10) -> Image.Image:
    """Labelled pictures in rows."""
    pictures = [Image.open(path) for path in paths]
    height = max(round(picture.height * WIDTH / picture.width) for picture in pictures)
    cell = WIDTH + GAP, LABEL + height + GAP
    rows = -(-len(pictures) // columns)
    whole = Image.new("RGB", (columns * cell[0], rows * cell[1]), "white")
    draw, font = ImageDraw.Draw(whole), ImageFont.load_default(size=12)
    for place, (picture, label) in enumerate(zip(pictures, labels, strict=True)):
        row, column = divmod(place, columns)
        left, top = column * cell[0], row * cell[1]
        draw.text((left, top + 1), label, fill="black", font=font)
        whole.paste(picture.resize((WIDTH, height)), (left, top + LABEL))
    return whole


def sprite(paths: Sequence[Path]) -> Image.Image:
    """The middle of each picture as a small square, without gaps, for the page to cut apart."""
    rows = -(-len(paths) // COLUMNS)
    tiles = Image.new("RGB", (COLUMNS * TILE, rows * TILE))
    for place, path in enumerate(paths):
        row, column = divmod(place, COLUMNS)
        tile = ImageOps.fit(Image.open(path), (TILE, TILE), Image.Resampling.LANCZOS)
        tiles.paste(tile, (column * TILE, row * TILE))
    return tiles


if __name__ == "__main__":
    main()
