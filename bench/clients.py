"""Many visitors at once: `python -m bench.clients [--clients 20]`.

Each asks for a picture of its own colour, all at the same moment, and comes back when it is told
to. The table shows whether each got its own picture, and whether the page answered meanwhile. The
server is a process of its own.
"""

from __future__ import annotations

import argparse
import colorsys
import re
import statistics
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import httpx
import numpy as np
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from PIL import Image

from tests.helpers.visitor import LOG, serving

SIDE = 96  # pixels of a photo
COME_BACK = 2.0  # seconds until one that was told to comes back
PROBE = 0.25  # seconds between two looks at the page
NEAR = 6.0  # levels that a colour may be off by, after a palette and a PNG


@dataclass(frozen=True)
class Served:
    """How one client fared.

    Attributes:
        seconds: until it had its picture.
        refusals: how often it was told to come back.
        off: how far its picture's colour is from its own, in levels of 255.
    """

    seconds: float
    refusals: int
    off: float


def main() -> None:
    """Parse the command line and print the table."""
    parser = argparse.ArgumentParser(description="Many visitors at once.")
    parser.add_argument("--clients", type=int, default=20)
    clients = parser.parse_args().clients
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        over, together = threading.Event(), threading.Barrier(clients)
        with serving(folder) as (url, _), ThreadPoolExecutor(clients + 1) as pool:
            probe = pool.submit(answers, url, over)
            visits = [
                pool.submit(visit, url, photo(folder, number, clients), together)
                for number in range(clients)
            ]
            try:
                served = [visit.result() for visit in visits]
            finally:
                over.set()
            waited = probe.result()
        report(served, waited, (folder / LOG).read_text("utf-8"))


def photo(folder: Path, number: int, of: int) -> Path:
    """A photo of one colour, with a grey square in the middle that will be painted."""
    colour = np.array(colorsys.hsv_to_rgb(number / of, 0.8, 0.8)) * 255
    pixels = np.tile(colour, (SIDE, SIDE, 1))
    pixels[32:64, 32:64] = 128 + 20 * np.sin(np.arange(32))[:, None, None]
    path = folder / f"photo{number}.png"
    Image.fromarray(pixels.round().astype(np.uint8)).save(path)
    return path


def visit(url: str, path: Path, together: threading.Barrier) -> Served:
    """One client, from its coming to its picture."""
    mask = path.with_name(f"{path.stem}-mask.png")
    white = np.zeros((SIDE, SIDE), np.uint8)
    white[32:64, 32:64] = 255
    Image.fromarray(white).save(mask)
    client = Client(url, verbose=False, download_files=path.parent / path.stem)
    together.wait()
    began, refusals = time.perf_counter(), 0
    while True:
        try:
            picture, _ = client.predict(
                handle_file(path),
                "fire",
                mask=handle_file(mask),
                size=SIDE,
                steps=5,
                api_name="/stylize",
            )
            break
        except AppError as error:
            if not re.search("try again|come back", str(error)):
                raise
            refusals += 1
            time.sleep(COME_BACK)
    seconds = time.perf_counter() - began
    wanted, got = (np.asarray(Image.open(p).convert("RGB"), float)[:16] for p in (path, picture))
    return Served(seconds, refusals, float(np.abs(got - wanted).max()))


def answers(url: str, over: threading.Event) -> list[float]:
    """Seconds that the page took to answer, again and again."""
    taken = []
    while not over.wait(PROBE):
        began = time.perf_counter()
        httpx.get(url, timeout=60).raise_for_status()
        taken.append(time.perf_counter() - began)
    return taken


def report(served: list[Served], waited: list[float], log: str) -> None:
    """Print how all fared."""
    bad = [line for line in log.splitlines() if "ERROR" in line or "Traceback" in line]
    seconds = sorted(one.seconds for one in served)
    own = sum(one.off < NEAR for one in served)
    print(
        "| clients | with their own picture | told to come back, times | first served, s "
        "| median, s | last, s | page, median s | page, slowest s | errors |\n" + "|---" * 9 + "|"
    )
    print(
        f"| {len(served)} | {own} | {sum(one.refusals for one in served)} | {seconds[0]:.1f} "
        f"| {statistics.median(seconds):.1f} | {seconds[-1]:.1f} "
        f"| {statistics.median(waited):.2f} | {max(waited):.2f} | {len(bad)} |"
    )
    print(*bad[:10], sep="\n")


if __name__ == "__main__":
    main()
