"""Files that are either whole or not there."""

from __future__ import annotations

import json
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from semcs_core.errors import UserError


class Unwritable(UserError):  # noqa: N818 (as the other errors of a user)
    """A file that cannot be written."""

    def __init__(self, path: Path, error: OSError) -> None:
        reason = error.strerror or type(error).__name__
        super().__init__(f"{path} cannot be written ({reason}): choose another name or folder.")


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside `path`, renamed to it if all went well and removed if not.

    Raises:
        Unwritable: the folder does not exist or cannot be written to, or the disk is full.
    """
    temporary = path.with_name(f".{secrets.token_hex(8)}{path.suffix}")
    try:
        temporary.touch(exist_ok=False)
        yield temporary
        temporary.replace(path)
    except OSError as error:
        raise Unwritable(path, error) from error
    finally:
        with suppress(OSError):
            temporary.unlink()


def check_writable(path: Path) -> None:
    """Check before a long run that its result can be saved.

    Raises:
        UserError: the path is a folder, or its folder does not exist or cannot be written to.
    """
    if path.is_dir():
        raise UserError(f"{path} is a folder: name a file in it.")
    try:
        tempfile.TemporaryFile(dir=path.parent).close()
    except OSError as error:
        raise Unwritable(path, error) from error


def save_png(path: Path, pixels: np.ndarray) -> None:
    """Save a picture [H, W, 3] or [H, W], uint8, as a PNG, whatever the path's suffix."""
    with replacing(path) as temporary:
        Image.fromarray(pixels).save(temporary, format="PNG")


def save_json(path: Path, data: dict[str, Any]) -> None:
    """Save a report as indented JSON."""
    with replacing(path) as temporary:
        temporary.write_text(json.dumps(data, indent=2, ensure_ascii=False) + "\n", "utf-8")
