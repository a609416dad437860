"""Time and memory of pictures at the photo's own size: `python -m bench.full_size`.

Each case is a process of its own, so that its peak memory is its own too: a run of a few steps at
384 pixels, then its picture at so many megapixels. Machines are shared and noisy: seconds are also
given as a ratio to one step of that run, timed in the same process.
"""

from __future__ import annotations

import argparse
import math
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from models.device import best_device
from models.loading import load_models
from semcs_core.image import fit, open_photo, to_tensor
from semcs_core.mask import find_object
from semcs_core.methods import two_regions
from semcs_core.run import Run
from semcs_core.settings import Settings
from studio.full_size import render_full_size
from studio.report import peak_memory_mib

PHOTO = Path(__file__).parents[1] / "examples" / "coffee.jpg"
STEPS = 4
PAINTERS = ("layers", "stylenet")


def main() -> None:
    """Parse the command line and print the table, or one row of it."""
    parser = argparse.ArgumentParser(description="Time pictures at the photo's own size.")
    parser.add_argument("--megapixels", type=float, nargs="+", default=[2, 6, 12, 24])
    parser.add_argument("--painters", choices=PAINTERS, nargs="+", default=PAINTERS)
    parser.add_argument("--styles", nargs=2, default=["fire", "mosaic"])
    parser.add_argument("--alone", action="store_true", help="one case, in this process")
    arguments = parser.parse_args()
    if arguments.alone:
        print(row(arguments.megapixels[0], arguments.painters[0], arguments.styles))
        return
    print(f"{best_device()}, {torch.get_num_threads()} threads, torch {torch.__version__}")
    print("| megapixels | painter | seconds | of it the sketches | ratio to a step | MiB at most |")
    print("|---|---|---|---|---|---|", flush=True)
    for megapixels in arguments.megapixels:
        for painter in arguments.painters:
            case = ["--megapixels", str(megapixels), "--painters", painter]
            command = [sys.executable, "-m", "bench.full_size", "--alone", *case]
            subprocess.run([*command, "--styles", *arguments.styles], check=True)  # noqa: S603


def row(megapixels: float, painter: str, styles: list[str]) -> str:
    """One row of the table; the photo is enlarged to the size asked for."""
    small = open_photo(PHOTO).rgb
    ratio = math.sqrt(megapixels * 1e6 / (small.shape[0] * small.shape[1]))
    size = round(small.shape[1] * ratio), round(small.shape[0] * ratio)
    rgb = np.asarray(Image.fromarray(small).resize(size, Image.Resampling.BICUBIC))
    device = best_device()
    models = load_models("starter", device)
    photo = fit(open_photo(PHOTO), Settings().size)
    settings = replace(Settings(), steps=STEPS, painter=painter)
    regions = two_regions(find_object(photo.rgb).mask, styles[0], styles[1], settings)
    parts = models.encoder, models.perceptual, settings, models.sketcher
    run = Run(to_tensor(photo.rgb, device), regions, *parts)
    run.advance()
    run.look()  # pays for the first use of everything
    began = time.perf_counter()
    while not run.finished:
        run.advance()
    run.look()  # waits for the device
    step = (time.perf_counter() - began) / (STEPS - 1)
    sketches, began = 0.0, time.perf_counter()
    for part in render_full_size(run, rgb):
        if part.done <= (len(regions) if painter == "layers" else 0):
            sketches = time.perf_counter() - began
    seconds = time.perf_counter() - began
    return (
        f"| {megapixels:g} | {painter} | {seconds:.1f} | {sketches:.1f} | {seconds / step:.0f} | "
        f"{peak_memory_mib()} |"
    )


if __name__ == "__main__":
    main()
