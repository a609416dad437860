"""A visitor of the page: a real browser, and what it sees."""

import io
import re
import socket
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image
from playwright.sync_api import Download, Locator, Page, TimeoutError

from studio.page.setting_controls import ADVANCED, STRENGTHS

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
REST = 4  # looks at the editor, 0.1 s and more apart, between which it has not changed
PINK = 40  # red above green, which grey photos have only below the mask


def has_picture(screenshot: bytes) -> bool:
    """Whether the editor shows anything: empty, it has few colours."""
    rgb = Image.open(io.BytesIO(screenshot)).convert("RGB")
    return rgb.crop((TOOLBAR, 0, *rgb.size)).getcolors(50) is None


class Visit:
    """One open page, driven as a visitor would."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.uploads: list[str] = []
        page.set_default_timeout(PATIENCE)
        page.on("request", lambda r: self.uploads.append(r.url) if "/upload" in r.url else None)
        page.goto(url)
        # The first example is on the page as soon as it opens, its object found.
        self.until("#stylize:not([disabled])")
        self.until_found()

    def until(self, selector: str) -> None:
        self.page.wait_for_selector(selector)

    def until_true(self, expression: str, arg: object = None) -> None:
        """JavaScript becomes true; if not, what the page says instead is told."""
        try:
            self.page.wait_for_function(expression, arg=arg)
        except TimeoutError as error:
            said = f"note: {self.note()!r}, status: {self.status()!r}"
            raise AssertionError(f"Never came true: {expression} {arg or ''}; {said}") from error

    def until_note(self, pattern: str) -> None:
        """The sentence below the editor matches."""
        self.until_true(
            "p => new RegExp(p).test(document.querySelector('#note')?.innerText)", pattern
        )

    def forget_note(self) -> None:
        """Empty the note, so that what it says next is news."""
        self.page.evaluate("document.querySelector('#note .semcs-note').innerText = ''")

    def forget_status(self) -> None:
        """Empty the status line, so that what it says next is news."""
        self.page.evaluate("document.querySelector('.semcs-line').innerText = ''")

    def upload(self, path: Path) -> None:
        self.forget_note()
        with self.page.expect_file_chooser() as chooser:
            self.page.locator("#upload").click()
        chooser.value.set_files(path)

    def give(self, event: str, path: Path) -> None:
        """A file is dropped on the page, or pasted: "drop" or "paste"."""
        box = self.page.evaluate_handle(
            "Object.assign(document.createElement('input'), {type: 'file'})"
        ).as_element()
        box.set_input_files(path)
        box.evaluate(
            """(box, event) => {
                const files = new DataTransfer();
                files.items.add(box.files[0]);
                const options = {bubbles: true, cancelable: true};
                document.querySelector("#status").dispatchEvent(event === "drop"
                    ? new DragEvent("drop", {...options, dataTransfer: files})
                    : new ClipboardEvent("paste", {...options, clipboardData: files}));
            }""",
            event,
        )

    def pick_example(self, number: int) -> None:
        self.forget_note()
        self.page.locator("#examples button").nth(number).click()

    def until_found(self) -> None:
        """The mask is there, and drawn."""
        self.until_note("% of the photo|No object")
        self.until("#editor canvas")
        self.until_at_rest()

    def until_at_rest(self) -> None:
        """The editor has drawn what it was given.

        It draws photo and layer one after the other, in the place of others, without an event.
        """
        canvas = self.page.locator("#editor canvas").first
        canvas.scroll_into_view_if_needed()
        before, equal, deadline = b"", 0, time.monotonic() + PATIENCE / 1000
        while equal < REST:
            box = canvas.bounding_box()
            # Playwright's care for animations and the caret would cost more than the picture.
            now = self.page.screenshot(clip=box, animations="allow", caret="initial")
            equal = equal + 1 if now == before and has_picture(now) else 0
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

    def until_prompts_other_than(self, values: tuple[str, str]) -> None:
        fields = "#object-style textarea, #object-style input, "
        fields += "#background-style textarea, #background-style input"
        self.page.wait_for_function(
            """([fields, old]) => {
                const now = [...document.querySelectorAll(fields)].map(field => field.value);
                return now.some((text, n) => text !== old[n]);
            }""",
            arg=[fields, list(values)],
        )

    def open_fold(self, name: str) -> Locator:
        """A fold of the page, by its id, opened."""
        fold = self.page.locator(f"#{name}")
        head = fold.locator("> button").first
        if "open" not in (head.get_attribute("class") or "").split():
            head.click()
            # The page sets the controls once more, two frames after the fold has opened.
            self.page.evaluate(
                "() => new Promise(r => setTimeout(() => requestAnimationFrame(r), 200))"
            )
        return fold

    def open_settings(self) -> Locator:
        """The fold with the settings, opened."""
        return self.open_fold("settings")

    def choices(self, menu: str) -> list[str]:
        """The lines of a menu in its fold: "models", "method" or "mask-source"."""
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
        self.open_fold("mask-fold" if menu == "mask-source" else "settings")
        self.page.locator(f"#{menu} input").click()
        options = self.page.locator(f"#{menu} [role=option]")
        options.first.wait_for()
        return options

    def _close_menu(self, menu: str) -> None:
        self.page.locator(f"#{menu} input").evaluate("input => input.blur()")
        self.page.locator(f"#{menu} [role=option]").first.wait_for(state="detached")

    def setting(self, name: str) -> Locator:
        """The field of a setting's control, by the name of the setting, its fold opened."""
        if name not in STRENGTHS:
            self.open_settings()
        if name in ADVANCED:
            self.open_fold("advanced")
        return self.page.locator(f"#{name} input:not([type=range])")

    def settings(self, **values: float) -> None:
        """Type settings by their names."""
        for name, value in values.items():
            field = self.setting(name)
            field.fill(str(value))
            field.press("Tab")

    def stylize(self) -> None:
        self.forget_status()
        self.page.locator("#stylize").click()

    def stop(self) -> None:
        self.page.locator("#stop").click()

    def until_over(self) -> str:
        """The run is over; what the status line says."""
        self.until_true(
            "/^(Done|Stopped|Ended|Time)/.test(document.querySelector('.semcs-line').innerText)"
        )
        self.until("#stylize:not([disabled])")
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

    def choose_file(self, button: str, path: Path, tap: bool = False) -> None:
        """Press a button that asks for a file, and choose one."""
        self.forget_note()
        with self.page.expect_file_chooser() as waiting:
            if tap:
                self.page.locator(button).tap()
            else:
                self.page.locator(button).click()
        waiting.value.set_files(path)

    def tool(self, name: str, note: str) -> None:
        """Press a button that changes the mask; the note says so, and it is drawn."""
        self.forget_note()
        self.page.get_by_role("button", name=name, exact=True).click()
        self.until_note(note)
        self.until_at_rest()

    def save(self, button: str) -> tuple[str, bytes]:
        """Press a button that saves a file; its name and content."""
        with self.page.expect_download() as waiting:
            self.page.locator(button).click()
        return waiting.value.suggested_filename, waiting.value.path().read_bytes()

    def editor_map(self, alpha: np.ndarray) -> Callable[[float, float], tuple[float, float]]:
        """Screen coordinates of a point (x, y) of the editor's (grey) picture.

        Args:
            alpha: [H, W] of the mask that is shown.
        """
        screen = self.picture_on_screen()
        there, here = np.argwhere(screen.pink), np.argwhere(alpha > PINK * 255 / 210)
        middles = [(points.max(axis=0) + points.min(axis=0) + 1) / 2 for points in (there, here)]
        scale = (np.ptp(there, axis=0).max() + 1) / (np.ptp(here, axis=0).max() + 1)

        def to_screen(x: float, y: float) -> tuple[float, float]:
            top, left = middles[0] + (np.array((y, x)) - middles[1]) * scale
            return screen.left + left, screen.top + top

        return to_screen

    def touch(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        """Draw with a finger, screen pixels."""
        session = self.page.context.new_cdp_session(self.page)
        for part in np.linspace(0, 1, 9):
            x, y = np.add(start, part * np.subtract(end, start))
            session.send(
                "Input.dispatchTouchEvent",
                {
                    "type": "touchMove" if part else "touchStart",
                    "touchPoints": [{"x": float(x), "y": float(y)}],
                },
            )
        session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})

    def watch_steps(self) -> None:
        """From now on, keep every step number that the status names."""
        self.page.evaluate(
            """() => {
                window.steps_seen = [];
                const look = () => {
                    const line = document.querySelector(".semcs-line");
                    const step = line && line.innerText.match(/^Step (\\d+) of/);
                    if (step) window.steps_seen.push(Number(step[1]));
                };
                new MutationObserver(look).observe(document.querySelector("#status"),
                    {subtree: true, childList: true, characterData: true});
            }"""
        )

    def steps(self) -> list[int]:
        """The step numbers seen."""
        return self.page.evaluate("window.steps_seen")

    def until_step(self, number: int) -> None:
        """The run has come so far."""
        self.until_true(f"window.steps_seen.at(-1) >= {number}")

    def apply(self) -> None:
        self.page.locator("#apply").click()

    def resume(self) -> None:
        self.until("#continue:not([disabled])")
        self.forget_status()
        self.page.locator("#continue").click()

    def until_edit(self, text: str) -> int:
        """The status says that a change has reached the run; the step it counts from."""
        self.page.wait_for_function(
            "text => document.querySelector('#status').innerText.includes(text)", arg=text
        )
        return int(re.search(rf"From step (\d+) on: {re.escape(text)}", self.status())[1])


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
