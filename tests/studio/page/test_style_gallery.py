"""The page's thumbnails of the styles fit the styles that there are."""

from itertools import combinations

import numpy as np
import pytest
from PIL import Image

from studio.page.prompt_panel import COLUMNS, SPRITE, TILE, load_style_thumbnails
from styles import STYLES


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


def test_no_tile_is_flat_and_no_two_are_alike(thumbnails):
    tiles = {name: np.asarray(image, np.float32) for image, name in thumbnails}
    for name, tile in tiles.items():
        assert tile.std(axis=(0, 1)).max() > 10, name
    for one, other in combinations(tiles, 2):
        assert np.abs(tiles[one] - tiles[other]).mean() > 5, (one, other)
