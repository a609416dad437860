"""The first gesture: a photo comes in, and its object is found."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np

from studio.page import choices, photos, status
from studio.page.eigenvectors import thumbnails
from studio.page.prompt_panel import PromptPanel
from studio.page.settings_panel import SettingsPanel
from studio.page.wiring import Updates, caption, picked
from studio.provenance import Provenance, fingerprint, read_provenance
from studio.runs import downloads
from studio.runs.mask_layer import BRUSH, OPACITY, from_alpha, to_editor
from studio.runs.visit import Visit
from studio.server.errors import guarded, sentence

EXAMPLES = photos.load_examples()
UPLOAD = "Upload a photo, or drop it anywhere"
PICK = "Examples, each with two styles; once more for another pair:"
SEARCHING = "Looking for the object …"
RESTORED = (
    "Prompts, settings and mask are again those of that picture; "
    "drop it once more to paint over the picture itself."
)
OTHER_PHOTO = (
    "Prompts and settings are again those of that picture; "
    "its mask comes back with the photo that it was made from."
)
CAME_BACK = "This is the photo of the picture that you dropped, with its mask."


class PhotoPanel:
    """Upload, editor and examples.

    Attributes:
        visit: `gr.State` of a `Visit`.
        editor: the photo and its mask.
        note: a sentence about them.
        mask_file: the mask's layer as the browser sends it, never shown (see `wiring`).
    """

    def __init__(self) -> None:
        self.visit = gr.State(Visit(), time_to_live=3600)
        with gr.Column(elem_id="upload-box"):
            self.upload = gr.UploadButton(UPLOAD, file_types=["image"], size="sm", elem_id="upload")
        # Shown with its first photo: an empty editor would put that off its middle.
        with gr.Column(elem_id="stage"), gr.Column(visible=False) as self.editor_box:
            self.editor = gr.ImageEditor(
                label="Photo and mask",
                type="numpy",
                canvas_size=(64, 64),
                fixed_canvas=False,
                sources=(),
                transforms=(),
                layers=False,
                format="png",
                brush=gr.Brush(
                    colors=[(BRUSH, OPACITY)],
                    default_color=(BRUSH, OPACITY),
                    color_mode="fixed",
                    default_size=24,
                ),
                eraser=gr.Eraser(default_size=24),
                buttons=[],
                height=300,
                elem_id="editor",
            )
        self.mask_file = gr.File(label="Mask file", visible=False)

    def build_note(self) -> None:
        """The sentence below the mask's tools."""
        self.note = gr.HTML(status.note(SEARCHING), padding=False, elem_id="note")

    def build_examples(self) -> None:
        """The examples, below it."""
        caption(PICK)
        self.examples = gr.Gallery(
            [(example.thumbnail(), example.name) for example in EXAMPLES],
            label="Examples",
            show_label=False,
            container=False,
            format="jpeg",
            columns=len(EXAMPLES),
            height="auto",
            allow_preview=False,
            interactive=False,
            object_fit="cover",
            buttons=[],
            elem_id="examples",
        )

    def wire(
        self,
        prompts: PromptPanel,
        settings: SettingsPanel,
        eigenvectors: gr.Gallery,
        search: dict[str, Any],
    ) -> None:
        """The events; `search` are the options of those that look for an object."""
        self.prompts, self.settings, self.eigenvectors = prompts, settings, eigenvectors
        self.upload.upload(
            self.on_upload,
            [self.visit, self.upload, settings.source],
            [*self.scene, *prompts.texts, *settings.filled],
            trigger_mode="always_last",
            **search,
        )
        self.examples.select(
            self.on_example,
            [settings.source, *prompts.texts],
            [*self.scene, *prompts.texts],
            # With "always_last", Gradio 6.31 answers a click that had to wait with the data of the
            # click before it: the example before came again.
            trigger_mode="multiple",
            **search,
        )

    @property
    def scene(self) -> list[Any]:
        """What a new photo changes."""
        return [self.visit, self.editor, self.editor_box, self.note, self.eigenvectors]

    @guarded
    def on_open(self) -> Updates:
        """A page has opened: an example is on it, its object found."""
        first = EXAMPLES[0]
        return {
            **self._scene(photos.open_example(first.path)),
            **self.prompts.fill(*first.pairs[0]),
        }

    @guarded
    def on_upload(self, visit: Visit, path: str | None, source: str) -> Iterator[Updates]:
        """A photo came in, or a picture made here: show it with its object, or its settings."""
        yield {self.note: status.note(SEARCHING)}
        try:
            dropped = read_provenance(path or "")
            digest = sha256(Path(path).read_bytes()).hexdigest() if path and dropped else ""
            if dropped is not None and digest != visit.dropped_file:
                visit = replace(visit, dropped=dropped, dropped_file=digest)
                yield self.restore(visit, dropped)
                return
            new = replace(photos.open_for_visit(path), dropped=visit.dropped)
        except Exception as error:
            yield {self.note: status.note(sentence(error))}
            raise
        waiting = visit.dropped
        if waiting is not None and waiting.photo == _fingerprint(new):
            new = replace(new, dropped=None)
            yield {**self._scene(new, from_alpha(waiting.mask)), self.note: status.note(CAME_BACK)}
            return
        yield from self._search(new, source)

    @guarded
    def on_example(
        self, event: gr.SelectData, source: str, foreground: str, background: str
    ) -> Iterator[Updates]:
        """An example was picked: its photo, and its next pair of prompts."""
        example = picked(event, EXAMPLES)
        pair = example.next_pair(foreground, background)
        yield {self.note: status.note(SEARCHING)}
        if source == choices.SPECTRAL:
            yield {**self._scene(photos.open_example(example.path)), **self.prompts.fill(*pair)}
            return
        yield self.prompts.fill(*pair)
        yield from self._search(photos.open_for_visit(example.path), source)

    def restore(self, visit: Visit, provenance: Provenance) -> Updates:
        """Prompts and settings of a picture made here, and its mask where it fits the photo."""
        updates = {
            self.visit: visit,  # keeps the record until its photo comes
            self.note: status.note(OTHER_PHOTO),
            **self.prompts.fill(provenance.foreground, provenance.background),
            **self.settings.fill(provenance.settings, provenance.models),
        }
        if provenance.photo == _fingerprint(visit):
            mask = from_alpha(provenance.mask)
            updates |= {
                self.visit: replace(visit.send(mask), dropped=None),
                self.editor: to_editor(visit.require_shown(), mask),
                self.note: status.note(RESTORED),
            }
        return updates

    def _search(self, visit: Visit, source: str) -> Iterator[Updates]:
        """Where the mask source can't be had, the photo comes with what the built-in one finds."""
        shown = visit.require_shown()
        try:
            for now in downloads.fetch_missing(choices.source_files(source)):
                yield {self.note: status.note(now.text)}
            found = photos.search(shown, source)
        except Exception as error:
            yield {self.note: status.note(sentence(error))}
            if source != choices.SPECTRAL:
                scene = self._scene(replace(visit, found=photos.search(shown)))
                del scene[self.note]
                yield scene
            raise
        yield self._scene(replace(visit, found=found))

    def _scene(self, visit: Visit, mask: np.ndarray | None = None) -> Updates:
        """A new photo with its mask; that which was found, where none is given."""
        found = visit.found
        if mask is None and found is not None:
            mask = found.mask
        return {
            self.visit: visit.send(mask),
            self.editor: to_editor(visit.require_shown(), mask),
            self.editor_box: gr.update(visible=True),
            self.note: status.note("" if found is None else photos.describe(found)),
            self.eigenvectors: gr.update(value=thumbnails(found), selected_index=None),
        }


def _fingerprint(visit: Visit) -> str:
    return fingerprint(visit.require_shown().rgb)
