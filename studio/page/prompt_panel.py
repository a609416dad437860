"""The second gesture: two styles, in words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gradio as gr

from models.loading import STARTER, best_device, load_models, resolve
from semcs_core.prompts import parse_style
from studio.page import status
from studio.page.setting_controls import STRENGTHS, control
from studio.page.style_gallery import load_style_thumbnails
from studio.page.wiring import Updates, picked
from studio.server.errors import guarded
from studio.words import check_known, describe_unknown

TARGETS = {"Object": 0, "Background": 1}
STYLES = load_style_thumbnails()


class PromptPanel:
    """Two prompts, each with its strength, and pictures of the styles to pick from.

    Attributes:
        texts: of object and background.
        strengths: the same, settings of that name.
    """

    def __init__(self) -> None:
        with gr.Row(elem_id="prompts"):
            columns = [
                self._prompt("object", "fire, or for both: fire | snowy", STRENGTHS[0]),
                self._prompt("background", "snowy", STRENGTHS[1]),
            ]
        self.texts = [text for text, _ in columns]
        self.strengths = dict(zip(STRENGTHS, (slider for _, slider in columns), strict=True))
        self.words = gr.HTML(status.note(""), padding=False, elem_id="words")

    def build_gallery(self) -> None:
        """The styles by their pictures."""
        with gr.Accordion(f"{len(STYLES)} styles to pick from", open=False, elem_id="styles"):
            self.target = gr.Radio(
                list(TARGETS),
                value="Object",
                label="A click on a picture fills the style of the",
                elem_id="style-target",
            )
            self.gallery = gr.Gallery(
                STYLES,
                label="Styles",
                show_label=False,
                format="jpeg",
                columns=6,
                height=330,
                allow_preview=False,
                interactive=False,
                object_fit="cover",
                buttons=[],
                elem_id="style-gallery",
            )

    @staticmethod
    def _prompt(part: str, example: str, strength: str) -> tuple[gr.Textbox, Any]:
        with gr.Column(min_width=260):
            text = gr.Textbox(
                label=f"Style of the {part}",
                placeholder=example,
                lines=1,
                max_lines=1,
                elem_id=f"{part}-style",
            )
            return text, control(strength, info=False)

    def wire(self, models: gr.Dropdown, quiet: dict[str, Any]) -> list[Callable[..., Any]]:
        """The events.

        Returns:
            Triggers of changes that are meant for a run that is going on.
        """
        for text in self.texts:
            text.blur(self.on_words, [*self.texts, models], [*self.texts, self.words], **quiet)
        entered = [
            text.submit(self.on_words, [*self.texts, models], [*self.texts, self.words], **quiet)
            for text in self.texts
        ]
        picked = self.gallery.select(self.on_style, self.target, self.texts, queue=False, **quiet)
        return [
            *(event.then for event in entered),
            picked.then,
            *(slider.release for slider in self.strengths.values()),
        ]

    def fill(self, foreground: str, background: str) -> Updates:
        """Both prompts."""
        return dict(zip(self.texts, (foreground, background), strict=True))

    @guarded
    def on_words(self, foreground: str, background: str, models: str) -> Updates:
        """A prompt was left: one line for both is split, and unknown words are named at once."""
        typed = (foreground, background)
        foreground, background = split(foreground, background)
        # The visitor may be typing the other one by now: it is filled only where it must be.
        updates = {} if (foreground, background) == typed else self.fill(foreground, background)
        remark = ""
        # Other models would first have to be loaded, and know any word.
        if resolve(models, best_device()).name == STARTER:
            encoder = load_models(STARTER, best_device()).encoder
            known = [text for text in (foreground, background) if text.strip()]
            remark = describe_unknown(check_known(encoder, known)) if known else ""
        return {**updates, self.words: status.note(remark)}

    @guarded
    def on_style(self, event: gr.SelectData, target: str) -> Updates:
        """A picture fills a prompt."""
        return {self.texts[TARGETS.get(target, 0)]: picked(event, STYLES)[1]}


def split(foreground: str | None, background: str | None) -> tuple[str, str]:
    """The two prompts, where one line for both was typed into either, whatever is in the other.

    Args:
        foreground: of the object; None is none, as a call may have it.
        background: the same of what is around it.

    Raises:
        UserError: the line cannot be split.
    """
    texts = foreground or "", background or ""
    for line in texts:
        if "|" in line:
            return parse_style(line)
    return texts
