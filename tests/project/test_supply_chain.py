"""What the program is built of: its requirements, their licences, and what is said of them."""

import ast
import re
import sys
from importlib.metadata import version
from pathlib import Path

from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from tools import licences

ROOT = Path(__file__).parents[2]
REQUIREMENTS = licences.direct_requirements()


def test_every_requirement_has_two_ends_with_what_is_tested_between():
    for requirement in REQUIREMENTS:
        signs = sorted(one.operator for one in requirement.specifier)
        # Of a file of weights, whose SHA-256 is checked, only one version will do.
        assert signs == (["=="] if "pytorch-model" in requirement.name else ["<", ">="])
        assert version(requirement.name) in requirement.specifier


def test_everything_imported_is_required():
    names = {canonicalize_name(requirement.name) for requirement in REQUIREMENTS}
    packages = {"PIL": "pillow", "open_clip": "open-clip-torch"}
    # Imported where it is, as on a ZeroGPU Space, or brought along by Gradio and what needs it.
    brought = {"spaces", "starlette", "fastapi", "pydantic", "anyio", "mcp", "uvicorn"}
    found = set()
    packages_of_ours = ("semcs_core", "styles", "models", "studio")
    files = (file for name in packages_of_ours for file in (ROOT / name).rglob("*.py"))
    for file in (ROOT / "app.py", *files):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                found.add(str(node.module).partition(".")[0])
    found -= {*packages_of_ours, *sys.stdlib_module_names}
    assert {
        canonicalize_name(packages.get(name, name)) for name in found
    } - names - brought == set()


def test_the_python_versions_agree():
    project = (ROOT / "pyproject.toml").read_text("utf-8")
    supported = SpecifierSet(re.search('requires-python = "(.*)"', project)[1])
    front = re.search('python_version: "(.*)"', (ROOT / "README.md").read_text("utf-8"))[1]
    image = re.search("ARG PYTHON=(.*)", (ROOT / "Dockerfile").read_text("utf-8"))[1]
    assert front == image
    assert f"{front}.1" in supported


def test_the_table_of_licences_has_every_direct_requirement_as_it_is():
    page = licences.PAGE.read_text("utf-8")
    listed = set(re.findall(r"^\| (\S+) \| (.+) \| requirements.txt \|$", page, re.MULTILINE))
    names = [canonicalize_name(requirement.name) for requirement in REQUIREMENTS]
    assert {name for name, _ in listed} == set(names)
    for name, licence in listed:
        assert known(licence) & known(licences.licence(name)), name
    weights = re.search(r"## Weights\n(.|\n)*", page)[0]
    assert weights == re.search(r"## Weights\n(.|\n)*", licences.page([]))[0]


def known(licence):
    """The words of a licence's name; a package may spell it anew, not change it."""
    return set(re.findall("BSD|MIT|Apache|MPL|CNRI|CMU", licence))
