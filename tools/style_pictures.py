"""Paint what the documentation shows: `python -m tools.style_pictures --output DIR`.

`styles.jpg` has every style on one photo, `pairs.jpg` the pairs of pairs.json. Each picture is kept
as a PNG beside them; started again it paints only what is missing. The styles also become the
page's thumbnails.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont, ImageOps

from semcs_core.image import fit, open_photo, to_tensor, to_uint8
from semcs_core.mask import find_object
from semcs_core.settings import Settings
from studio.page.style_gallery import COLUMNS, SPRITE, TILE
from styles.recipes import RECIPES
from tools.starter.evaluate import at_size, paint
from tools.starter.workers import in_parallel

PROJECT = Path(__file__).parents[2]
FOLDERS = (PROJECT / "examples", PROJECT / "tools/starter/photos/judged")
SUBJECT = "chelsea.jpg"  # one face on all styles
SIZES = {"styles": 192, "pairs": 384}
LABEL = 18  # pixels above a picture


@dataclass(frozen=True)
class Cell:
    """One picture of a sheet.

    Attributes:
        photo: file name.
        foreground: prompt.
        background: prompt.
        label: above the picture.
        settings: of the run.
        path: where the picture is kept.
    """

    photo: str
    foreground: str
    background: str
    label: str
    settings: Settings
    path: Path


def main() -> None:
    """Parse the command line, paint and lay out."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path, default=Path("build/gallery"))
    parser.add_argument("--only", choices=SIZES)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    for name, width, columns in (("styles", 150, 10), ("pairs", 300, 6)):
        if options.only in (None, name):
            cells = (style_cells if name == "styles" else pair_cells)(options.output / name)
            todo = [cell for cell in cells if not cell.path.exists()]
            for cell in in_parallel(draw, todo, options.workers):
                print(cell.label, flush=True)
            sheet(cells, width, columns).save(options.output / f"{name}.jpg", quality=85)
            if name == "styles":
                sprite(cells).save(SPRITE, quality=82)


def style_cells(folder: Path) -> list[Cell]:
    """One for each style, the whole picture in it."""
    settings = at_size(SIZES["styles"])
    return [
        Cell(SUBJECT, name, name, name, settings, folder / f"{recipe.key}.png")
        for recipe in RECIPES.values()
        for name in recipe.names[:1]
    ]


def pair_cells(folder: Path) -> list[Cell]:
    """One for each pair of pairs.json."""
    settings = at_size(SIZES["pairs"])
    pairs = json.loads(Path(__file__).with_name("pairs.json").read_text("utf-8"))
    return [
        Cell(photo, fore, back, f"{fore} | {back}", settings, folder / f"{number:02d}.png")
        for number, (photo, fore, back) in enumerate(pairs)
    ]


def draw(cell: Cell) -> Cell:
    """Paint one picture and keep it."""
    path = next(folder / cell.photo for folder in FOLDERS if (folder / cell.photo).exists())
    photo = fit(open_photo(path), cell.settings.size)
    mask = find_object(photo.rgb, photo.alpha).mask
    picture = paint(to_tensor(photo.rgb), mask, cell.foreground, cell.background, cell.settings)
    cell.path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(to_uint8(picture)).save(cell.path)
    return cell


def sheet(cells: Sequence[Cell], width: int, columns: int) -> Image.Image:
    """Labelled pictures in rows, each row as high as its highest."""
    font = ImageFont.load_default(size=12)
    rows = []
    for start in range(0, len(cells), columns):
        pictures = []
        for cell in cells[start : start + columns]:
            image = Image.open(cell.path)
            pictures.append(image.resize((width, round(image.height * width / image.width))))
        height = LABEL + max(picture.height for picture in pictures)
        row = Image.new("RGB", (columns * (width + 4), height + 4), "white")
        for place, (cell, picture) in enumerate(zip(cells[start:], pictures, strict=False)):
            left = place * (width + 4)
            ImageDraw.Draw(row).text((left, 1), cell.label, fill="black", font=font)
            row.paste(picture, (left, LABEL))
        rows.append(np.asarray(row))
    return Image.fromarray(np.concatenate(rows))


def sprite(cells: Sequence[Cell]) -> Image.Image:
    """The middle of each picture as a small square, without gaps, for the page to cut apart."""
    rows = -(-len(cells) // COLUMNS)
    tiles = Image.new("RGB", (COLUMNS * TILE, rows * TILE))
    for place, cell in enumerate(cells):
        picture = Image.open(cell.path)
        row, column = divmod(place, COLUMNS)
        tile = ImageOps.fit(picture, (TILE, TILE), Image.Resampling.LANCZOS)
        tiles.paste(tile, (column * TILE, row * TILE))
    return tiles


if __name__ == "__main__":
    main()
