"""Two styles, each in words, as a picture or both, with its strength; and styles to pick from."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np
from PIL import Image

import styles
from models.device import best_device
from models.loading import STARTER, load_models, resolve
from semcs_core.prompts import check_known
from studio.page import status
from studio.page.setting_controls import STRENGTHS, control
from studio.page.wiring import Updates, gallery, picked
from studio.published import STUDIO, departure
from studio.runs.jobs import describe_unknown, split
from studio.runs.visit import open_style
from studio.server.errors import guarded

SPRITE = Path(__file__).with_name("styles.jpg")
"""All thumbnails in one picture, row by row in the order of `styles.STYLES`; written by
`python -m tools.style_pictures`."""
TILE = 96  # pixels a side; whole blocks of JPEG, so that no tile runs into the next
COLUMNS = 12


def load_style_thumbnails() -> list[tuple[Image.Image, str]]:
    """A square of 96 pixels and the canonical prompt of each style, in their order."""
    with Image.open(SPRITE) as image:
        sprite = image.convert("RGB")
    places = [(n % COLUMNS * TILE, n // COLUMNS * TILE) for n in range(len(styles.STYLES))]
    tiles = [sprite.crop((x, y, x + TILE, y + TILE)) for x, y in places]
    return [(t, style.names[0]) for t, style in zip(tiles, styles.STYLES.values(), strict=True)]


STYLES = load_style_thumbnails()
FIRST = (
    "stained glass",
    "Starry Night by Vincent van Gogh",
    "mosaic",
    "fire",
    "watercolor painting",
    "pop art",
    "snowy",
    "neon light",
    "sketch with black pencil",
    "The Great Wave off Kanagawa",
    "golden",
    "red rocks",
)
"""Unlike each other, and seen without a click."""
STRIP = [next(style for style in STYLES if style[1] == name) for name in FIRST]


class PromptPanel:
    """The styles of object and background.

    Attributes:
        texts: the two prompts.
        pictures: `gr.State` of two style pictures [h, w, 3] uint8, None where there is none.
        tiles: where they are dropped and seen.
        styles: prompts and pictures, the inputs of an event that needs both.
        filled: the components that `fill` changes.
        strengths: the controls of their strengths, by the name of the setting.
        words: a sentence about the prompts.
    """

    def __init__(self) -> None:
        self.texts: list[gr.Textbox] = []
        self.pictures = [gr.State(time_to_live=3600) for _ in range(2)]
        self.tiles: list[gr.Image] = []
        self.strengths: dict[str, Any] = {}
        examples = {"object": "fire, or fire | snowy", "background": "snowy"}
        looks: dict[str, Any] = {"show_label": False, "buttons": [], "elem_classes": "semcs-tile"}
        with gr.Row(elem_id="prompts"):
            for part, example in examples.items():
                with gr.Column(min_width=260):
                    with gr.Row(elem_classes="semcs-style"):
                        text = gr.Textbox(
                            label=f"Style of the {part}",
                            placeholder=example,
                            lines=1,
                            max_lines=1,
                            elem_id=f"{part}-style",
                        )
                        tile = gr.Image(
                            label=f"Style picture of the {part}",
                            placeholder="or a picture",
                            sources=["upload"],
                            **looks,
                            elem_id=f"{part}-picture",
                        )
                    self.texts.append(text)
                    self.tiles.append(tile)
        with gr.Row(elem_id="strip-row"):
            self.target = gr.Radio(
                ["Object", "Background"],
                value="Object",
                type="index",
                label="A click on a style is for the",
                show_label=False,
                container=False,
                elem_id="style-target",
            )
            self.strip = gallery("Twelve styles", "strip", len(STRIP), value=STRIP)
        self.styles = [*self.texts, *self.pictures]
        self.filled = [*self.styles, *self.tiles]
        self.words = gr.HTML(status.note(""), padding=False, elem_id="words")
        self.judges = gr.HTML(judges(STARTER, STUDIO, ""), padding=False, elem_id="judges")

    def build_gallery(self) -> None:
        """The fold with a picture of each style."""
        with gr.Accordion(f"All {len(STYLES)} styles", open=False, elem_id="styles"):
            self.gallery = gallery(
                "Styles", "style-gallery", 6, value=STYLES, container=True, height=330
            )

    def build_strengths(self) -> None:
        """How far each part goes from the photo to its style."""
        with gr.Row():
            self.strengths |= {name: control(name, info=False) for name in STRENGTHS}

    def wire(self, models: gr.Dropdown, quiet: dict[str, Any]) -> list[Callable[..., Any]]:
        """Connect the events.

        Returns:
            Triggers of the changes that a run takes up while it goes on.
        """
        triggers = [slider.release for slider in self.strengths.values()]
        inputs, outputs = [*self.texts, models], [*self.texts, self.words]
        for text in self.texts:
            text.blur(self.on_words, inputs, outputs, **quiet)
            triggers.append(text.submit(self.on_words, inputs, outputs, **quiet).then)
        for tile, picture in zip(self.tiles, self.pictures, strict=True):
            # `gr.Image` would open the file before `open_photo` can judge it (see `wiring`).
            file = gr.File(visible=False)
            sent = tile.upload(None, tile, file, js="file => file", **quiet)
            # The last one counts, also where it is dropped while another is looked at.
            last = {"trigger_mode": "always_last", **quiet}
            taken = sent.then(self.on_picture, [file, picture], [picture, tile], **last)
            triggers.append(taken.success)
            tile.clear(lambda: None, None, picture, queue=False, **quiet)
        for shown, handler in (self.gallery, self.on_style), (self.strip, self.on_strip):
            clicked = shown.select(handler, self.target, self.texts, queue=False, **quiet)
            triggers.append(clicked.then)
        return triggers

    def fill(self, foreground: str, background: str, *pictures: np.ndarray | None) -> Updates:
        """Both styles; without pictures, the tiles become empty."""
        pictures = pictures or (None, None)
        return dict(zip(self.filled, (foreground, background, *2 * pictures), strict=True))

    @guarded
    def on_picture(self, path: str | None, kept: np.ndarray | None) -> Iterator[Any]:
        """Take a style picture; if it cannot be used, the tile gets back the one that it had."""
        try:
            picture = open_style(path)
        except Exception:
            yield kept, kept
            raise
        yield picture, picture

    @guarded
    def on_words(self, foreground: str, background: str, models: str) -> Updates:
        """Split one line for both prompts, and name the words that the models do not know."""
        texts = split(foreground, background)
        # The visitor may be typing the other prompt by now: fill it only where that is needed.
        same = texts == (foreground, background)
        updates: Updates = {} if same else dict(zip(self.texts, texts, strict=True))
        remark = ""
        # Other models know any word, and would have to be loaded first.
        if resolve(models, best_device()).name == STARTER:
            encoder = load_models(STARTER, best_device()).encoder
            remark = describe_unknown(check_known(encoder, [text.strip() for text in texts]))
        return {**updates, self.words: status.note(remark)}

    @guarded
    def on_style(self, event: gr.SelectData, target: int | None) -> Updates:
        """Fill the prompt with the style that was clicked."""
        return {self.texts[target or 0]: picked(event, STYLES)[1]}

    @guarded
    def on_strip(self, event: gr.SelectData, target: int | None) -> Updates:
        """The same for one of the twelve."""
        return {self.texts[target or 0]: picked(event, STRIP)[1]}


def judges(models: str, method: str, source: str, *texts: str | None) -> str:
    """Which models judge the picture, and why it is not a published method, as HTML."""
    name = resolve(models, best_device()).name
    text = f"CLIP ({name}) and VGG19 judge the picture: any words will do."
    if name == STARTER:
        text = f"Built-in network, {len(STYLES)} styles. Any words: choose CLIP in Settings."
    return status.note(f"{text} {departure(method, name, source, alike(*texts))}".strip())


def alike(*texts: str | None) -> bool:
    """Whether object and background have the same words."""
    return len({(text or "").strip() for text in texts}) == 1
