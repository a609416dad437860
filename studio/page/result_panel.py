"""What a run leaves: the picture, how it came to be, and the visit's other results."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import gradio as gr

from semcs_core.errors import UserError
from studio.page import status
from studio.page.eigenvectors import thumbnails
from studio.page.photo_panel import PhotoPanel
from studio.page.wiring import Updates, caption, picked
from studio.runs import results
from studio.runs.events import Event, Finished, Preview, Saved
from studio.runs.mask_layer import from_alpha, to_editor
from studio.runs.results import Result
from studio.server.errors import guarded, sentence
from studio.server.service import at_own_size

READY = "The picture appears here: press Stylize, or begin with a photo and styles of your own."
NOTHING = "There is no picture yet: press Stylize first."
HEIGHT = "min(66vh, 640px)"


class ResultPanel:
    """Picture, comparison and time-lapse; status; downloads; the visit's results.

    Attributes:
        current: `gr.State` of the `Result` that is shown, None before the first.
        kept: `gr.State` of the visit's results, the latest first.
        rendering: `gr.State` of the result that is, or was last, rendered at its own size.
        picture: the previews, and the finished picture.
        status: HTML.
    """

    def __init__(self) -> None:
        self.current = gr.State(time_to_live=3600)
        self.kept = gr.State([], time_to_live=3600)
        self.rendering = gr.State(time_to_live=3600)
        with gr.Tabs(elem_id="views") as self.views:
            with gr.Tab("Picture", id="picture"):
                self.picture = gr.Image(
                    label="Result",
                    show_label=False,
                    interactive=False,
                    format="jpeg",
                    height=HEIGHT,
                    buttons=["fullscreen"],
                    elem_id="result",
                )
            with gr.Tab("Before / after", id="compare") as self.compare_tab:
                self.compare = gr.ImageSlider(
                    label="Before and after",
                    show_label=False,
                    interactive=False,
                    format="jpeg",
                    height=HEIGHT,
                    max_height=640,
                    buttons=[],
                    elem_id="compare",
                )
            with gr.Tab("Time-lapse", id="timelapse") as self.timelapse_tab:
                self.timelapse = gr.Image(
                    label="Time-lapse",
                    show_label=False,
                    interactive=False,
                    type="filepath",
                    height=HEIGHT,
                    buttons=["download"],
                    elem_id="timelapse",
                )

    def build_below(self) -> None:
        """What comes below the picture."""
        self.status = gr.HTML(status.idle(READY), padding=False, elem_id="status")
        with gr.Row(elem_id="downloads"):
            self.download = gr.DownloadButton(
                "Download the picture (PNG)", interactive=False, elem_id="download"
            )
            self.enlarge = gr.Button(
                "At the photo's own size", interactive=False, elem_id="enlarge"
            )

    def build_history(self) -> None:
        """The visit's results."""
        with gr.Column(visible=False) as self.history_box:
            caption(f"This visit's last {results.REMEMBERED} results; a click opens one again:")
            self.history = gr.Gallery(
                label="Results of this visit",
                show_label=False,
                container=False,
                columns=6,
                height="auto",
                allow_preview=False,
                interactive=False,
                format="jpeg",
                object_fit="cover",
                buttons=[],
                elem_id="history",
            )
        # Pressed by the page for the visitor, when what it holds has just been made.
        self.file = gr.DownloadButton(visible="hidden", elem_id="file-for-you")

    @property
    def shown(self) -> list[Any]:
        """What a finished run changes."""
        return [
            self.picture,
            self.status,
            self.current,
            self.kept,
            self.history,
            self.history_box,
            self.download,
            self.enlarge,
        ]

    def wire(self, photo: PhotoPanel, everything: list[Any], quiet: dict[str, Any]) -> None:
        """The events; `everything` is what opening a result again changes beside the result."""
        self.photo = photo
        self.compare_tab.select(self.on_compare, self.current, self.compare, **quiet)
        self.timelapse_tab.select(self.on_timelapse, self.current, self.timelapse, **quiet)
        self.history.select(
            self.on_history,
            [self.kept, photo.visit],
            [*everything, *self.shown, self.views],
            **quiet,
        )

    def show(self, event: Event, kept: list[Result]) -> Updates:
        """What a run tells: on its way the status and the preview, at its end the result.

        Args:
            event: of the run.
            kept: the visit's results so far.
        """
        text = status.describe(event)
        if not isinstance(event, Preview):
            return {self.status: text}
        if not isinstance(event, Finished) or event.result is None:
            return {self.status: text, self.picture: event.picture}
        # The files of a long visit's first results are no longer there.
        kept = [one for one in (event.result, *kept) if one.file.exists()][: results.REMEMBERED]
        pictures = [(results.thumbnail(one), one.caption) for one in kept]
        return {
            self.kept: kept,
            self.history: gr.update(value=pictures, selected_index=None),
            self.history_box: gr.update(visible=True),
            **self._show(event.result, text),
        }

    def _show(self, result: Result, text: str) -> Updates:
        width, height = result.visit.size
        return {
            self.picture: str(result.file),
            self.status: text,
            self.current: result,
            self.download: gr.update(value=str(result.file), interactive=True),
            self.enlarge: gr.update(value=f"At {width} x {height}", interactive=True),
        }

    @guarded
    def on_compare(self, current: Result | None) -> Any:
        """The photo and the picture, one over the other."""
        return results.before_and_after(_require(current))

    @guarded
    def on_timelapse(self, current: Result | None) -> str:
        """The steps of the picture that is shown, one after the other."""
        return str(results.timelapse(_require(current)))

    @guarded
    def on_enlarge(self, rendering: Result | None) -> Iterator[Updates]:
        """The picture at the photo's own size."""
        try:
            for event in at_own_size(_require(rendering)):
                made = {self.file: str(event.file)} if isinstance(event, Saved) else {}
                yield {self.status: status.describe(event), **made}
        except Exception as error:
            yield {self.status: status.idle(sentence(error))}
            raise

    @guarded
    def on_history(self, event: gr.SelectData, kept: list[Result], visit: Any) -> Updates:
        """A result is opened again: the picture, its photo, mask, prompts and settings."""
        result = picked(event, kept)
        if not result.file.exists():
            raise UserError(results.GONE)
        made = result.provenance
        return {
            **self.photo.restore(result.visit, made),
            self.photo.visit: result.visit.send(from_alpha(made.mask)),
            self.photo.editor: to_editor(result.visit.require_shown(), from_alpha(made.mask)),
            self.photo.note: status.note("Photo, mask, prompts and settings of that result."),
            self.photo.eigenvectors: gr.update(
                value=thumbnails(result.visit.found), selected_index=None
            ),
            # The other views are made when they are opened.
            self.views: gr.update(selected="picture"),
            **self._show(result, status.idle(f"Opened again: {result.caption}.", 1, 1)),
        }


def _require(current: Result | None) -> Result:
    if current is None:
        raise UserError(NOTHING)
    if not current.file.exists():
        raise UserError(results.GONE)
    return current
