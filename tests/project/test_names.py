"""What docs and docstrings name in their code exists."""

import ast
import importlib
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("semcs_core", "semcs_core.mask", "models", "styles", "studio", "bench", "tools")
DOTTED = re.compile(r"`([A-Za-z_]\w*(?:\.\w+)+)(?:\(\))?`")
FILES = re.compile(r".*\.(py|md|js|css|json|npy|txt|toml|png|jpg|webp|safetensors|pth)")
OTHERS = re.compile(r"(gr|step|job)\..*")
"""Gradio's, and objects of the examples in the text."""


def tracked(*patterns):
    command = ["git", "ls-files", *patterns]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return [ROOT / line for line in listed.stdout.splitlines()]


CODE = tracked("app.py", *(f"{name}/*.py" for name in PACKAGES if "." not in name))
MODULES = {
    path: ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    for path in CODE
}
CLASSES = {
    name: module
    for path, module in MODULES.items()
    for name in re.findall(r"^class (\w+)", path.read_text(encoding="utf-8"), re.MULTILINE)
}


def reaches(dotted):
    parts = dotted.strip(".").split(".")
    for cut in range(len(parts), 0, -1):
        try:
            thing = importlib.import_module(".".join(parts[:cut]))
        except ImportError:
            continue
        for part in parts[cut:]:
            if part in getattr(thing, "__annotations__", {}):
                return True  # a field without a default
            if not hasattr(thing, part):
                return False
            thing = getattr(thing, part)
        return True
    return False


def unknown(text, module=""):
    package = module.rpartition(".")[0]
    named = {m[1] for m in DOTTED.finditer(text)}
    named = {name for name in named if not (FILES.fullmatch(name) or OTHERS.fullmatch(name))}
    places = package, module, "", *PACKAGES
    return sorted(
        name
        for name in named
        if not any(
            reaches(f"{place}.{name}") for place in (*places, CLASSES.get(name.split(".")[0], ""))
        )
    )


@pytest.mark.parametrize("path", tracked("README.md", "docs/*.md", "models/*.md"), ids=str)
def test_names_in_documents_exist(path):
    assert unknown(path.read_text(encoding="utf-8")) == []


def test_names_in_docstrings_exist():
    documented = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
    missing = {}
    for path, module in MODULES.items():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        parts = [ast.get_docstring(n) or "" for n in ast.walk(tree) if isinstance(n, documented)]
        missing[path.name] = unknown("\n".join(parts), module)
    assert not {name: names for name, names in missing.items() if names}
