"""The command line of `python -m studio check`: a table, a report and an exit status."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path

from tqdm import tqdm

from models import hub
from models.device import best_device
from models.loading import CHOICES, MASK_FILES, STARTER, fetch
from semcs_core.errors import UserError
from studio import check
from studio.check import DINO, PERSON, Fact
from studio.cli import PROGRAM, Parser
from studio.files import check_writable, save_json, save_png
from studio.models_cli import download_bar
from studio.report import versions

FILES = {name: choice.files for name, choice in CHOICES.items()}
FILES |= {name: MASK_FILES[name] for name in (DINO, PERSON)}


def run(arguments: Sequence[str]) -> int:
    """Check models; returns the exit status: 0 where every fact holds, 1 where one does not.

    Raises:
        UserError: a file cannot be downloaded, or the report or picture cannot be saved.
    """
    parser = Parser(
        prog=f"{PROGRAM} check",
        description="Whether the models on this machine do what models of their names must.",
        epilog="It takes seconds for the starter, and minutes for CLIP where there is no GPU.",
    )
    about = "by default the starter and those that are downloaded; `all` downloads the others"
    parser.add_argument("--models", nargs="+", choices=[*FILES, "all"], metavar="NAME", help=about)
    about = "save facts and versions, to be attached to an issue"
    parser.add_argument("--report", type=Path, metavar="FILE.json", help=about)
    about = "where the pictures of the first steps go (default: here)"
    parser.add_argument("--pictures", type=Path, default=Path(), metavar="FOLDER", help=about)
    options = parser.parse_args(arguments)
    if options.report is not None:
        check_writable(options.report)
    chosen = options.models or [name for name in FILES if not hub.missing(FILES[name])]
    chosen = [*FILES] if "all" in chosen else chosen
    _fetch({file for name in chosen for file in FILES[name]})
    device, facts = best_device(), []
    for fact in _facts(chosen, device, options.pictures):
        facts.append(fact)
        print(f"{'yes' if fact.holds else 'NO':4} {fact.model}: {fact.claim}: {fact.found}")
    wrong = sum(not fact.holds for fact in facts)
    print(f"{len(facts) - wrong} of {len(facts)} facts hold.")
    if options.report is not None:
        about_machine = {"device": device, "versions": versions()}
        save_json(options.report, {**about_machine, "facts": [asdict(fact) for fact in facts]})
    return int(wrong > 0)


def _facts(chosen: Sequence[str], device: str, pictures: Path) -> Iterable[Fact]:
    checks: dict[str, Callable[[str], Iterable[Fact]]] = {
        STARTER: check.of_starter,
        DINO: check.of_dino,
        PERSON: check.of_person,
    }
    for name in chosen:
        yield from _each(name, checks.get(name, partial(check.of_clip, name)), device)
    if any(name in CHOICES and name != STARTER for name in chosen):
        yield from _each("vgg19", check.of_vgg, device)
    for name in (name for name in chosen if name in CHOICES):
        yield from _each(name, partial(_first_steps, name, pictures), device)


def _each(name: str, facts: Callable[[str], Iterable[Fact]], device: str) -> Iterable[Fact]:
    """The facts of one model; one whose file is damaged, or another's, has none but that."""
    try:
        yield from facts(device)
    except UserError as error:
        yield Fact(name, "can be used", str(error), holds=False)


def _first_steps(name: str, folder: Path, device: str) -> Iterable[Fact]:
    with tqdm(total=check.STEPS, unit="step", leave=False) as bar:
        facts, picture = check.of_run(name, device, bar.update)
    path = folder / f"check-{name}.png"
    save_png(path, picture)
    print(f"Saved {path}: look at it", file=sys.stderr)
    yield from facts


def _fetch(names: set[str]) -> None:
    missing = hub.missing(sorted(names))
    if missing:
        size = hub.megabytes(sum(hub.find(name).size for name in missing))
        print(f"Downloading {size}: {', '.join(missing)}", file=sys.stderr)
    with download_bar() as show:
        fetch(missing, show)
