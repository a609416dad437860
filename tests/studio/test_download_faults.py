"""Faults of downloads and of their cache are injected: what is said, kept, and goes on."""

import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from models import loading, weights
from models.weights import download
from studio.page import downloads
from tests.helpers.fake_hub import FakeHub, Fault
from tests.helpers.told import told

ROOT = Path(__file__).parents[2]
FULL = OSError(errno.ENOSPC, "No space left on device")
NAME = "dino-vits16"
DATA = bytes(range(256)) * 12_000  # 3 MB
FETCH = f"from models.weights import fetch; print(fetch({NAME!r}, lambda *_: None))"


@pytest.fixture
def hub(monkeypatch, tmp_path):
    monkeypatch.setattr(download, "PAUSE_SECONDS", 0.01)
    with FakeHub() as hub:
        file = weights.find(NAME)
        hub.serve(file.repo, file.filename, DATA)
        hub.use(monkeypatch, tmp_path)
        yield hub


def test_a_download_is_cut(hub):
    hub.faults.extend([Fault(cut=2_000_000), *[Fault(cut=0)] * 2])
    _, sentence = told(downloads.fetch_missing, (NAME,))
    assert "2 MB already received are kept" in sentence
    begun = len(hub.gets)
    assert told(downloads.fetch_missing, (NAME,))[1] == ""
    assert [get.start for get in hub.gets[begun:]] == [2_000_000]
    assert weights.cached(NAME).read_bytes() == DATA


def test_the_disk_is_full_while_a_file_comes(hub, monkeypatch):
    def failing(_):
        raise FULL

    with monkeypatch.context() as patched:
        patched.setattr(download.os, "fsync", failing)
        _, sentence = told(downloads.fetch_missing, (NAME,))
    assert "cannot be written (No space left on device)" in sentence
    assert weights.cached(NAME) is None
    assert told(downloads.fetch_missing, (NAME,))[1] == ""
    assert weights.cached(NAME).read_bytes() == DATA


def test_a_cached_file_is_damaged(hub):
    assert told(downloads.fetch_missing, (NAME,))[1] == ""
    path = weights.cached(NAME)
    data = bytearray(DATA)
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    loading._load_dino.cache_clear()
    _, sentence = told(lambda: [loading.load_patch_features()])
    assert sentence == f"The file of {NAME} was damaged: start again to download a new one."
    assert weights.cached(NAME) is None
    assert told(downloads.fetch_missing, (NAME,))[1] == ""
    assert weights.checked(NAME).read_bytes() == DATA


def test_two_servers_fetch_into_one_cache_and_the_one_at_it_is_killed(hub, tmp_path):
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


def received(home):
    return [path.stat().st_size for path in home.rglob("*.part") if path.stat().st_size]


def until(true, patience=60):
    deadline = time.monotonic() + patience
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)
