"""Weight files from a loopback Hub: fetched once, whole, or refused with the reason."""

import hashlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest
from huggingface_hub import constants

from models import weights
from models.weights import Condition, cached, download, fetch, store, table
from semcs_core.errors import UserError
from tests.helpers.fake_hub import COMMIT, FakeHub, Fault, use_endpoint

ROOT = Path(__file__).parents[2]
DATA = bytes(range(256)) * 400  # 102,400 bytes
DIGEST = hashlib.sha256(DATA).hexdigest()
NAME = "dino-vits16"
FETCH = f"from models.weights import fetch; print(fetch({NAME!r}, lambda *_: None))"


@pytest.fixture(autouse=True)
def loopback_alone(monkeypatch):
    """No test here reaches any other host; its name is not even looked up."""
    connect, look_up = socket.socket.connect, socket.getaddrinfo

    def guarded_connect(self, address):
        if self.family != socket.AF_UNIX and address[0] not in ("127.0.0.1", "::1"):
            raise OSError(f"test reached for {address}")
        return connect(self, address)

    def guarded_look_up(host, *rest, **options):
        if host not in ("127.0.0.1", "localhost", "::1", None):
            raise socket.gaierror(socket.EAI_NONAME, f"test looked up {host}")
        return look_up(host, *rest, **options)

    monkeypatch.setattr(socket.socket, "connect", guarded_connect)
    monkeypatch.setattr(socket, "getaddrinfo", guarded_look_up)


@pytest.fixture
def hub(monkeypatch, tmp_path):
    monkeypatch.setattr(download, "PAUSE_SECONDS", 0.01)
    monkeypatch.setattr(download, "REPORT_SECONDS", 0.01)
    with FakeHub() as hub:
        file = weights.find(NAME)
        hub.serve(file.repo, file.filename, DATA)
        hub.use(monkeypatch, tmp_path)
        yield hub


def files_left():
    folder = store.own_folder()
    return (
        sorted(p.name for p in folder.iterdir() if p.suffix != ".lock") if folder.exists() else []
    )


def part(digits=DIGEST):
    path = store.own_folder() / f"{NAME}-{digits}.safetensors.part"
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def assert_one_sentence(error, *words):
    text = str(error.value)
    assert text.endswith(".")
    assert "\n" not in text
    assert ". " not in text
    assert str(store.own_folder()) not in text
    for word in words:
        assert word in text


# Fetching


def test_first_run_downloads_with_progress_and_the_second_uses_the_cache(hub):
    hub.bytes_per_second = 600_000
    seen = []
    assert cached(NAME) is None
    path = fetch(NAME, lambda *numbers: seen.append(numbers))
    assert path.read_bytes() == DATA
    assert path.name == f"{NAME}-{DIGEST}.safetensors"
    received = [number for number, _ in seen]
    assert received == sorted(received)
    assert len(set(received)) > 3
    assert seen[0] == (0, len(DATA))
    assert seen[-1] == (len(DATA), len(DATA))
    gets, heads = len(hub.gets), hub.heads
    assert fetch(NAME, lambda *_: pytest.fail("a cached file has no progress")) == path
    assert cached(NAME) == path
    assert (len(hub.gets), hub.heads) == (gets, heads) == (1, 1)
    assert files_left() == [path.name]


def test_a_broken_connection_is_resumed_where_it_broke(hub):
    hub.faults.extend([Fault(cut=30_000), Fault(cut=20_000)])
    assert fetch(NAME).read_bytes() == DATA
    assert [get.start for get in hub.gets] == [0, 30_000, 50_000]


def test_what_one_run_received_the_next_goes_on_from(hub):
    class StopError(Exception):
        pass

    def stop(received, _):
        if received:
            raise StopError

    hub.bytes_per_second = 600_000
    with pytest.raises(StopError):
        fetch(NAME, stop)
    have = part().stat().st_size
    assert 0 < have < len(DATA)
    seen = []
    hub.bytes_per_second = None
    assert fetch(NAME, lambda *numbers: seen.append(numbers)).read_bytes() == DATA
    assert hub.gets[-1].start == have
    assert seen[0] == (have, len(DATA))


def test_a_killed_process_is_resumed(hub, tmp_path):
    hub.bytes_per_second = 100_000
    process = subprocess.Popen(
        [sys.executable, "-c", FETCH], cwd=ROOT, env=os.environ | hub.environment(tmp_path)
    )
    deadline = time.monotonic() + 20
    while not (part().exists() and part().stat().st_size > 10_000):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    hub.bytes_per_second = None
    assert fetch(NAME).read_bytes() == DATA
    assert hub.gets[-1].start > 10_000


def test_a_part_that_is_already_whole_is_only_checked(hub):
    part().write_bytes(DATA)
    assert fetch(NAME).read_bytes() == DATA
    assert hub.gets == []


def test_a_host_that_ignores_ranges_sends_all_again(hub):
    hub.ranges = False
    hub.faults.append(Fault(cut=30_000))
    assert fetch(NAME).read_bytes() == DATA
    assert len(hub.gets) == 2


def test_the_bytes_are_asked_for_at_the_commit_of_the_record(hub):
    fetch(NAME)
    assert hub.revisions == [COMMIT]


def test_parts_that_are_wrong_or_too_long_are_thrown_away(hub):
    for bad in (b"x" * 500, b"x" * (len(DATA) + 5)):
        part().write_bytes(bad)
        path = fetch(NAME)
        assert path.read_bytes() == DATA
        path.unlink()


@pytest.mark.parametrize("status", [500, 503, 429])
def test_a_busy_host_is_asked_again(hub, status):
    hub.faults.extend([Fault(status=status)] * 2)
    assert fetch(NAME).read_bytes() == DATA


# Refusing


@pytest.mark.parametrize("fault", [Fault(corrupt=True), Fault(shorten=500)])
def test_a_wrong_file_is_fetched_once_more(hub, fault):
    hub.faults.append(fault)
    assert fetch(NAME).read_bytes() == DATA
    assert [get.start for get in hub.gets] == [0, 0]


@pytest.mark.parametrize(
    ("fault", "reason"),
    [(Fault(corrupt=True), "SHA-256"), (Fault(shorten=500), "500 bytes instead of 102,400")],
)
def test_a_file_wrong_twice_is_refused_and_none_is_left(hub, fault, reason):
    hub.fault = fault
    with pytest.raises(UserError) as error:
        fetch(NAME)
    assert_one_sentence(error, NAME, "87 MB", reason, "SEMCS_WEIGHTS", "starter")
    assert len(hub.gets) == 2
    assert files_left() == []
    assert cached(NAME) is None


def test_bytes_that_are_not_those_of_the_record_are_refused(hub):
    file = weights.find(NAME)
    hub.serve(file.repo, file.filename, DATA, etag="0" * 64)
    with pytest.raises(UserError, match="SHA-256"):
        fetch(NAME)
    assert files_left() == []


def test_a_record_without_sha256_is_refused_before_any_byte(hub):
    file = weights.find(NAME)
    hub.serve(file.repo, file.filename, DATA, etag="8cb18dc9bafbfcf74629a4b760af1b160957a83e")
    with pytest.raises(UserError, match="no SHA-256"):
        fetch(NAME)
    assert hub.gets == []


def test_a_record_other_than_the_pinned_one_is_refused_before_any_byte(hub, monkeypatch):
    pinned = replace(weights.find(NAME), sha256="f" * 64)
    monkeypatch.setattr(table, "FILES", (pinned,))
    with pytest.raises(UserError, match="another file"):
        fetch(NAME)
    assert hub.gets == []


def test_a_connection_that_only_breaks_is_given_up_and_the_part_kept(hub):
    hub.faults.append(Fault(cut=30_000))
    hub.faults.extend([Fault(cut=0)] * 10)
    with pytest.raises(UserError) as error:
        fetch(NAME)
    assert_one_sentence(error, "keeps breaking", "0.03 MB already received are kept")
    assert part().stat().st_size == 30_000
    assert len(hub.gets) <= 4


def test_a_missing_file_is_refused_at_once(hub):
    with pytest.raises(UserError) as error:
        fetch("vgg19")
    assert_one_sentence(error, "vgg19", "575 MB", "404", "vgg19.safetensors", "SEMCS_WEIGHTS")


def test_an_ailing_hub_is_refused_with_its_status(hub):
    hub.status = 500
    with pytest.raises(UserError, match="answers 500"):
        fetch(NAME)


def test_no_network_gives_one_sentence_soon(hub, monkeypatch):
    use_endpoint(monkeypatch, "https://huggingface.co")
    start = time.monotonic()
    with pytest.raises(UserError) as error:
        fetch(NAME)
    assert time.monotonic() - start < 2
    assert_one_sentence(
        error,
        "dino-vits16 (model.safetensors from timm/vit_small_patch16_224.dino, about 87 MB)",
        "huggingface.co cannot be reached",
        "dino-vits16.safetensors",
        "SEMCS_WEIGHTS",
        "starter models work meanwhile",
    )


def test_no_network_for_the_file_that_is_not_on_the_hub(hub):
    with pytest.raises(UserError) as error:
        fetch("fcn-resnet101")
    assert_one_sentence(error, "218 MB", "download.pytorch.org cannot be reached", ".pth")


def test_offline_mode_asks_nobody(hub, monkeypatch):
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(UserError) as error:
        fetch(NAME)
    assert_one_sentence(error, "HF_HUB_OFFLINE", "87 MB", "starter")
    assert not weights.reachable()
    assert (hub.heads, hub.gets) == (0, [])


def test_offline_mode_serves_what_is_cached(hub, monkeypatch):
    path = fetch(NAME)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    assert fetch(NAME) == path


def test_offline_variable_is_honoured_by_a_process(hub, tmp_path):
    environment = os.environ | hub.environment(tmp_path) | {"HF_HUB_OFFLINE": "1"}
    process = subprocess.run(
        [sys.executable, "-c", FETCH], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    assert "HF_HUB_OFFLINE forbids the network" in process.stderr
    assert hub.heads == 0


def test_a_full_disk_is_told_before_any_byte_is_kept(hub, monkeypatch):
    usage = type("Usage", (), {"free": 1000})
    monkeypatch.setattr(download.shutil, "disk_usage", lambda _: usage)
    with pytest.raises(UserError, match="disk has only"):
        fetch(NAME)
    assert files_left() == []


def test_a_cache_that_cannot_be_written_is_named(hub, monkeypatch, tmp_path):
    (tmp_path / "file").touch()
    monkeypatch.setattr(constants, "HF_ASSETS_CACHE", str(tmp_path / "file"))
    with pytest.raises(UserError) as error:
        fetch(NAME)
    assert_one_sentence(error, "cache folder cannot be written")


def test_an_unknown_name_lists_the_known(hub):
    for ask in (fetch, cached, weights.verify):
        with pytest.raises(UserError, match="clip-vit-b32"):
            ask("clip-vit-l14")


# Many at once


def test_two_threads_fetch_once_and_both_see_progress(hub):
    hub.bytes_per_second = 150_000
    paths, seen = [], {0: [], 1: []}

    def visit(number):
        paths.append(fetch(NAME, lambda *numbers: seen[number].append(numbers)))

    visitors = [threading.Thread(target=visit, args=(number,)) for number in (0, 1)]
    for visitor in visitors:
        visitor.start()
    for visitor in visitors:
        visitor.join()
    assert len(paths) == 2
    assert len(set(paths)) == 1
    assert len(hub.gets) == 1
    for numbers in seen.values():
        assert len({received for received, _ in numbers}) > 3
        assert {total for _, total in numbers} == {len(DATA)}


def test_two_processes_fetch_once(hub, tmp_path):
    hub.bytes_per_second = 500  # none is done before both have asked
    command = [sys.executable, "-c", FETCH]
    environment = os.environ | hub.environment(tmp_path)
    runs = [
        subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    deadline = time.monotonic() + 30
    while hub.heads < 2:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    hub.bytes_per_second = None
    outputs = [run.communicate()[0] for run in runs]
    assert [run.returncode for run in runs] == [0, 0]
    assert len(hub.gets) == 1
    assert outputs[0] == outputs[1]
    assert Path(outputs[0].strip()).read_bytes() == DATA


# The file that is not on the Hub


@pytest.fixture
def plain(hub, monkeypatch):
    url = hub.serve_plain("fcn.pth", DATA)
    file = replace(weights.find("fcn-resnet101"), url=url, sha256=DIGEST[:8])
    monkeypatch.setattr(table, "FILES", (file,))
    return file


def test_a_file_from_elsewhere_is_checked_by_the_digits_in_its_name(hub, plain):
    hub.faults.append(Fault(cut=30_000))
    path = fetch(plain.name)
    assert path.read_bytes() == DATA
    assert path.name == f"fcn-resnet101-{DIGEST}.pth"
    assert [get.start for get in hub.gets] == [0, 30_000]
    assert weights.verify(plain.name) is Condition.GOOD


@pytest.mark.parametrize("fault", [Fault(corrupt=True), Fault(shorten=500)])
def test_a_wrong_file_from_elsewhere_is_refused(hub, plain, fault):
    hub.fault = fault
    with pytest.raises(UserError, match=f"instead of {DIGEST[:8]}"):
        fetch(plain.name)
    assert len(hub.gets) == 2
    assert files_left() == []


def test_a_whole_part_from_elsewhere_needs_no_more_bytes(hub, plain):
    name = f"{plain.name}-{DIGEST[:8]}.pth.part"
    store.own_folder().mkdir(parents=True)
    (store.own_folder() / name).write_bytes(DATA)
    assert fetch(plain.name).read_bytes() == DATA


# What is cached


def test_a_folder_of_the_users_own_is_the_only_source(hub, monkeypatch, tmp_path):
    monkeypatch.setenv("SEMCS_WEIGHTS", str(tmp_path))
    with pytest.raises(UserError) as error:
        fetch(NAME)
    assert_one_sentence(error, "SEMCS_WEIGHTS", "dino-vits16.safetensors", "87 MB", "starter")
    given = tmp_path / "dino-vits16.safetensors"
    given.write_bytes(DATA)
    assert fetch(NAME) == cached(NAME) == given
    assert weights.verify(NAME) is Condition.UNRECORDED
    assert not weights.reachable()
    assert (hub.heads, hub.gets) == (0, [])


def test_a_file_that_another_program_fetched_is_used(hub, tmp_path):
    file = weights.find(NAME)
    repo = tmp_path / "hub" / f"models--{file.repo.replace('/', '--')}"
    pointer = repo / "snapshots" / COMMIT / file.filename
    for folder in (repo / "blobs", repo / "refs", pointer.parent):
        folder.mkdir(parents=True)
    (repo / "refs" / "main").write_text(COMMIT)
    (repo / "blobs" / DIGEST).write_bytes(DATA)
    pointer.symlink_to(f"../../blobs/{DIGEST}")
    assert fetch(NAME) == pointer
    assert weights.verify(NAME) is Condition.GOOD
    assert hub.gets == []
    (repo / "blobs" / DIGEST).write_bytes(b"x" + DATA[1:])
    assert weights.verify(NAME) is Condition.DAMAGED
    path = fetch(NAME, check=True)
    assert path.read_bytes() == DATA
    assert cached(NAME) == path
    assert weights.verify(NAME) is Condition.GOOD


def test_a_file_damaged_in_the_cache_is_found_and_fetched_again(hub):
    path = fetch(NAME)
    assert weights.verify(NAME) is Condition.GOOD
    path.write_bytes(DATA[:-1])
    assert weights.verify(NAME) is Condition.DAMAGED
    assert fetch(NAME) == path
    assert len(hub.gets) == 1
    assert fetch(NAME, check=True).read_bytes() == DATA
    assert len(hub.gets) == 2
    assert weights.verify("vgg19") is Condition.ABSENT


def test_describe_tells_what_is_cached_and_its_size(hub):
    fetch(NAME)
    rows = {row.file.name: row for row in weights.describe()}
    assert list(rows) == [file.name for file in weights.FILES]
    assert rows[NAME].cached
    assert rows[NAME].size == len(DATA)
    assert not rows["vgg19"].cached
    assert rows["vgg19"].size == weights.find("vgg19").size


# Whether the Hub can be reached


def test_reachable_tells_whether_the_hub_answers(hub, monkeypatch):
    file = weights.FILES[0]
    assert not weights.reachable()  # this Hub lacks the file
    hub.serve(file.repo, file.filename, DATA)
    assert weights.reachable()
    use_endpoint(monkeypatch, "https://huggingface.co")
    assert not weights.reachable()


def test_reachable_never_takes_longer_than_its_time(hub, monkeypatch):
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: time.sleep(2))
    start = time.monotonic()
    assert not weights.reachable(timeout=0.3)
    assert time.monotonic() - start < 1


# The table


def test_fcn_is_torchvisions_own_file():
    from torchvision.models.segmentation import FCN_ResNet101_Weights

    file = weights.find("fcn-resnet101")
    assert file.url == FCN_ResNet101_Weights.COCO_WITH_VOC_LABELS_V1.url
    assert f"-{file.sha256}." in file.filename


def test_every_file_has_one_source_and_a_licence():
    assert len({file.name for file in weights.FILES}) == len(weights.FILES)
    for file in weights.FILES:
        assert (file.repo is None) != (file.url is None)
        assert file.licence in ("MIT", "Apache-2.0", "BSD-3-Clause")
        assert file.suffix == (".safetensors" if file.repo else ".pth")


def test_no_pickle_is_opened_here():
    sources = [*(ROOT / "models/weights").glob("*.py"), ROOT / "studio/models_cli.py"]
    assert len(sources) == 5
    code = "import sys, models.weights; print('torch' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert run.stdout == "False\n"
    for source in sources:
        assert not any(word in source.read_text("utf-8") for word in ("pickle.", "torch.load"))
