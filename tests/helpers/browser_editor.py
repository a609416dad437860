"""The page's editor: the canvas as pixels, and a hand that draws on it."""

import io
import time
from collections.abc import Callable

import numpy as np
from PIL import Image
from scipy.ndimage import uniform_filter

from studio.runs.mask_layer import COLOUR, OPAQUE
from tests.helpers.browser_page import PATIENCE, OpenPage, pixels_of

TOOLBAR = 60  # pixels at the left, where the colour of the brush is shown
MARGIN = 30  # pixels of the screen that Gradio leaves around a photo
REST = 4  # looks at the editor, 0.1 s and more apart, between which it has not changed
BRUSH = 24  # radius in pixels of the editor's picture
EDGE = 3  # of the brush, soft, and of a stroke by a hand that hits whole pixels of the screen
Place = tuple[float, float]


def has_picture(screenshot: bytes) -> bool:
    """Whether the editor shows anything: empty, it has few colours."""
    rgb = Image.open(io.BytesIO(screenshot)).convert("RGB")
    return rgb.crop((TOOLBAR, 0, *rgb.size)).getcolors(50) is None


class Editor(OpenPage):
    """Look at the editor's canvas, once it has come to rest, and draw."""

    def until_at_rest(self) -> np.ndarray:
        """The editor's pixels, once it has drawn what it was given.

        It draws photo and layer one after the other, in the place of others, without an event.
        So this looks again and again, for over a second: only where a test needs the canvas.
        """
        canvas = self.page.locator("#editor canvas").first
        canvas.scroll_into_view_if_needed()
        before, equal, deadline = b"", 0, time.monotonic() + PATIENCE / 1000
        while equal < REST:
            # Playwright's care for animations and the caret would cost more than the picture.
            now = self.page.screenshot(
                clip=canvas.bounding_box(), animations="allow", caret="initial"
            )
            equal = equal + 1 if now == before and has_picture(now) else 0
            assert time.monotonic() < deadline, "the editor does not come to rest"
            before = now
            self.page.wait_for_timeout(100)
        return pixels_of(now)

    def to_screen(self, size: tuple[int, int]) -> Callable[[float, float], Place]:
        """Once the editor is at rest: where on the screen a point (x, y) of its picture must be.

        That follows from the picture's (width, height) alone. Were it read off the mask on the
        screen, a mask in the wrong place would go unnoticed.
        """
        self.until_at_rest()
        box = self.page.locator("#editor canvas").first.bounding_box()
        there = box["width"], box["height"]
        scale = min((t - 2 * MARGIN) / s for t, s in zip(there, size, strict=True))
        left, top = (
            box[edge] + (t - s * scale) / 2 for edge, t, s in zip("xy", there, size, strict=True)
        )
        return lambda x, y: (left + x * scale, top + y * scale)

    def agreement(self, rgb: np.ndarray, alpha: np.ndarray) -> float:
        """Intersection over union of the colour on the screen and a mask's alpha [H, W].

        `rgb` is the photo below it, both at the size of the editor's picture.
        """
        height, width = alpha.shape
        to_screen = self.to_screen((width, height))
        (left, top), (right, bottom) = to_screen(0, 0), to_screen(width, height)
        clip = {"x": left, "y": top, "width": right - left, "height": bottom - top}
        seen = pixels_of(self.page.screenshot(clip=clip)).astype(float)
        photo, mask = (
            np.asarray(Image.fromarray(a).resize(seen.shape[1::-1], Image.Resampling.BOX), float)
            for a in (rgb, alpha)
        )
        # Of a mixture of photo and colour, the colour's part.
        way = COLOUR - photo
        part = uniform_filter(((seen - photo) * way).sum(axis=2), 5)
        part /= uniform_filter((way**2).sum(axis=2), 5)
        edge = self.page.locator("#editor canvas").first.bounding_box()["x"] + TOOLBAR
        free = np.arange(seen.shape[1]) + left >= edge
        here, there = (part > 0.25)[:, free], (mask > OPAQUE / 2)[:, free]
        return (here & there).sum() / (here | there).sum()

    def tool(self, name: str, note: str) -> None:
        """Press a button that changes the mask; the note says so."""
        self.forget_note()
        self.press(self.page.get_by_role("button", name=name, exact=True))
        self.until_note(note)

    def stroke(self, start: Place, end: Place) -> None:
        """Draw with the mouse, screen pixels."""
        mouse = self.page.mouse
        mouse.move(*start)
        mouse.down()
        mouse.move(*end, steps=4)
        mouse.up()

    def touch(self, start: Place, end: Place) -> None:
        """Draw with a finger, screen pixels."""
        session = self.page.context.new_cdp_session(self.page)
        for part in np.linspace(0, 1, 9):
            x, y = np.add(start, part * np.subtract(end, start)).tolist()
            kind = "touchMove" if part else "touchStart"
            event = {"type": kind, "touchPoints": [{"x": x, "y": y}]}
            session.send("Input.dispatchTouchEvent", event)
        session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def check_stroke(mask: np.ndarray, alpha: np.ndarray, start: Place, end: Place) -> None:
    """A stroke from point to point of the editor's picture is in a mask [H, W] that a run had.

    Everywhere else the mask is the alpha [H, W] that it had before.
    """
    assert mask.shape == alpha.shape
    points = np.mgrid[: mask.shape[0], : mask.shape[1]][::-1].transpose(1, 2, 0) - np.array(start)
    way = np.subtract(end, start)
    along = (points @ way / (way @ way)).clip(0, 1)
    distance = np.linalg.norm(points - along[..., None] * way, axis=2)
    values = (mask * OPAQUE).round()
    np.testing.assert_allclose(mask * OPAQUE, values, atol=1e-3)
    outside, inside = distance > BRUSH + EDGE, distance < BRUSH - EDGE
    np.testing.assert_array_equal(values[outside], alpha[outside])
    assert inside.sum() > 100
    assert values[inside].min() == OPAQUE
    assert alpha[inside].max() < OPAQUE / 2  # it was not in the mask before
