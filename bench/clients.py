"""Many visitors at once: `python -m bench.clients [--clients 20]`.

Each asks for a picture of its own colour, all at the same moment, and comes back when it is told
to. Served in turn or told to come back, nobody with another's picture, and the page answering all
the while: that is what the table shows. The server is a process of its own, as it is started by
`python app.py`.
"""

from __future__ import annotations

import argparse
import colorsys
import os
import re
import statistics
import subprocess
import sys
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

ROOT = Path(__file__).parents[1]
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
    parser.add_argument("--port", type=int, default=7899)
    arguments = parser.parse_args()
    url = f"http://127.0.0.1:{arguments.port}/"
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile("w+") as log:
        server = subprocess.Popen(  # noqa: S603
            [sys.executable, "app.py", "--port", str(arguments.port)],
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            stderr=log,
            env=os.environ | {"GRADIO_TEMP_DIR": folder},
        )
        try:
            until_up(url)
            over = threading.Event()
            with ThreadPoolExecutor(arguments.clients + 1) as pool:
                probe = pool.submit(answers, url, over)
                barrier = threading.Barrier(arguments.clients)
                paths = [
                    photo(Path(folder), n, arguments.clients) for n in range(arguments.clients)
                ]
                visits = [pool.submit(visit, url, path, barrier) for path in paths]
                try:
                    served = [visit.result() for visit in visits]
                finally:
                    over.set()
                waited = probe.result()
        finally:
            server.terminate()
            server.wait(30)
        log.seek(0)
        lines = log.read()
    report(served, waited, lines)


def until_up(url: str) -> None:
    """Wait for the page.

    Raises:
        SystemExit: it does not come.
    """
    for _ in range(240):
        try:
            if httpx.get(url + "health").status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.5)
    raise SystemExit("The page does not come up.")


def photo(folder: Path, number: int, of: int) -> Path:
    """A photo of one colour, with a grey square in the middle that will be painted."""
    colour = np.array(colorsys.hsv_to_rgb(number / of, 0.8, 0.8)) * 255
    pixels = np.tile(colour, (SIDE, SIDE, 1))
    pixels[32:64, 32:64] = 128 + 20 * np.sin(np.arange(32))[:, None, None]
    path = folder / f"photo{number}.png"
    Image.fromarray(pixels.round().astype(np.uint8)).save(path)
    return path


def visit(url: str, path: Path, barrier: threading.Barrier) -> Served:
    """One client, from its coming to its picture."""
    mask = path.with_name(f"{path.stem}-mask.png")
    white = np.zeros((SIDE, SIDE), np.uint8)
    white[32:64, 32:64] = 255
    Image.fromarray(white).save(mask)
    client = Client(url, verbose=False, download_files=path.parent / path.stem)
    barrier.wait()
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


def report(served: list[Served], waited: list[float], lines: str) -> None:
    """Print how all fared."""
    bad = [line for line in lines.splitlines() if "ERROR" in line or "Traceback" in line]
    seconds = sorted(one.seconds for one in served)
    print("| clients | served | with their own colour | told to come back, times |")
    print("|---|---|---|---|")
    own = sum(one.off < NEAR for one in served)
    print(f"| {len(served)} | {len(served)} | {own} | {sum(one.refusals for one in served)} |")
    print()
    print("| first served, s | median, s | last, s | page, median s | page, slowest s | errors |")
    print("|---|---|---|---|---|---|")
    print(
        f"| {seconds[0]:.1f} | {statistics.median(seconds):.1f} | {seconds[-1]:.1f} "
        f"| {statistics.median(waited):.2f} | {max(waited):.2f} | {len(bad)} |"
    )
    print(*bad[:10], sep="\n")


if __name__ == "__main__":
    main()
