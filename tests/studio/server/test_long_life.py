"""What visits leave in the server once they are over: nothing that grows."""

import os
import threading
import time
from types import SimpleNamespace

import gradio as gr
import numpy as np
import pytest
import torch

from semcs_core.settings import Settings
from semcs_core.step import Step
from studio.page import photos
from studio.provenance import Provenance, fingerprint
from studio.runs import signals
from studio.runs.events import Finished
from studio.runs.results import save_result
from studio.server import cleanup
from studio.server.cleanup import Sweeper
from tests.helpers import visitor

VISITS = 9


def until(true):
    deadline = time.monotonic() + visitor.PATIENCE
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def pages_of(pages, names):
    return [page for name, page in list(pages.session_data.items()) if name in names]


def running(root):
    return {folder for folder in root.iterdir() if signals.Signals(folder).running()}


@pytest.mark.real_size
def test_visits_leave_no_thread_no_run_that_goes_on_and_no_page(url, monkeypatch):
    import app

    pages = app.demo.state_holder
    root = signals.root()
    monkeypatch.setattr(cleanup, "CLOSED", 2)
    monkeypatch.setattr(visitor, "QUICK", visitor.QUICK | {"steps": 1})
    url = url.rstrip("/")
    names, others = set(pages.session_data), running(root)
    visitor.visit(url, visitor.photo(0), visitor.FINISHED)  # Gradio's threads are there now
    threads = threading.active_count()
    for number in range(1, VISITS):
        visitor.visit(url, visitor.photo(number), visitor.KINDS[number % 3])
    until(lambda: running(root) <= others)
    # Some are idle, and are taken again.
    until(lambda: threading.active_count() < threads + VISITS - 3)

    opened = pages.session_data.keys() - names
    assert len(opened) >= 2
    until(lambda: all(page.is_closed for page in pages_of(pages, opened)))
    cleanup.forget_closed(pages)
    assert len(opened & pages.session_data.keys()) == 2


def test_pages_that_are_open_are_never_forgotten(monkeypatch):
    monkeypatch.setattr(cleanup, "CLOSED", 1)
    closed = {"first": True, "second": False, "third": True, "fourth": True, "fifth": False}
    pages = SimpleNamespace(
        lock=threading.Lock(),
        session_data={name: SimpleNamespace(is_closed=is_) for name, is_ in closed.items()},
        time_last_used=dict.fromkeys(closed),
    )
    assert cleanup.forget_closed(pages) == 2
    assert list(pages.session_data) == list(pages.time_last_used) == ["second", "fourth", "fifth"]


@pytest.fixture
def temporary(tmp_path, monkeypatch):
    """The folders of a server, a clock, and what is added to its files."""
    clock, own = SimpleNamespace(monotonic=lambda: clock.now, now=0.0), tmp_path / "runs"
    own.mkdir()
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "gradio"))
    monkeypatch.setattr(signals, "root", lambda: own)
    monkeypatch.setattr(cleanup, "time", clock)

    def add(name, size=10, written=0.0):
        path = tmp_path / "gradio" / name / "file.png"
        path.parent.mkdir(parents=True)
        path.write_bytes(bytes(size))
        for each in path, path.parent:
            os.utime(each, (written, written))
        return path

    return SimpleNamespace(add=add, clock=clock, sweeper=Sweeper(), path=tmp_path)


def test_what_is_old_goes_and_the_pages_own_pictures_stay(temporary):
    old, own = temporary.add("old"), temporary.add("own")
    temporary.sweeper.sweep({str(own)})
    temporary.clock.now = cleanup.KEPT_SECONDS - 1
    new = temporary.add("new")  # dated 1970
    temporary.sweeper.sweep({str(own)})
    assert old.exists()
    temporary.clock.now += 2
    temporary.sweeper.sweep({str(own)})
    assert (old.parent.exists(), own.exists(), new.exists()) == (False, True, True)


def test_a_run_is_as_old_as_its_last_change_and_goes_as_a_whole(temporary):
    left, used = signals.new_run(), signals.new_run()
    left.snapshot.write_bytes(b"run")
    killed = temporary.path / f"{signals.PREFIX}killed"
    (killed / "run" / "frames").mkdir(parents=True)
    elsewhere = temporary.path / "linked"
    elsewhere.mkdir()
    (temporary.path / f"{signals.PREFIX}link").symlink_to(elsewhere)
    temporary.sweeper.sweep()
    temporary.clock.now = cleanup.KEPT_SECONDS - 1
    used.begin()
    temporary.sweeper.sweep()
    assert left.folder.exists()
    assert killed.exists()
    temporary.clock.now += 2
    temporary.sweeper.sweep()
    assert [run.folder.exists() for run in (left, used)] == [False, True]
    assert not killed.exists()
    assert elsewhere.exists()
    signals.root().rename(temporary.path / "gone")
    signals.new_run().begin()


def test_the_oldest_go_first_where_there_is_too_much(temporary, monkeypatch):
    monkeypatch.setattr(cleanup, "KEPT_BYTES", 350)
    own, second = temporary.add("own", 100), temporary.add("second", 100, written=20.0)
    first = temporary.add("first", 100, written=10.0)
    waiting = signals.new_run()
    waiting.begin()
    waiting.snapshot.write_bytes(bytes(100))
    temporary.sweeper.sweep({str(own)})
    assert (own.exists(), first.exists(), second.exists()) == (True, False, True)
    temporary.clock.now = 5
    third = temporary.add("third", 100)
    temporary.sweeper.sweep({str(own)})
    assert (own.exists(), second.exists(), third.exists()) == (True, False, True)
    assert waiting.folder.exists()


def test_a_visit_that_outlives_its_first_pictures(url, disc_photo):
    import app

    work = photos.open_for_visit(disc_photo[0])
    pixels = np.zeros((48, 64, 3), np.uint8)
    provenance = Provenance(
        settings=Settings(size=64),
        foreground="fire",
        background="",
        models="starter",
        mask=np.zeros((48, 64), np.uint8),
        photo=fingerprint(work.photo.rgb),
        steps=1,
    )
    first, second = (save_result(pixels, provenance, work, signals.new_run()) for _ in range(2))
    first.file.unlink()
    step = Step(1, 1, torch.zeros(1, 3, 48, 64), {}, (), 1.0)
    shown = app.result.show(Finished(step, pixels, result=second), [first])
    assert shown[app.result.kept] == [second]
    assert shown[app.result.current] == second
    for look in (app.result.on_compare, app.result.on_timelapse):
        with pytest.raises(gr.Error, match="no longer kept here"):
            look(first)
