"""The mask by other means than the brush."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import gradio as gr
import numpy as np

from semcs_core.errors import UserError
from semcs_core.image import open_photo
from semcs_core.mask.sources import mask_from_eigenvector
from semcs_core.regions import mask_from_photo
from studio.page import choices, mask_edit, photos, status
from studio.page.eigenvectors import best_threshold, thumbnails
from studio.page.photo_panel import SEARCHING, PhotoPanel
from studio.page.wiring import CAPTURE, PRESS, Updates, caption, picked
from studio.runs import downloads
from studio.runs.mask_layer import to_editor
from studio.runs.results import save_mask
from studio.runs.visit import Visit
from studio.server.errors import guarded, sentence

EMPTY = "The mask is empty: draw the object with the brush."
CHANGES: dict[str, tuple[Callable[..., np.ndarray], str]] = {
    "Grow": (mask_edit.grow, "The object has grown by {} pixels"),
    "Shrink": (mask_edit.shrink, "The object has shrunk by {} pixels"),
    "Feather": (mask_edit.feather, "The mask's edge is softer by {} pixels"),
}


class MaskPanel:
    """Buttons below the editor, and a fold with the rest.

    Attributes:
        eigenvectors: their thumbnails.
    """

    def __init__(self) -> None:
        with gr.Row(elem_id="tools"):
            self.find = gr.Button("Find the object", size="sm")
            self.invert = gr.Button("Invert", size="sm")
            self.clear = gr.Button("Clear", size="sm")
            self.undo = gr.Button("Earlier mask", size="sm")

    def build_fold(self) -> None:
        """What is needed less often."""
        with gr.Accordion("More for the mask", open=False, elem_id="mask-fold"):
            self.source = gr.Dropdown(
                choices.sources(),
                value=choices.SPECTRAL,
                label="Find the object by",
                info="For the next photo, or press “Find the object”.",
                filterable=False,
                elem_id="mask-source",
            )
            caption("Or take an eigenvector of the graph; its bright part becomes the object:")
            self.eigenvectors = gr.Gallery(
                label="Eigenvectors",
                show_label=False,
                container=False,
                columns=4,
                height="auto",
                allow_preview=False,
                interactive=False,
                object_fit="contain",
                buttons=[],
                elem_id="eigenvectors",
            )
            self.picked = gr.State(0)
            self.threshold = gr.Slider(
                0,
                1,
                0.5,
                step=0.01,
                label="Threshold of the eigenvector",
                buttons=[],
                elem_id="threshold",
            )
            self.flip = gr.Checkbox(label="Flip: the dark part is the object", elem_id="flip")
            self.pixels = gr.Slider(
                mask_edit.LEAST,
                mask_edit.MOST,
                8,
                step=1,
                label="Pixels, for the three buttons below",
                info="Of a picture whose long side is 512.",
                buttons=[],
            )
            with gr.Row(elem_classes="semcs-three"):
                self.changes = {name: gr.Button(name, size="sm") for name in CHANGES}
            with gr.Row():
                self.mask_upload = gr.UploadButton(
                    "Upload a mask", file_types=["image"], size="sm", elem_id="mask-upload"
                )
                self.mask_download = gr.Button(
                    "Download the mask", size="sm", elem_id="mask-download"
                )

    def wire(
        self,
        photo: PhotoPanel,
        file: gr.DownloadButton,
        quiet: dict[str, Any],
        search: dict[str, Any],
    ) -> list[Any]:
        """The events; `file` is pressed for the visitor when something is ready to be saved.

        Returns:
            Those after which the choices of models may have changed.
        """
        self.photo, self.file = photo, file
        changed = [photo.visit, photo.editor, photo.note]
        now = [photo.visit, photo.mask_file]

        def with_mask(
            event: Callable[..., Any], handler: Any, more: Any = (), **options: Any
        ) -> Any:
            """The handler gets the visit and the mask as drawn, whatever else it needs after."""
            captured = event(None, photo.editor, photo.mask_file, js=CAPTURE)
            outputs = options.pop("outputs", changed)
            return captured.then(handler, [*now, *more], outputs, **{**quiet, **options})

        found = with_mask(
            self.find.click,
            self.on_find,
            [self.source],
            outputs=[*changed, self.eigenvectors, self.picked],
            **search,
        )
        with_mask(self.invert.click, self.on_invert)
        with_mask(self.clear.click, self.on_clear)
        self.undo.click(self.on_undo, photo.visit, changed, **quiet)
        for name, button in self.changes.items():
            with_mask(button.click, partial(self.on_change, name), [self.pixels])
        with_mask(self.mask_upload.upload, self.on_mask_upload, [self.mask_upload])
        saved = with_mask(self.mask_download.click, self.on_mask_download, outputs=[file])
        saved.success(None, None, None, js=PRESS)

        picked = self.eigenvectors.select(
            self.on_pick, photo.visit, [self.picked, self.threshold], **quiet
        )
        cut = [self.picked, self.threshold, self.flip]
        with_mask(picked.success, self.on_eigenvector, cut)
        with_mask(self.threshold.release, self.on_threshold, cut)
        with_mask(self.flip.input, self.on_eigenvector, cut)
        return [found]

    @guarded
    def on_find(self, visit: Visit, mask: str | None, source: str) -> Iterator[Updates]:
        """The object is looked for again; a mask stays if that fails."""
        note = self.photo.note
        yield {note: status.note(SEARCHING)}
        try:
            shown = visit.require_shown()
            for now in downloads.fetch_missing(choices.source_files(source)):
                yield {note: status.note(now.text)}
            found = photos.search(shown, source)
        except Exception as error:
            yield {note: status.note(sentence(error))}
            raise
        visit = replace(visit, found=found)
        yield {
            **self._replace(visit, mask, found.mask, photos.describe(found)),
            self.eigenvectors: gr.update(value=thumbnails(found), selected_index=None),
            self.picked: 0,
        }

    @guarded
    def on_invert(self, visit: Visit, mask: str | None) -> Updates:
        """Object and background change places."""
        visit.require_photo()
        new = mask_edit.invert(visit.read_mask(mask))
        return self._replace(visit, mask, new, "Object and background have changed places.")

    @guarded
    def on_clear(self, visit: Visit, mask: str | None) -> Updates:
        """The mask is emptied."""
        return self._replace(visit, mask, None, EMPTY)

    @guarded
    def on_undo(self, visit: Visit) -> Updates:
        """The mask as it was before it was replaced."""
        visit, mask = visit.take_back()
        return self._show(visit, mask, f"The earlier mask is back: {photos.covered(mask)}.")

    @guarded
    def on_change(self, name: str, visit: Visit, mask: str | None, pixels: float) -> Updates:
        """The mask grows, shrinks or is feathered."""
        visit.require_photo()
        change, text = CHANGES[name]
        new = change(visit.read_mask(mask), pixels)
        return self._replace(visit, mask, new, f"{text.format(pixels)}: {photos.covered(new)}.")

    @guarded
    def on_pick(self, event: gr.SelectData, visit: Visit) -> Updates:
        """An eigenvector was picked: the threshold is the best for it."""
        if visit.found is None:
            raise UserError("This mask has no eigenvectors: press “Find the object” first.")
        number = picked(event, range(1, len(visit.found.eigenvectors)))
        return {self.picked: number, self.threshold: best_threshold(visit.found, number)}

    @guarded
    def on_eigenvector(
        self, visit: Visit, mask: str | None, number: int, threshold: float, flip: bool
    ) -> Updates:
        """The mask is cut out of the eigenvector that was picked last, if any was."""
        if not number or visit.found is None:
            return {self.photo.note: status.note("Pick one of the eigenvectors first.")}
        rgb = visit.require_shown().rgb
        new = mask_from_eigenvector(visit.found, rgb, number, threshold, flip)
        visit = replace(visit, cut=(number, threshold, flip))
        return self._replace(visit, mask, new, f"Eigenvector {number}: {photos.covered(new)}.")

    def on_threshold(
        self, visit: Visit, mask: str | None, number: int, threshold: float, flip: bool
    ) -> Updates:
        """The threshold was let go; also where its field was but passed through."""
        if visit.cut == (number, threshold, flip):
            return {self.photo.note: gr.skip()}
        return self.on_eigenvector(visit, mask, number, threshold, flip)

    @guarded
    def on_mask_upload(self, visit: Visit, mask: str | None, path: str | None) -> Updates:
        """A mask came as a picture; white is the object."""
        shown = visit.require_shown()
        if path is None:
            raise UserError("There is no mask: choose a picture whose white is the object.")
        new = mask_from_photo(open_photo(path), shown.size)
        return self._replace(visit, mask, new, f"This is your mask: {photos.covered(new)}.")

    @guarded
    def on_mask_download(self, visit: Visit, mask: str | None) -> Updates:
        """The mask as a PNG of the photo's own size."""
        return {self.file: str(save_mask(visit.read_mask(mask), visit))}

    def _replace(
        self, visit: Visit, layer: str | None, new: np.ndarray | None, text: str
    ) -> Updates:
        """Another mask in the place of the one that is shown, which can be brought back."""
        return self._show(visit.remember(visit.read_mask(layer)), new, text)

    def _show(self, visit: Visit, mask: np.ndarray | None, text: str) -> Updates:
        return {
            self.photo.visit: visit.send(mask),
            self.photo.editor: to_editor(visit.require_shown(), mask),
            self.photo.note: status.note(text),
        }
