"""`python -m studio models`: the weight files, listed or downloaded; a download's bar."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any

from tqdm import tqdm

from models.hub import FILES, WeightFile, cached, checked, fetch, find, megabytes
from studio.cli import PROGRAM, Parser


@contextmanager
def download_bar(quiet: bool = False) -> Iterator[Callable[[WeightFile, int, int], None]]:
    """Megabytes, rate and time left of one file after the other; shown only if bytes arrive."""
    with ExitStack() as shown:
        bars: dict[str, tqdm] = {}

        def show(file: WeightFile, received: int, total: int) -> None:
            if file.name not in bars:
                shown.close()  # the last one's
                unit: dict[str, Any] = {"unit": "B", "unit_scale": True, "disable": quiet}
                bar = tqdm(desc=f"Downloading {file.name}", total=total, **unit)
                bars[file.name] = shown.enter_context(bar)
            bars[file.name].update(received - bars[file.name].n)

        yield show


def run(arguments: Sequence[str]) -> None:
    """Run the subcommand; a `UserError` where a file cannot be had or is damaged."""
    names = ", ".join(file.flat_name for file in FILES)
    parser = Parser(
        prog=f"{PROGRAM} models",
        description="Weight files of the full models; those of the starter come with pip.",
        epilog=f"SEMCS_WEIGHTS=FOLDER takes files from a folder, where they are called {names}.",
    )
    parser.add_argument(
        "--download", nargs="+", metavar="NAME", help="fetch files, and check those that are there"
    )
    options = parser.parse_args(arguments)
    files = [find(name) for name in options.download or ()]  # wrong names are known before all
    for file in files:
        with download_bar() as show:
            fetch(file.name, partial(show, file))
        print(f"{file.name}: {megabytes(checked(file.name).stat().st_size)}, ready")
    if not files:
        _list()


def _list() -> None:
    line = "{:14} {:12} {:12} {:6} {}".format
    print(line("NAME", "SIZE", "LICENCE", "CACHED", "WHAT"))
    missing = 0
    for file in (file for file in FILES if not file.spare):
        path = cached(file.name)
        if path is None:
            missing += file.size
        size = f"about {megabytes(file.size)}" if path is None else megabytes(path.stat().st_size)
        print(line(file.name, size, file.licence, "no" if path is None else "yes", file.what))
    if missing:
        print(f"To download all that is missing: about {megabytes(missing)}.")
