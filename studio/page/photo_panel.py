"""The photo: upload, editor and examples; a new photo comes with the mask of its object."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np

from semcs_core.mask.affinity import NEIGHBOUR_WEIGHT
from studio.page import choices, photos, status
from studio.page.prompt_panel import PromptPanel
from studio.page.settings_panel import SettingsPanel
from studio.page.wiring import CAPTURE, Updates, gallery, picked
from studio.provenance import Provenance, fingerprint, read_provenance
from studio.runs import downloads
from studio.runs.mask_layer import BRUSH, OPACITY, from_alpha, to_editor
from studio.runs.visit import Visit
from studio.server.errors import guarded, sentence

EXAMPLES = photos.load_examples()
UPLOAD = "Upload a photo"
HEIGHT = 250  # pixels of the editor
SEARCHING = "Looking for the object …"
RESTORED = (
    "Prompts, settings and mask are now those of the picture that you dropped; "
    "drop it again to use it as the photo."
)
OTHER_PHOTO = (
    "Prompts and settings are now those of the picture that you dropped; "
    "for its mask, upload the photo that it was made from."
)
CAME_BACK = "The picture that you dropped was made from this photo: here is its mask, too."


class PhotoPanel:
    """Upload, editor and examples.

    Attributes:
        visit: `gr.State` of a `Visit`.
        editor: the photo and its mask.
        note: a sentence about them.
        mask_file: the mask's layer as the browser sends it, never shown (see `wiring`).
        drawn: the inputs of an event that needs the visit, and the mask as it is drawn.
        scene: the components that a new photo changes.
        new: the events after which there may be another photo.
    """

    def __init__(self) -> None:
        self.visit = gr.State(Visit(), time_to_live=3600)
        with gr.Row(elem_id="photos"):
            with gr.Column(elem_id="upload-box", min_width=130):
                self.upload = gr.UploadButton(
                    UPLOAD, file_types=["image"], variant="primary", size="sm", elem_id="upload"
                )
            thumbnails = [(example.thumbnail(), example.name) for example in EXAMPLES]
            self.examples = gallery("Examples", "examples", len(EXAMPLES), value=thumbnails)
        # Hidden until the first photo: Gradio would put that off the centre of an empty editor.
        with gr.Column(elem_id="stage"), gr.Column(visible=False) as self.editor_box:
            colour = BRUSH, OPACITY
            self.editor = gr.ImageEditor(
                label="Photo and mask",
                type="numpy",
                canvas_size=(64, 64),
                fixed_canvas=False,
                sources=(),
                transforms=(),
                layers=False,
                format="png",
                brush=gr.Brush(24, colors=[colour], default_color=colour, color_mode="fixed"),
                eraser=gr.Eraser(default_size=24),
                buttons=[],
                height=HEIGHT,
                elem_id="editor",
            )
        self.note = gr.HTML(status.note(SEARCHING), padding=False, elem_id="note")
        self.mask_file = gr.File(label="Mask file", visible=False)
        self.drawn = [self.visit, self.mask_file]

    def wire(
        self,
        prompts: PromptPanel,
        settings: SettingsPanel,
        eigenvectors: gr.Gallery,
        search_by: list[Any],
        search: Any,
    ) -> None:
        """Connect the events.

        `search_by` are the inputs of those that look for an object, and `search` their options.
        """
        self.prompts, self.settings, self.eigenvectors = prompts, settings, eigenvectors
        self.scene = [self.visit, self.editor, self.editor_box, self.note, eigenvectors]
        uploaded = self.upload.upload(
            self.on_upload,
            [self.visit, self.upload, *search_by],
            [*self.scene, *prompts.filled, *settings.filled],
            trigger_mode="always_last",
            **search,
        )
        chosen = self.examples.select(
            self.on_example,
            [*search_by, *prompts.texts],
            [*self.scene, *prompts.filled],
            # With "always_last", Gradio 6.31 answers a click that had to wait with the data of the
            # click before it: the example before came again.
            trigger_mode="multiple",
            **search,
        )
        self.new = [uploaded, chosen]

    def capture(self, event: Callable[..., Any]) -> Callable[..., Any]:
        """Let an event send the mask first; returns the trigger of what comes `then`."""
        return event(None, self.editor, self.mask_file, js=CAPTURE).then

    @guarded
    def on_open(self) -> Updates:
        """A page has opened: show the first example with its object."""
        first = EXAMPLES[0]
        return self.show(photos.open_example(first.path)) | self.prompts.fill(*first.pairs[0])

    @guarded
    def on_upload(
        self, visit: Visit, path: str | None, source: str, neighbours: float
    ) -> Iterator[Updates]:
        """Show a photo with its object, or restore how a picture of this page was made."""
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
        if waiting is not None and waiting.photo == fingerprint(new.shown.rgb):
            new = replace(new, dropped=None, source=waiting.mask_source)
            yield self.show(new, from_alpha(waiting.mask), CAME_BACK)
        else:
            yield from self._show_new(new, source, neighbours)

    @guarded
    def on_example(
        self,
        event: gr.SelectData,
        source: str,
        neighbours: float,
        foreground: str,
        background: str,
    ) -> Iterator[Updates]:
        """Show the example that was clicked, with the next one of its pairs of prompts."""
        example = picked(event, EXAMPLES)
        prompts = self.prompts.fill(*example.next_pair(foreground, background))
        yield {self.note: status.note(SEARCHING), **prompts}
        if (source, neighbours) == (choices.SPECTRAL, NEIGHBOUR_WEIGHT):
            yield self.show(photos.open_example(example.path))
        else:
            yield from self._show_new(photos.open_for_visit(example.path), source, neighbours)

    def restore(self, visit: Visit, provenance: Provenance) -> Updates:
        """Prompts and settings of a picture made here, and its mask where it fits the photo."""
        updates = {
            self.visit: visit,  # keeps the record until its photo comes
            self.note: status.note(OTHER_PHOTO),
            **self.prompts.fill(provenance.foreground, provenance.background, *provenance.pictures),
            **self.settings.fill(provenance.settings, provenance.models),
        }
        if provenance.photo == fingerprint(visit.shown.rgb):
            visit = replace(visit, dropped=None, source=provenance.mask_source)
            updates |= self.draw(visit, from_alpha(provenance.mask), RESTORED)
        return updates

    def draw(self, visit: Visit, mask: np.ndarray | None, text: str) -> Updates:
        """Put a mask [H, W] in [0, 1] into the editor, None for an empty one, with a note."""
        return {
            self.visit: visit.send(mask),
            self.editor: to_editor(visit.shown, mask),
            self.note: status.note(text),
        }

    def show(self, visit: Visit, mask: np.ndarray | None = None, text: str = "") -> Updates:
        """Show another photo; arguments as of `show_mask`."""
        return {self.editor_box: gr.update(visible=True), **self.show_mask(visit, mask, text)}

    def show_mask(self, visit: Visit, mask: np.ndarray | None = None, text: str = "") -> Updates:
        """Show a mask and a note; without them, those of the object that was found."""
        found = visit.found
        if found is not None:
            mask = found.mask if mask is None else mask
            text = text or photos.describe(found)
        return {
            **self.draw(visit, mask, text),
            self.eigenvectors: gr.update(value=photos.thumbnails(found), selected_index=None),
        }

    def find(self, visit: Visit, source: str, neighbours: float) -> Generator[Updates, None, Visit]:
        """Download what the source needs and find the object; returns the visit with it."""
        yield {self.note: status.note(SEARCHING)}
        try:
            shown = visit.shown
            for now in downloads.fetch_missing(
                choices.pick(choices.SOURCES, "mask source", source).files
            ):
                yield {self.note: status.note(now.text)}
            found = photos.search(shown, source, neighbours)
            return replace(visit, found=found, source=source, cut=None)
        except Exception as error:
            yield {self.note: status.note(sentence(error))}
            raise

    def _show_new(self, visit: Visit, source: str, neighbours: float) -> Iterator[Updates]:
        """Show a new photo with its object; if the mask source fails, with the built-in one's."""
        try:
            found = yield from self.find(visit, source, neighbours)
        except Exception as error:
            if source != choices.SPECTRAL:
                built_in = photos.search(visit.shown)
                found = replace(visit, found=built_in, source=choices.SPECTRAL)
                yield self.show(found, text=sentence(error))
            raise
        yield self.show(found)
