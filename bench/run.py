"""Time the stages of a run against each other: `python -m bench.run`.

Machines are shared and noisy, so every figure is also given as a ratio to one forward and backward
pass of StyleNet alone at full size, measured in the same process, in turn with the rest; medians.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import torch

from semcs_core.image import fit, open_photo, to_tensor
from semcs_core.mask import find_object
from semcs_core.models import best_device, load_models
from semcs_core.regions import split_regions
from semcs_core.report import peak_memory_mib
from semcs_core.settings import Settings
from semcs_core.stylenet import StyleNet
from semcs_core.stylize import stylize

PHOTO = Path(__file__).parents[1] / "examples" / "coffee.jpg"


def main() -> None:
    """Parse the command line and print the table."""
    parser = argparse.ArgumentParser(description="Time the stages of a run.")
    parser.add_argument("--sizes", type=int, nargs="+", default=[256, 384, 512])
    parser.add_argument("--repeats", type=int, default=7)
    arguments = parser.parse_args()
    device = best_device()
    print(f"{device}, {torch.get_num_threads()} threads, torch {torch.__version__}")
    began = time.perf_counter()
    load_models("starter", device)
    print(f"starter models loaded in {time.perf_counter() - began:.2f} s")
    print("| long side | stage | seconds (median) | ratio to StyleNet alone |")
    print("|---|---|---|---|")
    for size in arguments.sizes:
        stages = build_stages(size, device)
        times: dict[str, list[float]] = {name: [] for name in stages}
        for _ in range(arguments.repeats):
            for name, stage in stages.items():
                stage()  # the stage before it has left caches and kernels of other shapes
                times[name].append(seconds(stage, device))
        medians = {name: statistics.median(values) for name, values in times.items()}
        for name, value in medians.items():
            print(f"| {size} | {name} | {value:.3f} | {value / medians['StyleNet alone']:.2f} |")
    print(f"peak memory of the process: {peak_memory_mib()} MiB")


def build_stages(size: int, device: str) -> dict[str, Callable[[], object]]:
    """What is timed at one size: each call does the whole stage once."""
    models = load_models("starter", device)
    photo = fit(open_photo(PHOTO), size)
    tensor = to_tensor(photo.rgb, device)
    mask = find_object(photo.rgb).mask
    net = StyleNet().to(device)
    settings = replace(Settings(), steps=1000)
    one, two = (
        stylize(tensor, regions, models.encoder, models.perceptual, settings, models.sketcher)
        for regions in (
            split_regions(mask, "fire", "fire"),
            split_regions(mask, "fire", "mosaic"),
        )
    )
    return {
        "StyleNet alone": lambda: net(tensor).mean().backward(),
        "mask": lambda: find_object(photo.rgb),
        "step, one style": lambda: next(one),
        "step, two styles": lambda: next(two),
    }


def seconds(stage: Callable[[], object], device: str) -> float:
    """Wall-clock time of one call."""
    if device == "cuda":
        torch.cuda.synchronize()
    began = time.perf_counter()
    stage()
    if device == "cuda":
        torch.cuda.synchronize()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
