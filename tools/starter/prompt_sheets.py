"""Contact sheets of an evaluation: for each prompt, all pictures that it is in."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from semcs_core.image import open_photo
from tools.starter.judgement import SIDES, Record

COLUMNS = 6
HEIGHT = 256  # of a row
CAPTION = 22
GAP = 6


def draw_sheets(records: Sequence[Record], folder: Path) -> None:
    """Write `folder`/sheets/PROMPT.png; under each picture's name the two prompts' ranks."""
    (folder / "sheets").mkdir(exist_ok=True)
    prompts = dict.fromkeys(record[side]["prompt"] for side in SIDES for record in records)
    for prompt in prompts:
        own = [r for r in records if prompt in {r[side]["prompt"] for side in SIDES}]
        cells = [captioned(open_photo(folder / r["file"]).rgb, _caption(r)) for r in own]
        rows = [cells[start : start + COLUMNS] for start in range(0, len(cells), COLUMNS)]
        name = re.sub(r"[^\w]+", "-", prompt.lower())
        stack(rows).save(folder / "sheets" / f"{name}.png")


def _caption(record: Record) -> str:
    return " | ".join(f"{record[side]['prompt']} {record[side]['rank']}" for side in SIDES)


def captioned(rgb: np.ndarray, text: str) -> np.ndarray:
    """A cell of the sheet, [HEIGHT + CAPTION, W, 3]."""
    image = Image.fromarray(rgb)
    image = image.resize((round(image.width * HEIGHT / image.height), HEIGHT))
    cell = Image.new("RGB", (image.width, HEIGHT + CAPTION), "white")
    cell.paste(image, (0, CAPTION))
    font = ImageFont.load_default(size=15)
    ImageDraw.Draw(cell).text((2, 2), text, fill="black", font=font)
    return np.asarray(cell)


def stack(rows: list[list[np.ndarray]]) -> Image.Image:
    """Rows of cells as one picture."""
    gap = np.full((HEIGHT + CAPTION, GAP, 3), 255, np.uint8)
    lines = [np.concatenate([x for cell in cells for x in (cell, gap)], axis=1) for cells in rows]
    width = max(line.shape[1] for line in lines)
    padded = [
        np.pad(line, ((0, GAP), (0, width - line.shape[1]), (0, 0)), constant_values=255)
        for line in lines
    ]
    return Image.fromarray(np.concatenate(padded))
