"""The page's editor: the canvas as pixels, and a hand that draws on it."""

import io
import time
from collections.abc import Callable

import numpy as np
from PIL import Image

from tests.helpers.browser_page import PATIENCE, OpenPage, pixels_of

TOOLBAR = 60  # pixels at the left, where the colour of the brush is shown
REST = 4  # looks at the editor, 0.1 s and more apart, between which it has not changed
PINK = 40  # red above green, which grey photos have only below the mask


def has_picture(screenshot: bytes) -> bool:
    """Whether the editor shows anything: empty, it has few colours."""
    rgb = Image.open(io.BytesIO(screenshot)).convert("RGB")
    return rgb.crop((TOOLBAR, 0, *rgb.size)).getcolors(50) is None


class Screen:
    """The editor's canvas as pixels, and where on the page it is."""

    def __init__(self, left: float, top: float, pixels: np.ndarray) -> None:
        self.left, self.top, self.pixels = left, top, pixels
        self.pink = pixels[..., 0] - pixels[..., 1] > PINK
        self.pink[:, :TOOLBAR] = False
        self.rows = np.flatnonzero(self.pink.sum(axis=1) > 2)
        self.columns = np.flatnonzero(self.pink.sum(axis=0) > 2)


class Editor(OpenPage):
    """Look at the editor's canvas, once it has come to rest, and draw."""

    def picture_on_screen(self) -> Screen:
        """Where the (grey) photo's mask is on the screen, once the editor is at rest."""
        return self.until_at_rest()

    def until_at_rest(self) -> Screen:
        """The editor has drawn what it was given.

        It draws photo and layer one after the other, in the place of others, without an event.
        So this looks again and again, for over a second: only where a test needs the canvas.
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
        return Screen(box["x"], box["y"], pixels_of(now))

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

    def tool(self, name: str, note: str) -> None:
        """Press a button that changes the mask; the note says so, and it is drawn."""
        self.forget_note()
        self.press(self.page.get_by_role("button", name=name, exact=True))
        self.until_note(note)
        self.until_at_rest()

    def stroke(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        """Draw with the mouse, screen pixels."""
        mouse = self.page.mouse
        mouse.move(*start)
        mouse.down()
        mouse.move(*end, steps=8)
        mouse.up()

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
