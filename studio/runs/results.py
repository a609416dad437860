"""What a run leaves: a picture that says how it was made, and what can be done with it after."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from semcs_core.errors import UserError
from semcs_core.image import open_photo, resize_mask
from studio.files import save_png
from studio.provenance import Provenance, save_picture
from studio.runs.signals import Signals
from studio.runs.visit import Visit

REMEMBERED = 12  # of a visit
NO_PICTURE = "There is no picture yet: press Stylize first."
GONE = "That picture is no longer kept here: press Stylize to make it again."
THUMBNAIL = 200  # long side in pixels


@dataclass(frozen=True)
class Result:
    """A finished picture: a PNG in Gradio's cache, what is written in it, its photo and its run."""

    file: Path
    provenance: Provenance
    visit: Visit
    signals: Signals

    @property
    def caption(self) -> str:
        """In a few words."""
        made = self.provenance
        return f"{' | '.join(text or 'photo' for text in made.styles)}, seed {made.settings.seed}"


def save_result(
    pixels: np.ndarray, provenance: Provenance, visit: Visit, signals: Signals
) -> Result:
    """Keep a picture [H, W, 3] uint8."""
    path = new_file(f"semcs-{provenance.settings.seed}.png")
    save_picture(path, pixels, provenance)
    return Result(path, provenance, visit, signals)


def save_mask(mask: np.ndarray, visit: Visit) -> Path:
    """A mask [H, W] in [0, 1] as a grey PNG of the photo's own size."""
    path = new_file("mask.png")
    save_png(path, (resize_mask(mask, visit.size) * 255).round().astype(np.uint8))
    return path


def new_file(name: str) -> Path:
    """A path in Gradio's cache, which the page may serve and which is emptied in time."""
    from gradio.utils import get_upload_folder  # the command line needs no Gradio

    folder = Path(get_upload_folder()) / secrets.token_hex(16)
    folder.mkdir(parents=True)
    return folder / name


def require(current: Result | None) -> Result:
    """The result; a `UserError` where there is none, or its file is gone."""
    if current is None:
        raise UserError(NO_PICTURE)
    if not current.file.exists():
        raise UserError(GONE)
    return current


def thumbnail(result: Result) -> Image.Image:
    """A small copy of the picture."""
    image = Image.fromarray(open_photo(result.file).rgb)
    image.thumbnail((THUMBNAIL, THUMBNAIL), Image.Resampling.LANCZOS)
    return image
