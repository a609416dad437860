"""The menus of models, methods and mask sources, each line with the size of its download."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeVar

from models import hub
from models.loading import AUTO, CHOICES, Choice
from semcs_core.errors import UserError
from semcs_core.mask import MASK_SOURCES
from semcs_core.methods import METHODS

T = TypeVar("T")
Labelled = list[tuple[str, str]]
"""Label and value, as `gr.Dropdown` has it."""

STUDIO = "studio"
METHOD_TITLES = {
    STUDIO: "Studio, our own",
    "semcs": "Sem-CS, 2023",
    "clipstyler": "CLIPstyler, 2022",
    "generative-artisan": "Generative Artisan, 2022",
}
SPECTRAL, DINO, PERSON = MASK_SOURCES
SOURCES = {
    SPECTRAL: Choice(SPECTRAL, "built in · colours and texture"),
    DINO: Choice(DINO, "DINO features", ("dino-vits16",)),
    PERSON: Choice(PERSON, "people only", ("fcn-resnet101",)),
}
AUTO_WHAT = "full models if downloaded or a GPU is available, otherwise the starter"


def models() -> Labelled:
    """Every choice of models; reads the cache, not the network."""
    return [*_menu(CHOICES.values()), (f"{AUTO} · {AUTO_WHAT}", AUTO)]


def sources() -> Labelled:
    """Every way to find the object; reads the cache, not the network."""
    return _menu(SOURCES.values())


def methods() -> Labelled:
    """Every method, with its size and steps."""
    return [
        (f"{METHOD_TITLES.get(name, name)} · {s.size} px, {s.steps} steps", name)
        for name, s in METHODS.items()
    ]


def pick(table: Mapping[str, T], kind: str, name: str) -> T:
    """A record by its name; a `UserError` if there is none of this kind."""
    if name not in table:
        raise UserError(f"There is no {kind} called {name!r:.40}: use {' or '.join(table)}.")
    return table[name]


def _menu(choices: Iterable[Choice]) -> Labelled:
    """Lines such as "dino · downloads 87 MB · DINO features"; of a part, what is missing."""
    menu = []
    for choice in choices:
        left = choice.missing
        size = hub.megabytes(sum(hub.find(name).size for name in left or choice.files))
        price = [f"downloads {size}" if left else f"{size}, downloaded"] if choice.files else []
        menu.append((" · ".join([choice.name, *price, choice.what]), choice.name))
    return menu
