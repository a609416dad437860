"""Contact sheet of the styles, each drawn over a few photos with its name beside it.

python -m tools.sheet --only fire,mosaic --size 160 --output sheet.png
"""

import argparse
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFont
from torch import Tensor

from styles.recipe import Colouring
from styles.recipes import RECIPES
from styles.render import render
from tools.starter.photolike import photolike

PHOTOS = Path(__file__).parents[2] / "examples"
LABEL = 18
"""Pixels above each row of pictures for the name."""


def load_photos(folder: Path, size: int) -> Tensor:
    """The folder's JPEG files cut to their middle square, RGB in 0..1, [n, 3, size, size]."""
    photos = []
    for path in sorted(folder.glob("*.jpg")):
        with Image.open(path) as file:
            image = file.convert("RGB")
        side = min(image.size)
        left = (image.width - side) // 2
        upper = (image.height - side) // 2
        square = image.crop((left, upper, left + side, upper + side)).resize((size, size))
        photos.append(torch.from_numpy(np.array(square)).permute(2, 0, 1).float() / 255)
    return torch.stack(photos) if photos else torch.empty(0, 3, size, size)


def draw_sheet(
    keys: list[str],
    photos: Tensor,
    per_style: int,
    columns: int,
    seed: int,
    colour: str | None = None,
    scale: float | None = None,
) -> Image.Image:
    """One labelled group of pictures for each style.

    Args:
        keys: Styles, keys of RECIPES.
        photos: RGB in 0..1, [m, 3, size, size]; taken in turn.
        per_style: Pictures of each style.
        columns: Groups beside each other.
        seed: Of the generator.
        colour: A colour word for the styles that take one.
        scale: As in `render`.
    """
    size = photos.shape[-1]
    rows = -(-len(keys) // columns)
    group = (per_style * (size + 2) + 8, size + LABEL)
    sheet = Image.new("RGB", (columns * group[0], rows * group[1]), "white")
    draw = ImageDraw.Draw(sheet)
    font = ImageFont.load_default(13)
    for place, key in enumerate(keys):
        recipe = RECIPES[key]
        generator = torch.Generator().manual_seed(seed + place)
        left = place % columns * group[0]
        upper = place // columns * group[1]
        draw.text((left + 2, upper + 1), f"{key}: {recipe.names[0]}", fill="black", font=font)
        for number in range(per_style):
            photo = photos[(place + number) % len(photos)][None]
            words = None if recipe.colouring is Colouring.FIXED else [colour]
            picture = render(recipe, photo, generator, words, scale=scale)
            pixels = (picture[0].permute(1, 2, 0) * 255).round().byte().numpy()
            sheet.paste(Image.fromarray(pixels), (left + number * (size + 2), upper + LABEL))
    return sheet


def main() -> None:
    """Draw the sheet that the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", help="keys of styles, split at commas (default: all)")
    parser.add_argument("--size", type=int, default=160, help="pixels of a picture's side")
    parser.add_argument("--per-style", type=int, default=3, help="pictures of each style")
    parser.add_argument("--columns", type=int, default=3, help="styles beside each other")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--colour", help="colour word for the styles that take one")
    parser.add_argument("--scale", type=float, help="features shrink by this much")
    parser.add_argument("--photos", type=Path, default=PHOTOS, help="folder of JPEG files")
    parser.add_argument("--output", type=Path, required=True)
    options = parser.parse_args()
    keys = options.only.split(",") if options.only else list(RECIPES)
    photos = load_photos(options.photos, options.size)
    if len(photos) == 0:
        photos = photolike(6, options.size, torch.Generator().manual_seed(options.seed))
    sheet = draw_sheet(
        keys,
        photos,
        options.per_style,
        options.columns,
        options.seed,
        options.colour,
        options.scale,
    )
    sheet.save(options.output)


if __name__ == "__main__":
    main()
