"""What many short visits leave in the server: `python -m bench.visits [--visits 300]`.

Serves the page as a process of its own and visits it over HTTP as a browser does, each visit with a
photo of its own. In turn one is finished and looked at from all sides, one is stopped, and one is
abandoned in mid-run. What is printed is read from Linux's /proc.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from dataclasses import astuple, dataclass
from pathlib import Path

from tests.helpers.visitor import KINDS, photo, serving, visit

ROW = 30  # visits
COLUMNS = ("visits", "RSS, MB", "threads", "open files", "temp files", "temp, MB", "runs kept")


@dataclass(frozen=True)
class Sample:
    """What a server holds.

    Attributes:
        visits: it has had.
        resident: MB of memory.
        threads: of the process.
        opened: files and connections.
        files: in its folder for temporary files.
        stored: MB of those.
        runs: whose folders are kept.
    """

    visits: int
    resident: float
    threads: int
    opened: int
    files: int
    stored: float
    runs: int


def main() -> None:
    """Print the table and what has grown."""
    parser = argparse.ArgumentParser(description="What many short visits leave in the server.")
    parser.add_argument("--visits", type=int, default=300)
    visits = parser.parse_args().visits
    began = time.perf_counter()
    samples = []
    with (
        tempfile.TemporaryDirectory(prefix="visits-") as name,
        serving(Path(name)) as (url, process),
    ):
        print(f"| {' | '.join(COLUMNS)} |\n|{'---|' * len(COLUMNS)}")
        for number in range(visits + 1):
            if number in (0, 1, visits) or number % ROW == 0:
                samples.append(sample(process.pid, Path(name), number))
                cells = [
                    f"{value:.1f}" if isinstance(value, float) else str(value)
                    for value in astuple(samples[-1])
                ]
                print(f"| {' | '.join(cells)} |", flush=True)
            if number < visits:
                visit(url, photo(number), KINDS[number % len(KINDS)])
    first, last = samples[min(2, len(samples) - 2)], samples[-1]
    print(
        f"\n{(time.perf_counter() - began) / max(visits, 1):.2f} s a visit. "
        f"Since visit {first.visits}: {last.resident / first.resident - 1:+.1%} of memory, "
        f"{last.threads - first.threads:+d} threads, {last.opened - first.opened:+d} open files"
    )


def sample(pid: int, folder: Path, visits: int) -> Sample:
    """Look at a server process on Linux whose temporary files are in a folder."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    status = dict(line.split(":", 1) for line in lines)
    sizes = []
    for path in folder.rglob("*"):
        try:
            if path.is_file():
                sizes.append(path.stat().st_size)
        except FileNotFoundError:
            continue  # the server has removed it meanwhile
    return Sample(
        visits,
        int(status["VmRSS"].split()[0]) / 1e3 * 1.024,
        int(status["Threads"]),
        len(list(Path(f"/proc/{pid}/fd").iterdir())),
        len(sizes),
        sum(sizes) / 1e6,
        len(list(folder.glob("semcs-studio-runs-*/*/frames"))),
    )


if __name__ == "__main__":
    main()
