"""A thumbnail of each style, painted on the same photo."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from styles import STYLES

SPRITE = Path(__file__).with_name("styles.jpg")
"""All thumbnails in one picture, row by row in the order of STYLES; written by
`python -m tools.style_pictures`."""
TILE = 96  # pixels a side; whole blocks of JPEG, so that no tile runs into the next
COLUMNS = 12


def load_style_thumbnails() -> list[tuple[Image.Image, str]]:
    """A square of 96 pixels and the canonical prompt of each style, in the order of STYLES."""
    with Image.open(SPRITE) as image:
        sprite = image.convert("RGB")
    thumbnails = []
    for place, style in enumerate(STYLES.values()):
        top, left = (TILE * number for number in divmod(place, COLUMNS))
        tile = sprite.crop((left, top, left + TILE, top + TILE))
        thumbnails.append((tile, style.names[0]))
    return thumbnails
