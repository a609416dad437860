"""A visitor of the page: a real browser, and what it sees."""

import re
import time
from pathlib import Path

from tests.helpers.browser_editor import Editor
from tests.helpers.browser_form import Form
from tests.helpers.browser_page import PATIENCE, apart, one_sentence, pixels_of

__all__ = ["PATIENCE", "Visit", "apart", "one_sentence", "pixels_of"]
CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
]


class Visit(Form, Editor):
    """One open page, driven as a visitor would."""

    def begin(self, photo: Path, **settings: float) -> "Visit":
        """Upload a photo, whose object is found, and set up a small run."""
        self.choose_file("#upload-box button", photo)
        self.until_found()
        self.settings(**settings)
        return self

    def make(self, foreground: str, background: str) -> bytes:
        """Run to the end; the picture's file."""
        self.prompts(foreground, background)
        self.stylize()
        self.until_over()
        return self.download()[1]

    def stylize(self) -> None:
        self.forget_status()
        self.press("#stylize")

    def stop(self) -> None:
        self.press("#stop")

    def apply(self) -> None:
        self.press("#apply")

    def resume(self) -> None:
        self.until("#continue:not([disabled])")
        self.forget_status()
        self.press("#continue")

    def until_over(self) -> str:
        """The run is over; what the status line says."""
        self.until_true(
            "/^(Done|Stopped|Ended|Time)/.test(document.querySelector('.semcs-line').innerText)"
        )
        self.until("#stylize:not([disabled])")
        return self.status()

    def watch(self) -> None:
        """From now on, keep each step that the status names, and each result's address."""
        self.page.evaluate(
            """() => {
                window.steps_seen = [];
                window.frames_seen = [];
                const look = () => {
                    const step = document.querySelector(".semcs-line")?.innerText
                        .match(/^Step (\\d+) of/);
                    if (step) window.steps_seen.push(Number(step[1]));
                    const src = document.querySelector("#result img")?.src;
                    if (src && !window.frames_seen.includes(src)) window.frames_seen.push(src);
                };
                new MutationObserver(look).observe(document.body,
                    {subtree: true, childList: true, characterData: true, attributes: true});
            }"""
        )

    def frames(self, at_least: int) -> list[bytes]:
        """The files of the pictures seen, once there are enough."""
        self.until_true(f"window.frames_seen.length >= {at_least}")
        return [self.fetch(url) for url in self.page.evaluate("window.frames_seen")]

    def shown(self) -> bytes:
        """The file of the picture that is shown as the result."""
        return self.fetch(self.page.locator("#result img").get_attribute("src"))

    def until_shown(self, picture: bytes, view: str = "#result") -> None:
        """The result, or the last picture of another view, is this file, soon."""
        deadline = time.monotonic() + PATIENCE / 1000
        shown = self.page.locator(f"{view} img").last
        while self.fetch(shown.get_attribute("src")) != picture:
            assert time.monotonic() < deadline, f"{view} shows another picture"
            self.page.wait_for_timeout(50)

    def download(self) -> tuple[str, bytes]:
        """Press the button; the file's name and content."""
        self.until("#download:not([disabled])")
        return self.save("#download")

    def steps(self) -> list[int]:
        """The step numbers seen."""
        return self.page.evaluate("window.steps_seen")

    def until_step(self, number: int) -> None:
        """The run has come so far."""
        self.until_true(f"window.steps_seen.at(-1) >= {number}")

    def until_edit(self, text: str) -> int:
        """The status says that a change has reached the run; the step it counts from."""
        self.page.wait_for_function(
            "text => document.querySelector('#status').innerText.includes(text)", arg=text
        )
        return int(re.search(rf"From step (\d+) on: {re.escape(text)}", self.status())[1])
