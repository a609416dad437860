"""DINO: a grid of patches for a picture of any size."""

from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from models import dino
from models.dino import Dino, patch_grid
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


@pytest.mark.parametrize(
    ("height", "width"), [(1, 1), (32, 640), (512, 512), (200, 4000), (4000, 3000)]
)
def test_the_grid_is_bounded_and_keeps_the_aspect(height, width):
    rows, columns = patch_grid(height, width, 16)
    assert 1000 <= rows * columns <= 4200
    assert columns / rows == pytest.approx(width / height, rel=0.06)
    assert min(rows, columns) * 16 >= 224 or rows * columns > 3900


@pytest.mark.parametrize(("height", "width"), [(1, 4000), (4000, 1)])
def test_a_line_is_widened(height, width):
    rows, columns = patch_grid(height, width, 8)
    assert min(rows, columns) == 4
    assert max(rows, columns) <= 1024


@pytest.mark.real_size
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
    small = (noise(1, 30, 3).numpy() * 255).astype(np.uint8)
    described = coarse.describe(small)
    assert described.shape == (*patch_grid(1, 30, 16), 384)
    assert np.isfinite(described).all()


@pytest.mark.real_size
def test_a_patch_shows_where_it_is_in_the_picture(coarse):
    """Rows are rows and columns columns: what is changed is seen where it is."""
    rgb = np.full((512, 768, 3), 128, np.uint8)
    changed = rgb.copy()
    changed[400:500, 80:160] = (255, 0, 0)
    difference = np.linalg.norm(coarse.describe(changed) - coarse.describe(rgb), axis=2)
    row, column = np.unravel_index(difference.argmax(), difference.shape)
    assert 400 / 16 - 1 <= row <= 500 / 16
    assert 80 / 16 - 1 <= column <= 160 / 16
