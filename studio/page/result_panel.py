"""The picture, the status of the run, downloads, and the visit's other results."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from typing import Any

import gradio as gr

from semcs_core.image import fit, open_photo
from studio.page import status
from studio.page.photo_panel import EXAMPLES, PhotoPanel
from studio.page.wiring import Updates, caption, gallery, picked
from studio.provenance import fingerprint
from studio.runs import results
from studio.runs.events import Event, Finished, Preview, Saved
from studio.runs.jobs import Job
from studio.runs.mask_layer import from_alpha
from studio.runs.results import Result
from studio.runs.visit import Visit
from studio.server.errors import guarded, sentence
from studio.server.service import at_own_size
from studio.timelapse import Timelapse

READY = "Press Stylize: your picture appears here."
FINISHED = "Made by this program: {} and {}. Press Stylize to make your own."
OTHERS = "The picture is of another photo: press Stylize to paint this one."
OPENED = "Photo, mask, prompts and settings are now those of the picture that you opened."
HEIGHT = "min(66vh, 640px)"


class ResultPanel:
    """Picture, comparison and time-lapse; status; downloads; history.

    Attributes:
        current: `gr.State` of the `Result` that is shown, None before the first.
        kept: `gr.State` of the visit's results, the latest first.
        rendering: `gr.State` of the result that is, or was last, rendered at its own size.
        picture: the previews, and the finished picture.
        status: HTML.
        shown: the components that a finished run changes.
    """

    def __init__(self) -> None:
        self.current = gr.State(time_to_live=3600)
        self.kept = gr.State([], time_to_live=3600)
        self.rendering = gr.State(time_to_live=3600)
        looks: dict[str, Any] = {"show_label": False, "interactive": False, "height": HEIGHT}
        with gr.Tabs(selected="compare", elem_id="views") as self.views:
            with gr.Tab("Picture", id="picture"):
                self.picture = gr.Image(
                    label="Result", format="jpeg", buttons=["fullscreen"], elem_id="result", **looks
                )
            with gr.Tab("Before / after", id="compare") as self.compare_tab:
                self.compare = gr.ImageSlider(
                    label="Before and after",
                    format="jpeg",
                    max_height=640,
                    buttons=[],
                    elem_id="compare",
                    **looks,
                )
            with gr.Tab("Time-lapse", id="timelapse") as self.timelapse_tab:
                self.timelapse = gr.Image(
                    label="Time-lapse",
                    type="filepath",
                    buttons=["download"],
                    elem_id="timelapse",
                    **looks,
                )

    def build_below(self) -> None:
        """Status and downloads, below the picture."""
        self.status = gr.HTML(status.panel(READY), padding=False, elem_id="status")
        with gr.Row(elem_id="downloads"):
            self.download = gr.DownloadButton(
                "Download the picture (PNG)", interactive=False, elem_id="download"
            )
            self.enlarge = gr.Button(
                "Download at the photo's size", interactive=False, elem_id="enlarge"
            )

    def build_history(self) -> None:
        """Earlier pictures of the visit, and the hidden download button."""
        with gr.Column(visible=False) as self.history_box:
            caption(f"Your last {results.REMEMBERED} pictures: click one to open it again.")
            self.history = gallery("Your last pictures", "history", 6)
        # The page presses it for the visitor as soon as it holds a file (`PRESS`).
        self.file = gr.DownloadButton(visible="hidden", elem_id="file-for-you")
        history = [self.current, self.kept, self.history, self.history_box]
        self.shown = [self.picture, self.status, *history, self.download, self.enlarge]

    def wire(self, photo: PhotoPanel, everything: list[Any], quiet: dict[str, Any]) -> None:
        """Connect the events; a result that is opened again also fills `everything`."""
        self.photo = photo
        self.compare_tab.select(self.on_compare, self.current, self.compare, **quiet)
        self.timelapse_tab.select(self.on_timelapse, self.current, self.timelapse, **quiet)
        opened = [*everything, *self.shown, self.views]
        self.history.select(self.on_history, self.kept, opened, **quiet)

    @guarded
    def on_photo(
        self, job: Job | None, current: Result | None, visit: Visit, *texts: str | None
    ) -> Updates:
        """A photo has come: show an example's finished picture, or whose the last one is.

        A run that goes on keeps the panel.
        """
        same = current and fingerprint(visit.shown.rgb) == current.provenance.photo
        if same or (job is not None and job.signals.running()):
            return {self.status: gr.skip()}
        example = next((one for one in EXAMPLES if one.path == visit.file), None)
        if example is None:
            return {self.status: status.panel(OTHERS)}
        number = example.pairs.index(texts) if texts in example.pairs else 0
        made = open_photo(example.finished(number)).rgb
        return {
            self.compare: (fit(visit.shown, max(made.shape)).rgb, made),
            self.views: gr.update(selected="compare"),
            self.status: status.panel(FINISHED.format(*example.pairs[number])),
        }

    def follow(
        self, events: Generator[Event, None, None], kept: Sequence[Result] = ()
    ) -> Iterator[Updates]:
        """Show each event of a run or a rendering as it comes; an error is told in the status."""
        event: Event | None = None
        with closing(events):
            try:
                for event in events:
                    yield self.show(event, kept)
            except Exception as error:
                yield {self.status: status.describe_failure(event, sentence(error))}
                raise

    def show(self, event: Event, kept: Sequence[Result]) -> Updates:
        """Show an event of a run: status and preview, and at its end the result, beside `kept`."""
        text = status.describe(event)
        if isinstance(event, Saved):
            return {self.status: text, self.file: str(event.file)}
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
            self.enlarge: gr.update(value=f"Download at {width} x {height}", interactive=True),
        }

    @guarded
    def on_compare(self, current: Result | None) -> Any:
        """The photo and the picture, one over the other; before the first an example's stay."""
        if current is None:
            return gr.skip()
        result = results.require(current)
        own = result.provenance.settings
        photo = fit(result.visit.require_photo(), own.size, own.size_means)
        return photo.rgb, str(result.file)

    @guarded
    def on_timelapse(self, current: Result | None) -> str:
        """An animation of the picture's steps."""
        result = results.require(current)
        path = results.new_file(f"semcs-{result.provenance.settings.seed}.webp")
        Timelapse(result.signals.frames).save(path, until=result.provenance.steps)
        return str(path)

    @guarded
    def on_enlarge(self, rendering: Result | None) -> Iterator[Updates]:
        """Render and save the picture at the photo's own size."""
        yield from self.follow(at_own_size(results.require(rendering)))

    @guarded
    def on_history(self, event: gr.SelectData, kept: list[Result]) -> Updates:
        """Open a result again: the picture, its photo, mask, prompts and settings."""
        result = results.require(picked(event, kept))
        made = result.provenance
        return {
            **self.photo.restore(result.visit, made),
            **self.photo.show(result.visit, from_alpha(made.mask), OPENED),
            # The other views are made when they are opened.
            self.views: gr.update(selected="picture"),
            **self._show(result, status.panel(f"Opened again: {result.caption}.", 1)),
        }
