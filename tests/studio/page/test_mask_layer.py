"""The mask as the editor's layer, there and back."""

import numpy as np
import pytest
from PIL import Image

from semcs_core.image import Photo, fit
from studio.runs.mask_layer import OPAQUE, SIZE, read_layer, to_editor
from studio.runs.visit import Visit


@pytest.fixture
def shown():
    noise = np.random.default_rng(0).integers(0, 256, (300, 200, 3), dtype=np.uint8)
    return fit(Photo(noise), SIZE)


def test_a_soft_mask_comes_back(shown, tmp_path):
    width, height = shown.size
    mask = np.random.default_rng(1).random((height, width), dtype=np.float32)
    value = to_editor(shown, mask)
    assert value["background"].shape == (height, width, 3)
    Image.fromarray(value["layers"][0]).save(tmp_path / "layer.png")
    back = read_layer(tmp_path / "layer.png")
    assert back.shape == mask.shape
    np.testing.assert_allclose(back, mask, atol=0.51 / OPAQUE)


def test_strokes_over_each_other_are_still_one(tmp_path):
    alpha = np.array([[0, 64, 127, 128, 191, 255]], np.uint8).repeat(16, axis=0).repeat(8, axis=1)
    Image.fromarray(np.dstack([alpha] * 4)).save(tmp_path / "layer.png")
    row = read_layer(tmp_path / "layer.png")[0, ::8]
    np.testing.assert_allclose(row, [0, 64 / 127, 1, 1, 1, 1], atol=1e-6)


def test_a_press_that_is_quicker_than_the_editor_takes_the_mask_that_it_was_given(shown, tmp_path):
    width, height = shown.size
    mask = np.zeros((height, width))
    mask[:, : width // 2] = 1
    visit = Visit(shown).send(mask)
    np.testing.assert_array_equal(visit.read_mask(None), mask)
    layer = tmp_path / "layer.png"
    Image.new("RGBA", (64, 64)).save(layer)  # of the photo before, or of no photo
    np.testing.assert_array_equal(visit.read_mask(layer), mask)
    Image.fromarray(to_editor(shown, 1 - mask)["layers"][0]).save(layer)
    np.testing.assert_array_equal(visit.read_mask(layer), 1 - mask)
