"""`python -m studio check`: whether the models on this machine are what their names say.

Each is held to facts about the example photos that need no reference file. The limits of CLIP,
VGG19, DINO and FCN are what their papers lead to expect: nobody has measured them with this code.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import timm
import torch
import torch.nn.functional as F
from PIL import Image
from scipy import ndimage
from timm.data import IMAGENET_DEFAULT_MEAN, IMAGENET_DEFAULT_STD, ImageNetInfo
from torch import Tensor

from models import hub
from models.checkpoint import Normalise, fill, read_safetensors
from models.clip import Clip
from models.device import best_dtype
from models.dino import Dino
from models.fcn import PersonSegmenter
from models.loading import STARTER, find_mask, load_models
from models.starter import StyleSketcher
from models.starter.network import EfficientNetLite
from semcs_core.image import Photo, fit, open_photo, to_tensor, to_uint8
from semcs_core.mask import MASK_SOURCES
from semcs_core.methods import METHODS, two_regions
from semcs_core.run import Run
from semcs_core.views import thumbnail
from studio.published import ANY_WORDS, STUDIO
from studio.runs.training import steps

SPECTRAL, DINO, SEM_CS, PERSON = MASK_SOURCES
EXAMPLES = Path(__file__).parents[1] / "examples"
CAPTIONS = {
    "astronaut": "a photo of an astronaut in a space suit",
    "camera": "a photo of a man with a camera on a tripod",
    "chelsea": "a photo of a cat",
    "china": "a photo of a Chinese temple",
    "coffee": "a photo of a cup of coffee",
    "flower": "a photo of a flower",
    "rocket": "a photo of a rocket on its launch pad",
}
TOKENS = "a photo of a cat", [49406, 320, 1125, 539, 320, 2368, 49407]
CUP = {504, 967, 968}  # of ImageNet: coffee mug, espresso, cup
SKETCH = "pencil sketch"
STEPS = 30
OBJECT, IGNORE = 255, 128  # of a mask drawn by hand


@dataclass(frozen=True)
class Fact:
    """What a model must be able to do, and what it did."""

    model: str
    claim: str
    found: str
    holds: bool


def of_clip(name: str, device: str) -> Iterator[Fact]:
    """Captions, dispersion, direction, dtype and tokens of "clip-vit-b32" and its like."""
    clip = Clip.load(name, hub.checked(name), device)
    photos = _squares(clip.input_size, device)
    pictures, captions = clip.encode_image(photos), clip.encode_text([*CAPTIONS.values()])
    scores = pictures @ captions.T
    right = int((scores.argmax(1).cpu() == torch.arange(len(CAPTIONS))).sum())
    claim = "ranks the right one of 7 captions first for each of 7 photos"
    yield Fact(name, claim, f"{right} of 7", right == 7)

    own, others = float(scores.diagonal().mean()), _between(scores)
    claim = "a photo's cosine with its own caption is 0.15 to 0.45, and 0.05 more than with others"
    found = f"{own:.2f} and {others:.2f}"
    yield Fact(name, claim, found, 0.15 <= own <= 0.45 and own - others >= 0.05)
    of_photos, of_captions = _between(pictures @ pictures.T), _between(captions @ captions.T)
    claim = "photos are unlike each other, and captions too: mean cosines of 0.2 to 0.9"
    found = f"{of_photos:.2f} and {of_captions:.2f}"
    yield Fact(name, claim, found, min(of_photos, of_captions) >= 0.2 and of_photos <= 0.9)

    drawn = torch.cat([_drawn(photo, device) for photo in photos.split(1)])
    photo_text, sketch_text = clip.encode_text(["a photo", "a sketch"])
    turned = clip.encode_image(drawn) - pictures
    cosines = torch.cosine_similarity(turned, (sketch_text - photo_text)[None])
    claim = "drawings of the photos lie from “a photo” towards “a sketch”: 6 of 7 cosines over 0.05"
    enough = int((cosines > 0.05).sum())
    yield Fact(name, claim, f"{enough}, mean {float(cosines.mean()):.2f}", enough >= 6)

    other = torch.bfloat16 if best_dtype(device) == torch.float32 else best_dtype(device)
    rounded = Clip.load(name, hub.checked(name), device, other).encode_image(photos)
    least = float(torch.cosine_similarity(rounded, pictures).min())
    claim = f"{str(other).removeprefix('torch.')} and float32 agree: cosines over 0.99"
    yield Fact(name, claim, f"{least:.4f}", least > 0.99)
    text, tokens = TOKENS
    read = [token for token in clip.tokenise([text])[0].tolist() if token]
    yield Fact(name, f"reads “{text}” as CLIP's tokens", f"{len(read)} tokens", read == tokens)


def of_vgg(device: str) -> Iterator[Fact]:
    """The whole of VGG19, whose classifier no run uses."""
    with torch.device("meta"):
        network = timm.create_model("vgg19").eval()
    fill(network, read_safetensors(hub.checked("vgg19"), "VGG19"), "VGG19", device)
    normalise = Normalise(IMAGENET_DEFAULT_MEAN, IMAGENET_DEFAULT_STD, device)
    yield _names_the_cup("vgg19", lambda images: network(normalise(images)), device)


def of_starter(device: str) -> Iterator[Fact]:
    """The built-in network: it names things, and the mask finds them."""
    network = EfficientNetLite.load(device=device)
    title = "efficientnet-lite0"
    yield _names_the_cup(title, lambda images: network.network(network.normalise(images)), device)
    yield _meets_the_hand_masks(STARTER, SPECTRAL, device, [*CAPTIONS], least=0.5)


def of_dino(device: str) -> Iterator[Fact]:
    """Its keys, and y_1 of the graph over them alone, without colours.

    A network that has learned nothing cuts these photos nearly as well, by their colours, but all
    of its keys are alike. LOST (Simeoni et al., 2021) builds on the negative ones.
    """
    dino = Dino.load(hub.checked("dino-vits16"), device)
    shares = []
    for name in CAPTIONS:
        keys = torch.from_numpy(dino.describe(_photo(name).rgb)).flatten(0, 1)
        keys = F.normalize(keys, dim=1)
        shares.append(float((keys @ keys.T < 0).float().mean()))
    claim = "parts of a photo are unlike each other: over 1 % of their cosines are negative"
    yield Fact("dino-vits16", claim, f"{min(shares):.1%} at least", min(shares) > 0.01)
    broad = [name for name in CAPTIONS if name != "rocket"]  # thinner than two patches
    yield _meets_the_hand_masks("dino-vits16", SEM_CS, device, broad, least=0.2, neighbours=0)


def of_person(device: str) -> Iterator[Fact]:
    """FCN sees the astronaut, and nobody in the coffee."""
    segmenter = PersonSegmenter.load(hub.checked("fcn-resnet101"), device)
    masks = {name: segmenter.segment(_photo(name).rgb) for name in ("astronaut", "coffee")}
    score = intersection_over_union(masks["astronaut"], _hand_mask("astronaut"))
    claim = "finds the astronaut: IoU with the hand mask over 0.5"
    yield Fact("fcn-resnet101", claim, f"{score:.2f}", score > 0.5)
    share = float((masks["coffee"] > 0.5).mean())
    claim = "sees a person in less than 1 % of the coffee"
    yield Fact("fcn-resnet101", claim, f"{share:.1%}", share < 0.01)


def of_run(name: str, device: str, tell: Callable[[], Any]) -> tuple[list[Fact], Any]:
    """The first steps of a run, published with CLIP and ours with the starter.

    Returns:
        Its facts, and its picture [H, W, 3] uint8. `tell` is called after each step.
    """
    method = STUDIO if name == STARTER else ANY_WORDS
    settings = replace(METHODS[method], steps=STEPS)
    photo = fit(_photo("flower"), settings.size, settings.size_means)
    found = find_mask(photo, SPECTRAL, device)
    regions = two_regions(found.mask, "stained glass", "starry night", settings)
    models = load_models(name, device)
    parts = models.encoder, models.perceptual, settings, models.sketcher
    run = Run(to_tensor(photo.rgb, device), regions, *parts)
    for _ in steps(run):
        tell()
    picture = to_uint8(run.look().image)
    title = f"{STEPS} steps of {method} with {name}"
    return judge(title, [step["total"] for step in run.history], picture, photo.rgb), picture


def judge(title: str, totals: list[float], picture: np.ndarray, photo: np.ndarray) -> list[Fact]:
    """Whether a run learned: its losses, and its picture and photo, both [H, W, 3] uint8."""
    first, last = np.mean(totals[:5]), np.mean(totals[-5:])
    greys = [np.asarray(Image.fromarray(rgb).convert("L"), np.float64) for rgb in (picture, photo)]
    noise, own = (float(np.abs(ndimage.laplace(grey)).mean()) for grey in greys)
    alike = structural_similarity(*greys)
    return [
        Fact(title, "the loss falls", f"from {first:.4g} to {last:.4g}", bool(last < first)),
        Fact(
            title,
            "the picture is not noise: fine detail at most 6 times the photo's",
            f"{noise / own:.1f} times",
            noise <= 6 * own,
        ),
        Fact(title, "the photo is still there: SSIM over 0.1", f"{alike:.2f}", alike > 0.1),
    ]


def structural_similarity(a: np.ndarray, b: np.ndarray) -> float:
    """SSIM of two grey pictures [H, W] in 0 to 255 (Wang et al., 2004), windows of 7 pixels."""
    mean_a, mean_b = (ndimage.uniform_filter(x, 7) for x in (a, b))
    var_a, var_b, both = (
        ndimage.uniform_filter(x * y, 7) - mean_x * mean_y
        for x, y, mean_x, mean_y in (
            (a, a, mean_a, mean_a),
            (b, b, mean_b, mean_b),
            (a, b, mean_a, mean_b),
        )
    )
    light, structure = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    similar = (2 * mean_a * mean_b + light) * (2 * both + structure)
    return float((similar / ((mean_a**2 + mean_b**2 + light) * (var_a + var_b + structure))).mean())


def intersection_over_union(mask: np.ndarray, hand: np.ndarray) -> float:
    """Overlap of two objects where the hand mask is sure.

    Args:
        mask: [H, W], in [0, 1]; above 0.5 is object.
        hand: [H, W], uint8: 255 object, 0 background, 128 ignore.

    Returns:
        0 to 1; 0 if neither has an object.
    """
    found, there, sure = mask > 0.5, hand == OBJECT, hand != IGNORE
    union = ((found | there) & sure).sum()
    return float((found & there & sure).sum() / max(union, 1))


def _names_the_cup(title: str, classify: Callable[[Tensor], Tensor], device: str) -> Fact:
    with torch.no_grad():
        best = classify(_squares(224, device)[[*CAPTIONS].index("coffee"), None])[0].topk(5)
    first = ImageNetInfo().index_to_description(int(best.indices[0]))
    named = bool({*best.indices.tolist()} & CUP)
    claim = "names the coffee cup: mug, espresso or cup among the first 5 of 1000 classes"
    return Fact(title, claim, f"first: {first.split(',')[0]}", named)


def _meets_the_hand_masks(
    title: str, source: str, device: str, names: list[str], least: float, **options: Any
) -> Fact:
    scores = {}
    for name in names:
        found = find_mask(_photo(name), source, device, **options)
        scores[name] = intersection_over_union(found.mask, _hand_mask(name))
    each = ", ".join(f"{name} {score:.2f}" for name, score in scores.items())
    claim = f"its mask “{source}” meets those drawn by hand: each IoU over {least:g}"
    return Fact(title, claim, each, min(scores.values()) > least)


def _between(cosines: Tensor) -> float:
    """The mean beside the diagonal of [N, N]."""
    return float(cosines[~torch.eye(len(cosines), dtype=torch.bool)].mean())


def _squares(side: int, device: str) -> Tensor:
    """The example photos in the order of the captions, [7, 3, side, side] in [0, 1]."""
    tensors = [thumbnail(to_tensor(_photo(name).rgb, device), side) for name in CAPTIONS]
    return torch.cat(tensors).clamp(0, 1)


def _drawn(photo: Tensor, device: str) -> Tensor:
    """A photo [1, 3, S, S] as our own pencil sketch."""
    everywhere = torch.ones_like(photo[:, :1])
    chance = torch.Generator().manual_seed(0)
    return StyleSketcher().sketch(SKETCH, photo, everywhere, photo.shape[-1] // 4, chance)


@cache
def _photo(name: str) -> Photo:
    return open_photo(next(EXAMPLES.glob(f"{name}.*")))


def _hand_mask(name: str) -> np.ndarray:
    return np.array(Image.open(EXAMPLES / "masks" / f"{name}.png"))
