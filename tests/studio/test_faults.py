"""What goes wrong around a run is injected, one fault a test: what is said, kept, and goes on."""

import errno
import time
import weakref
from dataclasses import replace
from html import unescape
from pathlib import Path

import gradio as gr
import numpy as np
import pytest
import torch
from PIL import Image

from semcs_core.objective import Objective
from semcs_core.settings import Settings
from studio import full_size
from studio.page import status
from studio.provenance import read_provenance
from studio.runs import jobs, own_size, signals, training
from studio.runs.events import Preparing, Preview
from studio.runs.signals import new_run
from studio.server import errors
from studio.server.cleanup import Sweeper

ROOT = Path(__file__).parents[2]
SETTINGS = Settings(size=64, steps=3, crops=2)
CPU = RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes.")
CUDA = torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 9.00 GiB.")
NO_MEMORY = "not enough memory for this now: try again in a minute"
LARGER = replace(SETTINGS, size=96)
FULL = OSError(errno.ENOSPC, "No space left on device")


@pytest.fixture(autouse=True)
def folders(tmp_path, monkeypatch):
    """Those of a server of this test's own."""
    (tmp_path / "runs").mkdir()
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "gradio"))
    monkeypatch.setattr(signals, "root", lambda: tmp_path / "runs")
    return tmp_path


@pytest.fixture
def work(work):
    return work.send(work.found.mask)


def told(function, *args):
    """What the page is given, and the sentence of the toast, "" without one."""
    frames = []

    @errors.guarded
    def event():
        for frame in function(*args):
            frames.append(frame)
            yield

    sentence = ""
    try:
        for _ in event():
            pass
    except gr.Error as error:
        sentence = error.message
    assert sentence != errors.UNEXPECTED
    assert str(ROOT) not in sentence
    assert "/tmp" not in sentence
    return frames, sentence


def prepared(work, settings=SETTINGS, before=None):
    """A job as Stylize makes it, or as Continue does."""
    change = jobs.read_change(work, None, ("fire", "mosaic"), (1.0, 1.0))
    if before is None:
        job = jobs.prepare(work, change, settings)
    else:
        job = jobs.prepare_more(work, change, before)
    job.signals.begin()
    return job


def finish(job, more=0):
    events, sentence = told(training.train, job, more)
    assert sentence == ""
    assert events[-1].ending == "Done"
    return events[-1].result


def raising(error):
    def failing(*_, **__):
        raise error

    return failing


def half_files(folder):
    """What an interrupted write would leave: hidden files, empty files, pictures that are cut."""
    left = [path for path in folder.rglob("*") if path.is_file()]
    for path in left:
        if path.suffix in (".png", ".jpg"):
            with Image.open(path) as image:
                image.load()
    return [path for path in left if path.name.startswith(".")]


@pytest.mark.parametrize("error", [CPU, CUDA], ids=["the machine's", "the GPU's"])
def test_memory_runs_out_in_a_step(work, monkeypatch, error):
    backward, tensors, done = Objective.backward, [], []

    def failing(*args):
        large = torch.zeros(1000)
        if len(done) == 2:
            tensors.append(weakref.ref(large))
            raise error.__class__(*error.args)
        done.append(1)
        return backward(*args)

    job = prepared(work, LARGER)
    with monkeypatch.context() as patched:
        patched.setattr(Objective, "backward", failing)
        events, sentence = told(training.train, job)
    assert tensors[0]() is None
    made = events[-1].result
    assert NO_MEMORY in sentence
    assert "Ended early: 2 of 3 steps" in unescape(status.describe(events[-1]))
    assert read_provenance(made.file).steps == 2
    assert not job.signals.running()
    assert finish(prepared(work, before=made)).provenance.steps == 3


def test_memory_runs_out_before_the_first_step(work, monkeypatch):
    earlier = finish(prepared(work, replace(SETTINGS, steps=1)))
    with monkeypatch.context() as patched:
        patched.setattr(training, "to_tensor", raising(CUDA))
        events, sentence = told(training.train, prepared(work, LARGER))
    assert NO_MEMORY in sentence
    assert sentence in status.describe_failure(events[-1], sentence)
    assert all(isinstance(event, Preparing) for event in events)
    assert earlier.file.exists()
    assert finish(prepared(work, before=earlier), more=1).provenance.steps == 2


def test_memory_runs_out_at_the_photos_own_size(work, monkeypatch):
    made = finish(prepared(work))
    monkeypatch.setattr(full_size, "compose", raising(CUDA))
    assert NO_MEMORY in told(own_size.at_own_size, made)[1]
    assert made.file.exists()


def test_the_disk_is_full_when_stylize_is_pressed(work, monkeypatch, folders):
    with monkeypatch.context() as patched:
        patched.setattr(signals.tempfile, "mkdtemp", raising(FULL))
        _, sentence = told(lambda: [prepared(work)])
    assert sentence == errors.NOT_WRITTEN
    assert list((folders / "runs").iterdir()) == []
    finish(prepared(work))


def test_the_disk_is_full_when_the_picture_is_saved(work, monkeypatch, folders):
    save = Image.Image.save

    def half_saved(image, path, format=None, **options):
        save(image, path, format=format, **options)
        if format == "PNG" and isinstance(path, Path):
            path.write_bytes(path.read_bytes()[:100])
            raise FULL

    job = prepared(work)
    with monkeypatch.context() as patched:
        patched.setattr(Image.Image, "save", half_saved)
        events, sentence = told(training.train, job)
    assert sentence == errors.NOT_WRITTEN
    text = unescape(status.describe_failure(events[-1], sentence))
    assert "Done: 3 of 3 steps" in text
    assert sentence in text
    assert half_files(folders) == []
    assert not list(folders.rglob("semcs-*.png"))
    shown = events[-1].picture
    again = finish(prepared(work))
    np.testing.assert_array_equal(np.asarray(Image.open(again.file)), shown)


def test_the_disk_is_full_when_the_run_is_kept(work, monkeypatch, folders):
    def failing(value, path):
        path.write_bytes(b"half")
        # What PyTorch 2 makes of a full disk.
        raise RuntimeError("[enforce fail at inline_container.cc:672] . unexpected pos 576 vs 534")

    job = prepared(work)
    with monkeypatch.context() as patched:
        patched.setattr(torch, "save", failing)
        made = finish(job)
    assert made.file.exists()
    assert half_files(folders) == []
    assert not job.signals.snapshot.exists()
    _, sentence = told(training.train, prepared(work, before=made))
    assert sentence.startswith("This saved run is no longer there")


@pytest.mark.parametrize("days", [-400, 400])
def test_the_clock_is_set(work, monkeypatch, folders, days):
    now = time.time
    kept = finish(prepared(work))
    (folders / "gradio" / "old").mkdir()
    sweeper = Sweeper()
    sweeper.sweep()
    job = prepared(work)
    going = training.train(job)
    while not isinstance(next(going), Preview):
        pass
    monkeypatch.setattr(time, "time", lambda: now() + 86400 * days)
    new_run()
    sweeper.sweep()
    assert job.signals.running()
    *_, last = going
    assert "Done: 3 of 3" in unescape(status.describe(last))
    assert last.step.seconds < 600
    assert kept.file.exists()
    assert finish(prepared(work, before=kept), more=1).provenance.steps == 4
