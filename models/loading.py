"""The models of a run by name: which there are, what they need, and loading them once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any

from models import hub
from models.device import best_dtype
from semcs_core.errors import UserError
from semcs_core.image import Photo
from semcs_core.mask import MASK_SOURCES, ObjectMask, find_object, person_mask, published_mask
from semcs_core.mask.affinity import NEIGHBOUR_WEIGHT
from semcs_core.protocols import PerceptualFeatures, RegionEncoder, Sketcher

if TYPE_CHECKING:
    import torch

    from models.starter.network import EfficientNetLite

AUTO = "auto"
STARTER = "starter"
_, DINO, SEM_CS, PERSON = MASK_SOURCES
MASK_FILES = {DINO: ("dino-vits16",), SEM_CS: ("dino-vits16",), PERSON: ("fcn-resnet101",)}
MOST_NEIGHBOURS = 100
Downloading = Callable[[hub.WeightFile, int, int], None]
"""Called while a file is fetched: the file, bytes received, bytes in all."""


@dataclass(frozen=True)
class Choice:
    """Models that a user can choose."""

    name: str  # on the command line and the page
    what: str  # what they can do, in a few words
    files: tuple[str, ...] = ()  # names of the `hub.FILES` that they need

    @property
    def missing(self) -> tuple[str, ...]:
        """Names of the files that are not on this machine yet, found without the network."""
        return hub.missing(self.files)


CHOICES = {
    choice.name: choice
    for choice in (
        Choice(STARTER, "118 styles and colours, built in, quick"),
        Choice("clip-vit-b32", "any words; CLIP ViT-B/32", ("clip-vit-b32", "vgg19")),
        Choice("clip-vit-b16", "any words, finer; CLIP ViT-B/16", ("clip-vit-b16", "vgg19")),
        Choice("clip-rn50", "any words; CLIP ResNet-50, as used by Sem-CS", ("clip-rn50", "vgg19")),
    )
}
FULL = "clip-vit-b32"


@dataclass(frozen=True)
class Models:
    """The models that `stylize` needs, on one device; frozen, and safe to share between runs."""

    name: str
    encoder: RegionEncoder
    perceptual: PerceptualFeatures | None  # None where the encoder shows the content itself
    sketcher: Sketcher | None = None  # None where the encoder reads texts


def resolve(name: str, device: str = "cpu") -> Choice:
    """The models that a name stands for.

    "auto" is the full models if they are cached or a GPU machine can fetch them, else the starter;
    finding out takes at most 3 seconds.

    Raises:
        UserError: there are no such models.
    """
    if name == AUTO:
        full = not CHOICES[FULL].missing or (device != "cpu" and hub.reachable(3.0))
        return CHOICES[FULL if full else STARTER]
    if name not in CHOICES:
        known = " or ".join((AUTO, *CHOICES))
        raise UserError(f"There are no models called {name!r:.40}: use {known}.")
    return CHOICES[name]


def load_models(
    name: str = STARTER, device: str = "cpu", downloading: Downloading | None = None
) -> Models:
    """Load models, unless they are already loaded; missing files are downloaded first.

    Raises:
        UserError: there are no such models, or their files cannot be downloaded.
    """
    choice = resolve(name, device)
    fetch(choice.files, downloading)
    return _load(choice.name, device)


def find_mask(
    photo: Photo,
    source: str,
    device: str = "cpu",
    downloading: Downloading | None = None,
    neighbours: float = NEIGHBOUR_WEIGHT,
) -> ObjectMask:
    """The object of a photo by one of `MASK_SOURCES`; `neighbours` as in `find_object`.

    The built-in source does without its network if it is missing.

    Raises:
        UserError: as in `load_models`, or `neighbours` is out of range.
    """
    is_number = isinstance(neighbours, (int, float)) and not isinstance(neighbours, bool)
    if not (is_number and 0 <= neighbours <= MOST_NEIGHBOURS):  # NaN is not
        raise UserError(f"The weight of neighbours must be a number from 0 to {MOST_NEIGHBOURS}.")
    fetch(MASK_FILES.get(source, ()), downloading)
    if source == PERSON:
        from models.fcn import PersonSegmenter

        return person_mask(_load_file(PersonSegmenter, "fcn-resnet101", device), photo.rgb)
    if source in (DINO, SEM_CS):
        from models.dino import Dino

        features = _load_file(Dino, "dino-vits16", device)
        found = find_object(photo.rgb, photo.alpha, features=features, neighbours=neighbours)
        return published_mask(found, photo.rgb) if source == SEM_CS else found
    from models.starter.eyes import StarterEyes

    try:
        eyes = StarterEyes(_load_network(device))
    except UserError:
        eyes = None
    return find_object(photo.rgb, photo.alpha, eyes=eyes, neighbours=neighbours)


def fetch(files: Iterable[str], downloading: Downloading | None = None) -> None:
    """Download the files that are missing; errors as in `hub.fetch`."""
    for name in files:
        tell = None if downloading is None else partial(downloading, hub.find(name))
        hub.fetch(name, tell)


@lru_cache(maxsize=2)
def _load(name: str, device: str) -> Models:
    if name == STARTER:
        from models.starter import Starter, StyleSketcher

        return Models(name, Starter(_load_network(device)), None, StyleSketcher())
    from models.clip import Clip
    from models.vgg import Vgg19

    encoder = Clip.load(name, hub.checked(name), device, best_dtype(device))
    return Models(name, encoder, _load_file(Vgg19, "vgg19", device, best_dtype(device)))


@lru_cache(maxsize=1)
def _load_network(device: str) -> EfficientNetLite:
    """One network for the styles and for the mask."""
    from models.starter.network import EfficientNetLite

    return EfficientNetLite.load(device=device)


@lru_cache(maxsize=3)
def _load_file(model: Any, name: str, device: str, *dtype: torch.dtype) -> Any:
    """A model; that of a mask is float32, so that the mask is the same on every machine."""
    return model.load(hub.checked(name), device, *dtype)
