"""`python -m studio models`: the weight files, listed, downloaded or verified."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import partial

from models.weights import FILES, Condition, cached, describe, fetch, find, megabytes, verify
from semcs_core.errors import UserError
from studio.cli import Parser
from studio.download_bar import download_bar


def build_parser() -> Parser:
    """The options of the subcommand."""
    parser = Parser(
        prog="python -m studio models",
        description="Weight files of the full models; the starter models need none.",
        epilog="SEMCS_WEIGHTS=FOLDER takes the files from a folder, where they are called "
        + ", ".join(file.flat_name for file in FILES)
        + ".",
    )
    group = parser.add_mutually_exclusive_group()
    group.add_argument(
        "--download", nargs="+", metavar="NAME", help="fetch files, or what is missing of them"
    )
    group.add_argument(
        "--verify", action="store_true", help="compare the cached files with their SHA-256"
    )
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the subcommand.

    Returns:
        The exit status: 0, 2 for an error of the user's or a damaged file, 130 after Ctrl-C.
    """
    parser = build_parser()
    options = parser.parse_args(arguments)
    try:
        if options.download:
            _download(options.download)
        elif options.verify:
            _verify()
        else:
            _list()
    except UserError as error:
        print(f"{parser.prog}: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("Stopped: the next download goes on from here.", file=sys.stderr)
        return 130
    return 0


def _list() -> None:
    rows = describe()
    table = [("NAME", "SIZE", "LICENCE", "CACHED", "WHAT")]
    for row in rows:
        size = megabytes(row.size) if row.cached else f"about {megabytes(row.size)}"
        there = "yes" if row.cached else "no"
        table.append((row.file.name, size, row.file.licence, there, row.file.what))
    widths = [max(len(line[column]) for line in table) for column in range(5)]
    for line in table:
        cells = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        print("  ".join(cells).rstrip())
    missing = sum(row.size for row in rows if not row.cached)
    if missing:
        print(f"To download all that is missing: about {megabytes(missing)}.")


def _download(names: Sequence[str]) -> None:
    for name in names:
        find(name)  # a wrong name is known before the first long download
    for name in names:
        with download_bar() as bar:
            path = fetch(name, partial(bar, find(name)), check=True)
        print(f"{name}: {megabytes(path.stat().st_size)}, ready")


def _verify() -> None:
    damaged = []
    for file in FILES:
        if cached(file.name) is None:
            continue
        condition = verify(file.name)
        print(f"{file.name}: {condition.value}")
        if condition is Condition.DAMAGED:
            damaged.append(file.name)
    if damaged:
        names = " ".join(damaged)
        raise UserError(f"Fetch what is damaged again: models --download {names}.")
