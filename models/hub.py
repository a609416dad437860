"""The weight files: what there is, what is cached, and fetching the rest.

`huggingface_hub` downloads, caches, locks and resumes. This file compares SHA-256 hashes with the
Hub's record, uses the folder SEMCS_WEIGHTS in place of the cache, and says in one sentence what
went wrong. It sends no credentials, since every file is public, and opens no weights.
"""

from __future__ import annotations

import os
import re
import shutil
import threading
import warnings
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

from huggingface_hub import constants, errors
from huggingface_hub import file_download as hub
from huggingface_hub.utils import tqdm
from huggingface_hub.utils.sha import sha_fileobj

from semcs_core.errors import UserError

SHA256 = re.compile("[0-9a-f]{64}")
TRANSPORT_ERROR: type[Exception] = errors.HfHubHTTPError.__bases__[0]  # of httpx or httpx2


@dataclass(frozen=True)
class WeightFile:
    """One file to fetch, from the Hugging Face Hub (`repo`) or from its own address (`url`)."""

    name: str
    what: str
    licence: str
    size: int  # bytes, counted from the parameters at 4 bytes each: within 1 %
    filename: str
    repo: str = ""
    url: str = ""
    revision: str = "main"  # branch, tag or commit of the repository
    sha256: str = ""  # its first hexadecimal digits, as far as they are known without the Hub
    spare: bool = False  # requirements.txt brings the same weights

    @property
    def flat_name(self) -> str:
        """Its name in the folder SEMCS_WEIGHTS, such as `dino-vits16.safetensors`."""
        return f"{self.name}{PurePosixPath(self.filename).suffix}"


_CLIP, _TIMM = "open_clip_model.safetensors", "model.safetensors"
_FCN = "fcn_resnet101_coco-7ecb50ca.pth"
# CLIP's licence is that of OpenAI's repository, from which timm's files were converted.
# torchvision publishes only the first digits of a file's SHA-256, in its name.
# fmt: off
FILES = (
    WeightFile("clip-vit-b32", "CLIP ViT-B/32, any words, the fastest", "MIT", 605_200_000,
               _CLIP, "timm/vit_base_patch32_clip_224.openai"),
    WeightFile("clip-vit-b16", "CLIP ViT-B/16, any words, finer patches", "MIT", 598_600_000,
               _CLIP, "timm/vit_base_patch16_clip_224.openai"),
    WeightFile("clip-rn50", "CLIP ResNet-50, any words, as used by Sem-CS", "MIT", 408_300_000,
               _CLIP, "timm/resnet50_clip.openai"),
    WeightFile("dino-vits16", "DINO ViT-S/16, features for the mask", "Apache-2.0", 86_700_000,
               _TIMM, "timm/vit_small_patch16_224.dino"),
    WeightFile("vgg19", "VGG19, features for the content loss", "BSD-3-Clause", 574_700_000,
               _TIMM, "timm/vgg19.tv_in1k"),
    WeightFile("efficientnet-lite0", "EfficientNet-Lite0, eyes of the starter", "Apache-2.0",
               18_800_000, _TIMM, "timm/tf_efficientnet_lite0.in1k", spare=True),
    WeightFile("fcn-resnet101", "FCN ResNet-101, the mask of people", "BSD-3-Clause", 217_800_000,
               _FCN, url=f"https://download.pytorch.org/models/{_FCN}", sha256="7ecb50ca"),
)
# fmt: on


def find(name: str) -> WeightFile:
    """The file of that name."""
    return {file.name: file for file in FILES}[name]


def megabytes(size: int) -> str:
    """A number of bytes for people to read, such as `605 MB`; 1 MB is 1,000,000 bytes."""
    return f"{size / 1e6:.0f} MB" if size >= 10_000_000 else f"{size / 1e6:.2g} MB"


def cached(name: str) -> Path | None:
    """The file if it is on this machine, not verified; this takes milliseconds.

    Looks in the folder SEMCS_WEIGHTS; where that is not set, in the caches of huggingface_hub,
    where another program may have put the file.
    """
    file, given = find(name), os.environ.get("SEMCS_WEIGHTS")
    if given:
        path = Path(given).expanduser() / file.flat_name
    elif file.repo:
        found = hub.try_to_load_from_cache(file.repo, file.filename, revision=file.revision)
        path = Path(found if isinstance(found, str) else "")
    else:
        path = Path(constants.HF_ASSETS_CACHE, "semcs-studio", file.filename)
    return path if path.is_file() else None


def missing(names: Iterable[str]) -> tuple[str, ...]:
    """Those of the files that are not on this machine yet, found without the network."""
    return tuple(name for name in names if cached(name) is None)


def checked(name: str) -> Path:
    """A cached file whose SHA-256 is that of its record; call this before opening it.

    Not compared are files in the folder SEMCS_WEIGHTS, which have no record, and copies instead of
    links in the Hub's cache, as on Windows, which were compared when they were downloaded.

    Raises:
        UserError: it is not cached; or it was damaged, and has been removed where that is possible.
    """
    path = cached(name)
    if path is None:
        raise UserError(f"The file of {name} is no longer there: start again to download it.")
    # In the Hub's cache a name links to a blob that is named by its SHA-256. The blob may itself be
    # a link, to a name that is another hash, so only one link is followed.
    target = path.readlink().name if path.is_symlink() else ""
    expected = target if SHA256.fullmatch(target) else find(name).sha256
    return path if os.environ.get("SEMCS_WEIGHTS") else _compared(name, path, expected)


def fetch(name: str, progress: Callable[[int, int], None] | None = None) -> Path:
    """The file from the cache, or else downloaded from its source.

    Safe to call from many threads and processes at once: one of them downloads from the Hub, the
    others wait. A download that fails leaves no part of the file. `progress` is called after every
    10 MB with the bytes received and the bytes in all; an error that it raises ends the download.

    Raises:
        UserError: why it cannot be downloaded.
    """
    file, path = find(name), cached(name)
    if path is not None:
        return path
    if os.environ.get("SEMCS_WEIGHTS"):
        raise _refusal(file, "SEMCS_WEIGHTS names a folder without it")
    host = urlsplit(file.url or constants.ENDPOINT).hostname
    try:
        return _download(file, _bar(progress or (lambda received, total: None), file.size))
    except errors.OfflineModeIsEnabled as error:
        raise _refusal(file, "HF_HUB_OFFLINE forbids the network") from error
    except errors.HfHubHTTPError as error:
        raise _refusal(file, f"{host} answers {error.response.status_code}") from error
    except (TRANSPORT_ERROR, OSError, RuntimeError) as error:  # a RuntimeError is one of Xet's
        reason = f"{host} cannot be reached or the connection broke"
        if isinstance(error, OSError) and error.strerror:
            reason = f"the cache folder cannot be written ({error.strerror})"
        raise _refusal(file, reason) from error


def reachable(timeout: float = 3.0) -> bool:
    """Whether the Hub answers within so many seconds; no if SEMCS_WEIGHTS is set."""
    answers: list[Any] = []

    def ask() -> None:
        with suppress(Exception):  # any error means no
            answers.append(_record(FILES[0], timeout))

    if not os.environ.get("SEMCS_WEIGHTS"):
        # In a thread, because no client's timeout covers the system's look-up of a host name.
        asking = threading.Thread(target=ask, daemon=True)
        asking.start()
        asking.join(timeout)
    return bool(answers)


def _record(file: WeightFile, timeout: float = 10.0) -> hub.HfFileMetadata:
    url = hub.hf_hub_url(file.repo, file.filename, revision=file.revision)
    return hub.get_hf_file_metadata(url, token=False, timeout=timeout)


def _download(file: WeightFile, bar: type[tqdm]) -> Path:
    assets = Path(constants.HF_ASSETS_CACHE, "semcs-studio")
    folder = Path(constants.HF_HUB_CACHE) if file.repo else assets
    folder.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(folder).free
    if free < file.size:
        raise _refusal(file, f"the disk has only {megabytes(free)} free")
    if not file.repo:
        with TemporaryDirectory(dir=folder) as temporary:
            path = Path(temporary) / file.filename
            with path.open("wb") as stream:
                hub.http_get(file.url, stream, tqdm_class=bar)
            return _compared(file.name, path, file.sha256).replace(folder / file.filename)
    digits = _record(file).etag or ""
    if not SHA256.fullmatch(digits):  # names and shapes of the tensors are compared when it is read
        warnings.warn(f"The Hub has no SHA-256 of {file.name}: not compared.", stacklevel=2)
        digits = file.sha256
    elif not digits.startswith(file.sha256):
        raise _refusal(file, f"the Hub has another SHA-256 of it ({digits:.12})")
    options: Any = {"revision": file.revision, "token": False, "tqdm_class": bar}
    path = Path(hub.hf_hub_download(file.repo, file.filename, **options))
    return _compared(file.name, path, digits)


def _compared(name: str, path: Path, digits: str) -> Path:
    with path.open("rb") as stream:
        found = sha_fileobj(stream).hex()
    if not found.startswith(digits):
        with suppress(OSError):
            path.resolve().unlink()
        was = f"damaged (its SHA-256 is {found:.12}… and not {digits:.12}…)"
        raise UserError(f"The file of {name} was {was}: start again to download a new one.")
    return path


def _bar(progress: Callable[[int, int], None], size: int) -> type[tqdm]:
    """A progress bar that shows nothing and calls `progress`; `size` is the expected total."""
    furthest = 0

    class Bar(tqdm):
        def __init__(self, **options: Any) -> None:
            super().__init__(**{**options, "disable": True})

        def update(self, n: float | None = 1) -> None:
            nonlocal furthest
            self.n += n or 0
            # Xet has two bars at once, for bytes received and bytes written.
            furthest = max(furthest, int(self.n))
            progress(furthest, int(self.total or size))

    return Bar


def _refusal(file: WeightFile, reason: str) -> UserError:
    return UserError(
        f"{file.name} ({file.filename} from {file.repo or file.url}, about {megabytes(file.size)}) "
        f"cannot be downloaded because {reason}: put it into a folder as {file.flat_name} and set "
        "SEMCS_WEIGHTS to that folder; the starter models work meanwhile."
    )
