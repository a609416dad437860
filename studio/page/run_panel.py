"""The last gesture: Stylize, and what can be done while the network learns."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import Any

import gradio as gr

from semcs_core.errors import UserError
from semcs_core.settings import Settings
from studio.page import status
from studio.page.errors import as_sentence, guarded, sentence
from studio.page.photo_panel import PhotoPanel
from studio.page.prompt_panel import PromptPanel, split
from studio.page.result_panel import NOTHING, ResultPanel
from studio.page.setting_controls import NAMES, read_settings
from studio.page.settings_panel import LARGEST_SEED, SettingsPanel
from studio.page.visit import Visit
from studio.page.wiring import CAPTURE, PRESS, Updates, caption, picked
from studio.runs import jobs
from studio.runs.events import Event, Stopped
from studio.runs.fetching import WAITING, fetch
from studio.runs.jobs import Job
from studio.runs.results import Result
from studio.runs.signals import Change
from studio.server import service
from studio.server.queue import QUEUED

VARIATIONS = 4
# Where the columns are stacked, the picture is below the button that starts it.
SHOW_RESULT = """
() => document.querySelector("#views").scrollIntoView({behavior: "smooth", block: "nearest"})
"""
SENT = "Handed to the run: it takes effect at the next step."


class RunPanel:
    """The buttons, and the variations.

    Attributes:
        job: `gr.State` of the `Job` that runs or ran last.
    """

    def __init__(self) -> None:
        self.job = gr.State(time_to_live=3600)
        with gr.Row(elem_id="go"):
            self.stylize = gr.Button("Stylize", variant="primary", scale=3, elem_id="stylize")
            self.apply = gr.Button(
                "Apply changes", variant="primary", scale=3, visible=False, elem_id="apply"
            )
            self.stop = gr.Button("Stop", variant="stop", interactive=False, elem_id="stop")
            self.more = gr.Button("Continue", interactive=False, elem_id="continue")

    def build_variations(self) -> None:
        """Other seeds, side by side."""
        with gr.Accordion("Variations", open=False, elem_id="variations"):
            self.vary = gr.Button(f"Show {VARIATIONS} other seeds", size="sm", elem_id="vary")
            caption("The first steps under other seeds; a click takes the seed:")
            self.variations = gr.Gallery(
                label="Variations",
                show_label=False,
                container=False,
                columns=VARIATIONS,
                height="auto",
                allow_preview=False,
                interactive=False,
                format="jpeg",
                object_fit="contain",
                buttons=[],
                elem_id="variation-gallery",
            )
            self.seeds = gr.State([])

    def wire(
        self,
        photo: PhotoPanel,
        prompts: PromptPanel,
        settings: SettingsPanel,
        result: ResultPanel,
        steering: list[Callable[..., Any]],
        quiet: dict[str, Any],
    ) -> list[Any]:
        """The events; `steering` are triggers of changes that are meant for a run.

        Returns:
            Those after which the choices of models may have changed.
        """
        self.photo, self.prompts, self.settings, self.result = photo, prompts, settings, result
        buttons = [self.stylize, self.apply, self.stop, self.more, prompts.words]
        now = [photo.visit, photo.mask_file, *prompts.texts]
        asked = [self.job, result.status, result.download, result.enlarge, result.views, *buttons]
        capture: dict[str, Any] = {
            "fn": None,
            "inputs": photo.editor,
            "outputs": photo.mask_file,
            "js": CAPTURE,
        }
        started = self.stylize.click(**capture).then(
            self.on_stylize, [*now, settings.models, *settings.controls], asked, **quiet
        )
        resumed = self.more.click(**capture).then(
            self.on_continue, [*now, result.current, *settings.controls], asked, **quiet
        )
        fetches = [self._run(event, buttons, quiet) for event in (started, resumed)]
        self._own_size(buttons, quiet)
        self.stop.click(self.on_stop, [self.job, result.rendering], self.stop, queue=False, **quiet)

        for trigger in (self.apply.click, *steering):
            trigger(**capture).then(
                self.on_steer,
                [self.job, *now, *prompts.strengths.values()],
                prompts.words,
                concurrency_limit=8,
                concurrency_id="steering",  # errors of events without a queue are not shown
                **quiet,
            )

        self.vary.click(**capture).then(
            self.on_vary,
            [*now, settings.models, *settings.controls],
            [self.variations, self.seeds],
            **QUEUED,
            **quiet,
        )
        seed = settings.controls[NAMES.index("seed")]
        self.variations.select(self.on_variation, self.seeds, seed, queue=False, **quiet)
        return fetches

    def _run(self, checked: Any, buttons: list[Any], quiet: dict[str, Any]) -> Any:
        """What follows a press of Stylize or Continue that was in order; returns the download."""
        result = self.result
        # Before the queue of the runs: a long download keeps nobody else waiting.
        fetched = checked.success(None, None, None, js=SHOW_RESULT).then(
            self.on_fetch,
            self.job,
            [result.status, self.job],
            concurrency_limit=8,
            concurrency_id="download",
            **quiet,
        )
        steps = self.settings.controls[NAMES.index("steps")]
        over = fetched.success(
            self.on_run,
            [self.job, steps, result.kept],
            result.shown,
            **QUEUED,
            **quiet,
        )
        self._end([fetched, over], buttons, quiet)
        return fetched

    def _own_size(self, buttons: list[Any], quiet: dict[str, Any]) -> None:
        """The picture at the photo's own size, which Stop ends as it does a run."""
        result = self.result
        begun = result.enlarge.click(
            self.on_own_size,
            result.current,
            [result.rendering, result.file, result.enlarge, *buttons],
            **quiet,
        )
        over = begun.success(
            result.on_enlarge,
            result.rendering,
            [result.status, result.file],
            concurrency_limit=1,
            concurrency_id="own-size",  # beside the runs: it gives way to each of their steps
            **quiet,
        )
        over.success(None, None, None, js=PRESS)
        self._end([over], buttons, quiet)

    def _end(self, events: list[Any], buttons: list[Any], quiet: dict[str, Any]) -> None:
        """The buttons come back after the last of some events, and after any that fails."""
        outputs = [*buttons, self.result.download, self.result.enlarge]
        end: dict[str, Any] = {"inputs": self.result.current, "outputs": outputs, "queue": False}
        events[-1].then(self.on_end, **end, **quiet)  # left out when the event fails
        for event in events:
            event.failure(self.on_end, **end, **quiet)

    @guarded
    def on_stylize(
        self,
        request: gr.Request,
        visit: Visit,
        mask: str | None,
        foreground: str,
        background: str,
        models: str,
        *values: Any,
    ) -> Updates:
        """Stylize was pressed: check everything, then queue."""
        service.queue.check(service.visitor(request))
        change, settings = self._read(visit, mask, foreground, background, values)
        return self._begin(jobs.prepare(visit, change, settings, models))

    @guarded
    def on_continue(
        self,
        request: gr.Request,
        visit: Visit,
        mask: str | None,
        foreground: str,
        background: str,
        current: Result | None,
        *values: Any,
    ) -> Updates:
        """Continue was pressed: the run of the result that is shown goes on."""
        service.queue.check(service.visitor(request))
        change, _ = self._read(visit, mask, foreground, background, values)
        return self._begin(jobs.prepare_more(visit, change, current))

    def _read(
        self,
        visit: Visit,
        mask: str | None,
        foreground: str,
        background: str,
        values: tuple[Any, ...],
    ) -> tuple[Change, Settings]:
        """What the whole form asks for; `values` are those of the settings."""
        settings = read_settings(dict(zip(NAMES, values, strict=True)))
        prompts, strengths = split(foreground, background), jobs.strengths_of(settings)
        return jobs.read_change(visit, mask, prompts, strengths), settings

    def _begin(self, job: Job) -> Updates:
        job.signals.begin()
        return {
            self.job: job,
            self.result.status: status.idle(WAITING),
            self.result.download: gr.update(interactive=False),
            self.result.enlarge: gr.update(interactive=False),
            self.result.views: gr.update(selected="picture"),
            **self._buttons(running=True),
        }

    @guarded
    def on_fetch(self, job: Job | None) -> Iterator[Updates]:
        """What the job still needs is downloaded; no job is left after a stop."""
        if job is None:
            raise UserError("There is no run to get ready: press Stylize first.")
        try:
            for event in fetch(job):
                kept = None if isinstance(event, Stopped) else job
                yield {self.result.status: status.describe(event), self.job: kept}
        except Exception as error:
            yield {self.result.status: status.idle(sentence(error))}
            raise

    def on_run(
        self, job: Job | None, steps: int, kept: list[Result], request: gr.Request
    ) -> Iterator[Updates]:
        """The run itself."""
        if job is None:
            yield {self.result.status: gr.skip()}
            return
        event: Event | None = None
        with as_sentence():
            try:
                for event in service.serve(job, service.visitor(request), int(steps or 0)):
                    yield self.result.show(event, kept)
            except Exception as error:
                yield {self.result.status: status.describe_failure(event, sentence(error))}
                raise

    @guarded
    def on_own_size(self, current: Result | None) -> Updates:
        """The picture shall be rendered at the photo's own size; no run starts meanwhile."""
        if current is None:
            raise UserError(NOTHING)
        current.signals.forget_stop()
        return {
            self.result.rendering: current,
            self.result.file: None,
            self.result.enlarge: gr.update(interactive=False),
            self.stylize: gr.update(interactive=False),
            self.stop: gr.update(interactive=True),
            self.more: gr.update(interactive=False),
        }

    def on_stop(self, job: Job | None, rendering: Result | None) -> Updates:
        """The run ends after the step it is in, a rendering after its tile."""
        for asked in job, rendering:
            if asked is not None:
                asked.signals.ask_stop()
        return {self.stop: gr.update(interactive=False)}

    def on_end(self, current: Result | None) -> Updates:
        """The run is over, however it ended; an earlier picture can still be had."""
        there = current is not None
        return {
            self.result.download: gr.update(interactive=there),
            self.result.enlarge: gr.update(interactive=there),
            **self._buttons(running=False, resumable=there),
        }

    @guarded
    def on_steer(
        self,
        job: Job | None,
        visit: Visit,
        mask: str | None,
        foreground: str,
        background: str,
        foreground_strength: float,
        background_strength: float,
    ) -> Updates:
        """Prompts, strengths or mask have changed, perhaps while a run goes on."""
        if job is None or not job.signals.running():
            return {self.prompts.words: gr.skip()}
        strengths = foreground_strength, background_strength
        change = jobs.read_change(visit, mask, split(foreground, background), strengths)
        jobs.steer(job, visit, change)
        return {self.prompts.words: status.note(SENT)}

    @guarded
    def on_vary(
        self,
        request: gr.Request,
        visit: Visit,
        mask: str | None,
        foreground: str,
        background: str,
        models: str,
        *values: Any,
    ) -> Iterator[Updates]:
        """The first steps under other seeds."""
        change, settings = self._read(visit, mask, foreground, background, values)
        job = jobs.prepare(visit, change, settings, models)
        seeds = random.Random(settings.seed).sample(range(LARGEST_SEED), VARIATIONS)  # noqa: S311
        try:
            with service.queue.enter(service.visitor(request)) as ahead:
                while ahead():
                    yield {self.seeds: gr.skip()}
                for pictures in service.variations(job, seeds):
                    update = gr.update(value=pictures, selected_index=None)
                    yield {self.variations: update, self.seeds: seeds}
        finally:
            job.signals.remove()

    @guarded
    def on_variation(self, event: gr.SelectData, seeds: list[int]) -> Any:
        """A variation was picked: the next run has its seed."""
        return picked(event, seeds)

    def _buttons(self, running: bool, resumable: bool = False) -> Updates:
        """Stylize gives its place to Apply while a run goes on."""
        return {
            self.stylize: gr.update(visible=not running, interactive=True),
            self.apply: gr.update(visible=running),
            self.stop: gr.update(interactive=running),
            self.more: gr.update(interactive=resumable and not running),
            self.prompts.words: status.note(""),
        }
