"""The animation of a run: few frames, evenly spread, of the right length."""

import numpy as np
import pytest
from PIL import Image

from semcs_core.errors import UserError
from studio.timelapse import MOST_FRAMES, PHOTO_MS, RESULT_MS, Timelapse, durations


def frame(step: int, side: int = 32) -> np.ndarray:
    """Grey that tells its step, so that a frame can be recognised."""
    return np.full((side, side, 3), min(255, 4 * step), np.uint8)


@pytest.fixture
def timelapse(tmp_path):
    folder = tmp_path / "frames"
    folder.mkdir()
    return Timelapse(folder)


def play(path):
    """Pictures and their milliseconds."""
    shown = []
    with Image.open(path) as image:
        assert image.info["loop"] == 0
        for number in range(image.n_frames):
            image.seek(number)
            image.load()
            shown.append((np.asarray(image.convert("RGB")), image.info["duration"]))
    return shown


@pytest.mark.parametrize("steps", [1, 59, 60, 119, 333])
def test_frames_stay_few_and_evenly_spread_whatever_the_number_of_steps(timelapse, steps):
    for step in range(steps + 1):
        timelapse.add(step, frame(step, side=4))
        assert len(list(timelapse.folder.iterdir())) <= MOST_FRAMES
    kept = timelapse.steps()
    assert len(kept) == min(steps + 1, MOST_FRAMES)
    assert kept[0] == 0
    assert kept[-1] == steps
    gaps = np.diff(kept)
    if steps > MOST_FRAMES:
        assert gaps.max() <= 2 * np.ceil(steps / MOST_FRAMES)
        assert np.median(gaps) >= gaps.max() / 2


def test_the_animation_goes_from_the_photo_to_the_result(timelapse, tmp_path):
    for step in range(21):
        timelapse.add(step, frame(3 * step))  # what is too much alike is made one frame by WebP
    timelapse.save(tmp_path / "run.webp")
    shown = play(tmp_path / "run.webp")
    assert len(shown) == 21
    greys = [picture.mean() for picture, _ in shown]
    assert greys[0] == pytest.approx(0, abs=4)
    assert greys[-1] == pytest.approx(240, abs=4)
    assert np.all(np.diff(greys) > 0)
    assert shown[0][1] == PHOTO_MS
    assert shown[-1][1] == RESULT_MS
    assert 4000 <= sum(milliseconds for _, milliseconds in shown) <= 6000


@pytest.mark.parametrize("steps", [2, 40, 100, 333])
def test_it_lasts_five_seconds_and_steps_pass_at_one_speed(timelapse, steps):
    for step in range(steps + 1):
        timelapse.add(step, frame(step, side=4))
    kept = timelapse.steps()
    shown = durations(kept)
    assert len(shown) == len(kept)
    assert min(shown) >= 20
    assert 4900 <= sum(shown) <= 5100
    if steps <= 100:
        speed = np.array(shown[1:-1]) / np.diff(kept[1:])
        assert speed.max() - speed.min() <= 1


def test_what_cannot_be_saved_is_said_in_one_sentence(timelapse, tmp_path):
    with pytest.raises(UserError, match="no animation yet"):
        timelapse.save(tmp_path / "run.webp")
    assert not (tmp_path / "run.webp").exists()
    timelapse.add(0, frame(0))
    with pytest.raises(UserError, match="cannot be written"):
        timelapse.save(tmp_path / "missing" / "run.webp")


def test_an_earlier_picture_of_a_run_that_went_on_ends_with_itself(timelapse, tmp_path):
    for step in range(6):
        timelapse.add(step, frame(10 * step))
    timelapse.save(tmp_path / "whole.webp")
    timelapse.save(tmp_path / "first.webp", until=3)
    assert (len(play(tmp_path / "whole.webp")), len(play(tmp_path / "first.webp"))) == (6, 4)
