"""Weight files from a loopback Hub: fetched once, checked, or refused with the reason."""

import hashlib
import re
import socket
import time
from dataclasses import replace
from pathlib import Path

import pytest
from huggingface_hub import constants

from models import hub as weights
from models.hub import cached, checked, fetch
from semcs_core.errors import UserError
from tests.helpers.fake_hub import FakeHub, use_endpoint

DATA = bytes(range(256)) * 400  # 102,400 bytes
DIGEST = hashlib.sha256(DATA).hexdigest()
NAME = "dino-vits16"


@pytest.fixture(autouse=True)
def loopback_alone(monkeypatch):
    """No test here looks up another host's name, which is what a machine without network does."""
    look_up = socket.getaddrinfo

    def guarded(host, *rest, **options):
        if host not in ("127.0.0.1", "localhost", None):
            raise socket.gaierror(socket.EAI_NONAME, f"test looked up {host}")
        return look_up(host, *rest, **options)

    monkeypatch.setattr(socket, "getaddrinfo", guarded)


@pytest.fixture
def hub(monkeypatch, tmp_path):
    with FakeHub() as hub:
        file = weights.find(NAME)
        hub.serve(file.repo, file.filename, DATA)
        hub.use(monkeypatch, tmp_path)
        yield hub


def refused(*words, name=NAME):
    with pytest.raises(UserError) as error:
        fetch(name)
    text = str(error.value)
    assert re.fullmatch(r"(?s)[^\n]+\.", text)
    assert str(Path(constants.HF_HUB_CACHE).parent) not in text
    for word in words:
        assert word in text
    assert cached(name) is None


def test_first_run_downloads_with_progress_and_the_second_uses_the_cache(hub):
    seen = []
    assert cached(NAME) is None
    path = fetch(NAME, lambda *numbers: seen.append(numbers))
    assert path.read_bytes() == DATA
    received = [number for number, _ in seen]
    assert received == sorted(received)
    assert len(set(received)) > 3
    assert seen[-1] == (len(DATA), len(DATA))
    heads = hub.heads
    assert fetch(NAME, lambda *_: pytest.fail("a cached file has no progress")) == path
    assert cached(NAME) == checked(NAME) == path
    assert hub.gets == [0]
    assert hub.heads == heads


def test_a_broken_connection_is_resumed_where_it_broke(hub):
    hub.cuts.append(30_000)
    assert fetch(NAME).read_bytes() == DATA
    assert hub.gets == [0, 30_000]


def test_bytes_that_are_not_those_of_the_record_are_refused_and_not_kept(hub):
    file = weights.find(NAME)
    hub.serve(file.repo, file.filename, DATA, etag="0" * 64)
    refused(NAME, f"{DIGEST:.12}", "000000000000", "start again")


def test_a_record_unlike_the_table_is_refused_before_any_byte(hub, monkeypatch):
    file = replace(weights.find(NAME), sha256="f" * 64)
    monkeypatch.setattr(weights, "FILES", (file,))
    hub.serve(file.repo, file.filename, DATA, etag=DIGEST)
    refused("another SHA-256 of it", "87 MB", "dino-vits16.safetensors", "SEMCS_WEIGHTS", "starter")
    assert hub.gets == []


def test_a_record_without_sha256_is_taken_with_a_warning(hub):
    file = weights.find(NAME)
    hub.serve(file.repo, file.filename, DATA, etag="8cb18dc9bafbfcf74629")
    with pytest.warns(UserWarning, match="no SHA-256 of dino-vits16"):
        assert fetch(NAME).read_bytes() == DATA
    assert checked(NAME).read_bytes() == DATA


def test_what_the_hub_answers_is_told(hub):
    refused("vgg19", "575 MB", "127.0.0.1 answers 404", name="vgg19")
    hub.status = 500
    refused("127.0.0.1 answers 500")


def test_no_network_is_one_sentence_soon(hub, monkeypatch):
    use_endpoint(monkeypatch, "https://huggingface.co")
    start = time.monotonic()
    refused(
        "dino-vits16 (model.safetensors from timm/vit_small_patch16_224.dino, about 87 MB)",
        "huggingface.co cannot be reached",
        "SEMCS_WEIGHTS",
        "starter models work meanwhile",
    )
    assert time.monotonic() - start < 5


def test_offline_mode_asks_nobody_and_serves_what_is_cached(hub, monkeypatch):
    path = fetch(NAME)
    heads = hub.heads
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    assert fetch(NAME) == path
    for name in ("vgg19", "fcn-resnet101"):
        refused("HF_HUB_OFFLINE forbids the network", "starter", name=name)
    assert not weights.reachable()
    assert hub.heads == heads


def test_a_full_disk_is_told_before_any_byte_is_asked_for(hub, monkeypatch):
    usage = type("Usage", (), {"free": 1000})
    monkeypatch.setattr(weights.shutil, "disk_usage", lambda _: usage)
    refused("disk has only 0.001 MB free")
    assert hub.gets == []


def test_a_cache_that_cannot_be_written_is_named(hub, monkeypatch, tmp_path):
    (tmp_path / "file").touch()
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "file"))
    with pytest.raises(UserError, match="cache folder cannot be written"):
        fetch(NAME)


def test_a_file_from_elsewhere_is_checked_by_the_digits_in_its_name(hub, monkeypatch, tmp_path):
    url = hub.serve("elsewhere", "fcn.pth", DATA)
    file = replace(weights.find("fcn-resnet101"), url=url, sha256="f" * 8)
    monkeypatch.setattr(weights, "FILES", (file,))
    refused(f"{DIGEST:.12}", name=file.name)
    monkeypatch.setattr(weights, "FILES", (replace(file, sha256=DIGEST[:8]),))
    hub.cuts.append(30_000)
    assert fetch(file.name).read_bytes() == checked(file.name).read_bytes() == DATA
    assert hub.gets == [0, 0, 30_000]
    assert [path.name for path in (tmp_path / "assets").rglob("*.*")] == [file.filename]


@pytest.mark.parametrize(
    ("name", "architecture"),
    [
        ("clip-vit-b32", "ViT-B-32"),
        ("clip-vit-b16", "ViT-B-16"),
        ("clip-rn50", "RN50"),
        ("dino-vits16", "vit_small_patch16_224.dino"),
        ("vgg19", "vgg19.tv_in1k"),
        ("efficientnet-lite0", "tf_efficientnet_lite0.in1k"),
    ],
)
def test_files_are_those_of_open_clips_and_timms_own_tables(name, architecture):
    from open_clip import get_pretrained_cfg
    from open_clip.constants import HF_SAFE_WEIGHTS_NAME as CLIP_FILE
    from timm.models import get_pretrained_cfg as timm_cfg
    from timm.models._hub import HF_SAFE_WEIGHTS_NAME as TIMM_FILE

    file = weights.find(name)
    if name.startswith("clip"):
        repo, filename = get_pretrained_cfg(architecture, "openai")["hf_hub"], CLIP_FILE
    else:
        repo, filename = timm_cfg(architecture).hf_hub_id, TIMM_FILE
    assert (file.repo, file.filename) == (repo.strip("/"), filename)


def test_fcn_is_torchvisions_own_file():
    from torchvision.models.segmentation import FCN_ResNet101_Weights

    file = weights.find("fcn-resnet101")
    assert file.url == FCN_ResNet101_Weights.COCO_WITH_VOC_LABELS_V1.url
    assert f"-{file.sha256}." in file.filename


def test_a_folder_of_the_users_own_is_the_only_source(hub, monkeypatch, tmp_path):
    monkeypatch.setenv("SEMCS_WEIGHTS", str(tmp_path))
    refused("SEMCS_WEIGHTS names a folder without it", "dino-vits16.safetensors", "87 MB")
    given = tmp_path / "dino-vits16.safetensors"
    given.write_bytes(DATA)
    assert fetch(NAME) == cached(NAME) == checked(NAME) == given
    assert not weights.reachable()
    assert (hub.heads, hub.gets) == (0, [])


@pytest.mark.parametrize("name", [NAME, "fcn-resnet101"])
def test_a_file_damaged_in_the_cache_is_removed_before_it_is_opened(hub, monkeypatch, name):
    url = hub.serve("elsewhere", "fcn.pth", DATA)
    changes = {"url": url, "sha256": DIGEST} if name != NAME else {}
    monkeypatch.setattr(weights, "FILES", (replace(weights.find(name), **changes),))
    fetch(name).write_bytes(b"x" + DATA[1:])
    with pytest.raises(UserError, match="was damaged"):
        checked(name)
    assert cached(name) is None
    with pytest.raises(UserError, match="no longer there"):
        checked(name)
    assert fetch(name).read_bytes() == DATA
    assert checked(name)


def test_reachable_tells_whether_the_hub_answers_and_never_takes_longer(hub, monkeypatch):
    file = weights.FILES[0]
    assert not weights.reachable()  # this Hub lacks the file
    hub.serve(file.repo, file.filename, DATA)
    assert weights.reachable()
    use_endpoint(monkeypatch, "https://huggingface.co")
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: time.sleep(3))
    start = time.monotonic()
    assert not weights.reachable(timeout=0.3)
    assert time.monotonic() - start < 2.5
