"""What deploys the page to a Space, against a Hub of our own."""

import importlib
import re
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
from huggingface_hub import constants
from huggingface_hub.utils import disable_progress_bars, enable_progress_bars

from models.hub import FILES
from semcs_core.errors import UserError
from tests.helpers.fake_hub import use_endpoint
from tests.helpers.fake_space_hub import FakeSpaceHub

ROOT = Path(__file__).parents[2]
SPACE = "me/studio"


@pytest.fixture(scope="module", name="deploy")
def load_deploy():
    before = list(sys.path)
    sys.path.insert(0, str(ROOT / ".huggingface"))
    module = importlib.import_module("deploy")
    sys.path[:] = before
    return module


@pytest.fixture(scope="module")
def front_matter(deploy):
    return deploy.front_matter


@pytest.fixture
def run(deploy, tree, monkeypatch, tmp_path, capsys):
    """Deploys the tree from this process: its exit status, what it prints and what it complains."""

    disable_progress_bars()

    def main(url, token, *arguments):
        use_endpoint(monkeypatch, url)
        monkeypatch.setattr(deploy, "ROOT", tree)
        monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
        monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)
        monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(tmp_path / "no token"))
        monkeypatch.setenv("HF_TOKEN", token)
        status = deploy.main([SPACE, *arguments])
        return status, *capsys.readouterr()

    yield main
    enable_progress_bars()


@pytest.fixture(scope="module")
def committed(tmp_path_factory):
    """A checkout of what deploys, with nothing to commit."""
    tree = tmp_path_factory.mktemp("tree") / "studio"
    ignore = shutil.ignore_patterns("__pycache__", "*.pyc")
    for name in ("semcs_core", "styles", "models", "studio", "examples", "docs", ".huggingface"):
        shutil.copytree(ROOT / name, tree / name, ignore=ignore)
    for name in ("app.py", "requirements.txt", "README.md", "LICENSE", "CHANGELOG.md"):
        shutil.copy(ROOT / name, tree / name)
    (tree / ".gitignore").write_text("__pycache__/\n")
    (tree / "tests").mkdir()
    (tree / "tests/test_nothing.py").write_text("")
    git(tree, "init", "-q")
    git(tree, "add", "-A")
    commit(tree)
    return tree


@pytest.fixture
def tree(committed):
    yield committed
    git(committed, "reset", "-q", "--hard", "first")
    git(committed, "clean", "-fdq")


def git(tree, *arguments):
    return subprocess.run(
        ["git", *arguments], cwd=tree, check=True, capture_output=True, text=True
    ).stdout


def commit(tree):
    git(tree, "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qam", "One")
    if not git(tree, "tag"):
        git(tree, "tag", "first")


def test_the_front_matter_is_what_the_hub_takes_and_what_is_tested(front_matter):
    data = front_matter.read(ROOT / "README.md")
    front_matter.check(data, ROOT)
    assert data["sdk_version"] == version("gradio")
    # requirements.txt brings the starter's weights.
    ours = {f"{file.repo} {file.filename}" for file in FILES if file.repo and not file.spare}
    assert {*data["preload_from_hub"]} == ours
    assert not any("efficientnet" in line for line in data["preload_from_hub"])


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"title": None}, "has no title"),
        ({"colour": "red"}, "'colour'"),
        ({"python_version": 3.12}, "not a str"),
        ({"sdk_version": "latest"}, "sdk_version"),
        ({"colorTo": "violet"}, "'violet'"),
        ({"suggested_hardware": "gpu"}, "'gpu'"),
        ({"app_file": "main.py"}, "app_file"),
        ({"short_description": "x" * 61}, "61 characters"),
        ({"preload_from_hub": ["timm/vgg19.tv_in1k"]}, "preload_from_hub"),
    ],
)
def test_a_wrong_front_matter_is_refused(front_matter, change, sentence):
    data = front_matter.read(ROOT / "README.md")
    data = {key: value for key, value in {**data, **change}.items() if value is not None}
    with pytest.raises(UserError, match=re.escape(sentence)):
        front_matter.check(data, ROOT)


def test_a_dry_run_shows_all_that_is_sent_and_asks_nobody(run, tree):
    code = [sys.executable, ".huggingface/deploy.py", SPACE, "--dry-run"]
    dry = subprocess.run(code, cwd=tree, capture_output=True, text=True)
    assert (dry.returncode, dry.stderr) == (0, "")
    assert f"sdk_version: {version('gradio')}" in dry.stdout
    with FakeSpaceHub() as hub:
        assert run(hub.url, "", "--dry-run") == (0, dry.stdout, "")
        assert hub.requests == []
        run(hub.url, "hf_writes")
    listed = {
        path: int(size.replace(",", ""))
        for size, path in re.findall(r"^ *([\d,]+)  (\S+)$", dry.stdout, re.MULTILINE)
    }
    sent = {path: len(data) for path, data in hub.spaces[SPACE].files.items()}
    assert listed == {path: size for path, size in sent.items() if path != ".gitattributes"}


def test_a_space_is_made_with_what_the_page_needs(run, tree):
    with FakeSpaceHub() as hub:
        options = ("--private", "--hardware", "zero-a10g")
        status, said, complaint = run(hub.url, "hf_writes", *options)
    assert (status, complaint) == (0, "")
    assert said.count("\n") == 1
    assert f"/spaces/{SPACE}" in said
    space = hub.spaces[SPACE]
    assert (space.sdk, space.visibility, space.hardware) == ("gradio", "private", "zero-a10g")
    assert space.messages == [f"Deploy {git(tree, 'rev-parse', '--short', 'HEAD').strip()}"]
    assert space.files["app.py"] == (tree / "app.py").read_bytes()
    table = "models/starter/related.json"
    assert space.files[table] == (tree / table).read_bytes()
    assert not [path for path in space.files if path.startswith(("tests", ".huggingface", "tools"))]
    readme = space.files["README.md"].decode()
    address = re.search(r"^thumbnail: \S+/me/studio/resolve/main/(\S+)$", readme, re.MULTILINE)
    assert address is not None
    assert address[1] in space.files


def test_what_is_sent_is_all_that_the_container_serves_with(deploy, tree):
    sent = {upload.path for upload in deploy.collect(tree, SPACE)}
    copies = re.findall("^COPY (.*) \\S+$", (ROOT / "Dockerfile").read_text("utf-8"), re.MULTILINE)
    for source in " ".join(copies).split():
        files = [path for path in (tree / source).rglob("*") if path.is_file()] or [tree / source]
        paths = {path.relative_to(tree).as_posix() for path in files}
        assert {path for path in paths - sent if "__pycache__" not in path} == set()


def test_a_second_deployment_updates_and_deletes(run, tree):
    with FakeSpaceHub() as hub:
        run(hub.url, "hf_writes")
        hub.spaces[SPACE].files["semcs_core/gone.py"] = b"old"
        (tree / "app.py").write_text("# new\n")
        commit(tree)
        status, _, complaint = run(hub.url, "hf_writes")
    assert (status, complaint) == (0, "")
    space = hub.spaces[SPACE]
    assert space.files["app.py"] == b"# new\n"
    assert "semcs_core/gone.py" not in space.files
    assert ".gitattributes" in space.files
    assert space.hardware == "cpu-basic"
    assert len(space.messages) == 2


@pytest.mark.parametrize(
    ("token", "faults", "sentence"),
    [
        ("", {}, "There is no token: run `hf auth login`, or set HF_TOKEN."),
        ("hf_old", {}, "was not made: the Hub does not take this token: make one that may write."),
        ("hf_reads", {}, "was not made: this token may not write there"),
        ("hf_writes", {"commit/main": 503}, "was not changed: the Hub answered with status 503"),
        ("hf_writes", {"validate-yaml": 400}, "the Hub does not take the top of README.md."),
        ("hf_writes", {"hardware": 402}, "hardware was not changed: the Hub asks for a payment"),
    ],
)
def test_what_the_hub_refuses_is_one_sentence(run, token, faults, sentence):
    with FakeSpaceHub() as hub:
        hub.faults = faults
        refused = run(hub.url, token, "--hardware", "t4-small")
    assert sentence in _sentence(refused)
    assert not token or token not in refused[2]


def test_what_cannot_be_reached_or_is_another_project_is_one_sentence(run):
    refused = run("http://127.0.0.1:9", "hf_writes")
    assert _sentence(refused) == "me/studio was not made: the Hub is not reachable."
    with FakeSpaceHub() as hub:
        run(hub.url, "hf_writes")
        hub.spaces[SPACE].files = {"README.md": b"", "main.py": b"precious"}
        refused = run(hub.url, "hf_writes")
    assert _sentence(refused) == "me/studio holds something else: choose another name."
    assert hub.spaces[SPACE].files == {"README.md": b"", "main.py": b"precious"}


@pytest.mark.parametrize(
    ("name", "data", "added", "sentence"),
    [
        ("forgotten.py", b"", False, "The tree differs from its last commit (1 files)"),
        ("README.md", None, True, "README.md asks for gradio==5.0.0"),
        ("requirements.txt", b"not-installed>=1\n", True, "asks for not-installed>=1, and none"),
        ("examples/huge.png", bytes(10_000_001), True, "examples/huge.png has 10 MB"),
    ],
    ids=range(4),  # the names of tests go into the environment of processes
)
def test_a_tree_that_is_not_what_was_tested_is_not_sent(run, tree, name, data, added, sentence):
    if data is None:
        data = re.sub(rb"sdk_version: .*", b"sdk_version: 5.0.0", (tree / name).read_bytes())
    (tree / name).write_bytes(data)
    if added:
        git(tree, "add", "-A")
        commit(tree)
    with FakeSpaceHub() as hub:
        refused = run(hub.url, "hf_writes")
    assert sentence in _sentence(refused)
    assert hub.requests == []


def _sentence(refused):
    status, said, complaint = refused
    assert (status, said) == (2, "")
    assert complaint.count("\n") == 1
    return complaint.removeprefix("deploy: ").strip()
