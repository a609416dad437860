"""What the published methods were made with: their CLIP and their mask."""

from __future__ import annotations

from dataclasses import dataclass

from models import hub
from models.device import best_device
from models.loading import AUTO, CHOICES, MASK_FILES, STARTER, resolve
from semcs_core.errors import UserError
from semcs_core.mask import MASK_SOURCES
from semcs_core.methods import METHODS, PARTS, PRESETS, STANDARD, with_preset
from semcs_core.settings import Settings
from studio.flat_settings import changed, flatten

SPECTRAL, _, SEM_CS, PERSON = MASK_SOURCES
STRENGTHS = tuple(f"{part}_strength" for part in PARTS)
STUDIO = "studio"
ANY_WORDS = "semcs"
"""The method that CLIP gets where none is chosen: the studio's settings were found on the starter,
and never tried with CLIP."""

UNTRIED = "The settings of the method studio were found on the starter; with CLIP they are untried."


@dataclass(frozen=True)
class Setup:
    """Models and mask of a method; the mask is empty where the whole picture gets one style."""

    title: str
    models: str
    mask: str = ""
    one_text: str = ""  # the models where object and background have one style, if they differ

    def models_for(self, one_style: bool) -> str:
        """The models for one style, or for two."""
        return self.one_text if one_style and self.one_text else self.models


_OF_SEM_CS = Setup("Sem-CS", "clip-rn50", SEM_CS, "clip-vit-b32")
SETUPS = {
    "semcs": _OF_SEM_CS,
    "semcs-paper": _OF_SEM_CS,
    "generative-artisan": Setup("Generative Artisan", "clip-vit-b32", PERSON),
    "clipstyler": Setup("CLIPstyler", "clip-vit-b32"),
}


def own_choice(method: str, one_style: bool = False) -> tuple[str, str]:
    """The models and the mask source of a method, or what is built in where files are missing."""
    setup = SETUPS.get(method)
    if setup is None:
        return STARTER, SPECTRAL
    models, mask = setup.models_for(one_style), setup.mask or SPECTRAL
    return (
        STARTER if CHOICES[models].missing else models,
        SPECTRAL if hub.missing(MASK_FILES.get(mask, ())) else mask,
    )


def choose(
    method: str | None, models: str | None, mask: str | None, one_style: bool
) -> tuple[str, str, str]:
    """Method, models and mask source, those that are None chosen so that they fit the others."""
    if method is None:
        name = resolve(models or AUTO, best_device()).name
        method, models = (STUDIO if name == STARTER else ANY_WORDS), models or name
    own_models, own_mask = own_choice(method, one_style)
    return method, models or own_models, mask or own_mask


def in_words(method: str, settings: Settings) -> str:
    """A method as a run had it: "semcs", "semcs, draft" or "semcs, settings changed".

    Raises:
        UserError: there is no such method.
    """
    if method not in METHODS:
        raise UserError(f"There is no method called {method!r:.40}: use {' or '.join(METHODS)}.")
    free = {"seed": settings.seed, **{name: flatten(settings)[name] for name in STRENGTHS}}
    for preset in PRESETS:
        if changed(with_preset(METHODS[method], preset), free) == settings:
            return method if preset == STANDARD else f"{method}, {preset}"
    return f"{method}, settings changed"


def departure(method: str, models: str, mask: str, one_style: bool = False) -> str:
    """A sentence on what keeps a run from being the published method; empty if nothing does."""
    if method not in SETUPS:
        return "" if models == STARTER else UNTRIED
    setup = SETUPS[method]
    wanted = setup.models_for(one_style)
    parts = [] if models == wanted else [f"the models {wanted}"]
    parts += [f"the mask source {setup.mask}"] if setup.mask not in ("", mask) else []
    if not parts:
        return ""
    files = {*CHOICES[wanted].missing} if models != wanted else set()
    files |= {*hub.missing(MASK_FILES.get(setup.mask, ()))} if setup.mask != mask else set()
    size = hub.megabytes(sum(hub.find(name).size for name in files))
    price = f" (a download of {size})" if files else ""
    return f"Not {setup.title} as published: that takes {' and '.join(parts)}{price}."
