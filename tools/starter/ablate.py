"""What each part of a starter run is worth: `python -m tools.starter.ablate --output DIR`.

One thing is changed at a time; every variant paints the same pairs of prompts on the same photos,
with three seeds, and is judged as `evaluate` judges. The photos are those of training, not the
judged ones.
"""

from __future__ import annotations

import argparse
import json
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np

from tools.starter.bank import bank_file
from tools.starter.evaluate import PROMPTS, Run, arrange, at_size, execute
from tools.starter.judgement import SIDES, Record
from tools.starter.workers import in_parallel

PROJECT = Path(__file__).parents[2]
PHOTOS = [PROJECT / "examples/flower.jpg", PROJECT / "tools/starter/photos/training/stream.jpg"]
SIZE, SEEDS = 160, 3
RUNS = 1  # of each photo and seed


@dataclass(frozen=True)
class Variant:
    """One change.

    Attributes:
        name: in the table.
        settings: changed fields of `Settings`.
        constants: "module.name" of the core to what it is for the time.
    """

    name: str
    settings: dict[str, Any] = field(default_factory=dict)
    constants: dict[str, Any] = field(default_factory=dict)


ENCODER = "models.starter.encoder"
VARIANTS = [
    Variant("as shipped"),
    Variant("start from the photo, aim at the words", {"sketch": 0.0, "likeness": 0.0}),
    Variant("start from the photo, aim at the drawing too", {"sketch": 0.01}),
    Variant("start from the whole drawing", {"sketch": 1.0}),
    Variant("aim at the words alone", {"likeness": 0.0}),
    Variant("aim at the drawing alone", {"likeness": 1.0}),
    Variant("the drawing alone: one step", {"steps": 1}),
    Variant("no light of the photo in the drawing", {"light": 0.0}),
    Variant("no directional patch loss", {"patch_weight": 0.0}),
    Variant("no alignment (absolute) loss", {"alignment_weight": 0.0}),
    Variant("no global losses", {"foreground_global": 0.0, "background_global": 0.0}),
    Variant("no content loss", {"content_weight": 0.0}),
    Variant("content weight 1", {"content_weight": 1.0}),
    Variant("crops of 24 pixels, not 40", {"crop_size": 24}),
    Variant("no free pixels", constants={"semcs_core.painter.RATE_FROM_SKETCH": 0.0}),
    Variant(
        "free pixels five times as fast", constants={"semcs_core.painter.RATE_FROM_SKETCH": 25.0}
    ),
    Variant("no constant component", constants={f"{ENCODER}.CONSTANT": 0.0}),
    Variant("no learned part", constants={f"{ENCODER}.MEANING_WEIGHT": 0.0}),
    Variant("no palette", constants={f"{ENCODER}.GROUP_WEIGHTS": (0.0, 1.0, 1.4)}),
    Variant("no correlations", constants={f"{ENCODER}.GROUP_WEIGHTS": (1.0, 1.0, 0.0)}),
]


def main() -> None:
    """Parse the command line and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path, default=Path("build/ablations"))
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    bank = bank_file(PHOTOS)
    tasks = []
    for number, variant in enumerate(VARIANTS):
        folder = options.output / f"{number:02d}"
        folder.mkdir(parents=True, exist_ok=True)
        for seed in range(SEEDS):
            settings = replace(at_size(SIZE), **{"seed": seed, **variant.settings})
            for place, photo in enumerate(PHOTOS):
                pairs = arrange(PROMPTS, place, seed=seed)[: 2 * RUNS : 2]
                tasks += [
                    (variant, Run(photo, 100 * seed + n, fore, back, settings, bank))
                    for n, (fore, back) in enumerate(pairs)
                ]
    rows: dict[str, list[tuple[int, Record]]] = {variant.name: [] for variant in VARIANTS}
    places = {variant.name: f"{number:02d}" for number, variant in enumerate(VARIANTS)}
    work = partial(perform, output=options.output, places=places)
    for name, seed, record in in_parallel(work, tasks, options.workers):
        rows[name].append((seed, record))
        if len(rows[name]) == RUNS * SEEDS * len(PHOTOS):
            print(describe(name, rows[name]), flush=True)
    (options.output / "records.json").write_text(json.dumps(rows), "utf-8")


def perform(
    task: tuple[Variant, Run], output: Path, places: dict[str, str]
) -> tuple[str, int, Record]:
    """Paint and judge one picture under one variant."""
    variant, run = task
    with ExitStack() as changed:
        for name, value in variant.constants.items():
            changed.enter_context(patch(name, value))
        record = execute(run, output / places[variant.name])
    return variant.name, run.settings.seed, record


def describe(name: str, records: list[tuple[int, Record]]) -> str:
    """A row of the table: means, and the spread of the first over the seeds."""
    first = [
        np.mean([r[side]["rank"] == 1 for s, r in records if s == seed for side in SIDES])
        for seed in range(SEEDS)
    ]
    third = np.mean([r[side]["rank"] <= 3 for _, r in records for side in SIDES])
    ssim = np.mean([r["ssim"] for _, r in records])
    return (
        f"| {name} | {np.mean(first):.0%} ({min(first):.0%} to {max(first):.0%}) "
        f"| {third:.0%} | {ssim:.2f} |"
    )


if __name__ == "__main__":
    main()
