"""The mask without the brush: buttons below the editor, and a fold with the rest."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import gradio as gr
import numpy as np

from models.loading import MOST_NEIGHBOURS
from semcs_core.errors import UserError
from semcs_core.image import open_photo
from semcs_core.mask import edit, mask_from_eigenvector
from semcs_core.mask.affinity import NEIGHBOUR_WEIGHT
from semcs_core.regions import mask_from_photo
from studio.page import choices, photos, status
from studio.page.photo_panel import PhotoPanel
from studio.page.wiring import PRESS, Updates, caption, gallery, picked
from studio.runs.results import save_mask
from studio.runs.visit import A_FILE, Visit
from studio.server.errors import guarded

CHANGES: dict[str, tuple[Callable[[np.ndarray, float], np.ndarray], str]] = {
    "Invert": (lambda mask, _: 1 - mask, "Object and background have changed places."),
    "Clear": (lambda mask, _: 0 * mask, "The mask is empty: draw the object with the brush."),
    "Grow": (edit.grow, "The object has grown by {pixels} pixels: {covered}."),
    "Shrink": (edit.shrink, "The object has shrunk by {pixels} pixels: {covered}."),
    "Feather": (edit.feather, "The mask's edge is softer by {pixels} pixels: {covered}."),
}
"""By the button: what it does with a mask and the number of pixels, and what is said then."""


class MaskPanel:
    """Buttons and fold.

    Attributes:
        source: how the object is found.
        search_by: the inputs of a search: `source`, and the weight of neighbours.
        eigenvectors: their thumbnails.
    """

    def __init__(self) -> None:
        with gr.Row(elem_id="tools"):
            self.find = gr.Button("Find the object", size="sm")
            self.changes = {name: gr.Button(name, size="sm") for name in [*CHANGES][:2]}
            self.undo = gr.Button("Earlier mask", size="sm")
        self._build_fold()

    def _build_fold(self) -> None:
        """The fold with the controls that are needed less often."""
        with gr.Accordion("More for the mask", open=False, elem_id="mask-fold"):
            self.source = gr.Dropdown(
                choices.menu(choices.SOURCES),
                value=choices.SPECTRAL,
                label="Find the object by",
                info="Used for the next photo; for this one, press “Find the object”.",
                filterable=False,
                elem_id="mask-source",
            )
            self.neighbours = gr.Slider(
                0,
                MOST_NEIGHBOURS,
                NEIGHBOUR_WEIGHT,
                step=1,
                label="Weight of near colours (lambda)",
                info="In the graph, beside what the network finds alike. Sem-CS has 0 or 10.",
                buttons=[],
                elem_id="neighbours",
            )
            self.search_by = [self.source, self.neighbours]
            caption("Other ways to split the photo: click one, and its bright part is the object.")
            self.eigenvectors = gallery(
                "Eigenvectors", "eigenvectors", 4, format="webp", object_fit="contain"
            )
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
                edit.LEAST,
                edit.MOST,
                8,
                step=1,
                label="Grow, shrink, feather by (pixels)",
                info="In the editor, where the photo's long side has 512 pixels.",
                buttons=[],
            )
            with gr.Row(elem_classes="semcs-three"):
                self.changes |= {name: gr.Button(name, size="sm") for name in [*CHANGES][2:]}
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

        def replace_mask(event: Callable[..., Any], handler: Any, *more: Any) -> None:
            photo.capture(event)(handler, [*photo.drawn, *more], changed, **quiet)

        self.undo.click(self.on_undo, photo.visit, changed, **quiet)
        for name, button in self.changes.items():
            replace_mask(button.click, partial(self.on_change, name), self.pixels)
        replace_mask(self.mask_upload.upload, self.on_mask_upload, self.mask_upload)
        picked = self.eigenvectors.select(
            self.on_pick, photo.visit, [photo.visit, self.threshold], **quiet
        )
        for event in picked.success, self.threshold.release, self.flip.input:
            replace_mask(event, self.on_eigenvector, self.threshold, self.flip)
        saved = photo.capture(self.mask_download.click)
        saved(self.on_mask_download, photo.drawn, save, **quiet).success(None, js=PRESS)
        find = photo.capture(self.find.click)
        found = [*changed, self.eigenvectors]
        return find(self.on_find, [*photo.drawn, *self.search_by], found, **search)

    def follow(self, chosen: list[Any], search: Any) -> None:
        """Find the object again after events that may have chosen another mask source."""
        found = [self.photo.visit, self.photo.editor, self.photo.note, self.eigenvectors]
        inputs = [*self.photo.drawn, *self.search_by]
        for event in chosen:
            self.photo.capture(event.success)(self.on_method, inputs, found, **search)

    @guarded
    def on_find(
        self, visit: Visit, mask: str | None, source: str, neighbours: float
    ) -> Iterator[Updates]:
        """Look for the object again; the mask stays if that fails."""
        new = yield from self.photo.find(visit, source, neighbours)
        yield self.photo.show_mask(new.remember(visit.read_mask(mask)))

    @guarded
    def on_method(
        self, visit: Visit, mask: str | None, source: str, neighbours: float
    ) -> Iterator[Updates]:
        """Look for the object as the method does, unless the visitor has made the mask."""
        automatic = visit.photo and visit.source_of(visit.read_mask(mask)) in choices.SOURCES
        if not automatic or visit.source == source:
            yield {self.photo.note: gr.skip()}
        else:
            yield from self.on_find(visit, mask, source, neighbours)

    @guarded
    def on_undo(self, visit: Visit) -> Updates:
        """Bring back the mask that was replaced last."""
        visit, mask = visit.take_back()
        return self.photo.draw(visit, mask, f"The earlier mask is back: {photos.covered(mask)}.")

    @guarded
    def on_change(self, name: str, visit: Visit, mask: str | None, pixels: float) -> Updates:
        """Change the mask as the button says."""
        change, text = CHANGES[name]
        new = change(visit.read_mask(mask), pixels)
        text = text.format(pixels=pixels, covered=photos.covered(new))
        return self._replace(visit, mask, new, visit.by_hand, text)

    @guarded
    def on_pick(self, event: gr.SelectData, visit: Visit) -> Updates:
        """Take the eigenvector that was clicked, with the threshold that is best for it."""
        if visit.found is None:
            raise UserError("This mask has no eigenvectors: press “Find the object” first.")
        number = picked(event, range(1, len(visit.found.eigenvectors)))
        return {
            self.photo.visit: replace(visit, cut=(number, None, False)),
            self.threshold: photos.best_threshold(visit.found, number),
        }

    @guarded
    def on_eigenvector(
        self, visit: Visit, mask: str | None, threshold: float, flip: bool
    ) -> Updates:
        """Cut the mask out of the eigenvector that was clicked last."""
        if visit.cut is None or visit.found is None:
            return {self.photo.note: status.note("Click one of the eigenvectors first.")}
        number, rgb = visit.cut[0], visit.shown.rgb
        if visit.cut == (number, threshold, flip):  # the Tab key left the threshold as it was
            return {self.photo.note: gr.skip()}
        new = mask_from_eigenvector(visit.found, rgb, number, threshold, flip)
        visit = replace(visit, cut=(number, threshold, flip))
        text = f"Eigenvector {number}: {photos.covered(new)}."
        return self._replace(visit, mask, new, f"eigenvector {number}", text)

    @guarded
    def on_mask_upload(self, visit: Visit, mask: str | None, path: str | None) -> Updates:
        """Take a picture whose white is the object as the mask."""
        shown = visit.shown
        new = mask_from_photo(open_photo(path or ""), shown.size)
        text = f"This is your mask: {photos.covered(new)}."
        return self._replace(visit, mask, new, A_FILE, text)

    @guarded
    def on_mask_download(self, visit: Visit, mask: str | None) -> str:
        """The mask as a PNG of the photo's own size."""
        return str(save_mask(visit.read_mask(mask), visit))

    def _replace(
        self, visit: Visit, layer: str | None, new: np.ndarray, source: str, text: str
    ) -> Updates:
        """Show another mask; “Earlier mask” brings back the one in `layer`."""
        visit = visit.remember(visit.read_mask(layer))
        return self.photo.draw(replace(visit, source=source), new, text)
