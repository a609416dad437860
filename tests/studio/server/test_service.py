"""Runs as the server gives them: in turn, on a lent GPU, written in the log; /health."""

import json
import logging
import multiprocessing
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import httpx
import pytest

from studio.runs.events import Finished, Preparing, Preview
from studio.server import service
from tests.helpers.hand_runs import prepared

ROOT = Path(__file__).parents[3]
SECRET = "stained glass"


@pytest.fixture
def job(work, change):
    small = {"size": 64, "steps": 3, "crops": 4}
    return lambda **settings: prepared(work, change(SECRET, ""), **small | settings)


@pytest.fixture
def log(caplog):
    caplog.set_level(logging.INFO, service.run_log.name)

    def entries():
        return [json.loads(r.message) for r in caplog.records if r.name == service.run_log.name]

    return entries


def test_a_run_is_written_down_without_what_was_painted(job, log):
    asked = job()
    *_, last = service.serve(asked, "a")
    assert isinstance(last, Finished)
    (entry,) = log()
    assert entry.items() >= {"event": "run", "outcome": "finished", "steps": 3, "of": 3}.items()
    assert entry["run"] == asked.signals.folder.name[:8]
    assert entry["size"] == 64
    assert entry["seconds"] > 0
    assert SECRET not in json.dumps(entry)
    assert str(asked.visit.file) not in json.dumps(entry)


def test_a_visitor_who_leaves_gives_the_turn_to_the_next(job, log):
    first = service.serve(job(steps=99), "a")
    while not isinstance(next(first), Preview):
        pass
    second = service.serve(job(), "b")
    assert next(second).ahead == 1
    first.close()
    assert isinstance([*second][-1], Finished)
    assert [entry["outcome"] for entry in log()] == ["left", "finished"]
    assert service.queue.state() == (0, 0)


def test_an_unexpected_end_is_written_down_and_the_queue_goes_on(job, log, monkeypatch):
    def broken(*_):
        yield Preparing("")
        raise ZeroDivisionError

    monkeypatch.setattr(service, "train", broken)
    with pytest.raises(ZeroDivisionError):
        list(service.serve(job(), "a"))
    assert log()[0]["outcome"] == "failed"
    assert service.queue.state() == (0, 0)


def test_health_tells_ready_busy_and_the_queue(url):
    address = url.rstrip("/") + "/health"
    answer = httpx.get(address)
    assert answer.headers["content-type"] == "application/json"
    assert answer.json().items() >= {"state": "ready", "waiting": 0}.items()
    with service.queue.enter("a") as ahead, service.queue.enter("b"):
        ahead()
        busy = httpx.get(address).json()
    assert (busy["state"], busy["waiting"]) == ("busy", 1)


SPACES = '''
"""What ZeroGPU does, as far as a machine without it can: a forked process, all of it pickled."""
import multiprocessing, os, pickle
def GPU(duration):
    def decorate(function):
        def lent(*args):
            assert duration(*args) > 0
            fork = multiprocessing.get_context("fork")
            ours, theirs = fork.Pipe()
            def work():
                try:
                    for value in function(*pickle.loads(sent)):
                        theirs.send_bytes(pickle.dumps((value, os.getpid())))
                finally:
                    theirs.send_bytes(b"")
            sent = pickle.dumps(args)
            process = fork.Process(target=work)
            process.start()
            while data := ours.recv_bytes():
                value, pid = pickle.loads(data)
                assert pid != os.getpid()
                yield value
            process.join()
        return lent
    return decorate
'''
ON_ZERO_GPU = """
import sys
import numpy as np
from models import device
from semcs_core.settings import Settings
from studio.page.photos import open_for_visit
from studio.runs import jobs
from studio.runs.events import Preview
from studio.server import service, zero_gpu

assert zero_gpu.LENT and not device.USE_GPU
visit = open_for_visit(sys.argv[1])
mask = np.zeros((192, 256), np.float32)
mask[40:120, 60:160] = 1
change = jobs.Change("fire", "", 1.0, 1.0, mask)
job = jobs.prepare(visit, change, Settings(size=64, crops=4, steps=400))
job.signals.begin()
steered = False
for event in service.serve(job, "a"):
    if isinstance(event, Preview) and not steered:
        jobs.steer(job, visit, jobs.Change("mosaic", "", 1.0, 1.0, mask))
        steered = True
    elif isinstance(event, Preview) and [edit.text for edit in event.edits] == ["object: mosaic"]:
        job.signals.ask_stop()
made = event.result.provenance
assert made.foreground == "mosaic", made
assert event.step.step < 400, event.step.step
assert event.result.file.exists()
print("stopped and steered from another process")
"""


@pytest.mark.real_size
@pytest.mark.skipif("fork" not in multiprocessing.get_all_start_methods(), reason="no fork here")
def test_stop_and_changes_reach_a_run_on_a_lent_gpu(tmp_path, disc_photo):
    (tmp_path / "spaces.py").write_text(textwrap.dedent(SPACES))
    environment = os.environ | {
        "SPACES_ZERO_GPU": "1",
        "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}",
        "OMP_NUM_THREADS": "1",
    }
    done = subprocess.run(
        [sys.executable, "-c", ON_ZERO_GPU, str(disc_photo[0])],
        env=environment,
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr
    assert "stopped and steered from another process" in done.stdout
