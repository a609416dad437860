"""Whole runs as a visitor has them, previews and all: `python -m bench.whole_run`.

Two styles, from the photo's pixels to the picture's, after a short run that warms up; the full
models have random weights. Each case is a process of its own, so that its peak memory is its own.
"""

from __future__ import annotations

import argparse
import math
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path

import torch

from bench.models import random_models
from models.device import best_device, best_dtype
from models.loading import STARTER, Models, load_models
from semcs_core.image import fit, open_photo, to_tensor, to_uint8
from semcs_core.mask import find_object
from semcs_core.methods import METHODS, two_regions
from semcs_core.run import Run
from studio.report import peak_memory_mib

PHOTO = Path(__file__).parents[1] / "examples" / "coffee.jpg"
WARM_UP = 3  # steps
PREVIEW_SECONDS = 0.1  # between two previews, as on the page
VISIBLE = 8 / 255  # mean change of a channel


@dataclass(frozen=True)
class Times:
    """Seconds since the beginning of a run.

    Attributes:
        masked: until the object was found.
        visible: until a preview differed visibly from the photo; NaN if none did.
        finished: until the last picture.
        previews: how many there were.
    """

    masked: float
    visible: float
    finished: float
    previews: int


def main() -> None:
    """Parse the command line and print the table, or one row of it."""
    parser = argparse.ArgumentParser(description="Time whole runs.")
    parser.add_argument("--models", nargs="+", default=[STARTER, "clip-vit-b32"])
    parser.add_argument("--sizes", type=int, nargs="+", default=[256, 384, 512])
    parser.add_argument("--method", choices=METHODS, default="studio")
    parser.add_argument("--steps", type=int, help="by default the method's own")
    parser.add_argument("--alone", action="store_true", help="one case, in this process")
    options = parser.parse_args()
    steps = METHODS[options.method].steps if options.steps is None else options.steps
    if options.alone:
        with tempfile.TemporaryDirectory() as folder:
            print(row(Path(folder), options.models[0], options.sizes[0], options.method, steps))
        return
    print(f"{best_device()}, {torch.get_num_threads()} threads, torch {torch.__version__}")
    print("| models | size | steps | mask, s | visible change, s | finished, s | previews | MiB |")
    print("|---|---|---|---|---|---|---|---|", flush=True)
    for name in options.models:
        for size in options.sizes:
            case = ["--models", name, "--sizes", str(size), "--method", options.method]
            command = [sys.executable, "-m", "bench.whole_run", "--alone", *case]
            subprocess.run([*command, "--steps", str(steps)], check=True)  # noqa: S603


def row(folder: Path, name: str, size: int, method: str, steps: int) -> str:
    """One line of the table; random weights are written to the folder."""
    device = best_device()
    models = (
        load_models(STARTER, device)
        if name == STARTER
        else random_models(folder, name, device, best_dtype(device))
    )
    paint(models, size, method, WARM_UP)
    if device == "cuda":
        torch.cuda.reset_peak_memory_stats()
    times = paint(models, size, method, steps)
    peak = torch.cuda.max_memory_allocated() / 2**20 if device == "cuda" else peak_memory_mib()
    return (
        f"| {name} | {size} | {steps} | {times.masked:.2f} | {times.visible:.2f} "
        f"| {times.finished:.1f} | {times.previews} | {peak:.0f} |"
    )


def paint(models: Models, size: int, method: str, steps: int) -> Times:
    """Do a whole run of two styles."""
    rgb = fit(open_photo(PHOTO), size).rgb
    began = shown = time.perf_counter()
    mask = find_object(rgb).mask
    masked = time.perf_counter() - began
    photo = to_tensor(rgb, best_device())
    settings = replace(METHODS[method], size=size, steps=steps)
    regions = two_regions(mask, "fire", "mosaic", settings)
    run = Run(photo, regions, models.encoder, models.perceptual, settings, models.sketcher)
    visible, previews = math.nan, 0
    while not run.finished:
        run.advance()
        if not run.finished and time.perf_counter() - shown < PREVIEW_SECONDS:
            continue
        image = run.look().image
        to_uint8(image)
        previews, shown = previews + 1, time.perf_counter()
        if math.isnan(visible) and float((image - photo).abs().mean()) > VISIBLE:
            visible = shown - began
    return Times(masked, visible, time.perf_counter() - began, previews)


if __name__ == "__main__":
    main()
