"""The models of a run by name, loaded once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import torch

from semcs_core.backends import ImageTextEncoder, PerceptualFeatures
from semcs_core.backends.starter import LocalContrast, Starter
from semcs_core.errors import UserError

NAMES = ("starter",)


@dataclass(frozen=True)
class Models:
    """What `stylize` needs, on one device; frozen, and safe to share between runs."""

    name: str
    encoder: ImageTextEncoder
    perceptual: PerceptualFeatures


@lru_cache(maxsize=2)
def load_models(name: str = "starter", device: str = "cpu") -> Models:
    """Load models, or return those already loaded.

    Raises:
        UserError: there are no such models.
    """
    if name not in NAMES:
        raise UserError(f"There are no models called {name!r:.40}: use {' or '.join(NAMES)}.")
    encoder = Starter.load(device=device)
    return Models(name, encoder, LocalContrast().to(device))


def best_device() -> str:
    """CUDA where there is one, else the CPU."""
    return "cuda" if torch.cuda.is_available() else "cpu"
