"""A whole run as a visitor has it, previews and all: `python -m bench.whole_run`.

Two styles at 512 pixels, on the starter and on the full models with random weights, after a short
run that warms up. Beside the seconds: how much of the device's time the steps use. Of a GPU that is
the share of the time in which it computes anything, of a CPU the share of its threads' time.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import torch
from torch.autograd import DeviceType
from torch.profiler import ProfilerActivity, profile

from bench.models import random_models
from models.loading import STARTER, Models, best_device, best_dtype, load_models
from semcs_core.image import fit, open_photo, to_tensor, to_uint8
from semcs_core.mask import find_object
from semcs_core.methods import METHODS, two_regions
from semcs_core.run import Run
from studio.report import peak_memory_mib
from studio.runs.training import FRAME_SECONDS

PHOTO = Path(__file__).parents[1] / "examples" / "coffee.jpg"
WARM_UP = 3  # steps
WATCHED = 20  # steps of which the share is taken


def main(arguments: Sequence[str] | None = None) -> None:
    """Parse the command line and print the table."""
    parser = argparse.ArgumentParser(description="Time whole runs.")
    parser.add_argument("--models", nargs="+", default=[STARTER, "clip-vit-b32"])
    parser.add_argument("--method", choices=METHODS, default="semcs")
    parser.add_argument("--size", type=int, default=512)
    parser.add_argument("--steps", type=int, default=200)
    options = parser.parse_args(arguments)
    print("| models | steps | seconds | previews | MiB at most | busy |\n|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for name in options.models:
            print(row(Path(folder), name, options), flush=True)


def row(folder: Path, name: str, options: argparse.Namespace) -> str:
    """One line of the table."""
    device = best_device()
    models = (
        load_models(STARTER, device)
        if name == STARTER
        else random_models(folder, name, device, best_dtype(device))
    )
    watch(begin(models, options, WARM_UP))
    if device == "cuda":
        torch.cuda.reset_peak_memory_stats()
    began = time.perf_counter()
    previews = watch(begin(models, options, options.steps))
    seconds = time.perf_counter() - began
    peak = torch.cuda.max_memory_allocated() / 2**20 if device == "cuda" else peak_memory_mib()
    share = busy(begin(models, options, WARM_UP + WATCHED), device)
    return f"| {name} | {options.steps} | {seconds:.1f} | {previews} | {peak:.0f} | {share:.0%} |"


def begin(models: Models, options: argparse.Namespace, steps: int) -> Run:
    """A run of two styles that has done no step."""
    photo = fit(open_photo(PHOTO), options.size)
    settings = replace(METHODS[options.method], size=options.size, steps=steps)
    regions = two_regions(find_object(photo.rgb).mask, "fire", "mosaic", settings)
    parts = models.encoder, models.perceptual, settings, models.sketcher
    return Run(to_tensor(photo.rgb, best_device()), regions, *parts)


def watch(run: Run) -> int:
    """Do all steps; how many previews there were, as often as on the page."""
    previews, shown = 0, time.perf_counter()
    while not run.finished:
        run.advance()
        if run.finished or time.perf_counter() - shown >= FRAME_SECONDS:
            to_uint8(run.look().image)
            previews, shown = previews + 1, time.perf_counter()
    return previews


def busy(run: Run, device: str) -> float:
    """The share of the device's time that steps use, previews and all, from 0 to 1."""
    for _ in range(WARM_UP):
        run.advance()
    run.look()
    on_gpu = device == "cuda"
    with profile(activities=[ProfilerActivity.CUDA]) if on_gpu else nullcontext() as profiler:
        began, computed = time.perf_counter(), time.process_time()
        watch(run)
        seconds, computed = time.perf_counter() - began, time.process_time() - computed
    if profiler is None:
        return computed / seconds / torch.get_num_threads()
    return covered(
        (event.time_range.start, event.time_range.end)
        for event in profiler.events()
        if event.device_type == DeviceType.CUDA
    ) / (1e6 * seconds)


def covered(spans: Iterable[tuple[float, float]]) -> float:
    """Length of the union of spans (start, end)."""
    total, reached = 0.0, float("-inf")
    for start, end in sorted(spans):
        total += max(0.0, end - max(start, reached))
        reached = max(reached, end)
    return total


if __name__ == "__main__":
    main()
