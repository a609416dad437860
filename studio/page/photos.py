"""Photos come in, and their object is found."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np
from PIL import Image

from models.loading import best_device, load_patch_features, load_segmenter
from semcs_core.errors import UserError
from semcs_core.image import Photo, open_photo
from semcs_core.mask import ObjectMask, find_object, person_mask
from studio.page.choices import DINO, PERSON, SPECTRAL, source_files
from studio.runs.mask_layer import NO_PHOTO, editor_photo
from studio.runs.visit import Visit, reduced

FOLDER = Path(__file__).parents[2] / "examples"
THUMBNAIL = 160
SURE = 0.6  # confidence, in words

# Visitors may wait for downloads side by side, but not all compute at once.
_searches = threading.Semaphore(2)


@dataclass(frozen=True)
class Example:
    """A photo of the examples folder and the prompt pairs that go with it."""

    path: Path
    pairs: tuple[tuple[str, str], ...]

    @property
    def name(self) -> str:
        """As shown below the thumbnail."""
        return self.path.stem.capitalize()

    def thumbnail(self) -> Image.Image:
        """A small square of the photo."""
        image = Image.fromarray(open_photo(self.path).rgb)
        side = min(image.size)
        left, top = (image.width - side) // 2, (image.height - side) // 2
        box = (left, top, left + side, top + side)
        return image.resize((THUMBNAIL, THUMBNAIL), Image.Resampling.LANCZOS, box)

    def next_pair(self, foreground: str, background: str) -> tuple[str, str]:
        """The first pair, or the one after the pair that is on the page already."""
        current = (foreground, background)
        here = self.pairs.index(current) if current in self.pairs else -1
        return self.pairs[(here + 1) % len(self.pairs)]


def load_examples(folder: Path = FOLDER) -> list[Example]:
    """The examples in the order of `examples.json`, one for each photo."""
    pairs: dict[str, list[tuple[str, str]]] = {}
    for entry in json.loads((folder / "examples.json").read_text("utf-8")):
        pairs.setdefault(entry["photo"], []).append((entry["foreground"], entry["background"]))
    return [Example(folder / photo, tuple(texts)) for photo, texts in pairs.items()]


def open_for_visit(path: str | Path | None) -> Visit:
    """Open a photo and keep what a run can use of it: the largest working size.

    Raises:
        UserError: no photo, or one that cannot be used.
    """
    if path is None:
        raise UserError(NO_PHOTO)
    photo = open_photo(path)
    kept = reduced(photo)
    return Visit(kept, editor_photo(kept), photo.size, file=Path(path))


@lru_cache(maxsize=16)
def open_example(path: Path) -> Visit:
    """An example with its object, searched for once: the first is on every page that opens."""
    visit = open_for_visit(path)
    return replace(visit, found=search(visit.require_shown()))


def search(shown: Photo, source: str = SPECTRAL) -> ObjectMask:
    """Find the object.

    Args:
        shown: the photo as the editor shows it.
        source: one of the mask sources, whose files have been downloaded.

    Returns:
        On the editor's picture.

    Raises:
        UserError: there is no such source, or its files cannot be had.
    """
    source_files(source)
    with _searches:
        if source == PERSON:
            return person_mask(load_segmenter(best_device()), shown.rgb)
        features = load_patch_features(best_device()) if source == DINO else None
        return find_object(shown.rgb, shown.alpha, features)


def describe(found: ObjectMask) -> str:
    """What was found, in a sentence."""
    if found.message:
        return found.message
    if found.confidence >= SURE:
        opinion = "The object stands out clearly"
    else:
        opinion = "This looks like the object"
    return f"{opinion}: {covered(found.mask)}. Correct it with brush and eraser."


def covered(mask: np.ndarray) -> str:
    """How much of the photo a mask covers, such as "23% of the photo"."""
    return f"{(mask >= 0.5).mean():.0%} of the photo"
