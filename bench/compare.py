"""Our loop against the published one, side by side: `python -m bench.compare`.

The same method (CLIPstyler: 512 x 512 pixels, 64 crops), the same random weights, steps of one and
of the other in turn; medians. Beside it what is the least that such a step can take: the operations
of ours, counted, at the rate that this machine reaches on a large matrix product.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from timm.data import IMAGENET_DEFAULT_MEAN, IMAGENET_DEFAULT_STD
from torch.utils.flop_counter import FlopCounterMode

from bench.models import VGG, plain_clip, plain_vgg, random_models, write_random_weights
from bench.published import Nets, PublishedLoop
from bench.run import seconds
from semcs_core.backends.checkpoint import Normalise
from semcs_core.backends.clip import ARCHITECTURES, DEVIATION, MEAN, Clip
from semcs_core.backends.vgg import TAPS
from semcs_core.image import open_photo, to_tensor
from semcs_core.methods import CLIPSTYLER
from semcs_core.models import best_device
from semcs_core.regions import split_regions
from semcs_core.report import peak_memory_mib
from semcs_core.run import Run

PHOTO = Path(__file__).parents[1] / "examples" / "coffee.jpg"
DTYPES = {"bfloat16": torch.bfloat16, "float32": torch.float32}
MATRIX = 4096  # side of the product that the machine's rate is measured with
LOOPS = ("published", "ours")


def main() -> None:
    """Parse the command line and print the table."""
    parser = argparse.ArgumentParser(description="Our loop against the published one.")
    parser.add_argument("--models", nargs="+", default=["clip-vit-b32", "clip-rn50"])
    parser.add_argument("--dtypes", nargs="+", choices=DTYPES, default=list(DTYPES))
    parser.add_argument("--size", type=int, default=CLIPSTYLER.size)
    parser.add_argument("--crops", type=int, default=CLIPSTYLER.crops)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--memory-of", choices=LOOPS, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.memory_of is not None:
        step = build(arguments, arguments.models[0], arguments.memory_of, arguments.dtypes[0])
        for _ in range(3):
            step()
        print(peak_memory_mib())
        return
    device = best_device()
    print(f"{describe(device)}, {torch.get_num_threads()} threads, torch {torch.__version__}")
    with tempfile.TemporaryDirectory() as folder:
        arguments.folder = Path(folder)
        print(
            "| models | ours in | published, s | ours, s | times faster "
            "| floor, s | share of it | published, MiB | ours, MiB | ratio |\n"
            "|---|---|---|---|---|---|---|---|---|---|"
        )
        for name in arguments.models:
            for dtype in arguments.dtypes:
                print(row(arguments, name, dtype), flush=True)


def row(arguments: argparse.Namespace, name: str, dtype: str) -> str:
    """One line of the table."""
    steps = {loop: build(arguments, name, loop, dtype) for loop in LOOPS}
    device = best_device()
    times: dict[str, list[float]] = {loop: [] for loop in LOOPS}
    for n in range(arguments.repeats + 1):
        for loop, step in steps.items():
            took = seconds(step, device)
            if n:  # the first one warms up
                times[loop].append(took)
    published, ours = (statistics.median(times[loop]) for loop in LOOPS)
    with FlopCounterMode(display=False) as counter:
        steps["ours"]()
    floor = counter.get_total_flops() / matrix_rate(DTYPES[dtype], device)
    del steps
    peaks = [memory(arguments, name, loop, dtype) for loop in LOOPS]
    return (
        f"| {name} | {dtype} | {published:.2f} | {ours:.2f} | {published / ours:.2f} "
        f"| {floor:.2f} | {floor / ours:.0%} "
        f"| {peaks[0]:.0f} | {peaks[1]:.0f} | {peaks[1] / peaks[0]:.2f} |"
    )


def build(arguments: argparse.Namespace, name: str, loop: str, dtype: str) -> Callable[[], object]:
    """A loop that is ready; each call does one step."""
    device = best_device()
    size = arguments.size
    photo = to_tensor(
        np.asarray(Image.fromarray(open_photo(PHOTO).rgb).resize((size, size))), device
    )
    settings = replace(
        CLIPSTYLER, size=size, crops=arguments.crops, crop_size=max(16, size // 4), steps=1000
    )
    if loop == "ours":
        models = random_models(arguments.folder, name, device, DTYPES[dtype])
        regions = split_regions(np.ones((size, size)), "fire", "fire", settings)
        return Run(photo, regions, models.encoder, models.perceptual, settings).advance
    direction = torch.nn.functional.normalize(torch.randn(ARCHITECTURES[name].embedding), dim=0)
    nets = published_nets(arguments.folder, name, device)
    return PublishedLoop(photo, nets, direction.to(device), settings).advance


def published_nets(folder: Path, name: str, device: str) -> Nets:
    """The same networks as they come."""
    clip = plain_clip(name, write_random_weights(folder, name)).to(device).eval()
    vgg = plain_vgg(write_random_weights(folder, VGG)).to(device)
    for_clip = Normalise(MEAN, DEVIATION, device)
    for_vgg = Normalise(IMAGENET_DEFAULT_MEAN, IMAGENET_DEFAULT_STD, device)

    def features(image: torch.Tensor) -> list[torch.Tensor]:
        x, taps = for_vgg(image), []
        for number, layer in enumerate(vgg):
            x = layer(x)
            if number in TAPS:
                taps.append(x)
        return taps

    return Nets(lambda images: clip.encode_image(for_clip(images)), Clip.input_size, features)


def memory(arguments: argparse.Namespace, name: str, loop: str, dtype: str) -> float:
    """Peak memory in MiB of a process that does three steps of one loop and nothing else."""
    command = [sys.executable, "-m", "bench.compare", "--memory-of", loop, "--models", name]
    command += ["--dtypes", dtype, "--size", str(arguments.size), "--crops", str(arguments.crops)]
    command += ["--folder", str(arguments.folder)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603
    return float(done.stdout)


def matrix_rate(dtype: torch.dtype, device: str) -> float:
    """Operations a second of a large matrix product, the best of ten."""
    a, b = (torch.randn(MATRIX, MATRIX, device=device, dtype=dtype) for _ in range(2))
    return 2 * MATRIX**3 / min(seconds(lambda: a @ b, device) for _ in range(10))


def describe(device: str) -> str:
    """The machine, in a few words."""
    return (
        torch.cuda.get_device_name()
        if device == "cuda"
        else torch.backends.cpu.get_cpu_capability()
    )


if __name__ == "__main__":
    main()
