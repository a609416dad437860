"""The picture at the photo's own size, without a browser."""

import shutil
from dataclasses import replace
from html import unescape

import numpy as np
import pytest
from PIL import Image

from semcs_core.image import open_photo
from semcs_core.settings import Settings
from studio.page import photos
from studio.provenance import read_provenance
from studio.runs import jobs, own_size, signals, training
from studio.runs.signals import Change
from tests.helpers.pictures import likeness

SETTINGS = Settings(size=96, steps=3, crops=4)


@pytest.fixture
def photo(tmp_path, disc_photo):
    return shutil.copy(disc_photo[0], tmp_path / "photo.png")


@pytest.fixture
def result(tmp_path, monkeypatch, photo):
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    monkeypatch.setattr(signals, "_root", lambda: tmp_path)
    work = photos.open_for_visit(photo)
    return finish(jobs.prepare_change(work, change(), SETTINGS))


def change(background="mosaic"):
    mask = np.zeros((384, 512), np.float32)
    mask[100:300, 100:300] = 1
    return Change("fire", background, 1.0, 1.0, mask)


def finish(job, more=0):
    job.controls.begin()
    return [*training.run(job, more)][-1].result


def last_of(result):
    *_, last = own_size.at_own_size(result)
    return last


def said(result):
    """The last sentence that the visitor reads."""
    return unescape(last_of(result).status)


def enlarged(result):
    image = Image.open(result.file)
    return np.asarray(image.resize(result.work.size, Image.Resampling.LANCZOS))


def test_the_picture_is_rendered_and_says_how_it_was_made(result):
    for frame in own_size.at_own_size(result):
        assert not training.step_lock.locked()
        last = frame
    preview, picture = (open_photo(path).rgb for path in (result.file, last.file))
    assert picture.shape == (240, 320, 3)
    assert likeness(picture, preview) > 30
    assert np.abs(picture.astype(int) - enlarged(result)).mean() > 1
    one, other = (vars(read_provenance(path)) for path in (result.file, last.file))
    for name in one:
        np.testing.assert_equal(one[name], other[name])


def test_a_run_that_has_gone_on_leaves_its_earlier_picture_enlarged(result):
    job = jobs.Job(result.work, change(), SETTINGS, result.controls, before=result)
    later = finish(job, more=2)
    assert own_size.GONE_ON in last_of(result).status
    np.testing.assert_array_equal(open_photo(last_of(result).file).rgb, enlarged(result))
    assert "Saved at 320 x 240.<" in last_of(later).status

    # Steered, and stopped before another step was done.
    job = jobs.Job(result.work, change("snowy"), SETTINGS, result.controls, before=later)
    job.controls.begin()
    for frame in training.run(job, more=2):
        if "first step is on" in frame.status:
            job.controls.ask_stop()
    later.controls.forget_stop()
    assert own_size.GONE_ON in last_of(later).status

    result.controls.snapshot.write_bytes(b"damaged")
    assert own_size.NO_RUN in last_of(later).status


def test_a_stopped_run_is_rendered(tmp_path, result):
    job = jobs.prepare_change(result.work, change(), SETTINGS)
    job.controls.begin()
    for frame in training.run(job):
        if frame.step is not None:
            job.controls.ask_stop()
    assert frame.result.provenance.steps < SETTINGS.steps
    job.controls.forget_stop()
    last = last_of(frame.result)
    assert own_size.GONE_ON not in last.status
    picture, preview = (open_photo(path).rgb for path in (last.file, frame.result.file))
    assert likeness(picture, preview) > 30


def test_a_photo_that_was_kept_whole_needs_no_file(result, photo):
    rgb = open_photo(photo).rgb
    photo.unlink()
    original, found = photos.open_original(result.work)
    assert found
    np.testing.assert_array_equal(original, rgb)


def test_of_a_photo_whose_file_is_gone_what_was_kept_is_enlarged(result, photo, monkeypatch):
    monkeypatch.setattr(photos, "LARGEST", 128)
    work = photos.open_for_visit(photo)
    assert work.photo.size == (128, 96)
    assert photos.open_original(work)[1]
    assert own_size.NO_PHOTO not in said(replace(result, work=work))

    Image.fromarray(open_photo(photo).rgb[::-1]).save(photo)
    original, found = photos.open_original(work)
    assert not found
    assert original.shape == (240, 320, 3)
    photo.unlink()
    assert not photos.open_original(work)[1]
    assert own_size.NO_PHOTO in said(replace(result, work=work))


def test_a_large_photo_is_opened_once_more(tmp_path):
    path = tmp_path / "large.png"
    rgb = np.random.default_rng(0).integers(0, 256, (900, 1200, 3), np.uint8)
    Image.fromarray(rgb).save(path)
    work = photos.open_for_visit(path)
    assert max(work.photo.size) == photos.LARGEST
    original, found = photos.open_original(work)
    assert found
    np.testing.assert_array_equal(original, rgb)
    path.unlink()
    original, found = photos.open_original(work)
    assert not found
    assert original.shape == rgb.shape
