"""The picture at the photo's own size, without a browser."""

import shutil
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from semcs_core.errors import UserError
from semcs_core.image import open_photo
from semcs_core.settings import Settings
from studio.page import photos
from studio.provenance import read_provenance
from studio.runs import jobs, own_size, signals, training
from studio.runs import visit as visit_records
from studio.runs.events import Preparing, Saved
from studio.runs.signals import Change
from studio.runs.visit import open_original
from tests.helpers.hand_runs import finish
from tests.helpers.pictures import likeness

SETTINGS = Settings(size=96, steps=3, crops=4)


@pytest.fixture
def photo(tmp_path, disc_photo):
    return shutil.copy(disc_photo[0], tmp_path / "photo.png")


@pytest.fixture
def result(tmp_path, monkeypatch, photo):
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    monkeypatch.setattr(signals, "root", lambda: tmp_path)
    return finish(jobs.prepare(photos.open_for_visit(photo), change(), SETTINGS))


def change(background="mosaic"):
    mask = np.zeros((384, 512), np.float32)
    mask[100:300, 100:300] = 1
    return Change("fire", background, 1.0, 1.0, mask)


def last_of(result):
    *_, last = own_size.at_own_size(result)
    return last


def enlarged(result):
    image = Image.open(result.file)
    return np.asarray(image.resize(result.visit.size, Image.Resampling.LANCZOS))


def test_the_picture_is_rendered_and_says_how_it_was_made(result):
    events = []
    for event in own_size.at_own_size(result):
        assert not training.step_lock._lock.locked()
        events.append(event)
    last = events[-1]
    assert isinstance(last, Saved)
    assert last.size == (320, 240)
    preview, picture = (open_photo(path).rgb for path in (result.file, last.file))
    assert picture.shape == (240, 320, 3)
    assert likeness(picture, preview) > 30
    assert np.abs(picture.astype(int) - enlarged(result)).mean() > 1
    one, other = (vars(read_provenance(path)) for path in (result.file, last.file))
    for name in one:
        np.testing.assert_equal(one[name], other[name])


def test_a_run_that_has_gone_on_is_not_rendered_as_its_earlier_picture(result):
    later = finish(jobs.prepare_more(result.visit, change(), result), more=2)
    with pytest.raises(UserError, match="continued since then"):
        last_of(result)
    assert isinstance(last_of(later), Saved)

    # Steered, and stopped before another step was done.
    job = jobs.prepare_more(result.visit, change("snowy"), later)
    job.signals.begin()
    for event in training.train(job, more=2):
        if event == Preparing(training.FIRST_STEP):
            job.signals.ask_stop()
    later.signals.forget_stop()
    with pytest.raises(UserError, match="continued since then"):
        last_of(later)

    result.signals.snapshot.write_bytes(b"damaged")
    with pytest.raises(UserError, match="damaged"):
        last_of(later)


def test_a_photo_whose_file_is_gone_is_asked_for_again(result, photo, monkeypatch):
    monkeypatch.setattr(visit_records, "LARGEST", 128)
    visit = photos.open_for_visit(photo)
    assert visit.photo.size == (128, 96)
    assert open_original(visit).shape == (240, 320, 3)
    assert isinstance(last_of(replace(result, visit=visit)), Saved)

    Image.fromarray(open_photo(photo).rgb[::-1]).save(photo)  # another photo
    with pytest.raises(UserError, match="upload it again"):
        open_original(visit)
    photo.unlink()
    with pytest.raises(UserError, match="upload it again"):
        last_of(replace(result, visit=visit))
