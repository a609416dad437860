"""The house: packages import only those above them, the core's files too; files stay short."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("semcs_core", "styles", "models", "studio")
"""Each may import itself and those before it."""


def imported(file):
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom):
            yield node.module
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


@pytest.mark.parametrize("package", PACKAGES)
def test_no_import_runs_up(package):
    above = PACKAGES[: PACKAGES.index(package) + 1]
    for file in (ROOT / package).rglob("*.py"):
        ours = {name.partition(".")[0] for name in imported(file)} & {*PACKAGES, "app", "bench"}
        assert ours <= {*above}, file


def test_the_product_is_in_layers():
    """Runs know of no server, and neither knows of the page."""
    folders = ("runs", "server", "page")
    for place, folder in enumerate(folders):
        for file in (ROOT / "studio" / folder).glob("*.py"):
            parts = [name.split(".") for name in imported(file) if name.startswith("studio.")]
            assert not {part[1] for part in parts} & {*folders[place + 1 :]}, file


def test_the_core_imports_in_its_reading_order():
    core = ROOT / "semcs_core"
    lines = ast.get_docstring(ast.parse((core / "__init__.py").read_text("utf-8"))).splitlines()
    order = [line.split()[0].rstrip("/") for line in lines if line.startswith("    ")]
    files = {path.stem for path in core.iterdir() if path.suffix == ".py" or path.name == "mask"}
    assert {*order} == files - {"__init__"}
    for place, name in enumerate(order):
        for file in [core / f"{name}.py"] if name != "mask" else (core / "mask").glob("*.py"):
            used = {n.split(".")[1] for n in imported(file) if n and n.startswith("semcs_core.")}
            assert used <= {*order[: place + 1]}, file


def test_no_file_is_too_long_to_be_read_at_once():
    for folder in (*PACKAGES, "bench", "tools", "tests", ".huggingface"):
        for file in (ROOT / folder).rglob("*.py"):
            assert len(file.read_text("utf-8").splitlines()) <= 300, file
