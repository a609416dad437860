"""Our loop against the published one, side by side: `python -m bench.compare`.

The same method (CLIPstyler: 512 x 512 pixels, 64 crops), the same random weights, steps of one and
of the other in turn; medians. Each loop has a process of its own, as a user would have it: what one
sets up for itself does not help the other, and each has its own peak of memory. Beside it what is
the least that such a step can take: the operations of ours, counted, at the rate that this machine
reaches on a large matrix product.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
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
from models.checkpoint import Normalise
from models.clip import DEVIATION, MEAN, Clip
from models.device import best_device
from models.vgg import TAPS
from semcs_core.image import open_photo, to_tensor
from semcs_core.methods import CLIPSTYLER, two_regions
from semcs_core.run import Run
from studio.report import peak_memory_mib

PHOTO = Path(__file__).parents[1] / "examples" / "coffee.jpg"
DTYPES = {"bfloat16": torch.bfloat16, "float32": torch.float32}
MATRIX = 4096  # side of the product that the machine's rate is measured with
LOOPS = ("published", "ours")
LARGE_PAGES = "THP_MEM_ALLOC_ENABLE"


def main() -> None:
    """Parse the command line and print the table."""
    parser = argparse.ArgumentParser(description="Our loop against the published one.")
    parser.add_argument("--models", nargs="+", default=["clip-vit-b32", "clip-rn50"])
    parser.add_argument("--dtypes", nargs="+", choices=DTYPES, default=list(DTYPES))
    parser.add_argument("--size", type=int, default=CLIPSTYLER.size)
    parser.add_argument("--crops", type=int, default=CLIPSTYLER.crops)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--worker", choices=LOOPS, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.worker is not None:
        work(build(arguments, arguments.models[0], arguments.worker, arguments.dtypes[0]))
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
    published, ours = (Worker(arguments, name, loop, dtype) for loop in LOOPS)
    times: dict[Worker, list[float]] = {published: [], ours: []}
    for n in range(arguments.repeats + 1):
        for worker, taken in times.items():
            took = worker.ask("step")
            if n:  # the first one warms up
                taken.append(took)
    a, b = (statistics.median(taken) for taken in times.values())
    peaks = [worker.ask("peak") for worker in times]
    floor = ours.ask("operations") / matrix_rate(DTYPES[dtype], best_device())
    for worker in times:
        worker.stop()
    return (
        f"| {name} | {dtype} | {a:.2f} | {b:.2f} | {a / b:.2f} | {floor:.2f} | {floor / b:.0%} "
        f"| {peaks[0]:.0f} | {peaks[1]:.0f} | {peaks[1] / peaks[0]:.2f} |"
    )


class Worker:
    """A process that has one loop ready and does what it is asked."""

    def __init__(self, arguments: argparse.Namespace, name: str, loop: str, dtype: str) -> None:
        command = [sys.executable, "-m", "bench.compare", "--worker", loop, "--models", name]
        command += ["--dtypes", dtype, "--size", str(arguments.size)]
        command += ["--crops", str(arguments.crops), "--folder", str(arguments.folder)]
        environment = os.environ.copy()
        environment.pop(LARGE_PAGES, None)  # set by the package, which only ours is part of
        if loop == "published":
            environment[LARGE_PAGES] = "0"
        self._process = subprocess.Popen(  # noqa: S603
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        )

    def ask(self, what: str) -> float:
        """The answer of `work` to a word."""
        assert self._process.stdin is not None  # noqa: S101
        assert self._process.stdout is not None  # noqa: S101
        print(what, file=self._process.stdin, flush=True)
        answer = self._process.stdout.readline()
        if not answer:
            raise SystemExit("A loop ended before its time: its own words are above.")
        return float(answer)

    def stop(self) -> None:
        """End the process."""
        self._process.communicate()


def work(step: Callable[[], object]) -> None:
    """Answer with seconds to "step", MiB to "peak", the number of a step's to "operations"."""
    for line in sys.stdin:
        word = line.strip()
        if word == "step":
            print(seconds(step, best_device()), flush=True)
        elif word == "peak":
            print(peak_memory_mib(), flush=True)
        elif word == "operations":
            with FlopCounterMode(display=False) as counter:
                step()
            print(counter.get_total_flops(), flush=True)


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
        regions = two_regions(np.ones((size, size)), "fire", "fire", settings)
        return Run(photo, regions, models.encoder, models.perceptual, settings).advance
    width = 1024 if name == "clip-rn50" else 512
    direction = torch.nn.functional.normalize(torch.randn(width), dim=0)
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


def matrix_rate(dtype: torch.dtype, device: str) -> float:
    """Operations a second of a large matrix product, the best of ten."""
    a, b = (torch.randn(MATRIX, MATRIX, device=device, dtype=dtype) for _ in range(2))
    return 2 * MATRIX**3 / min(seconds(lambda: a @ b, device) for _ in range(10))


def seconds(stage: Callable[[], object], device: str) -> float:
    """Wall-clock time of one call."""
    if device == "cuda":
        torch.cuda.synchronize()
    began = time.perf_counter()
    stage()
    if device == "cuda":
        torch.cuda.synchronize()
    return time.perf_counter() - began


def describe(device: str) -> str:
    """The machine, in a few words."""
    return (
        torch.cuda.get_device_name()
        if device == "cuda"
        else torch.backends.cpu.get_cpu_capability()
    )


if __name__ == "__main__":
    main()
