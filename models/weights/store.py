"""Where weight files lie, and whether they are still what was received.

A file is looked for in three places: the folder that SEMCS_WEIGHTS names, which when set is the
only one; the folder of this program in the assets cache of huggingface_hub (so HF_HOME moves it);
the Hub's own cache, where another program may have fetched it. This program's files carry their
SHA-256 in their name, as those of the Hub's cache do.
"""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from huggingface_hub import constants, try_to_load_from_cache

from models.weights.table import FILES, WeightFile, find
from semcs_core.errors import UserError


class Condition(Enum):
    """What `verify` found."""

    GOOD = "good"
    DAMAGED = "damaged"
    UNRECORDED = "no record to compare with"
    ABSENT = "not cached"


@dataclass(frozen=True)
class Row:
    """One line of a listing.

    Attributes:
        file: what it is about.
        cached: whether it can be used without network.
        size: bytes; exact for a cached file, within 1 % for the others.
    """

    file: WeightFile
    cached: bool
    size: int


def given_folder() -> Path | None:
    """The folder that SEMCS_WEIGHTS names; None where it is unset or empty."""
    named = os.environ.get("SEMCS_WEIGHTS")
    return Path(named).expanduser() if named else None


def own_folder() -> Path:
    """Where downloads are kept; it need not exist yet."""
    return Path(constants.HF_ASSETS_CACHE) / "semcs-studio" / "weights"


def own_path(file: WeightFile, sha256: str) -> Path:
    """Where a download with this SHA-256 is kept."""
    return own_folder() / f"{file.name}-{sha256}{file.suffix}"


def cached(name: str) -> Path | None:
    """The file if it can be had without network, found in milliseconds and not verified.

    Raises:
        UserError: there is no file of that name.
    """
    file = find(name)
    given = given_folder()
    if given is not None:
        path = given / file.flat_name
        return path if path.is_file() else None
    own = list(own_folder().glob(f"{file.name}-{'[0-9a-f]' * 64}{file.suffix}"))
    if own:
        return max(own, key=lambda path: path.stat().st_mtime)
    if file.repo is None:
        return None
    shared = try_to_load_from_cache(file.repo, file.filename, revision=file.revision)
    return Path(shared) if isinstance(shared, str) else None


def verify(name: str) -> Condition:
    """Compare a cached file, as it is on disk now, with the SHA-256 recorded for it.

    Takes a second or two for each GB. A file that the user put into a folder or that the Hub's
    cache holds as a copy has a record only if the table has one.

    Raises:
        UserError: there is no file of that name.
    """
    path = cached(name)
    if path is None:
        return Condition.ABSENT
    expected = _recorded(path) or find(name).sha256
    if expected is None:
        return Condition.UNRECORDED
    return Condition.GOOD if sha256_of(path).startswith(expected) else Condition.DAMAGED


def checked(name: str) -> Path:
    """A cached file that is still what was received: for those who are about to open it.

    What has no record, as in a folder of the user's own, is taken as it is. A damaged download of
    this program's own is removed, so that the next one is a new one.

    Raises:
        UserError: there is no file of that name, it is not cached, or it is damaged.
    """
    path = cached(name)
    if path is None:
        raise UserError(f"The file of {name} is no longer there: start again to download it.")
    expected = _recorded(path)
    if expected is None or sha256_of(path) == expected:
        return path
    if path.parent == own_folder():
        path.unlink(missing_ok=True)
        raise UserError(f"The file of {name} was damaged: start again to download a new one.")
    raise UserError(
        f"The file of {name} is damaged where it lies: put a new one there, or take other models."
    )


def describe() -> list[Row]:
    """Every weight file, in the order of the table, without network."""
    rows = []
    for file in FILES:
        path = cached(file.name)
        rows.append(Row(file, path is not None, path.stat().st_size if path else file.size))
    return rows


def sha256_of(path: Path) -> str:
    """SHA-256 of a file: 64 hexadecimal digits."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def _recorded(path: Path) -> str | None:
    if path.parent == own_folder():
        return path.stem[-64:]
    # In the Hub's cache a name is a link to a blob that is called by its SHA-256. That blob may be
    # a link again, to something called by another kind of hash: so one step only.
    target = path.readlink().name if path.is_symlink() else ""
    return target if is_sha256(target) else None


def is_sha256(text: str | None) -> bool:
    """Whether a text is 64 lower-case hexadecimal digits."""
    return text is not None and re.fullmatch("[0-9a-f]{64}", text) is not None
