"""`python -m studio models`: the weight files, listed or downloaded; a download's bar."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from tqdm import tqdm

from models.hub import FILES, WeightFile, cached, checked, fetch, find, megabytes
from studio.cli import PROGRAM, Parser


class DownloadBar:
    """Megabytes, rate and time left of one file after the other; shown only if bytes arrive."""

    def __init__(self, quiet: bool = False) -> None:
        self._quiet = quiet
        self._name = ""
        self._bar = tqdm(disable=True)

    def __call__(self, file: WeightFile, received: int, total: int) -> None:
        """Show how far a file is, both in bytes."""
        if file.name != self._name:
            self._bar.close()
            self._name, text = file.name, f"Downloading {file.name}"
            self._bar = tqdm(desc=text, total=total, unit="B", unit_scale=True, disable=self._quiet)
        self._bar.update(received - self._bar.n)

    def __enter__(self) -> DownloadBar:
        return self

    def __exit__(self, *error: object) -> None:
        self._bar.close()


def run(arguments: Sequence[str]) -> None:
    """Run the subcommand; a `UserError` where a file cannot be had or is damaged."""
    names = ", ".join(file.flat_name for file in FILES)
    parser = Parser(
        prog=f"{PROGRAM} models",
        description="Weight files of the full models; the starter models need none.",
        epilog=f"SEMCS_WEIGHTS=FOLDER takes files from a folder, where they are called {names}.",
    )
    parser.add_argument(
        "--download", nargs="+", metavar="NAME", help="fetch files, and check those that are there"
    )
    options = parser.parse_args(arguments)
    if options.download:
        _download(options.download)
    else:
        _list()


def _list() -> None:
    table = [("NAME", "SIZE", "LICENCE", "CACHED", "WHAT")]
    missing = 0
    for file in FILES:
        path = cached(file.name)
        if path is None:
            missing += file.size
            size, there = f"about {megabytes(file.size)}", "no"
        else:
            size, there = megabytes(path.stat().st_size), "yes"
        table.append((file.name, size, file.licence, there, file.what))
    widths = [max(len(line[column]) for line in table) for column in range(5)]
    for line in table:
        cells = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        print("  ".join(cells).rstrip())
    if missing:
        print(f"To download all that is missing: about {megabytes(missing)}.")


def _download(names: Sequence[str]) -> None:
    files = [find(name) for name in names]  # a wrong name is known before the first long download
    for file in files:
        with DownloadBar() as bar:
            fetch(file.name, partial(bar, file))
        print(f"{file.name}: {megabytes(checked(file.name).stat().st_size)}, ready")
