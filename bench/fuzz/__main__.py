"""Anything at all, at every way in: `python -m bench.fuzz [--inputs 10000] [--seed 0]`.

Each input must be accepted, or refused in one sentence (`UserError`, or `gr.Error` on the page),
within 5 seconds. Whatever else comes out is a fault. `tests/studio/test_fuzz.py` runs a small share.
"""

from __future__ import annotations

import argparse
import logging
import resource
from collections.abc import Sequence

from bench.fuzz.judge import fuzz
from bench.fuzz.targets import targets

PATIENCE = 5.0  # seconds


def main(argv: Sequence[str] | None = None) -> int:
    """Run them all and print a table; 1 if there was a fault."""
    parser = argparse.ArgumentParser(description="Fuzzed inputs at every way in.")
    parser.add_argument("--inputs", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", help="part of a target's name")
    arguments = parser.parse_args(argv)
    logging.disable(logging.CRITICAL)  # the page logs each failure that it has not foreseen
    chosen = {
        name: target
        for name, target in targets().items()
        if arguments.only is None or arguments.only in name
    }
    each = -(-arguments.inputs // max(1, len(chosen)))
    print("| target | inputs | accepted | refused in a sentence | faults | slowest |")
    print("|---|---|---|---|---|---|")
    rows = []
    for name, target in chosen.items():
        row = fuzz(target, each, arguments.seed, PATIENCE)
        rows.append(row)
        wrong = row.inputs - row.accepted - row.refused
        print(
            f"| {name} | {row.inputs:,} | {row.accepted:,} | {row.refused:,} | {wrong:,} "
            f"| {row.slowest:.2f} s |",
            flush=True,
        )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"\n{sum(row.inputs for row in rows):,} inputs; at most {peak:.1f} GiB of memory.")
    for row in rows:
        for fault, value in row.faults.items():
            print(f"- {fault}\n  {value}")
    return any(row.faults for row in rows)


if __name__ == "__main__":
    raise SystemExit(main())
