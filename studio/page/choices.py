"""The menus of models, methods and mask sources, each line with the size of its download."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from models import hub
from models.loading import AUTO, CHOICES, MASK_FILES, Choice
from semcs_core.errors import UserError
from semcs_core.mask import MASK_SOURCES
from semcs_core.methods import METHODS
from studio.published import STUDIO

T = TypeVar("T")
Labelled = list[tuple[str, str]]
"""Label and value, as `gr.Dropdown` has it."""

METHOD_TITLES = {
    STUDIO: "Studio, our own",
    "semcs": "Sem-CS, 2023",
    "semcs-paper": "Sem-CS as on its slides",
    "clipstyler": "CLIPstyler, 2022",
    "generative-artisan": "Generative Artisan, 2022",
}
SPECTRAL, DINO, SEM_CS, PERSON = MASK_SOURCES
SOURCES = {
    SPECTRAL: Choice(SPECTRAL, "built in · what the starter sees"),
    DINO: Choice(DINO, "DINO features", MASK_FILES[DINO]),
    SEM_CS: Choice(SEM_CS, "DINO's first eigenvector, as Sem-CS has it", MASK_FILES[SEM_CS]),
    PERSON: Choice(PERSON, "people only", MASK_FILES[PERSON]),
}
AUTO_WHAT = "full models if downloaded or a GPU is available, otherwise the starter"
MODELS = CHOICES | {AUTO: Choice(AUTO, AUTO_WHAT)}


def menu(choices: Mapping[str, Choice]) -> Labelled:
    """Lines such as "dino · downloads 87 MB · DINO features"; reads the cache, not the network."""
    lines = []
    for name, choice in choices.items():
        left = choice.missing
        size = hub.megabytes(sum(hub.find(file).size for file in left or choice.files))
        price = [f"downloads {size}" if left else f"{size}, downloaded"] if choice.files else []
        lines.append((" · ".join([name, *price, choice.what]), name))
    return lines


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
