"""The menus of models, methods and mask sources, each line with the size of its download."""

from __future__ import annotations

from collections.abc import Sequence

from models import hub
from models.loading import AUTO, CHOICES
from semcs_core.errors import UserError
from semcs_core.mask import MASK_SOURCES
from semcs_core.methods import METHODS

Labelled = list[tuple[str, str]]
"""Label and value, as `gr.Dropdown` has it."""

SPECTRAL, DINO, PERSON = MASK_SOURCES
SOURCE_TITLES = {SPECTRAL: "colours and texture", DINO: "DINO features", PERSON: "people only"}
SOURCE_FILES = {SPECTRAL: (), DINO: ("dino-vits16",), PERSON: ("fcn-resnet101",)}
AUTO_WHAT = "full models if downloaded or a GPU is available, otherwise the starter"
METHOD_TITLES = {
    "studio": "Studio, our own",
    "semcs": "Sem-CS, 2023",
    "clipstyler": "CLIPstyler, 2022",
    "generative-artisan": "Generative Artisan, 2022",
}


def models() -> Labelled:
    """Every choice of models; reads the cache, not the network."""
    named = [
        (_label(name, _price(choice.files), choice.what), name) for name, choice in CHOICES.items()
    ]
    return [*named, (_label(AUTO, AUTO_WHAT), AUTO)]


def sources() -> Labelled:
    """Every way to find the object; reads the cache, not the network."""
    return [
        (_label(name, _price(SOURCE_FILES[name]) or "built in", title), name)
        for name, title in SOURCE_TITLES.items()
    ]


def methods() -> Labelled:
    """Every method, with its size and steps."""
    return [
        (_label(METHOD_TITLES.get(name, name), f"{s.size} px, {s.steps} steps"), name)
        for name, s in METHODS.items()
    ]


def source_files(source: str) -> tuple[str, ...]:
    """The files that a mask source needs; a `UserError` if there is no such source."""
    if source not in SOURCE_FILES:
        raise UserError(
            f"There is no mask source called {source!r:.40}: use {' or '.join(SOURCE_FILES)}."
        )
    return SOURCE_FILES[source]


def missing(files: Sequence[str]) -> list[str]:
    """Those of the files that are not on this machine yet."""
    return [name for name in files if hub.cached(name) is None]


def _price(files: Sequence[str]) -> str:
    """Such as "605 MB, downloaded", or "downloads 605 MB" of what is missing; "" for no files."""
    if not files:
        return ""
    left = missing(files)
    text = hub.megabytes(sum(hub.find(name).size for name in left or files))
    return f"downloads {text}" if left else f"{text}, downloaded"


def _label(*parts: str) -> str:
    return " · ".join(part for part in parts if part)
