"""What a first-time visitor waits for, in a real browser: `python -m bench.visit`.

Serves the page as a process of its own and visits it a few times. Beside it, in turn, a page of
Gradio's that has one upload and one picture and computes nothing: what is above that is ours.
Needs Playwright and Debian's chromium (`tests/requirements.txt`).
"""

from __future__ import annotations

import argparse
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).parents[1]
PHOTO = ROOT / "examples/coffee.jpg"
CHROMIUM = "/usr/bin/chromium"
ECHO = """
import sys
import gradio as gr
with gr.Blocks() as demo:
    upload = gr.UploadButton("Upload", elem_id="upload")
    picture = gr.Image(format="jpeg", elem_id="result", type="filepath")
    upload.upload(lambda path: path, upload, picture)
demo.launch(server_port=int(sys.argv[1]), quiet=True)
"""
NOTE = "(document.querySelector('#note')?.innerText ?? '')"


REFERENCES = {
    "page usable": "page usable",
    "example and its mask on it": "page usable",
    "mask after the upload": "picture back after the upload",
    "first preview after Stylize": "picture back after the upload",
    "Stop, until the picture can be saved": "picture back after the upload",
}
"""What each time is compared with."""


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="Time a first visit in the browser.")
    parser.add_argument("--visits", type=int, default=5)
    visits = parser.parse_args().visits
    ours: list[dict[str, float]] = []
    bare: list[dict[str, float]] = []
    with (
        serving([str(ROOT / "app.py"), "--port"]) as (url, started),
        serving(["-c", ECHO]) as (echo_url, echo_started),
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--headless", "--no-sandbox", "--disable-gpu"]
        )
        for _ in range(visits):
            ours.append(visit(browser, url))
            bare.append(echo(browser, echo_url))
        browser.close()
    print("| | seconds | bare Gradio page | ratio |\n|---|---|---|---|")
    row("server up", started, echo_started)
    for name, reference in REFERENCES.items():
        seconds = statistics.median(times[name] for times in ours)
        row(name, seconds, statistics.median(times[reference] for times in bare))


def row(name: str, seconds: float, reference: float) -> None:
    """One line of the table."""
    print(f"| {name} | {seconds:.2f} | {reference:.2f} | {seconds / reference:.1f} |", flush=True)


def visit(browser: Browser, url: str) -> dict[str, float]:
    """Seconds of each gesture of a first visit, 384 pixels, two styles."""
    page = browser.new_page(viewport={"width": 1280, "height": 1000})
    times = {}
    clock = time.perf_counter()
    page.goto(url)
    page.wait_for_selector("#stylize:not([disabled])")
    times["page usable"] = time.perf_counter() - clock
    page.wait_for_function(f"{NOTE}.includes('of the photo')")
    times["example and its mask on it"] = time.perf_counter() - clock
    settle(page)
    page.evaluate("document.querySelector('#note p').innerText = ''")
    clock = time.perf_counter()
    page.locator("#upload-box input[type=file]").set_input_files(PHOTO)
    page.wait_for_function(f"{NOTE}.includes('of the photo')")
    times["mask after the upload"] = time.perf_counter() - clock
    settle(page)
    clock = time.perf_counter()
    page.locator("#stylize").click()
    page.wait_for_selector("#result img")
    times["first preview after Stylize"] = time.perf_counter() - clock
    page.wait_for_function("/^Step [5-9]/.test(document.querySelector('.semcs-line').innerText)")
    clock = time.perf_counter()
    page.locator("#stop").click()
    page.wait_for_selector("#download:not([disabled])")
    times["Stop, until the picture can be saved"] = time.perf_counter() - clock
    page.close()
    return times


def echo(browser: Browser, url: str) -> dict[str, float]:
    """The same of the page that computes nothing."""
    page = browser.new_page()
    times = {}
    clock = time.perf_counter()
    page.goto(url)
    page.wait_for_selector("#upload")
    times["page usable"] = time.perf_counter() - clock
    settle(page)
    clock = time.perf_counter()
    page.locator("input[type=file]").first.set_input_files(PHOTO)
    page.wait_for_selector("#result img")
    times["picture back after the upload"] = time.perf_counter() - clock
    page.close()
    return times


def settle(page: Page) -> None:
    """Nobody is as quick as this script: let the page come to rest."""
    page.wait_for_timeout(1000)


@contextmanager
def serving(arguments: list[str]) -> Iterator[tuple[str, float]]:
    """A server on a free port, its address, and the seconds until it answered."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    began = time.perf_counter()
    process = subprocess.Popen([sys.executable, *arguments, port], stdout=subprocess.DEVNULL)  # noqa: S603
    url = f"http://127.0.0.1:{port}"
    try:
        while True:
            if process.poll() is not None:
                sys.exit("The server did not start.")
            try:
                urllib.request.urlopen(url, timeout=5).close()
                break
            except OSError:
                time.sleep(0.05)
        yield url, time.perf_counter() - began
    finally:
        process.terminate()
        process.wait()


if __name__ == "__main__":
    main()
