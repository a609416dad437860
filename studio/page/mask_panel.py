"""The mask without the brush: buttons below the editor, and a fold with the rest."""

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
from studio.page.photo_panel import SEARCHING, PhotoPanel
from studio.page.wiring import PRESS, Updates, caption, gallery, picked
from studio.runs import downloads
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
    """Buttons and fold.

    Attributes:
        source: how the object is found.
        eigenvectors: their thumbnails.
    """

    def __init__(self) -> None:
        with gr.Row(elem_id="tools"):
            self.find = gr.Button("Find the object", size="sm")
            self.invert = gr.Button("Invert", size="sm")
            self.clear = gr.Button("Clear", size="sm")
            self.undo = gr.Button("Earlier mask", size="sm")

    def build_fold(self) -> None:
        """The fold with the controls that are needed less often."""
        with gr.Accordion("More for the mask", open=False, elem_id="mask-fold"):
            self.source = gr.Dropdown(
                choices.sources(),
                value=choices.SPECTRAL,
                label="Find the object by",
                info="Used for the next photo; for this one, press “Find the object”.",
                filterable=False,
                elem_id="mask-source",
            )
            caption("Or click an eigenvector of the photo's graph: its bright part is the object.")
            self.eigenvectors = gallery(
                "Eigenvectors", "eigenvectors", 4, format="webp", object_fit="contain"
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
                label="Grow, shrink, feather by (pixels)",
                info="In the editor, where the photo's long side has 512 pixels.",
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

    def wire(self, photo: PhotoPanel, save: Any, quiet: dict[str, Any], search: Any) -> Any:
        """Connect the events; returns the search, which may download a mask source."""
        self.photo = photo
        changed = [photo.visit, photo.editor, photo.note]

        def edit(event: Callable[..., Any], handler: Any, *more: Any) -> None:
            photo.capture(event)(handler, [*photo.drawn, *more], changed, **quiet)

        edit(self.invert.click, self.on_invert)
        edit(self.clear.click, self.on_clear)
        self.undo.click(self.on_undo, photo.visit, changed, **quiet)
        for name, button in self.changes.items():
            edit(button.click, partial(self.on_change, name), self.pixels)
        edit(self.mask_upload.upload, self.on_mask_upload, self.mask_upload)
        cut = self.picked, self.threshold, self.flip
        picked = self.eigenvectors.select(self.on_pick, photo.visit, [*cut[:2]], **quiet)
        edit(picked.success, self.on_eigenvector, *cut)
        edit(self.threshold.release, self.on_threshold, *cut)
        edit(self.flip.input, self.on_eigenvector, *cut)
        saved = photo.capture(self.mask_download.click)
        saved(self.on_mask_download, photo.drawn, save, **quiet).success(None, js=PRESS)
        found = [*changed, self.eigenvectors, self.picked]
        find = photo.capture(self.find.click)
        return find(self.on_find, [*photo.drawn, self.source], found, **search)

    @guarded
    def on_find(self, visit: Visit, mask: str | None, source: str) -> Iterator[Updates]:
        """Look for the object again; the mask stays if that fails."""
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
            self.eigenvectors: gr.update(value=photos.thumbnails(found), selected_index=None),
            self.picked: 0,
        }

    @guarded
    def on_invert(self, visit: Visit, mask: str | None) -> Updates:
        """Exchange object and background."""
        visit.require_photo()
        new = mask_edit.invert(visit.read_mask(mask))
        return self._replace(visit, mask, new, "Object and background have changed places.")

    @guarded
    def on_clear(self, visit: Visit, mask: str | None) -> Updates:
        """Empty the mask."""
        return self._replace(visit, mask, None, EMPTY)

    @guarded
    def on_undo(self, visit: Visit) -> Updates:
        """Bring back the mask that was replaced last."""
        visit, mask = visit.take_back()
        return self.photo.draw(visit, mask, f"The earlier mask is back: {photos.covered(mask)}.")

    @guarded
    def on_change(self, name: str, visit: Visit, mask: str | None, pixels: float) -> Updates:
        """Grow, shrink or feather the mask."""
        visit.require_photo()
        change, text = CHANGES[name]
        new = change(visit.read_mask(mask), pixels)
        return self._replace(visit, mask, new, f"{text.format(pixels)}: {photos.covered(new)}.")

    @guarded
    def on_pick(self, event: gr.SelectData, visit: Visit) -> Updates:
        """Take the eigenvector that was clicked, with the threshold that is best for it."""
        if visit.found is None:
            raise UserError("This mask has no eigenvectors: press “Find the object” first.")
        number = picked(event, range(1, len(visit.found.eigenvectors)))
        return {self.picked: number, self.threshold: photos.best_threshold(visit.found, number)}

    @guarded
    def on_eigenvector(
        self, visit: Visit, mask: str | None, number: int, threshold: float, flip: bool
    ) -> Updates:
        """Cut the mask out of the eigenvector that was clicked last."""
        if not number or visit.found is None:
            return {self.photo.note: status.note("Click one of the eigenvectors first.")}
        rgb = visit.require_shown().rgb
        new = mask_from_eigenvector(visit.found, rgb, number, threshold, flip)
        visit = replace(visit, cut=(number, threshold, flip))
        return self._replace(visit, mask, new, f"Eigenvector {number}: {photos.covered(new)}.")

    def on_threshold(self, visit: Visit, mask: str | None, *cut: Any) -> Updates:
        """Cut again at another threshold; leaving its field with the Tab key is no change."""
        if visit.cut == cut:
            return {self.photo.note: gr.skip()}
        return self.on_eigenvector(visit, mask, *cut)

    @guarded
    def on_mask_upload(self, visit: Visit, mask: str | None, path: str | None) -> Updates:
        """Take a picture whose white is the object as the mask."""
        shown = visit.require_shown()
        if path is None:
            raise UserError("There is no mask: choose a picture whose white is the object.")
        new = mask_from_photo(open_photo(path), shown.size)
        return self._replace(visit, mask, new, f"This is your mask: {photos.covered(new)}.")

    @guarded
    def on_mask_download(self, visit: Visit, mask: str | None) -> str:
        """The mask as a PNG of the photo's own size."""
        return str(save_mask(visit.read_mask(mask), visit))

    def _replace(
        self, visit: Visit, layer: str | None, new: np.ndarray | None, text: str
    ) -> Updates:
        """Show another mask; “Earlier mask” brings back the one in `layer`."""
        return self.photo.draw(visit.remember(visit.read_mask(layer)), new, text)
