"""The README and the documents: what they show can be done, what they point to is there."""

import re
import shlex
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from semcs_core import __version__
from semcs_core.settings import Settings
from studio.cli import build_parser
from tools.guide_pictures import SHEETS

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")
DOCUMENTS = sorted(
    path
    for pattern in ("*.md", "docs/*.md", "examples/*.md", "models/**/*.md")
    for path in ROOT.glob(pattern)
)


def test_the_readme_s_python_runs(monkeypatch, capsys):
    (snippet,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    monkeypatch.chdir(ROOT)
    quick = replace(Settings(), steps=2, crops=4)
    names = {"quick": quick}
    exec(snippet.replace("384", "64").replace("sketcher=", "settings=quick, sketcher="), names)
    assert len(capsys.readouterr().out.splitlines()) == names["step"].steps == 2
    assert names["step"].image.shape == names["pixels"].shape
    assert (names["step"].image - names["pixels"]).abs().mean() > 0.05


def test_the_four_pairs_have_the_commands_that_repeat_them():
    photo, cells = SHEETS["four-pairs"]
    words = [cell.style for cell in cells if cell.style]
    assert [cell.label for cell in cells if cell.style] == words
    commands = [
        build_parser().parse_args(shlex.split(line)[3:])
        for line in README.splitlines()
        if line.startswith(f"python -m studio examples/{photo}")
    ]
    assert [command.text for command in commands] == words
    assert {command.models for command in commands} == {"starter"}
    assert {str(command.photo) for command in commands} == {f"examples/{photo}"}


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(path):
    for target in re.findall(r"\]\(([^)\s]+)\)", path.read_text("utf-8")):
        file, _, anchor = target.partition("#")
        if ":" in file:
            continue
        there = path.parent / file if file else path
        assert there.exists(), target
        if anchor:
            lines = there.read_text("utf-8").splitlines()
            assert anchor in {_anchor(line) for line in lines if line.startswith("#")}, target


def _anchor(heading):
    return re.sub(r"[^\w -]", "", heading.lstrip("#").strip().lower()).replace(" ", "-")


@pytest.mark.parametrize("name", ["README.md", "docs/developers.md", "docs/methods.md"])
def test_files_that_are_named_are_there(name):
    text = (ROOT / name).read_text("utf-8")
    folders = "semcs_core|styles|models|studio|tests|bench|tools"
    for path in re.findall(rf"`((?:{folders})/[\w/.]*)`", text):
        assert (ROOT / path).exists() or (ROOT / f"{path}.py").exists(), path
    for module in re.findall(r"python -m ((?:bench|tools)\.\w+)", text):
        assert (ROOT / f"{module.replace('.', '/')}.py").exists(), module


def test_the_citation_is_of_this_version_and_of_the_papers():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    assert {"message", "title", "authors", "type"} <= set(citation)
    changes = (ROOT / "CHANGELOG.md").read_text("utf-8")
    newest = re.search(r"^## (\S+), (\S+)$", changes, re.MULTILINE).groups()
    assert (citation["version"], str(citation["date-released"])) == newest
    assert newest[0] == __version__
    assert f'version = "{__version__}"' in (ROOT / "pyproject.toml").read_text("utf-8")
    cited = [citation["preferred-citation"], *citation["references"]]
    papers = [work["url"].rpartition("/")[2] for work in cited]
    assert papers == ["2303.06334", "2112.00374", "2207.11598"]
    assert all({"type", "title", "authors"} <= set(work) for work in cited)
