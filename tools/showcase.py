"""Paint the examples of the page and lay them out as one picture: `python -m tools.showcase`."""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from semcs_core.image import fit, open_photo, to_tensor, to_uint8
from semcs_core.mask import find_object
from semcs_core.models import best_device, load_models
from semcs_core.regions import split_regions
from semcs_core.settings import Settings
from semcs_core.stylize import stylize

EXAMPLES = Path(__file__).parents[1] / "examples"
HEIGHT = 256  # of a row
CAPTION = 22
GAP = 6


def main() -> None:
    """Parse the command line and paint."""
    parser = argparse.ArgumentParser(description="A contact sheet of the page's examples.")
    parser.add_argument("--only", nargs="*", help="names of photos")
    parser.add_argument("--size", type=int, default=384)
    parser.add_argument("--steps", type=int, default=Settings().steps)
    parser.add_argument("--output", type=Path, default=Path("showcase.png"))
    arguments = parser.parse_args()
    examples = json.loads((EXAMPLES / "examples.json").read_text("utf-8"))
    settings = replace(Settings(), size=arguments.size, steps=arguments.steps)
    rows = []
    for name in dict.fromkeys(example["photo"] for example in examples):
        if arguments.only and name not in arguments.only:
            continue
        pairs = [(e["foreground"], e["background"]) for e in examples if e["photo"] == name]
        rows.append(row(name, pairs, settings))
        print(name, flush=True)
        stack(rows).save(arguments.output)


def row(name: str, pairs: list[tuple[str, str]], settings: Settings) -> list[np.ndarray]:
    """The photo, its mask, and a picture for each pair of prompts, captioned."""
    device = best_device()
    models = load_models("starter", device)
    photo = fit(open_photo(EXAMPLES / name), settings.size)
    mask = find_object(photo.rgb, photo.alpha).mask
    cells = [
        captioned(photo.rgb, name.rsplit(".", 1)[0]),
        captioned(np.repeat((mask * 255).astype(np.uint8)[..., None], 3, axis=2), "object"),
    ]
    for foreground, background in pairs:
        regions = split_regions(mask, foreground, background)
        *_, last = stylize(
            to_tensor(photo.rgb, device),
            regions,
            models.encoder,
            models.perceptual,
            settings,
            models.sketcher,
        )
        cells.append(captioned(to_uint8(last.image), f"{foreground} | {background}"))
    return cells


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


if __name__ == "__main__":
    main()
