"""Our networks against the published ones with the same weights, computed in float64.

How much a CPU rounds is its own affair: ours may be off by a few times what the published network
is in the same precision, and rewritten parts are compared in float64.
"""

import copy
from itertools import product

import open_clip
import pytest
import timm
import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from torchvision.models import vgg19
from torchvision.models.segmentation import fcn_resnet101

from models.clip import DEVIATION, MEAN, Clip
from models.dino import Dino
from models.fcn import PersonSegmenter
from models.frozen import FrozenViT, fold_batch_norms
from models.vgg import Vgg19
from tests.helpers.random_weights import write_random

IMAGENET = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
OPEN_CLIP = {"clip-vit-b32": "ViT-B-32-quickgelu", "clip-rn50": "RN50-quickgelu"}
TEXTS = ["a Photo", "The Great Wave off Kanagawa by Hokusai", ""]


def pictures(height: int = 224, width: int = 224) -> torch.Tensor:
    """One of coarse blocks with noise on top, of 8 bits as the segmenter takes them."""
    generator = torch.Generator().manual_seed(0)
    blocks = torch.rand(1, 3, 7, 7, generator=generator)
    noise = torch.rand(1, 3, height, width, generator=generator)
    return (F.interpolate(blocks, (height, width)) + noise).mul(127).round() / 255


def normalised(images, mean, deviation):
    return (images - torch.tensor(mean).view(3, 1, 1)) / torch.tensor(deviation).view(3, 1, 1)


def plain_clip(name, path):
    """CLIP as open_clip gives it, with the weights of a file."""
    network = open_clip.create_model(OPEN_CLIP[name], load_weights=False)
    tensors = load_file(path)
    # But for the counters of batch normalisation, which the file has not.
    network.load_state_dict({n: tensors.get(n, t) for n, t in network.state_dict().items()})
    return network.float().eval()


def published_clip(name, path):
    network = plain_clip(name, path)
    tokens = open_clip.tokenize(TEXTS)
    return network, lambda images: [
        F.normalize(network.encode_image(images).double(), dim=1),
        F.normalize(network.encode_text(tokens).double(), dim=1),
    ]


def published_dino(name, path):
    network = timm.create_model("vit_small_patch16_224", num_classes=0, dynamic_img_size=True)
    network.load_state_dict(load_file(path))
    network.eval()

    def keys(images):
        """As the published code takes them: a hook on the last block's qkv."""
        seen = []
        hook = network.blocks[-1].attn.qkv.register_forward_hook(lambda *of: seen.append(of[2]))
        network.forward_features(images)
        hook.remove()
        return [seen[0][:, 1:, 384:768].unflatten(1, (images.shape[2] // 16, -1))]

    return network, keys


def published_vgg(name, path):
    network = vgg19().features.eval()
    state = load_file(path)
    network.load_state_dict({f"{n}": state[f"features.{n}"] for n in network.state_dict()})

    def taps(x):
        read = []
        for layer in network:
            x = layer(x)
            read.append(x)  # a reference, so that layer 22 works on what was read at 21
        return [read[21], read[31]]

    return network, taps


def published_fcn(name, path):
    network = fcn_resnet101(weights=None, weights_backbone=None, aux_loss=True).eval()
    state = load_file(path)
    network.load_state_dict(state)
    return network, lambda images: [network(images)["out"].softmax(dim=1)[:, 15]]


def segmented(people, images):
    rgb = (images * 255).round().byte().permute(0, 2, 3, 1).numpy()
    return [torch.stack([torch.from_numpy(people.segment(picture)) for picture in rgb])]


def load_fcn(path, dtype):
    torch.save(load_file(path), path.with_suffix(".pth"))
    return PersonSegmenter.load(path.with_suffix(".pth"))


def clip_case(name, package):
    return (
        (224, 224),
        (MEAN, DEVIATION),
        published_clip,
        lambda path, dtype: Clip.load(name, path, dtype=dtype, package=package),
        lambda model, images: [model.encode_image(images), model.encode_text(TEXTS)],
    )


CASES = {
    "clip-vit-b32": clip_case("clip-vit-b32", "clip"),
    "clip-rn50": clip_case("clip-rn50", "open_clip"),
    "dino-vits16": (
        (96, 160),
        IMAGENET,
        published_dino,
        lambda path, dtype: Dino.load(path),
        lambda model, images: [model.keys(images)],
    ),
    "vgg19": (
        (64, 96),
        IMAGENET,
        published_vgg,
        lambda path, dtype: Vgg19.load(path, dtype=dtype),
        Vgg19.features,
    ),
    "fcn-resnet101": ((32, 1040), IMAGENET, published_fcn, load_fcn, segmented),
}


def error(found, exact):
    return ((found.double() - exact).norm() / exact.norm()).item()


MASKS = "dino-vits16", "fcn-resnet101"  # computed in float32 on every machine
EVERY_DAY = "dino-vits16", torch.float32
FACTORS = {torch.float32: 30, torch.bfloat16: 3}


@pytest.mark.parametrize(
    ("name", "dtype"),
    [
        pytest.param(*case, marks=() if case == EVERY_DAY else pytest.mark.real_size)
        for case in product(CASES, FACTORS)
        if case not in product(MASKS, [torch.bfloat16])
    ],
)
@torch.no_grad()
def test_we_compute_what_the_published_network_does(name, dtype, tmp_path):
    size, range_, published, load, ours = CASES[name]
    path = write_random(name, tmp_path / "weights")
    network, plain = published(name, path)
    images = pictures(*size)
    pixels = normalised(images.double(), *range_)
    network.double()
    exact = plain(pixels)
    network.to(dtype)
    rounded = plain(pixels.to(dtype))
    found = ours(load(path, dtype), images)
    for a, b, reference in zip(found, rounded, exact, strict=True):
        assert a.dtype == torch.float32
        assert error(a, reference) < FACTORS[dtype] * error(b, reference) < 0.5


@pytest.mark.real_size
@pytest.mark.parametrize(("name", "tolerance"), [("clip-vit-b32", 1e-5), ("clip-rn50", 1e-10)])
def test_the_rewritten_picture_tower_has_the_same_gradient(name, tolerance, tmp_path):
    plain = plain_clip(name, write_random(name, tmp_path / "weights")).visual.double()
    ours = copy.deepcopy(plain).requires_grad_(False)
    if name == "clip-rn50":
        fold_batch_norms(ours)
    else:  # two of its normalisations stay in float32
        ours = FrozenViT(ours, torch.float64)
    rows, grads = [], []
    for network in (ours, plain):
        images = pictures().double().requires_grad_()
        rows.append(network(images))
        rows[-1][:, :50].sum().backward()
        grads.append(images.grad)
    assert error(*rows) < tolerance
    assert error(*grads) < tolerance
