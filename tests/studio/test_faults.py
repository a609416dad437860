"""What goes wrong around a run is injected, one fault a test; `docs/faults.md` is made of it.

SEMCS_WRITE_DOCS=1 python -m pytest tests/studio/test_faults.py
"""

import errno
import os
import signal
import subprocess
import sys
import time
import weakref
from html import unescape
from pathlib import Path
from types import SimpleNamespace

import gradio as gr
import httpx
import numpy as np
import pytest
import torch
from PIL import Image

from bench import visits
from models import loading, weights
from models.weights import download
from semcs_core.objective import Objective
from semcs_core.settings import Settings
from studio import full_size
from studio.page import downloads, errors, photos, status
from studio.provenance import read_provenance
from studio.runs import jobs, own_size, results, signals, training
from studio.runs.events import Preparing, Preview, Saved
from studio.runs.signals import new_run
from studio.server.cleanup import TempFolder
from tests.helpers.fake_hub import FakeHub, Fault

ROOT = Path(__file__).parents[2]
DOC = ROOT / "docs/faults.md"
SETTINGS = Settings(size=96, steps=5, crops=2)
CPU = RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes.")
CUDA = torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 9.00 GiB.")
FULL = OSError(errno.ENOSPC, "No space left on device")
NAME = "dino-vits16"
DATA = bytes(range(256)) * 12_000  # 3 MB
FETCH = f"from models.weights import fetch; print(fetch({NAME!r}, lambda *_: None))"
NOTHING = "nothing"


@pytest.fixture(scope="module")
def rows():
    """A row of the table for each fault: what was injected, read, kept, and how it recovers."""
    return {}


@pytest.fixture(autouse=True)
def folders(tmp_path, monkeypatch):
    """Those of a server of this test's own."""
    (tmp_path / "runs").mkdir()
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "gradio"))
    monkeypatch.setattr(signals, "_root", lambda: tmp_path / "runs")
    return tmp_path


@pytest.fixture
def hub(monkeypatch, tmp_path):
    monkeypatch.setattr(download, "PAUSE_SECONDS", 0.01)
    with FakeHub() as hub:
        file = weights.find(NAME)
        hub.serve(file.repo, file.filename, DATA)
        hub.use(monkeypatch, tmp_path)
        yield hub


@pytest.fixture
def work(disc_photo):
    mask = np.zeros((384, 512), np.float32)
    mask[100:300, 100:300] = 1
    return photos.open_for_visit(disc_photo[0]).send(mask)


def prepared(work, settings=SETTINGS, before=None):
    """A job as Stylize makes it, or as Continue does."""
    change = jobs.read_change(work, None, ("fire", "mosaic"), (1.0, 1.0))
    if before is None:
        job = jobs.prepare(work, change, settings)
    else:
        job = jobs.prepare_more(work, change, before)
    job.signals.begin()
    return job


def told(function, *args):
    """What a run tells, and the sentence of the toast, "" without one."""
    events = []

    @errors.guarded
    def event():
        for one in function(*args):
            events.append(one)
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
    return events, sentence


def text_of(event):
    return unescape(status.describe(event))


def finish(job, more=0):
    events, sentence = told(training.train, job, more)
    assert sentence == ""
    assert events[-1].ending == "Done"
    return events[-1].result


def half_files(folder):
    """What an interrupted write would leave: hidden files, empty files, pictures that are cut."""
    left = [path for path in folder.rglob("*") if path.is_file()]
    for path in left:
        if path.suffix in (".png", ".jpg"):
            with Image.open(path) as image:
                image.load()
    return [path for path in left if path.name.startswith(".")]


def failing_save(monkeypatch, kind):
    """The disk is full for every file of a format: half of it is written."""
    save = Image.Image.save

    def full(image, path, format=None, **options):
        save(image, path, format=format, **options)
        if format == kind and isinstance(path, Path):
            Path(path).write_bytes(Path(path).read_bytes()[:100])
            raise FULL

    monkeypatch.setattr(Image.Image, "save", full)


# Memory


@pytest.mark.parametrize(("what", "error"), [("the machine's", CPU), ("the GPU's", CUDA)])
def test_memory_runs_out_in_a_step(rows, work, monkeypatch, what, error):
    backward, tensors, done = Objective.backward, [], []

    def failing(*args):
        large = torch.zeros(1000)
        if len(done) == 3:
            tensors.append(weakref.ref(large))
            raise error.__class__(*error.args)
        done.append(1)
        return backward(*args)

    job = prepared(work)
    with monkeypatch.context() as patched:
        patched.setattr(Objective, "backward", failing)
        events, sentence = told(training.train, job)
    assert tensors[0]() is None
    made = events[-1].result
    assert "Ended early: 3 of 5 steps" in text_of(events[-1])
    assert read_provenance(made.file).steps == 3
    assert not job.signals.running()
    again = finish(prepared(work, before=made))
    assert again.provenance.steps == 5
    assert finish(prepared(work, Settings(size=64, steps=2, crops=2))).file.exists()
    rows[f"{what} memory runs out in step 4 of 5"] = (
        sentence,
        "the picture of step 3, to download; prompts, mask, settings, earlier results",
        "a smaller size at once; or Continue, from step 3, once there is memory",
    )


def test_memory_runs_out_before_the_first_step(rows, work, monkeypatch):
    earlier = finish(prepared(work, Settings(size=64, steps=1, crops=2)))

    def failing(*_):
        raise CUDA

    with monkeypatch.context() as patched:
        patched.setattr(training, "to_tensor", failing)
        events, sentence = told(training.train, prepared(work))
    assert sentence in status.describe_failure(events[-1], sentence)
    assert all(isinstance(event, Preparing) for event in events)
    assert earlier.file.exists()
    assert finish(prepared(work, before=earlier), more=1).provenance.steps == 2
    rows["memory runs out before the first step"] = (
        sentence,
        "the earlier picture, from which Continue goes on; prompts, mask, settings",
        "a smaller size at once",
    )


def test_memory_runs_out_at_the_photos_own_size(rows, work, monkeypatch):
    made = finish(prepared(work))

    def failing(*_):
        raise CUDA

    monkeypatch.setattr(full_size, "compose", failing)
    events, sentence = told(own_size.at_own_size, made)
    assert sentence == ""
    assert Image.open(events[-1].file).size == work.size
    assert events[-1].remark == own_size.NO_MEMORY
    rows["memory runs out while the photo's own size is rendered"] = (
        own_size.NO_MEMORY,
        "everything; the file has the photo's size, and no finer details",
        "by itself",
    )


# A full disk


def test_the_disk_is_full_when_stylize_is_pressed(rows, work, monkeypatch, folders):
    def failing(*_, **__):
        raise FULL

    with monkeypatch.context() as patched:
        patched.setattr(signals.tempfile, "mkdtemp", failing)
        _, sentence = told(lambda: [prepared(work)])
    assert sentence == errors.NO_ROOM
    assert list((folders / "runs").iterdir()) == []
    finish(prepared(work))
    rows["the disk is full when Stylize is pressed"] = (
        sentence,
        "everything on the page",
        "Stylize, once there is room",
    )


def test_the_disk_is_full_when_the_picture_is_saved(rows, work, monkeypatch, folders):
    job = prepared(work)
    with monkeypatch.context() as patched:
        failing_save(patched, "PNG")
        events, sentence = told(training.train, job)
    assert sentence == errors.NO_ROOM
    text = unescape(status.describe_failure(events[-1], sentence))
    assert "Done: 5 of 5 steps" in text
    assert sentence in text
    assert half_files(folders) == []
    assert not list(folders.rglob("semcs-*.png"))
    shown = events[-1].picture
    again = finish(prepared(work))
    np.testing.assert_array_equal(np.asarray(Image.open(again.file)), shown)
    rows["the disk is full when the picture is saved"] = (
        sentence,
        "the finished picture on the page, though not to download; no half-written file",
        "Stylize, once there is room: the same picture",
    )


def test_the_disk_is_full_when_the_run_is_kept(rows, work, monkeypatch, folders):
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
    rows["the disk is full when the run is kept for Continue"] = (
        f"{NOTHING}; on Continue: {sentence}",
        "the picture, to download",
        "Stylize",
    )


def test_the_disk_is_full_when_the_time_lapse_is_filmed(rows, work, monkeypatch, folders):
    with monkeypatch.context() as patched:
        failing_save(patched, "JPEG")
        made = finish(prepared(work))
    assert half_files(folders) == []
    _, sentence = told(lambda: [results.timelapse(made)])
    assert sentence.startswith("There is no animation")
    rows["the disk is full when the time-lapse is filmed"] = (
        f"{NOTHING}; on its tab: {sentence}",
        "the run and its picture",
        "with the next run",
    )


def test_the_disk_is_full_when_the_own_size_is_saved(rows, work, monkeypatch, folders):
    made = finish(prepared(work))
    with monkeypatch.context() as patched:
        failing_save(patched, "PNG")
        events, sentence = told(own_size.at_own_size, made)
    assert sentence == errors.NO_ROOM
    assert not any(isinstance(event, Saved) for event in events)
    assert half_files(folders) == []
    assert told(own_size.at_own_size, made)[0][-1].file.exists()
    rows["the disk is full when the photo's own size is saved"] = (
        sentence,
        "the picture at its working size, and the run",
        "the same button, once there is room",
    )


# Downloads and their cache


def test_a_download_is_cut(rows, hub):
    hub.faults.extend([Fault(cut=2_000_000), *[Fault(cut=0)] * 2])
    _, sentence = told(downloads.fetch_missing, (NAME,))
    assert "2 MB already received are kept" in sentence
    begun = len(hub.gets)
    assert told(downloads.fetch_missing, (NAME,))[1] == ""
    assert [get.start for get in hub.gets[begun:]] == [2_000_000]
    assert weights.cached(NAME).read_bytes() == DATA
    rows["a download is cut, and every new connection too"] = (
        sentence,
        "what has come: 2 of 3 MB; the page, with the starter models",
        "Stylize: the download goes on at byte 2,000,000",
    )


def test_the_disk_is_full_while_a_file_comes(rows, hub, monkeypatch):
    def failing(_):
        raise FULL

    with monkeypatch.context() as patched:
        patched.setattr(download.os, "fsync", failing)
        _, sentence = told(downloads.fetch_missing, (NAME,))
    assert weights.cached(NAME) is None
    assert told(downloads.fetch_missing, (NAME,))[1] == ""
    assert weights.cached(NAME).read_bytes() == DATA
    rows["the disk is full while a model is downloaded"] = (
        sentence,
        "what has come; the page, with the starter models",
        "Stylize, once there is room: it is checked as a whole",
    )


def test_a_cached_file_is_damaged(rows, hub):
    assert told(downloads.fetch_missing, (NAME,))[1] == ""
    path = weights.cached(NAME)
    data = bytearray(DATA)
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    loading._load_dino.cache_clear()
    _, sentence = told(lambda: [loading.load_patch_features()])
    assert weights.cached(NAME) is None
    assert told(downloads.fetch_missing, (NAME,))[1] == ""
    assert weights.checked(NAME).read_bytes() == DATA
    rows["a bit of a downloaded model has flipped"] = (
        sentence,
        "all on the page; the damaged file is removed before anything is computed with it",
        "the same button: it is downloaded anew",
    )


def test_two_servers_fetch_into_one_cache_and_the_one_at_it_is_killed(rows, hub, tmp_path):
    hub.bytes_per_second = 300_000
    options = {
        "cwd": ROOT,
        "env": os.environ | hub.environment(tmp_path),
        "stdout": subprocess.PIPE,
        "text": True,
    }
    first = subprocess.Popen([sys.executable, "-c", FETCH], **options)
    until(lambda: any(received(tmp_path)))
    second = subprocess.Popen([sys.executable, "-c", FETCH], **options)
    until(lambda: hub.heads == 2)
    assert len(hub.gets) == 1
    first.send_signal(signal.SIGKILL)
    first.communicate()
    hub.bytes_per_second = None
    output = second.communicate(timeout=60)[0]
    assert second.returncode == 0
    assert Path(output.strip()).read_bytes() == DATA
    assert [get.start > 0 for get in hub.gets] == [False, True]
    rows["two servers fetch into one cache, and one of them is killed"] = (
        f"{NOTHING}: the other shows the one download's progress",
        "what has come",
        "by itself: the other goes on",
    )


def received(home):
    return [path.stat().st_size for path in home.rglob("*.part") if path.stat().st_size]


def until(true, patience=60):
    deadline = time.monotonic() + patience
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


# Clocks


@pytest.mark.parametrize("days", [-400, 400])
def test_the_clock_is_set(rows, work, monkeypatch, folders, days):
    now = time.time
    kept = finish(prepared(work))
    (folders / "gradio" / "old").mkdir()
    temporary = TempFolder(folders / "gradio")
    temporary.sweep()
    job = prepared(work)
    going = training.train(job)
    while not isinstance(next(going), Preview):
        pass
    monkeypatch.setattr(time, "time", lambda: now() + 86400 * days)
    new_run()
    temporary.sweep()
    assert job.signals.running()
    *_, last = going
    assert "Done: 5 of 5" in text_of(last)
    assert last.step.seconds < 600
    assert kept.file.exists()
    assert finish(prepared(work, before=kept), more=1).provenance.steps == 6
    rows["the machine's clock is set by 400 days, forth or back, during a run"] = (
        NOTHING,
        "the run, its controls, earlier results and pictures",
        "nothing to recover",
    )


def test_the_machine_sleeps_during_a_run(rows, work, monkeypatch):
    now, advance, asleep = time.monotonic, training.Run.advance, []

    def advancing(run):
        advance(run)
        if run.done == 3:
            asleep.append(True)

    with monkeypatch.context() as patched:
        # Not that of `time` itself, by which a server in this process sleeps.
        clock = SimpleNamespace(monotonic=lambda: now() + 1000 * bool(asleep))
        patched.setattr(training, "time", clock)
        patched.setattr(training.Run, "advance", advancing)
        events, sentence = told(training.train, prepared(work))
    assert sentence == ""
    made = events[-1].result
    heading = "Time is up: 3 of 5 steps"
    assert heading in text_of(events[-1])
    assert finish(prepared(work, before=made)).provenance.steps == 5
    rows["the machine sleeps for a quarter of an hour during a run"] = (
        f"{heading} …",
        "the picture of step 3, to download, and the run",
        "Continue",
    )


# The server


def test_the_server_is_killed_in_mid_run(rows, work, monkeypatch, tmp_path):
    """The fresh server is this process, on the folders of the killed one."""
    with visits.serving(tmp_path) as (url, process), visits.Visitor(url) as visitor:
        visitor.prepare("fire", "mosaic", visits.ENDLESS)
        frames = visitor.run()
        next(frames), next(frames), next(frames)
        process.send_signal(signal.SIGKILL)
        with pytest.raises(httpx.TransportError):
            list(frames)
        process.wait()
    (left,) = tmp_path.glob(f"{signals.PREFIX}*")
    assert any(left.iterdir())
    assert half_files(left) == []

    monkeypatch.undo()
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "gradio"))
    monkeypatch.setattr(signals.tempfile, "tempdir", str(tmp_path))
    root = signals._root.__wrapped__()
    assert left.exists()  # its server may be alive
    monkeypatch.setattr(signals, "_root", lambda: root)
    finish(prepared(work))
    hours = time.time() - signals.LEFT_SECONDS - 60
    os.utime(left, (hours, hours))
    signals.remove_leftovers(root)
    assert not left.exists()
    assert root.exists()
    rows["the server is killed in mid-run, and started again on the same folders"] = (
        "what the browser says of a lost connection",
        "pictures that were downloaded; the photo, when the page is loaded again, is to be chosen "
        "again",
        "load the page again; what the killed server has left is removed after two hours",
    )


def test_the_table_in_the_documentation_is_what_was_seen(rows, request):
    tests = {item.name for item in request.session.items if item.fspath == request.fspath}
    text = document(rows)
    if os.environ.get("SEMCS_WRITE_DOCS"):
        DOC.write_text(text, "utf-8")
    assert len(tests) > len(rows) > 1, "the table needs the other tests of this file"
    assert DOC.read_text("utf-8") == text, "stale: see the first lines of this file"


def document(rows):
    lines = [
        "# When something breaks",
        "",
        "What a visitor reads, what is kept and how it goes on, for each fault. "
        "`tests/studio/test_faults.py` injects",
        "them one by one and compares this table with what it saw; "
        "`SEMCS_WRITE_DOCS=1 python -m pytest",
        "tests/studio/test_faults.py` writes it anew.",
        "",
        "| what breaks | the visitor reads | what is kept | how it goes on |",
        "|---|---|---|---|",
    ]
    for what, cells in rows.items():
        lines.append(f"| {' | '.join((what, *cells))} |")
    return "\n".join(lines) + "\n"
