"""DINO: keys as the published hook gives them, for a picture of any size."""

from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from models import dino
from models.dino import Dino, grid_shape
from semcs_core.mask.affinity import cosine_affinity, graph_affinity
from semcs_core.mask.descriptors import describe_cells
from semcs_core.mask.spectral import laplacian_spectrum
from tests.helpers.random_weights import write_random


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dino")
    write_random("dino-vits16", folder / "dino-vits16")
    return folder


@pytest.fixture(scope="module")
def coarse(folder: Path) -> Dino:
    return Dino.load(folder / "dino-vits16")


def noise(*shape: int) -> torch.Tensor:
    return torch.rand(shape, generator=torch.Generator().manual_seed(0))


def hooked_keys(model: Dino, images: torch.Tensor) -> torch.Tensor:
    """As the published code takes them: from the output of the last block's qkv."""
    caught = []
    hook = model.network.blocks[-1].attn.qkv.register_forward_hook(
        lambda module, inputs, output: caught.append(output)
    )
    with torch.no_grad():
        model.network.forward_features(model.normalise(images))
    hook.remove()
    width = model.network.embed_dim
    keys = caught[0][:, 1:, width : 2 * width]
    rows, columns = (side // model.patch for side in images.shape[-2:])
    return keys.reshape(len(images), rows, columns, width)


@pytest.mark.parametrize("size", [(224, 224), (96, 160)])
def test_keys_are_those_that_a_hook_on_qkv_sees(coarse, size):
    images = noise(1, 3, *size)
    keys = coarse.keys(images)
    assert keys.shape == (1, size[0] // coarse.patch, size[1] // coarse.patch, 384)
    torch.testing.assert_close(keys, hooked_keys(coarse, images), rtol=1e-4, atol=1e-4)


def test_keys_are_the_middle_third_by_plain_matrix_algebra(coarse):
    """The whole network by hand, at the size of its position embeddings."""
    images, weights = noise(1, 3, 224, 224), coarse.network.state_dict()
    mean = torch.tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1)
    deviation = torch.tensor([0.229, 0.224, 0.225]).view(1, 3, 1, 1)

    def linear(x, name):
        return x @ weights[f"{name}.weight"].T + weights[f"{name}.bias"]

    def norm(x, name):
        centred = x - x.mean(dim=-1, keepdim=True)
        scaled = centred / (centred.square().mean(dim=-1, keepdim=True) + 1e-6).sqrt()
        return scaled * weights[f"{name}.weight"] + weights[f"{name}.bias"]

    x = F.conv2d(
        (images - mean) / deviation,
        weights["patch_embed.proj.weight"],
        weights["patch_embed.proj.bias"],
        stride=16,
    )
    x = torch.cat([weights["cls_token"], x.flatten(2).transpose(1, 2)], dim=1)
    x = x + weights["pos_embed"]
    for block in range(12):
        prefix = f"blocks.{block}"
        qkv = linear(norm(x, f"{prefix}.norm1"), f"{prefix}.attn.qkv")
        q, k, v = (part.view(197, 6, 64).transpose(0, 1) for part in qkv[0].split(384, dim=1))
        mixed = (q @ k.transpose(1, 2) / 8).softmax(dim=2) @ v
        x = x + linear(mixed.transpose(0, 1).reshape(1, 197, 384), f"{prefix}.attn.proj")
        hidden = F.gelu(linear(norm(x, f"{prefix}.norm2"), f"{prefix}.mlp.fc1"))
        x = x + linear(hidden, f"{prefix}.mlp.fc2")
    expected = qkv[0, 1:, 384:768].view(14, 14, 384)
    torch.testing.assert_close(coarse.keys(images)[0], expected, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("patch", [8, 16])
@pytest.mark.parametrize(
    ("height", "width"),
    [(1, 1), (32, 32), (32, 640), (224, 224), (512, 512), (480, 640), (200, 4000), (4000, 3000)],
)
def test_the_grid_is_bounded_and_keeps_the_aspect(height, width, patch):
    rows, columns = grid_shape(height, width, patch)
    assert 1000 <= rows * columns <= 4200
    assert columns / rows == pytest.approx(width / height, rel=0.06)
    assert min(rows, columns) * patch >= 224 or rows * columns > 3900


def test_the_grid_of_a_512_pixel_picture_has_a_cell_for_each_patch():
    assert grid_shape(512, 512, 16) == (32, 32)
    assert grid_shape(512, 512, 8) == (64, 64)


@pytest.mark.parametrize(("height", "width"), [(1, 4000), (4000, 1), (3, 999)])
def test_a_line_is_widened(height, width):
    rows, columns = grid_shape(height, width, 8)
    assert min(rows, columns) == 4
    assert max(rows, columns) <= 1024


@pytest.mark.parametrize(("height", "width"), [(32, 32), (1, 1), (20, 300)])
def test_small_and_long_pictures_are_described(coarse, height, width):
    rgb = (noise(height, width, 3).numpy() * 255).astype(np.uint8)
    features = coarse.describe(rgb)
    assert features.dtype == np.float32
    assert features.shape == (*grid_shape(height, width, 16), 384)
    assert np.isfinite(features).all()


def test_a_large_picture_is_seen_as_its_reduction(coarse, monkeypatch):
    monkeypatch.setattr(dino, "MOST_PATCHES", 1024)
    coarse_picture = noise(1, 3, 20, 30)
    features = []
    for height, width in ((2560, 3840), (640, 960)):
        picture = F.interpolate(coarse_picture, (height, width), mode="bilinear")[0]
        rgb = (picture.permute(1, 2, 0).numpy() * 255).round().astype(np.uint8)
        features.append(torch.from_numpy(coarse.describe(rgb)))
    assert features[0].shape == features[1].shape == (26, 39, 384)
    assert F.cosine_similarity(*features, dim=-1).min() > 0.99


def test_the_same_picture_has_the_same_features(coarse):
    rgb = (noise(40, 50, 3).numpy() * 255).astype(np.uint8)
    assert np.array_equal(coarse.describe(rgb), coarse.describe(rgb))


def test_a_patch_shows_where_it_is_in_the_picture(coarse):
    """Rows are rows and columns columns: what is changed is seen where it is."""
    rgb = np.full((512, 768, 3), 128, np.uint8)
    changed = rgb.copy()
    changed[400:500, 80:160] = (255, 0, 0)
    difference = np.linalg.norm(coarse.describe(changed) - coarse.describe(rgb), axis=2)
    row, column = np.unravel_index(difference.argmax(), difference.shape)
    assert 400 / 16 - 1 <= row <= 500 / 16
    assert 80 / 16 - 1 <= column <= 160 / 16


def test_bfloat16_is_close_to_float32(folder, coarse):
    half = Dino.load(folder / "dino-vits16", dtype=torch.bfloat16)
    images = noise(1, 3, 224, 224)
    a, b = half.keys(images), coarse.keys(images)
    assert a.dtype == torch.float32
    assert F.cosine_similarity(a, b, dim=-1).min() > 0.99


def test_the_features_make_a_graph_with_the_colours_of_the_same_cells(coarse):
    rgb = np.zeros((96, 128, 3), np.uint8)
    rgb[24:72, 40:80] = (230, 40, 20)
    features = coarse.describe(rgb)
    cells = describe_cells(rgb, features.shape[:2])
    spectrum = laplacian_spectrum(graph_affinity(cosine_affinity(features), cells), 4)
    assert spectrum.eigenvectors.shape == (features.shape[0] * features.shape[1], 4)
    inside = cells.rgb[:, 0] > 0.5
    fiedler = spectrum.eigenvectors[:, 1]
    assert min(fiedler[inside]) > max(fiedler[~inside]) or max(fiedler[inside]) < min(
        fiedler[~inside]
    )
