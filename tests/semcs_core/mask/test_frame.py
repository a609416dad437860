import io

import numpy as np
import pytest
from PIL import Image

from semcs_core.mask.frame import photo_inside_frame


@pytest.fixture
def photo() -> np.ndarray:
    """A textured picture whose outermost lines are neither black nor white nor uniform."""
    noise = np.random.default_rng(0).integers(0, 60, (240, 320, 3))
    ramp = np.linspace(60, 150, 320)[None, :, None]
    return (noise + ramp).astype(np.uint8)


def framed(photo, rows, columns, colour):
    return np.pad(photo, (rows, columns, (0, 0)), constant_values=colour)


def test_a_photo_without_a_frame_is_left_alone(photo):
    assert photo_inside_frame(photo) == (slice(0, 240), slice(0, 320))


@pytest.mark.parametrize(
    ("rows", "columns", "colour"),
    [((35, 35), (0, 0), 0), ((0, 0), (40, 25), 255), ((1, 0), (0, 0), 0)],
)
def test_a_uniform_frame_is_cut_off_exactly(photo, rows, columns, colour):
    found = photo_inside_frame(framed(photo, rows, columns, colour))
    assert found == (slice(rows[0], rows[0] + 240), slice(columns[0], columns[0] + 320))


def test_a_frame_is_found_through_jpeg_compression(photo):
    buffer = io.BytesIO()
    Image.fromarray(framed(photo, (30, 30), (30, 30), 255)).save(buffer, "JPEG", quality=85)
    rows, columns = photo_inside_frame(np.asarray(Image.open(buffer)))
    np.testing.assert_allclose([rows.start, rows.stop], [30, 270], atol=2)
    np.testing.assert_allclose([columns.start, columns.stop], [30, 350], atol=2)


@pytest.mark.parametrize("size", [(1, 1), (200, 200)])
def test_one_colour_is_not_all_frame(size):
    rgb = np.full((*size, 3), 30, np.uint8)
    assert photo_inside_frame(rgb) == (slice(0, size[0]), slice(0, size[1]))
