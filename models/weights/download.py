"""One verified, resumable download of a weight file, however many ask for it.

huggingface_hub says what the Hub has (commit, size, SHA-256). The bytes come through httpx: the
library's own downloader drops a partial file when it is interrupted, has changed its HTTP client
twice, and does not serve the one file that is not on the Hub. No credentials are sent: every file
is public.

While it grows, a file is called `NAME-DIGITS.part`; DIGITS are what is known of its SHA-256, so a
download goes on only where the same file was begun. It is renamed after its SHA-256 was checked.
"""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx
from filelock import FileLock, Timeout
from huggingface_hub import constants, get_hf_file_metadata, hf_hub_url
from huggingface_hub.errors import HfHubHTTPError

from models.weights.store import (
    Condition,
    cached,
    given_folder,
    is_sha256,
    own_folder,
    own_path,
    sha256_of,
    verify,
)
from models.weights.table import FILES, WeightFile, find, megabytes
from semcs_core.errors import UserError

Progress = Callable[[int, int], None]
"""Called with the bytes received so far and the bytes in all."""

ASK_SECONDS = 10.0  # for the Hub to say what it has
STALL_SECONDS = 20.0  # without a byte: the connection is dead
PAUSE_SECONDS = 1.0  # before a broken connection is made again
TRIES = 3  # in a row that bring no byte
REPORT_SECONDS = 0.1  # between two calls of the progress callback


@dataclass(frozen=True)
class _Source:
    """What the file's host says of it: address, known digits of its SHA-256, bytes if known."""

    url: str
    sha256: str
    size: int | None


class _Broken(Exception):  # noqa: N818 (an event, not a fault of this program)
    """A connection ended early; the message is the reason."""


def fetch(name: str, progress: Progress | None = None, *, check: bool = False) -> Path:
    """The file, from the cache where it is there and else from its source.

    Safe to call from many threads and processes at once: one of them downloads, the others wait and
    are told of its progress.

    Args:
        name: one of the table's.
        progress: called about ten times a second during a download, never for a cached file. An
            exception that it raises ends the download, which the next call takes up again.
        check: compare even a cached file with its recorded SHA-256, and download it again if it
            differs.

    Raises:
        UserError: there is no such file; or it could not be had, and why.
    """
    file = find(name)
    path = _usable(file, check)
    if path is not None:
        return path
    if given_folder() is not None:
        raise UserError(
            f"{_title(file)} is not in the folder that SEMCS_WEIGHTS names: put it there as "
            f"{file.flat_name}, or unset SEMCS_WEIGHTS to download it; the starter models work "
            "meanwhile."
        )
    if constants.HF_HUB_OFFLINE:
        raise _refusal(file, "HF_HUB_OFFLINE forbids the network")
    source = _ask(file)
    try:
        own_folder().mkdir(parents=True, exist_ok=True)
        lock = FileLock(own_folder() / f"{name}.lock")
        _wait_for(lock, file, source, progress)
        try:
            return _usable(file, check) or _download(file, source, progress)
        finally:
            lock.release()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise _refusal(file, f"the cache folder cannot be written ({reason})") from error


def reachable(timeout: float = 3.0) -> bool:
    """Whether the Hub can be reached and may be asked.

    Args:
        timeout: seconds until the answer is no; never more than 3, looking up the name included.
    """
    if constants.HF_HUB_OFFLINE or given_folder() is not None:
        return False
    timeout = min(timeout, 3.0)
    answers: list[_Source] = []

    def ask() -> None:
        try:
            answers.append(_ask(FILES[0], timeout))
        except UserError:
            return

    # A thread, because no timeout of a client covers the system's look-up of a host name.
    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(timeout)
    return bool(answers)


def _usable(file: WeightFile, check: bool) -> Path | None:
    """The cached file, unless it is to be checked and is damaged."""
    if check and verify(file.name) is Condition.DAMAGED:
        return None
    return cached(file.name)


def _ask(file: WeightFile, timeout: float = ASK_SECONDS) -> _Source:
    if file.repo is None:
        return _Source(file.url or "", file.sha256 or "", None)
    host = urlsplit(constants.ENDPOINT).hostname
    try:
        found = get_hf_file_metadata(
            _address(file, file.revision), token=False, timeout=timeout, endpoint=constants.ENDPOINT
        )
    except HfHubHTTPError as error:
        raise _refusal(file, f"{host} answers {error.response.status_code}") from error
    except Exception as error:  # the transport's errors are those of whichever client the Hub uses
        raise _refusal(file, f"{host} cannot be reached") from error
    if found.etag is None or not is_sha256(found.etag):
        raise _refusal(file, f"{host} has no SHA-256 of it to check the bytes with")
    if not found.etag.startswith(file.sha256 or ""):
        raise _refusal(file, f"{host} has another file in its place (SHA-256 {found.etag:.12}…)")
    # The commit, so that the bytes are those of the record even if the branch moves meanwhile.
    return _Source(_address(file, found.commit_hash or file.revision), found.etag, found.size)


def _address(file: WeightFile, revision: str) -> str:
    return hf_hub_url(
        file.repo or "", file.filename, revision=revision, endpoint=constants.ENDPOINT
    )


def _wait_for(lock: FileLock, file: WeightFile, source: _Source, progress: Progress | None) -> None:
    """Take the lock, and tell meanwhile how far the one who holds it has come."""
    part = _part(file, source)
    while True:
        try:
            lock.acquire(timeout=0 if progress is None else REPORT_SECONDS)
        except Timeout:
            if progress is None:
                time.sleep(REPORT_SECONDS)
            else:
                progress(_length(part), source.size or file.size)
        else:
            return


def _download(file: WeightFile, source: _Source, progress: Progress | None) -> Path:
    """Download under the lock; a file that is not what was promised is fetched once more."""
    part = _part(file, source)
    fault = ""
    for _ in range(2):
        total = _receive(file, source, part, progress)
        size = part.stat().st_size
        digest = sha256_of(part)
        if total is not None and size != total:
            fault = f"{size:,} bytes instead of {total:,}"
        elif not digest.startswith(source.sha256):
            fault = f"SHA-256 {digest:.12}… instead of {source.sha256:.12}…"
        else:
            path = own_path(file, digest)
            part.replace(path)
            return path
        part.unlink()
    raise _refusal(file, f"what was received twice is not the file ({fault})")


def _receive(
    file: WeightFile, source: _Source, part: Path, progress: Progress | None
) -> int | None:
    """Fill `part`, going on after every break of the connection.

    Returns:
        The bytes that it should have, None where the host does not say.
    """
    failures = 0
    timeout = httpx.Timeout(STALL_SECONDS, connect=ASK_SECONDS)
    with httpx.Client(follow_redirects=True, timeout=timeout) as client:
        while True:
            before = _length(part)
            try:
                return _request(client, file, source, part, progress)
            except (_Broken, httpx.TransportError) as error:
                failures = 1 if _length(part) > before else failures + 1
                if failures >= TRIES:
                    raise _refusal(file, _reason(error, source, _length(part))) from error
                time.sleep(PAUSE_SECONDS)


def _request(
    client: httpx.Client,
    file: WeightFile,
    source: _Source,
    part: Path,
    progress: Progress | None,
) -> int | None:
    """One GET for what is missing of `part`."""
    have = _length(part)
    if source.size is not None and have >= source.size:
        return source.size  # an earlier run ended between the last byte and the check
    headers = {"Accept-Encoding": "identity"}
    if have:
        headers["Range"] = f"bytes={have}-"
    with client.stream("GET", source.url, headers=headers) as response:
        if response.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
            return have  # nothing is missing; the SHA-256 tells whether that is true
        if response.status_code == httpx.codes.PARTIAL_CONTENT:
            first, _, total = response.headers.get("Content-Range", "").partition("/")
            if not first.startswith(f"bytes {have}-"):
                part.unlink(missing_ok=True)
                raise _Broken("it sent another part than was asked for")
        elif response.status_code == httpx.codes.OK:
            have = 0  # the host ignores ranges
            total = response.headers.get("Content-Length", "")
        elif response.is_server_error or response.status_code == httpx.codes.TOO_MANY_REQUESTS:
            raise _Broken(f"answers {response.status_code}")
        else:
            raise _refusal(file, f"{response.url.host} answers {response.status_code}")
        size = source.size or (int(total) if total.isdigit() else None)
        room = shutil.disk_usage(part.parent).free
        if (size or file.size) - have > room:
            raise _refusal(file, f"the disk has only {megabytes(room)} free")
        _write(response, part, have, size, size or file.size, progress)
    return size


def _write(
    response: httpx.Response,
    part: Path,
    have: int,
    size: int | None,
    total: int,
    progress: Progress | None,
) -> None:
    if progress is not None:
        progress(have, total)
    last = time.monotonic()
    with part.open("ab" if have else "wb") as stream:
        # Chunks as they come: a fixed chunk size would lose the tail when the connection breaks.
        for chunk in response.iter_raw():
            stream.write(chunk)
            have += len(chunk)
            if size is not None and have > size:
                break  # too much: no need to hear the rest
            if progress is not None and time.monotonic() - last >= REPORT_SECONDS:
                last = time.monotonic()
                progress(have, total)
        stream.flush()
        os.fsync(stream.fileno())
    if progress is not None:
        progress(have, total)


def _part(file: WeightFile, source: _Source) -> Path:
    path = own_path(file, source.sha256)
    return path.with_name(f"{path.name}.part")


def _length(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _reason(error: Exception, source: _Source, received: int) -> str:
    host = urlsplit(source.url).hostname
    if isinstance(error, httpx.TransportError):
        host = error.request.url.host  # where a redirect led: a firewall may stop that one alone
    if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout):
        text = f"{host} cannot be reached"
    elif isinstance(error, _Broken):
        text = f"{host} {error}"
    else:
        text = f"the connection to {host} keeps breaking"
    if received:
        text += f" (the {megabytes(received)} already received are kept)"
    return text


def _title(file: WeightFile) -> str:
    return f"{file.name} ({file.filename} from {file.source}, about {megabytes(file.size)})"


def _refusal(file: WeightFile, reason: str) -> UserError:
    return UserError(
        f"{_title(file)} cannot be downloaded because {reason}: put it into a folder as "
        f"{file.flat_name} and set SEMCS_WEIGHTS to that folder; the starter models work meanwhile."
    )
