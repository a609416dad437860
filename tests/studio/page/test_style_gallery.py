"""The page's thumbnails of the styles fit the styles that there are."""

from itertools import combinations

import numpy as np
import pytest
from PIL import Image

from models.starter import Starter
from studio.page.style_gallery import COLUMNS, SPRITE, TILE, load_style_thumbnails
from studio.words import check_known
from styles import STYLES
from tools.style_pictures import SIZE, sprite


@pytest.fixture(scope="module")
def thumbnails():
    return load_style_thumbnails()


def test_each_style_has_one_tile_of_the_sprite(thumbnails):
    assert [name for _, name in thumbnails] == [style.names[0] for style in STYLES.values()]
    assert {image.size for image, _ in thumbnails} == {(TILE, TILE)}
    with Image.open(SPRITE) as image:
        rows = -(-len(STYLES) // COLUMNS)
        assert image.size == (COLUMNS * TILE, rows * TILE)
    assert SPRITE.stat().st_size < 600_000


def test_the_encoder_knows_every_name(thumbnails):
    assert check_known(Starter.load(), [name for _, name in thumbnails]) == {}


def test_no_tile_is_flat_and_no_two_are_alike(thumbnails):
    tiles = {name: np.asarray(image, np.float32) for image, name in thumbnails}
    for name, tile in tiles.items():
        assert tile.std(axis=(0, 1)).max() > 10, name
    for one, other in combinations(tiles, 2):
        assert np.abs(tiles[one] - tiles[other]).mean() > 5, (one, other)


def test_the_sprite_has_the_painted_pictures_in_order(tmp_path):
    paths = [tmp_path / f"{key}.png" for key in STYLES]
    colours = np.random.default_rng(0).integers(0, 256, (len(paths), 3), dtype=np.uint8)
    for path, colour in zip(paths, colours, strict=True):
        pixels = np.zeros((128, SIZE, 3), np.uint8)
        pixels[:, 32:160] = colour  # of a wide picture the middle is shown
        Image.fromarray(pixels).save(path)
    pixels = np.asarray(sprite(paths))
    for place, colour in enumerate(colours):
        row, column = divmod(place, COLUMNS)
        tile = pixels[row * TILE :, column * TILE :][:TILE, :TILE]
        assert (tile[:, 4:-4] == colour).all()  # Lanczos rings at the edge of the colour
