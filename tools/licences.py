"""Who made what this program uses, and under which licence: `python -m tools.licences`.

Writes docs/licences.md: every package that requirements.txt brings to a machine such as this one,
by what the packages say of themselves, and every file of weights, by `models/hub.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email.message import Message
from importlib.metadata import PackageNotFoundError, distribution, metadata, requires
from pathlib import Path
from typing import cast

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from models.hub import FILES, megabytes

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs/licences.md"
UNSAID = "not said"


@dataclass(frozen=True)
class Package:
    """A package that is installed here.

    Attributes:
        name: on PyPI, in its canonical spelling.
        licence: as it says of itself.
        direct: whether requirements.txt names it.
        needed_by: the first package that brings it; "" for a direct one.
    """

    name: str
    licence: str
    direct: bool
    needed_by: str = ""


def main() -> None:
    """Write the table."""
    PAGE.write_text(page(packages()), "utf-8")


def direct_requirements() -> list[Requirement]:
    """The lines of requirements.txt that hold on this machine."""
    lines = (ROOT / "requirements.txt").read_text("utf-8").splitlines()
    return list(_holding([line for line in lines if line.strip() and line[0] != "#"], set()))


def packages() -> list[Package]:
    """The direct requirements, then all that they need, by name.

    Raises:
        PackageNotFoundError: requirements.txt is not installed.
    """
    first = direct_requirements()
    found: dict[str, Package] = {}
    waiting = [(requirement, "") for requirement in first]
    seen: set[tuple[str, str]] = set()
    while waiting:
        requirement, parent = waiting.pop(0)
        name = canonicalize_name(requirement.name)
        try:
            found.setdefault(name, Package(name, licence(name), not parent, parent))
        except PackageNotFoundError:
            if not parent:
                raise
            continue  # what another machine or an extra needs
        wanted = {(name, extra) for extra in ("", *requirement.extras)} - seen
        seen |= wanted
        extras = {extra for _, extra in wanted}
        if extras:
            waiting += [(needed, name) for needed in _holding(requires(name) or [], extras)]
    return sorted(found.values(), key=lambda package: (not package.direct, package.name))


def licence(name: str) -> str:
    """What an installed package says of its licence, on one line.

    Raises:
        PackageNotFoundError: it is not installed.
    """
    about = cast(Message, metadata(name))
    expression = about.get("License-Expression")
    if expression:
        return str(expression)
    classifiers = [str(value) for value in about.get_all("Classifier", [])]
    named = [text.split(" :: ")[-1] for text in classifiers if text.startswith("License :: ")]
    text = str(about.get("License", "")).strip()
    if text and text != "UNKNOWN" and "\n" not in text and len(text) < 60:
        return text
    first_line = (distribution(name).read_text("LICENSE") or UNSAID).partition("\n")[0]
    return ", ".join(named) or first_line


def page(rows: Sequence[Package]) -> str:
    """The whole of docs/licences.md."""
    lines = [
        "# Licences",
        "",
        "Made by `python -m tools.licences`; change that, not this. The code and the drawn styles"
        " are under",
        "the [MIT licence](../LICENSE), the example photos under"
        " [their own](../examples/CREDITS.md).",
        "",
        "## Packages",
        "",
        "What `pip install -r requirements.txt` brings to a Linux machine, by what each package"
        " says of itself. None",
        "of it is part of this repository. NVIDIA's packages come with PyPI's PyTorch for Linux,"
        " not with the one",
        "for CPUs alone that the [container](hosting.md#a-container) takes.",
        "",
        "| package | licence | needed by |",
        "|---|---|---|",
        *map(row, rows),
        "",
        "## Weights",
        "",
        "efficientnet-lite0 comes with pip; the others are downloaded only when they are chosen."
        " Only the last is",
        "not on the Hugging Face Hub.",
        "",
        "| file | what | size | licence | from |",
        "|---|---|---|---|---|",
    ]
    for file in FILES:
        size = megabytes(file.size)
        lines.append(
            f"| {file.name} | {file.what} | {size} | {file.licence} | {file.repo or file.url} |"
        )
    return "\n".join(lines) + "\n"


def row(package: Package) -> str:
    """A package's line of the table."""
    by = "requirements.txt" if package.direct else package.needed_by
    return f"| {package.name} | {package.licence} | {by} |"


def _holding(lines: Sequence[str], extras: set[str]) -> Iterator[Requirement]:
    for line in lines:
        requirement = Requirement(line.partition(" #")[0])
        marker = requirement.marker
        if marker is None or any(marker.evaluate({"extra": extra}) for extra in extras | {""}):
            yield requirement


if __name__ == "__main__":
    main()
