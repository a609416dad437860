"""An open page: what everybody who looks at one waits for and reads."""

import io
import re
from pathlib import Path

import numpy as np
from PIL import Image
from playwright.sync_api import Locator, Page, TimeoutError, expect

PATIENCE = 60_000  # milliseconds, on a busy machine
FIELDS = {part: f"#{part}-style :is(textarea, input)" for part in ("object", "background")}
"""Selectors of the two prompts."""


class OpenPage:
    """Wait for what the page says, read it, save and give files."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.uploads: list[str] = []
        page.set_default_timeout(PATIENCE)
        page.on("request", lambda r: self.uploads.append(r.url) if "/upload" in r.url else None)
        page.goto(url)
        # The first example is on the page as soon as it opens, its object found.
        self.until("#stylize:not([disabled])")
        self.until_found()
        self.until_true(
            "fields => fields.every(f => document.querySelector(f).value)", [*FIELDS.values()]
        )

    def until(self, selector: str) -> None:
        self.page.wait_for_selector(selector)

    def until_true(self, expression: str, arg: object = None) -> None:
        """JavaScript becomes true; if not, what the page says instead is told."""
        try:
            self.page.wait_for_function(expression, arg=arg)
        except TimeoutError as error:
            said = f"note: {self.note()!r}, status: {self.status()!r}"
            raise AssertionError(f"Never came true: {expression} {arg or ''}; {said}") from error

    def press(self, button: str | Locator) -> None:
        """Click, once the button can be used.

        Without the mouse: a photo that is drawn just now moves what is below it, and a button that
        moves between mouse down and mouse up is not clicked.
        """
        button = self.page.locator(button) if isinstance(button, str) else button
        button.wait_for()
        expect(button).to_be_enabled(timeout=PATIENCE)
        button.dispatch_event("click")

    def until_note(self, pattern: str) -> None:
        """The sentence below the editor matches."""
        self.until_true(
            "p => new RegExp(p).test(document.querySelector('#note')?.innerText)", pattern
        )

    def until_found(self) -> None:
        """The mask is there; the editor may not have drawn it yet (see `until_at_rest`)."""
        self.until_note("% of the photo|No object")
        self.until("#editor canvas")

    def forget_note(self) -> None:
        """Empty the note, so that what it says next is news."""
        self.page.evaluate("document.querySelector('#note .semcs-note').innerText = ''")

    def forget_status(self) -> None:
        """Empty the status line, so that what it says next is news."""
        self.page.evaluate("document.querySelector('.semcs-line').innerText = ''")

    def status(self) -> str:
        return self.page.locator("#status").inner_text()

    def note(self) -> str:
        return self.page.locator("#note").inner_text()

    def toast(self, pattern: str) -> str:
        """Wait for a message that says so, read and close it."""
        body = self.page.locator(".toast-body").filter(has_text=re.compile(pattern))
        body.first.wait_for()
        text = body.first.inner_text()
        for _ in range(self.page.locator(".toast-close").count()):
            self.page.locator(".toast-close").first.click()
        return text

    def fetch(self, url: str) -> bytes:
        response = self.page.request.get(url)
        assert response.ok, url
        return response.body()

    def addresses(self, selector: str, count: int) -> list[str]:
        """Of the pictures there, once they are that many and loaded."""
        self.until_true(
            "([selector, count]) => (images => images.length === count &&"
            " images.every(i => i.naturalWidth))([...document.querySelectorAll(selector)])",
            [selector, count],
        )
        return [image.get_attribute("src") for image in self.page.locator(selector).all()]

    def save(self, button: str) -> tuple[str, bytes]:
        """Press a button that saves a file; its name and content."""
        with self.page.expect_download() as waiting:
            self.press(button)
        return waiting.value.suggested_filename, waiting.value.path().read_bytes()

    def choose_file(self, button: str, path: Path, tap: bool = False) -> None:
        """Press a button that asks for a file, and choose one."""
        self.forget_note()
        with self.page.expect_file_chooser() as waiting:
            if tap:
                self.page.locator(button).tap()
            else:
                self.page.locator(button).click()
        waiting.value.set_files(path)

    def upload(self, path: Path) -> None:
        self.choose_file("#upload", path)

    def give(self, event: str, path: Path, place: str = "#status") -> None:
        """A file is dropped on the page, or pasted: "drop" or "paste"."""
        box = self.page.evaluate_handle(
            "Object.assign(document.createElement('input'), {type: 'file'})"
        ).as_element()
        box.set_input_files(path)
        box.evaluate(
            """(box, [event, place]) => {
                const files = new DataTransfer();
                files.items.add(box.files[0]);
                const options = {bubbles: true, cancelable: true};
                document.querySelector(place).dispatchEvent(event === "drop"
                    ? new DragEvent("drop", {...options, dataTransfer: files})
                    : new ClipboardEvent("paste", {...options, clipboardData: files}));
            }""",
            [event, place],
        )

    def pick_example(self, number: int) -> None:
        self.forget_note()
        self.press(self.page.locator("#examples button").nth(number))


def pixels_of(data: bytes) -> np.ndarray:
    """Of a picture's file, [H, W, 3] int."""
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"), int)


def apart(one: np.ndarray, other: np.ndarray) -> float:
    """Mean absolute difference of two pictures."""
    return np.abs(np.asarray(one, float) - np.asarray(other, float)).mean()


def one_sentence(text: str, pattern: str) -> None:
    """The message, without the toast's title, is one sentence that matches."""
    message = text.strip().splitlines()[-1]
    assert re.search(pattern, message), text
    assert re.fullmatch(r"[^.!?]+[.!?]", message), message
    assert "Traceback" not in text
    assert "/" not in message
