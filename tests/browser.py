"""A visitor of the page: a real browser, and what it sees."""

import io
import re
import socket
import time
from pathlib import Path

import numpy as np
from PIL import Image
from playwright.sync_api import Download, Locator, Page

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
]
PATIENCE = 60_000  # milliseconds, on a busy machine
TOOLBAR = 60  # pixels at the left, where the colour of the brush is shown
PINK = 40  # red above green, which grey photos have only below the mask


class Visit:
    """One open page, driven as a visitor would."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.uploads: list[str] = []
        page.set_default_timeout(PATIENCE)
        page.on("request", lambda r: self.uploads.append(r.url) if "/upload" in r.url else None)
        page.goto(url)
        self.until("#stylize:not([disabled])")
        self.until("#object-suggestions button")

    def until(self, selector: str) -> None:
        self.page.wait_for_selector(selector)

    def until_true(self, expression: str) -> None:
        self.page.wait_for_function(expression)

    def upload(self, path: Path) -> None:
        self.until("#upload button[aria-label*=upload]")
        self.page.locator("#upload input[type=file]").set_input_files(path)

    def until_found(self) -> None:
        """The mask is there, and drawn."""
        self.until_true(
            "/% of the photo|No object/.test(document.querySelector('#note').innerText)"
        )
        self.until("#editor canvas")
        # The editor draws photo and layer one after the other and has no event for it.
        before, deadline = None, time.monotonic() + PATIENCE / 1000
        while True:
            now = self.picture_on_screen().pixels
            if before is not None and now.std() > 5 and np.array_equal(before, now):
                return
            assert time.monotonic() < deadline, "the editor does not come to rest"
            before = now
            self.page.wait_for_timeout(100)

    def prompts(self, foreground: str, background: str) -> None:
        self.page.locator("#object-style textarea, #object-style input").fill(foreground)
        self.page.locator("#background-style textarea, #background-style input").fill(background)

    def prompt_values(self) -> tuple[str, str]:
        return (
            self.page.locator("#object-style textarea, #object-style input").input_value(),
            self.page.locator("#background-style textarea, #background-style input").input_value(),
        )

    def open_settings(self) -> Locator:
        """The fold with the settings, opened."""
        fold = self.page.locator("#settings")
        if not fold.get_by_label("Seed").is_visible():
            fold.get_by_role("button", name="Settings").click()
            fold.get_by_label("Seed").wait_for()
            # The page sets the controls once more, two frames after the fold has opened.
            self.page.evaluate(
                "() => new Promise(r => setTimeout(() => requestAnimationFrame(r), 200))"
            )
        return fold

    def choices(self, menu: str) -> list[str]:
        """The lines of a menu in the fold: "models", "method" or "source"."""
        options = self._open_menu(menu)
        texts = options.all_inner_texts()
        self._close_menu(menu)
        return texts

    def choose(self, menu: str, line: str) -> None:
        """Choose from a menu in the fold the line that has this in it."""
        self._open_menu(menu).filter(has_text=line).first.click()
        self.until_true(f"document.querySelector('#{menu} input').value.includes({line!r})")
        self._close_menu(menu)

    def _open_menu(self, menu: str) -> Locator:
        self.open_settings()
        self.page.locator(f"#{menu} input").click()
        options = self.page.locator(f"#{menu} [role=option]")
        options.first.wait_for()
        return options

    def _close_menu(self, menu: str) -> None:
        self.page.locator(f"#{menu} input").evaluate("input => input.blur()")
        self.page.locator(f"#{menu} [role=option]").first.wait_for(state="detached")

    def settings(self, **values: int) -> None:
        """Set size, steps or seed in the fold."""
        fold = self.open_settings()
        for name, value in values.items():
            label = "Seed" if name == "seed" else f"number input for {name.capitalize()}"
            field = fold.get_by_label(label)
            field.fill(str(value))
            field.press("Tab")

    def stylize(self) -> None:
        self.page.locator("#stylize").click()

    def stop(self) -> None:
        self.page.locator("#stop").click()

    def until_over(self) -> str:
        """The run is over; what the status line says."""
        self.until_true(
            "/^(Done|Stopped|Ended|Time)/.test(document.querySelector('.semcs-line').innerText)"
            " && !document.querySelector('#stylize').disabled"
        )
        return self.status()

    def status(self) -> str:
        return self.page.locator("#status").inner_text()

    def note(self) -> str:
        return self.page.locator("#note").inner_text()

    def watch_frames(self) -> None:
        """From now on, keep the address of every picture that is shown as the result."""
        self.page.evaluate(
            """() => {
                window.frames_seen = [];
                const look = () => {
                    const image = document.querySelector("#result img");
                    if (image && image.src && !window.frames_seen.includes(image.src))
                        window.frames_seen.push(image.src);
                };
                new MutationObserver(look).observe(document.querySelector("#result"),
                    {subtree: true, childList: true, attributes: true});
            }"""
        )

    def frames(self, at_least: int) -> list[bytes]:
        """The files of the pictures seen, once there are enough."""
        self.until_true(f"window.frames_seen.length >= {at_least}")
        return [self.fetch(url) for url in self.page.evaluate("window.frames_seen")]

    def fetch(self, url: str) -> bytes:
        response = self.page.request.get(url)
        assert response.ok, url
        return response.body()

    def shown(self) -> bytes:
        """The file of the picture that is shown as the result."""
        return self.fetch(self.page.locator("#result img").get_attribute("src"))

    def download(self) -> tuple[str, bytes]:
        """Press the button; the file's name and content."""
        self.until("#download:not([disabled])")
        with self.page.expect_download() as waiting:
            self.page.locator("#download").click()
        download: Download = waiting.value
        return download.suggested_filename, download.path().read_bytes()

    def toast(self, pattern: str) -> str:
        """Wait for a message that says so, read and close it."""
        body = self.page.locator(".toast-body").filter(has_text=re.compile(pattern))
        body.first.wait_for()
        text = body.first.inner_text()
        for _ in range(self.page.locator(".toast-close").count()):
            self.page.locator(".toast-close").first.click()
        return text

    def picture_on_screen(self) -> "Screen":
        """Where the (grey) photo's mask is on the screen."""
        canvas = self.page.locator("#editor canvas").first
        canvas.scroll_into_view_if_needed()
        box = canvas.bounding_box()
        pixels = np.asarray(Image.open(io.BytesIO(canvas.screenshot())).convert("RGB"), int)
        return Screen(box["x"], box["y"], pixels)

    def stroke(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        """Draw with the mouse, screen pixels."""
        mouse = self.page.mouse
        mouse.move(*start)
        mouse.down()
        mouse.move(*end, steps=8)
        mouse.up()


class Screen:
    """The editor's canvas as pixels, and where on the page it is."""

    def __init__(self, left: float, top: float, pixels: np.ndarray) -> None:
        self.left, self.top, self.pixels = left, top, pixels
        self.pink = pixels[..., 0] - pixels[..., 1] > PINK
        self.pink[:, :TOOLBAR] = False
        self.rows = np.flatnonzero(self.pink.sum(axis=1) > 2)
        self.columns = np.flatnonzero(self.pink.sum(axis=0) > 2)


def pixels_of(data: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"), int)


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]
