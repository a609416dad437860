"""Open a photo, find its object, and show the eigenvectors that it was found with."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from models.device import best_device
from models.loading import find_mask
from semcs_core.errors import UserError
from semcs_core.image import Photo, open_photo
from semcs_core.mask import ObjectMask
from semcs_core.mask.affinity import NEIGHBOUR_WEIGHT
from semcs_core.mask.sources import LAST_EIGENVECTOR
from semcs_core.mask.threshold import otsu_threshold, stretched
from studio.page import choices
from studio.runs.mask_layer import COLOUR, NO_PHOTO
from studio.runs.visit import Visit, reduced

FOLDER = Path(__file__).parents[2] / "examples"
THUMBNAIL = 160, 160
SURE = 0.6  # confidence from which the mask "is" the object, and not "may be"
LOW, MIDDLE, HIGH = (24, 24, 60), COLOUR, (255, 240, 160)  # dark, the mask's colour, light

# Visitors may wait for downloads side by side, but not all compute at once.
_searches = threading.Semaphore(2)


@dataclass(frozen=True)
class Example:
    """A photo of the examples folder and its pairs of prompts, one for object and background."""

    path: Path
    pairs: tuple[tuple[str, str], ...]

    @property
    def name(self) -> str:
        """The caption of its thumbnail."""
        return self.path.stem.capitalize()

    def open(self) -> Photo:
        """The photo."""
        return open_photo(self.path)

    def finished(self, number: int) -> Path:
        """The picture that this program made of it in one of its pairs."""
        return self.path.parent / "finished" / f"{self.path.stem}-{number + 1}.jpg"

    def thumbnail(self) -> Image.Image:
        """A small square of the photo."""
        image = Image.fromarray(self.open().rgb)
        return ImageOps.fit(image, THUMBNAIL, Image.Resampling.LANCZOS)

    def next_pair(self, foreground: str, background: str) -> tuple[str, str]:
        """The pair after the one that is on the page; the first where that is another's."""
        pairs = [*self.pairs, self.pairs[0]]
        current = (foreground, background)
        return pairs[pairs.index(current) + 1] if current in pairs else pairs[0]


def load_examples(folder: Path = FOLDER) -> list[Example]:
    """The examples in the order of `examples.json`, one for each photo."""
    pairs: dict[str, list[tuple[str, str]]] = {}
    for entry in json.loads((folder / "examples.json").read_text("utf-8")):
        pairs.setdefault(entry["photo"], []).append((entry["foreground"], entry["background"]))
    return [Example(folder / photo, tuple(texts)) for photo, texts in pairs.items()]


def open_for_visit(path: str | Path | None) -> Visit:
    """Open a photo and keep it at the largest working size of a run.

    Raises:
        UserError: there is no photo, or it cannot be used.
    """
    if path is None:
        raise UserError(NO_PHOTO)
    photo = open_photo(path)
    return Visit(reduced(photo), photo.size, file=Path(path))


@lru_cache(maxsize=16)
def open_example(path: Path) -> Visit:
    """An example with its object, found once: every page opens with the first one."""
    visit = open_for_visit(path)
    return replace(visit, found=search(visit.shown), source=choices.SPECTRAL)


def search(
    shown: Photo, source: str = choices.SPECTRAL, neighbours: float = NEIGHBOUR_WEIGHT
) -> ObjectMask:
    """Find the object on a photo of the editor's size, with files that have been downloaded."""
    with _searches:
        return find_mask(shown, source, best_device(), neighbours=neighbours)


def describe(found: ObjectMask) -> str:
    """A sentence about the object that was found."""
    if found.message:
        return found.message
    opinion = "is" if found.confidence >= SURE else "may be"
    return f"Magenta {opinion} the object ({covered(found.mask)}). Brush adds, eraser removes."


def covered(mask: np.ndarray) -> str:
    """How much of the photo a mask covers, such as "23% of the photo"."""
    return f"{(mask >= 0.5).mean():.0%} of the photo"


def thumbnails(found: ObjectMask | None) -> list[tuple[Image.Image, str]]:
    """A heat map of each of the eigenvectors y_1 to y_4, with its number; none without a graph."""
    if found is None:
        return []
    vectors = found.eigenvectors[1 : LAST_EIGENVECTOR + 1]
    return [(_heat_map(vector), str(number)) for number, vector in enumerate(vectors, start=1)]


def best_threshold(found: ObjectMask, number: int) -> float:
    """Otsu's threshold of an eigenvector stretched to [0, 1], to 0.01."""
    return round(otsu_threshold(stretched(found.eigenvectors[number])), 2)


def _heat_map(eigenvector: np.ndarray) -> Image.Image:
    grey = Image.fromarray((255 * stretched(eigenvector)).round().astype(np.uint8))
    heat = ImageOps.colorize(grey, LOW, HIGH, MIDDLE)
    return ImageOps.contain(heat, THUMBNAIL, Image.Resampling.BICUBIC)
