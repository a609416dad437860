"""Time the stages of a run against each other: `python -m bench.run`.

Machines are shared and noisy, so every figure is also given as a ratio to one forward and backward
pass of StyleNet alone at full size, measured in the same process, in turn with the rest; medians.
"""

from __future__ import annotations

import argparse
import math
import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import torch

from models.loading import best_device, load_models
from semcs_core.image import fit, open_photo, to_tensor, to_uint8
from semcs_core.mask import find_object
from semcs_core.methods import two_regions
from semcs_core.run import stylize
from semcs_core.settings import Settings
from semcs_core.stylenet import StyleNet
from studio.report import peak_memory_mib

VISIBLE = 8 / 255  # mean change of a channel
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
    print()
    print("| long side | first visible change, s | finished, s | of it the mask, s | MiB at most |")
    print("|---|---|---|---|---|")
    for size in arguments.sizes:
        first, finished, mask = whole_run(size, device)
        print(f"| {size} | {first:.2f} | {finished:.1f} | {mask:.2f} | {peak_memory_mib()} |")


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
            two_regions(mask, "fire", "fire"),
            two_regions(mask, "fire", "mosaic"),
        )
    )
    return {
        "StyleNet alone": lambda: net(tensor).mean().backward(),
        "mask": lambda: find_object(photo.rgb),
        "step, one style": lambda: next(one),
        "step, two styles": lambda: next(two),
    }


def whole_run(size: int, device: str) -> tuple[float, float, float]:
    """Two styles with the default settings, from the photo's pixels to the picture's.

    Returns:
        Seconds until a picture differs visibly from the photo, until the last, and of the mask.
    """
    rgb = fit(open_photo(PHOTO), size).rgb
    models = load_models("starter", device)
    began = time.perf_counter()
    mask = find_object(rgb).mask
    masked = time.perf_counter() - began
    photo = to_tensor(rgb, device)
    first = None
    for step in stylize(
        photo,
        two_regions(mask, "fire", "mosaic"),
        models.encoder,
        models.perceptual,
        replace(Settings(), size=size),
        models.sketcher,
    ):
        if first is None and float((step.image - photo).abs().mean()) > VISIBLE:
            first = time.perf_counter() - began
    to_uint8(step.image)
    return first or math.nan, time.perf_counter() - began, masked


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
