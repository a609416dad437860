"""Cost against size, crops, regions, painter and models: `python -m bench.cost`.

Every case is a process of its own that does a few steps; its seconds are those of its quickest
step, corrected by a pass of StyleNet that is timed beside it, since machines are shared. Prints
what was measured, the coefficients of `studio/costs.json`, how far the sums are off, and what
whole runs of the presets take with the starter. The full models have random weights: their cost is
that of the real ones.

    python -m bench.cost --write --plot docs/pictures/cost.png
    python -m bench.cost --write --half --models clip-vit-b32 --sizes 192 512 --crops 8 48
    python -m bench.cost --models                        # the whole runs alone
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import torch
from scipy.optimize import nnls

from bench.models import random_models, write_random_weights
from bench.plot import Panel, Point, draw
from models.loading import CHOICES, STARTER, Models, best_device, best_dtype, load_models
from semcs_core.image import fit, open_photo, to_tensor
from semcs_core.methods import CLIPSTYLER, PRESETS, STUDIO, two_regions
from semcs_core.run import Run
from semcs_core.stylenet import StyleNet
from studio.cost import TABLE, terms
from studio.report import peak_memory_mib

ROOT = Path(__file__).parents[1]
PHOTO = ROOT / "examples" / "coffee.jpg"
PAINTERS = {"layers": STUDIO, "stylenet": CLIPSTYLER}
REFERENCE = 1, 3, 192, 256  # of the pass of StyleNet
QUICK = 2.0  # seconds; steps that take less are done more often, up to a number
MOST = 8
PARTS = ("start", "step", "memory")


@dataclass(frozen=True)
class Case:
    """What is measured.

    Attributes:
        models: their name.
        painter: of `Settings`.
        size: long side in pixels.
        crops: of all regions.
        regions: 1 or 2.
        folder: of the random weights.
    """

    models: str
    painter: str
    size: int
    crops: int
    regions: int
    folder: str


@dataclass(frozen=True)
class Measured:
    """What was measured.

    Attributes:
        start: seconds before the first step.
        step: seconds of a step.
        memory: MiB at most.
        reference: seconds of a pass of StyleNet, at the same time.
        width: of the working picture in pixels.
        height: of it.
    """

    start: float
    step: float
    memory: float
    reference: float
    width: int
    height: int


def main() -> None:
    """Parse the command line, measure, and print the tables."""
    parser = argparse.ArgumentParser(description="Measure what runs cost.")
    parser.add_argument("--models", nargs="*", choices=CHOICES, default=[STARTER])
    parser.add_argument("--sizes", type=int, nargs="+", default=[256, 384, 512, 768])
    parser.add_argument("--crops", type=int, nargs="+", default=[16, 32, 64])
    parser.add_argument("--half", action="store_true", help="every second case: they are many")
    parser.add_argument("--write", action="store_true", help=f"the coefficients into {TABLE.name}")
    parser.add_argument("--plot", type=Path, metavar="FILE.png", help="of the last models")
    parser.add_argument("--case", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.case:
        print(json.dumps(asdict(measure(Case(**json.loads(arguments.case))))))
        return
    print(f"{best_device()}, {torch.get_num_threads()} threads, torch {torch.__version__}")
    with tempfile.TemporaryDirectory() as folder:
        for models in arguments.models:
            if models != STARTER:
                for name in CHOICES[models].files:
                    write_random_weights(Path(folder), name)
            cases = [
                Case(models, painter, size, crops, regions, folder)
                for painter in PAINTERS
                for i, size in enumerate(arguments.sizes)
                for j, crops in enumerate(arguments.crops)
                for regions in (1, 2)
                if not arguments.half or (i + j + regions) % 2 == 0
            ]
            found = steadied([(case, in_process(case)) for case in cases])
            table = {p: fit_parts([r for r in found if r[0].painter == p]) for p in PAINTERS}
            if arguments.write:
                write(models, table)
            report(found, table)
            if arguments.plot is not None:
                draw(panels(found, table), arguments.plot)
    if not arguments.models or STARTER in arguments.models:
        runs()


def in_process(case: Case) -> Measured:
    """Measure a case in a process of its own, so that it has its memory to itself."""
    command = [sys.executable, "-m", "bench.cost", "--case", json.dumps(asdict(case))]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603
    return Measured(**json.loads(done.stdout))


def measure(case: Case) -> Measured:
    """Do the steps of a case."""
    device = best_device()
    models = load(case, device)
    forget_peak()
    photo = fit(open_photo(PHOTO), case.size)
    height, width = photo.rgb.shape[:2]
    mask = np.hypot(*np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]) < 0.7
    prompts = ("fire", "mosaic") if case.regions == 2 else ("fire", "fire")
    settings = replace(PAINTERS[case.painter], steps=1000, crops=case.crops)
    began = clock()
    run = Run(
        to_tensor(photo.rgb, device),
        two_regions(mask, *prompts, settings),
        models.encoder,
        models.perceptual,
        settings,
        models.sketcher,
    )
    start = clock() - began
    seconds(run)  # pays for the first use of everything
    times = [seconds(run)]
    while len(times) < 2 or (sum(times) < QUICK and len(times) < MOST):
        times.append(seconds(run))
    if device == "cpu":
        memory = peak_memory_mib() or 0.0
    else:
        memory = torch.cuda.max_memory_allocated(device) / 2**20
    return Measured(start, min(times), memory, reference(device), width, height)


def forget_peak() -> None:
    """From here on the most memory is that of the run, not of loading; Linux alone can do it."""
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


def load(case: Case, device: str) -> Models:
    """The models of a case, with random weights where the real ones would be a download."""
    if case.models == STARTER:
        return load_models(STARTER, device)
    return random_models(Path(case.folder), case.models, device, best_dtype(device))


def clock() -> float:
    """Seconds; on one core those that this process had, whatever else the machine was doing."""
    alone = best_device() == "cpu" and torch.get_num_threads() == 1
    return time.process_time() if alone else time.perf_counter()


def seconds(run: Run) -> float:
    """Of one step."""
    began = clock()
    run.advance()
    run.look()  # waits for the device
    return clock() - began


def reference(device: str) -> float:
    """Seconds of a pass of StyleNet: the machine's speed at this moment."""
    net, picture = StyleNet().to(device), torch.rand(REFERENCE, device=device)
    times = []
    for _ in range(6):
        began = clock()
        net(picture).mean().backward()
        if device != "cpu":
            torch.cuda.synchronize()
        times.append(clock() - began)
    return min(times)


def steadied(found: Sequence[tuple[Case, Measured]]) -> list[tuple[Case, Measured]]:
    """The seconds as they would be had the machine's speed been the median all the time."""
    usual = statistics.median(measured.reference for _, measured in found)
    steady = []
    for case, measured in found:
        slow = measured.reference / usual
        quicker = replace(measured, start=measured.start / slow, step=measured.step / slow)
        steady.append((case, quicker))
    return steady


def fit_parts(found: Sequence[tuple[Case, Measured]]) -> dict[str, list[float]]:
    """Coefficients of `cost.terms`, none negative, that make the relative errors small."""
    rows = np.array([amounts(case, measured) for case, measured in found])
    table = {}
    for part in PARTS:
        values = np.array([getattr(measured, part) for _, measured in found])
        solution, _ = nnls(rows / values[:, None], np.ones(len(values)))
        table[part] = [float(f"{value:.4g}") for value in solution]
    return table


def amounts(case: Case, measured: Measured) -> tuple[float, ...]:
    """What the cost of a case is a sum over."""
    settings = replace(STUDIO, crops=case.crops)
    return terms(settings, (measured.width, measured.height), case.regions)


def write(models: str, table: dict[str, dict[str, list[float]]]) -> None:
    """Put the coefficients of some models into the file, beside those of others."""
    every = json.loads(TABLE.read_text("utf-8")) if TABLE.exists() else {}
    every[models] = table
    ordered = {name: every[name] for name in CHOICES if name in every}
    text = json.dumps(ordered, indent=1)
    TABLE.write_text(text + "\n", "utf-8")


def report(
    found: Sequence[tuple[Case, Measured]], table: dict[str, dict[str, list[float]]]
) -> None:
    """Print what was measured beside what the sums say."""
    columns = ["models, painter", "size", "crops", "regions", "start, s", "step, s", "sum"]
    columns += ["MiB", "sum"]
    print(f"\n| {' | '.join(columns)} |\n{'|---' * len(columns)}|")
    off: dict[str, list[float]] = {part: [] for part in PARTS}
    for case, measured in found:
        said = sums(table, case, measured)
        for part in PARTS:
            off[part].append(abs(said[part] / getattr(measured, part) - 1))
        print(
            f"| {case.models}, {case.painter} | {case.size} | {case.crops} | {case.regions} | "
            f"{measured.start:.2f} | {measured.step:.3f} | {said['step']:.3f} | "
            f"{measured.memory:.0f} | {said['memory']:.0f} |",
            flush=True,
        )
    for part, errors in off.items():
        usual, most = statistics.median(errors), max(errors)
        print(f"{part}: off by {usual:.0%} in the median, {most:.0%} at most")
    print(json.dumps(table))


def sums(
    table: dict[str, dict[str, list[float]]], case: Case, measured: Measured
) -> dict[str, float]:
    """What the coefficients say about a case, by part."""
    row = amounts(case, measured)
    return {
        part: sum(c * a for c, a in zip(values, row, strict=True))
        for part, values in table[case.painter].items()
    }


def panels(
    found: Sequence[tuple[Case, Measured]], table: dict[str, dict[str, list[float]]]
) -> list[Panel]:
    """Seconds of a step and memory against the size, our own painter, a line for each number."""
    own = [(case, measured) for case, measured in found if case.painter == "layers"]
    pairs = ("step", "Seconds of a step"), ("memory", "Memory, MiB")
    plots = []
    for part, title in pairs:
        lines: dict[str, list[Point]] = {}
        for case, measured in own:
            name = f"{case.crops} crops, {case.regions} region{'s' * (case.regions > 1)}"
            point = case.size, getattr(measured, part), sums(table, case, measured)[part]
            lines.setdefault(name, []).append(point)
        plots.append(Panel(title, "Long side, pixels", lines))
    return plots


def runs() -> None:
    """Print what whole runs of the presets take on the command line, and what it said before."""
    print("\n| preset | size, steps, crops | said, s | took, s | said, MiB | held, MiB |")
    print("|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for preset in PRESETS:
            out, record = Path(folder, "a.png"), Path(folder, "a.json")
            options = ["--foreground", "fire", "--background", "mosaic", "--models", STARTER]
            files = ["--output", str(out), "--report", str(record), "--preset", preset]
            command = [sys.executable, "-m", "studio", str(PHOTO), *options, *files]
            subprocess.run(command, cwd=ROOT, capture_output=True, check=True)  # noqa: S603
            made = json.loads(record.read_text("utf-8"))
            s, said = made["settings"], made["estimate"]
            print(
                f"| {preset} | {s['size']}, {s['steps']}, {s['crops']} | {said['seconds']:.1f} | "
                f"{made['seconds']:.1f} | {said['memory']:.0f} | {made['peak_memory_mib']:.0f} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
