"""What a finished picture carries with it, so that it can be understood and repeated.

A PNG made here has a text chunk (iTXt) `semcs` of JSON, before its pixels:

    {"format": 1, "version": "0.2.0", "settings": {...}, "foreground": "fire",
     "background": "mosaic", "models": "starter", "mask": BASE64 OF A GREY PNG, "photo": SHA-256,
     "steps": 40, "edits": [{"step": 14, "text": "background: mosaic"}]}

The photo itself is never embedded: who shares a painted picture must not give away the original
with it. Its fingerprint tells whether a photo at hand is the one. The mask is there, and with it
the outline of what was in the photo.

A record comes from anyone. Nothing in it is trusted: sizes are checked before anything is decoded,
and each value by the class that it becomes.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import re
import struct
import zlib
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

import numpy as np
from PIL import Image, PngImagePlugin

from semcs_core import __version__
from semcs_core.errors import UserError
from semcs_core.prompts import clean_prompt
from semcs_core.settings import Settings
from studio.files import replacing
from studio.flat_settings import ENTRIES, changed, flatten

FORMAT = 1
KEYWORD = "semcs"
MOST_TEXT = 2_000_000  # bytes of JSON
MOST_MASK = 2048  # pixels a side
MOST_STEPS = 1_000_000
MOST_CHUNKS = 100  # looked through before the pixels
MOST_LETTERS = 100  # of a name or a version

DAMAGED = "The settings in this picture are damaged: open it as a photo instead."
INCOMPATIBLE = (
    "The settings in this picture are of another version of Sem-CS Studio: "
    "update the studio, or open it as a photo instead."
)

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_KEY = KEYWORD.encode() + b"\0"
_PLAIN = bytes(4)  # not compressed, in no language, not translated
_FINGERPRINT = re.compile(r"[0-9a-f]{64}")
_NAME = re.compile(rf"[\x20-\x7e]{{1,{MOST_LETTERS}}}")


@dataclass(frozen=True)
class Edit:
    """A change in the middle of a run.

    Attributes:
        step: the last one before it, from 0.
        text: what was changed and, after a colon, to what: "background: snowy". Made one line; at
            most 300 characters on either side of the colon.

    Raises:
        ValueError: a value of another type or out of its range; UserError for a text too long.
    """

    step: int
    text: str

    def __post_init__(self) -> None:
        _check_count(self.step)
        what, colon, value = _check_text(self.text).partition(": ")
        object.__setattr__(self, "text", clean_prompt(what) + colon + clean_prompt(value))


@dataclass(frozen=True)
class Provenance:
    """How a picture was made.

    Attributes:
        settings: of the run, the seed among them.
        foreground: prompt of the object; made one line, at most 300 characters.
        background: prompt of what is around it, the same.
        models: their name; whether there are such models is for the caller to check.
        mask: [h, w], uint8, as the editor had it at its own size; values are kept as they are.
            1 to 2048 a side.
        photo: `fingerprint` of the photo at the editor's size.
        steps: that were done.
        edits: changes in mid-run, in order.
        version: of this package.

    Raises:
        ValueError: a value of another type or out of its range; UserError for a prompt too long.
    """

    settings: Settings
    foreground: str
    background: str
    models: str
    mask: np.ndarray
    photo: str
    steps: int
    edits: tuple[Edit, ...] = ()
    version: str = __version__

    def __post_init__(self) -> None:
        object.__setattr__(self, "foreground", clean_prompt(_check_text(self.foreground)))
        object.__setattr__(self, "background", clean_prompt(_check_text(self.background)))
        _check_count(self.steps)
        if self.mask.ndim != 2 or self.mask.dtype != np.uint8:
            raise ValueError(f"mask must be [h, w] uint8, not {self.mask.shape} {self.mask.dtype}")
        if not 1 <= min(self.mask.shape) <= max(self.mask.shape) <= MOST_MASK:
            raise ValueError(f"mask must be 1 to {MOST_MASK} a side, not {self.mask.shape}")
        if not _FINGERPRINT.fullmatch(_check_text(self.photo)):
            raise ValueError("photo must be a fingerprint")
        for name in (self.models, self.version):
            if not _NAME.fullmatch(_check_text(name)):
                raise ValueError(f"{name!r:.40} must be a name in ASCII")


def fingerprint(rgb: np.ndarray) -> str:
    """What tells one photo from another: SHA-256 over its shape and bytes, 64 hex digits.

    Args:
        rgb: [H, W, 3], uint8; at the editor's size, for a `Provenance`.
    """
    digest = hashlib.sha256(repr(rgb.shape).encode())
    digest.update(np.ascontiguousarray(rgb).tobytes())
    return digest.hexdigest()


def save_picture(path: Path, pixels: np.ndarray, provenance: Provenance) -> None:
    """Save a finished picture as a lossless PNG that says how it was made.

    Args:
        path: where to, whatever its suffix.
        pixels: [H, W, 3], uint8.
        provenance: comes back from `read_provenance` as it is here.

    Raises:
        UserError: the path cannot be written to.
        ValueError: a record of over 2 MB; a mask of the editor's size cannot make one.
    """
    record = _to_json(provenance)
    if len(record) > MOST_TEXT:
        raise ValueError(f"The record has {len(record)} bytes: at most {MOST_TEXT}.")
    info = PngImagePlugin.PngInfo()
    info.add_itxt(KEYWORD, record)
    info.add_text("Software", f"Sem-CS Studio {provenance.version}")
    info.add_text("Description", f'"{provenance.foreground}" | "{provenance.background}"')
    with replacing(path) as temporary:
        Image.fromarray(pixels).save(temporary, format="PNG", pnginfo=info)


def read_provenance(path: str | Path) -> Provenance | None:
    """How a picture was made.

    Args:
        path: of any file; its pixels are not looked at.

    Returns:
        None for what was not made here, or has lost its record, or cannot be opened at all: what
        is wrong with it is found out by who opens it as a photo.

    Raises:
        UserError: there is a record, but a damaged one or of an incompatible version.
    """
    try:
        with Path(path).open("rb") as file:
            text = _find_record(file)
    except OSError:
        return None
    if text is None:
        return None
    try:
        data = json.loads(text, parse_constant=_refuse_constant)
        form, version = data["format"], data["version"]
    except (ValueError, TypeError, KeyError, RecursionError):
        raise UserError(DAMAGED) from None
    if form != FORMAT:
        raise UserError(INCOMPATIBLE)
    try:
        return _from_json(data)
    except UserError:
        # What another version wrote may be out of this one's range and in order all the same.
        raise UserError(DAMAGED if version == __version__ else INCOMPATIBLE) from None
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError):
        raise UserError(DAMAGED) from None


def _to_json(provenance: Provenance) -> str:
    """In ASCII, so that its length is its size."""
    mask = io.BytesIO()
    Image.fromarray(provenance.mask).save(mask, format="PNG")
    data = {
        "format": FORMAT,
        "version": provenance.version,
        "settings": flatten(provenance.settings),
        "foreground": provenance.foreground,
        "background": provenance.background,
        "models": provenance.models,
        "mask": base64.b64encode(mask.getvalue()).decode(),
        "photo": provenance.photo,
        "steps": provenance.steps,
        "edits": [asdict(edit) for edit in provenance.edits],
    }
    return json.dumps(data)


def _from_json(data: dict[str, Any]) -> Provenance:
    # A setting that is not known here is of a later version, one that is missing came later.
    settings = {name: value for name, value in data["settings"].items() if name in ENTRIES}
    return Provenance(
        settings=changed(Settings(), settings),
        foreground=data["foreground"],
        background=data["background"],
        models=data["models"],
        mask=_read_mask(data["mask"]),
        photo=data["photo"],
        steps=data["steps"],
        edits=tuple(Edit(edit["step"], edit["text"]) for edit in data["edits"]),
        version=data["version"],
    )


def _find_record(file: BinaryIO) -> bytes | None:
    """The text of our chunk, if it comes before the pixels.

    Pillow's reader isn't used: it has no limit for a chunk that is not compressed, and takes a
    damaged chunk for a file that is no PNG.

    Raises:
        UserError: the chunk is cut off, damaged, too large, or not as we write it.
    """
    if file.read(len(_SIGNATURE)) != _SIGNATURE:
        return None
    for _ in range(MOST_CHUNKS):
        header = file.read(8)
        if len(header) < 8 or header[4:] in {b"IDAT", b"IEND"}:
            return None
        (length,) = struct.unpack(">I", header[:4])
        end = file.tell() + length + 4
        if header[4:] == b"iTXt" and file.read(len(_KEY)) == _KEY:
            if not len(_KEY) <= length <= len(_KEY) + len(_PLAIN) + MOST_TEXT:
                raise UserError(DAMAGED)
            body = file.read(length - len(_KEY))
            check = struct.pack(">I", zlib.crc32(header[4:] + _KEY + body))
            if file.read(4) != check or not body.startswith(_PLAIN):
                raise UserError(DAMAGED)
            return body[len(_PLAIN) :]
        file.seek(end)
    return None


def _read_mask(text: str) -> np.ndarray:
    """[h, w] uint8 from a grey PNG in base64.

    Raises:
        ValueError: it is anything else, or too large.
    """
    data = base64.b64decode(_check_text(text), validate=True)
    try:
        with Image.open(io.BytesIO(data), formats=["PNG"]) as image:
            if image.mode != "L" or max(image.size) > MOST_MASK:
                raise ValueError(f"a mask of {image.size} in mode {image.mode}")
            return np.array(image)
    except (OSError, SyntaxError, EOFError, struct.error, zlib.error) as error:
        raise ValueError("the mask is damaged") from error
    except Image.DecompressionBombError as error:
        raise ValueError("the mask is too large") from error


def _check_text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r:.40} must be a text")
    return value


def _check_count(value: object) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= MOST_STEPS:
        raise ValueError(f"{value!r:.40} must be a whole number from 0 to {MOST_STEPS}")


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")
