"""What a finished picture carries with it, so that it can be understood and repeated.

A PNG made here has a text chunk (iTXt) `semcs` of JSON, before its pixels:

    {"format": 1, "version": "0.2.0", "settings": {...}, "foreground": "fire",
     "background": "mosaic", "models": "starter", "method": "studio",
     "mask": BASE64 OF A GREY PNG, "mask_source": "spectral", "photo": SHA-256, "steps": 40,
     "edits": [{"step": 14, "text": "background: mosaic"}],
     "pictures": ["the style picture, reduced to a thumbnail: BASE64 OF A JPEG", null]}

The photo itself is never embedded: whoever shares a painted picture must not give away the
original with it. Its fingerprint tells whether a photo at hand is the same one. The mask is in
the record, and so is the outline of what was in the photo; of a style picture, a thumbnail.

Anyone can have written the record in a file, so every value is checked when it is read.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, PngImagePlugin

from semcs_core import __version__
from semcs_core.errors import UserError
from semcs_core.image import open_photo, resize, working_size
from semcs_core.prompts import clean_prompt
from semcs_core.settings import Settings
from studio.files import replacing
from studio.flat_settings import ENTRIES, changed, flatten

FORMAT = 1
KEYWORD = "semcs"
MOST_TEXT = 2_000_000  # characters of JSON
MOST_MASK = 2048  # pixels a side
MOST_STEPS = 1_000_000
MOST_JPEG = 32_000  # bytes of a style picture's thumbnail
MOST_THUMBNAIL = 640  # pixels a side: of a picture of 20 to 1, whose short side has 32
THUMBNAIL = "the style picture, reduced to a thumbnail: "

DAMAGED = "The settings in this picture are damaged: open it as a photo instead."
INCOMPATIBLE = (
    "The settings in this picture are of another version of Sem-CS Studio: "
    "update the studio, or open it as a photo instead."
)

FINGERPRINT = r"[0-9a-f]{64}"
NAME = r"[\x20-\x7e]{1,100}"


@dataclass(frozen=True)
class Edit:
    """A change in the middle of a run."""

    step: int  # the last one before it, from 0
    text: str  # what was changed and, after a colon, to what: "background: snowy"


@dataclass(frozen=True)
class Provenance:
    """How a picture was made; prompts are as `clean_prompt` returns them."""

    settings: Settings
    foreground: str
    background: str
    models: str  # their name; whether there are such models is for the caller to check
    mask: np.ndarray  # [h, w], uint8, as the editor had it at its own size; 1 to 2048 a side
    photo: str  # `fingerprint` of the photo at the editor's size
    steps: int  # that were done
    edits: tuple[Edit, ...] = ()
    version: str = __version__
    # [h, w, 3] uint8, the two styles; the file has thumbnails of them.
    pictures: tuple[np.ndarray | None, ...] = (None, None)
    method: str = ""  # as of `published.in_words`
    mask_source: str = ""  # "spectral", "sem-cs, changed by hand"

    @property
    def styles(self) -> list[str]:
        """Those of object and background in words, as of `describe_style`."""
        prompts = self.foreground, self.background
        return [describe_style(*style) for style in zip(prompts, self.pictures, strict=True)]


def describe_style(prompt: str, picture: np.ndarray | None) -> str:
    """A style in words: "fire", "a picture" or "fire and a picture"; empty where there is none."""
    return " and ".join(filter(None, [prompt, "" if picture is None else "a picture"]))


def fingerprint(rgb: np.ndarray) -> str:
    """SHA-256 over the shape and bytes of a photo [H, W, 3] uint8, 64 hex digits."""
    digest = hashlib.sha256(repr(rgb.shape).encode())
    digest.update(np.ascontiguousarray(rgb).tobytes())
    return digest.hexdigest()


def save_picture(path: Path, pixels: np.ndarray, provenance: Provenance) -> None:
    """Save a finished picture [H, W, 3] uint8 as a PNG from which `read_provenance` reads all."""
    info = PngImagePlugin.PngInfo()
    info.add_itxt(KEYWORD, _to_json(provenance))
    info.add_text("Software", f"Sem-CS Studio {provenance.version}")
    info.add_text("Description", '"{}" | "{}"'.format(*provenance.styles))
    with replacing(path) as temporary:
        Image.fromarray(pixels).save(temporary, format="PNG", pnginfo=info)


def read_provenance(path: str | Path) -> Provenance | None:
    """How a picture was made; its pixels are not decoded.

    Returns:
        None for a picture that was not made here or has lost its record, and for a file that is
        missing, damaged or no PNG: opening it as a photo tells what is wrong with it.

    Raises:
        UserError: there is a record, but a damaged one or of an incompatible version.
    """
    try:
        with Image.open(path, formats=["PNG"]) as image:
            text = image.info.get(KEYWORD)
    except (OSError, ValueError, Image.DecompressionBombError):
        return None
    if text is None:
        return None
    if len(text) > MOST_TEXT:
        raise UserError(DAMAGED)
    ours = False
    try:
        data = json.loads(text)
        form, version = data["format"], data["version"]
        ours = form == FORMAT and version == __version__
        if form != FORMAT:
            raise UserError(INCOMPATIBLE)
        return _from_json(data)
    except UserError:
        # A value that another version wrote may be right there and out of range here.
        raise UserError(DAMAGED if ours else INCOMPATIBLE) from None
    except MemoryError:
        raise
    except Exception:  # what anyone may have written leads to anything
        raise UserError(DAMAGED) from None


def _to_json(provenance: Provenance) -> str:
    mask = io.BytesIO()
    Image.fromarray(provenance.mask).save(mask, format="PNG")
    own = {
        "settings": flatten(provenance.settings),
        "mask": base64.b64encode(mask.getvalue()).decode(),
        "edits": [asdict(edit) for edit in provenance.edits],
        "pictures": [one if one is None else _thumbnail(one) for one in provenance.pictures],
    }
    return json.dumps({"format": FORMAT} | vars(provenance) | own)


def _from_json(data: dict[str, Any]) -> Provenance:
    # A later version may have written settings that this one does not know; where it has fewer,
    # the default stands.
    settings = {name: value for name, value in data["settings"].items() if name in ENTRIES}
    first, second = data.get("pictures", (None, None))
    return Provenance(
        settings=changed(Settings(), settings),
        foreground=clean_prompt(_text(data["foreground"])),
        background=clean_prompt(_text(data["background"])),
        models=_text(data["models"], NAME),
        mask=_read_mask(data["mask"]),
        photo=_text(data["photo"], FINGERPRINT),
        steps=_count(data["steps"]),
        edits=tuple(_read_edit(**edit) for edit in data["edits"]),
        version=_text(data["version"], NAME),
        pictures=(_read_thumbnail(first), _read_thumbnail(second)),
        **{name: _text(data[name], NAME) for name in ("method", "mask_source") if data.get(name)},
    )


def _read_edit(step: object, text: object) -> Edit:
    what, colon, value = _text(text).partition(": ")
    return Edit(_count(step), clean_prompt(what) + colon + clean_prompt(value))


def _read_mask(text: object) -> np.ndarray:
    """[h, w] uint8 from a grey PNG in base64; its size is checked before it is decoded."""
    data = base64.b64decode(_text(text), validate=True)
    with Image.open(io.BytesIO(data), formats=["PNG"]) as image:
        if image.mode != "L" or max(image.size) > MOST_MASK:
            raise ValueError(f"a mask of {image.size} in mode {image.mode}")
        return np.array(image)


def _thumbnail(picture: np.ndarray) -> str:
    """As many pixels of a style picture as fit."""
    height, width = picture.shape[:2]
    for side in range(min(max(height, width), MOST_THUMBNAIL), 0, -40):
        jpeg = io.BytesIO()
        pixels = resize(picture, working_size(width, height, side))
        Image.fromarray(pixels).save(jpeg, "JPEG", quality=85)
        if jpeg.tell() <= MOST_JPEG:
            break
    return THUMBNAIL + base64.b64encode(jpeg.getvalue()).decode()


def _read_thumbnail(text: object) -> np.ndarray | None:
    """[h, w, 3] uint8, or None; its size is checked before it is decoded."""
    if text is None:
        return None
    jpeg = io.BytesIO(base64.b64decode(_text(text).removeprefix(THUMBNAIL), validate=True))
    with Image.open(jpeg, formats=["JPEG"]) as image:
        if jpeg.getbuffer().nbytes > MOST_JPEG or max(image.size) > MOST_THUMBNAIL:
            raise ValueError(f"a style picture of {image.size}")
    return open_photo(jpeg).rgb


def _text(value: object, pattern: str = "(?s).*") -> str:
    if not isinstance(value, str) or not re.fullmatch(pattern, value):
        raise ValueError(f"{value!r:.40} must be {pattern}")
    return value


def _count(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= MOST_STEPS:
        raise ValueError(f"{value!r:.40} must be a whole number from 0 to {MOST_STEPS}")
    return value
