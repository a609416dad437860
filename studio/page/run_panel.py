"""The last gesture: Stylize, and what can be done while the network learns."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import gradio as gr

from semcs_core.errors import UserError
from semcs_core.settings import Settings
from studio.page import status
from studio.page.photo_panel import PhotoPanel
from studio.page.prompt_panel import PromptPanel, split
from studio.page.result_panel import NOTHING, ResultPanel
from studio.page.setting_controls import NAMES, read_settings
from studio.page.settings_panel import SettingsPanel
from studio.page.wiring import CAPTURE, PRESS, Updates
from studio.runs import jobs
from studio.runs.downloads import WAITING, fetch
from studio.runs.events import Event, Stopped
from studio.runs.jobs import Job
from studio.runs.results import Result
from studio.runs.signals import Change
from studio.runs.visit import Visit
from studio.server import service
from studio.server.errors import as_sentence, guarded, sentence
from studio.server.queue import QUEUED

# Where the columns are stacked, the picture is below the button that starts it.
SHOW_RESULT = """
() => document.querySelector("#views").scrollIntoView({behavior: "smooth", block: "nearest"})
"""
SENT = "Handed to the run: it takes effect at the next step."


class RunPanel:
    """The buttons.

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
        form = [*now, *settings.controls]

        def with_mask(event: Callable[..., Any]) -> Callable[..., Any]:
            return event(None, photo.editor, photo.mask_file, js=CAPTURE).then

        started = with_mask(self.stylize.click)(
            self.on_stylize, [settings.models, *form], asked, **quiet
        )
        resumed = with_mask(self.more.click)(
            self.on_continue, [result.current, *form], asked, **quiet
        )
        self._own_size(buttons, quiet)
        self.stop.click(self.on_stop, [self.job, result.rendering], self.stop, queue=False, **quiet)

        for trigger in (self.apply.click, *steering):
            with_mask(trigger)(
                self.on_steer,
                [self.job, *now, *prompts.strengths.values()],
                prompts.words,
                concurrency_limit=8,
                concurrency_id="steering",  # errors of events without a queue are not shown
                **quiet,
            )
        return [self._run(checked, buttons, quiet) for checked in (started, resumed)]

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
    def on_stylize(self, request: gr.Request, models: str, *form: Any) -> Updates:
        """Stylize was pressed: check everything, then queue."""
        service.queue.check(service.visitor(request))
        visit, change, settings = read_form(*form)
        return self._begin(jobs.prepare(visit, change, settings, models))

    @guarded
    def on_continue(self, request: gr.Request, current: Result | None, *form: Any) -> Updates:
        """Continue was pressed: the run of the result that is shown goes on."""
        service.queue.check(service.visitor(request))
        visit, change, _ = read_form(*form)
        return self._begin(jobs.prepare_more(visit, change, current))

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
        events = service.serve(job, service.visitor(request), int(steps or 0))
        with as_sentence(), closing(events):  # not `guarded`: that would be one more generator
            try:
                for event in events:
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
    def on_steer(self, job: Job | None, visit: Visit, mask: str | None, *styles: Any) -> Updates:
        """Prompts, strengths or mask have changed, perhaps while a run goes on."""
        if job is None or not job.signals.running():
            return {self.prompts.words: gr.skip()}
        foreground, background, *strengths = styles
        prompts = split(foreground, background)
        change = jobs.read_change(visit, mask, prompts, (strengths[0], strengths[1]))
        jobs.steer(job, visit, change)
        return {self.prompts.words: status.note(SENT)}

    def _buttons(self, running: bool, resumable: bool = False) -> Updates:
        """Stylize gives its place to Apply while a run goes on."""
        return {
            self.stylize: gr.update(visible=not running, interactive=True),
            self.apply: gr.update(visible=running),
            self.stop: gr.update(interactive=running),
            self.more: gr.update(interactive=resumable and not running),
            self.prompts.words: status.note(""),
        }


def read_form(
    visit: Visit, mask: str | None, foreground: str, background: str, *values: Any
) -> tuple[Visit, Change, Settings]:
    """What the page asks of a run.

    Args:
        visit: with a photo.
        mask: the file of the mask's layer.
        foreground: the prompt for the object, or both with a line between them.
        background: the prompt for what is around it.
        values: of all settings, in the order of `NAMES`.

    Raises:
        UserError: what is missing or cannot be used.
    """
    settings = read_settings(dict(zip(NAMES, values, strict=True)))
    prompts, strengths = split(foreground, background), jobs.strengths_of(settings)
    return visit, jobs.read_change(visit, mask, prompts, strengths), settings
