"""Stylize, Apply changes, Stop and Continue."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import gradio as gr

from semcs_core.settings import Settings
from studio.page import status
from studio.page.photo_panel import PhotoPanel
from studio.page.prompt_panel import PromptPanel
from studio.page.result_panel import ResultPanel
from studio.page.setting_controls import read_settings
from studio.page.settings_panel import SettingsPanel
from studio.page.wiring import PRESS, Updates
from studio.runs import jobs, results
from studio.runs.jobs import Job
from studio.runs.results import Result
from studio.runs.signals import Change
from studio.runs.visit import Visit
from studio.server import service
from studio.server.errors import guarded
from studio.server.queue import QUEUED

# Where the columns are stacked, the picture is below the button that starts it.
SHOW_RESULT = """
() => document.querySelector("#views").scrollIntoView({behavior: "smooth", block: "nearest"})
"""
SENT = "Applied from the next step."


class RunPanel:
    """The buttons.

    Attributes:
        job: `gr.State` of the `Job` that runs or ran last.
    """

    def __init__(self) -> None:
        self.job = gr.State(time_to_live=3600)
        with gr.Row(elem_id="go"):
            large: dict[str, Any] = {"variant": "primary", "scale": 3}
            self.stylize = gr.Button("Stylize", elem_id="stylize", **large)
            self.apply = gr.Button("Apply changes", visible=False, elem_id="apply", **large)
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
        """Connect the events; `steering` are triggers of changes that a run takes up.

        Returns:
            What follows the end of a run, which may have downloaded models.
        """
        self.photo, self.prompts, self.result = photo, prompts, result
        self.buttons = [self.stylize, self.apply, self.stop, self.more, prompts.words]
        self.buttons += [result.download, result.enlarge]
        now = [*photo.drawn, *prompts.styles]
        form = [*now, *settings.controls]
        ends = []
        for button, handler, first in (
            (self.stylize, self.on_stylize, [settings.models, settings.method]),
            (self.more, self.on_continue, [result.current]),
        ):
            told = [self.job, result.status, result.views, *self.buttons]
            checked = photo.capture(button.click)(handler, [*first, *form], told, **quiet)
            inputs = [self.job, settings.by_name["steps"], result.kept]
            over = checked.success(None, js=SHOW_RESULT).then(
                self.on_run, inputs, result.shown, **QUEUED, **quiet
            )
            ends += self._end(over, quiet)
        self._own_size(quiet)
        self.stop.click(self.on_stop, [self.job, result.rendering], self.stop, queue=False, **quiet)
        for trigger in (self.apply.click, *steering):
            photo.capture(trigger)(
                self.on_steer,
                [self.job, *now, *prompts.strengths.values()],
                prompts.words,
                concurrency_limit=8,
                concurrency_id="steering",  # errors of events without a queue are not shown
                **quiet,
            )
        return ends

    def _own_size(self, quiet: dict[str, Any]) -> None:
        """Connect the picture at the photo's own size, which Stop ends as it does a run."""
        result = self.result
        shown = [result.rendering, result.file, *self.buttons]
        begun = result.enlarge.click(self.on_own_size, result.current, shown, **quiet)
        over = begun.success(
            result.on_enlarge,
            result.rendering,
            [result.status, result.file],
            concurrency_limit=1,
            concurrency_id="own-size",  # beside the runs: it gives way to each of their steps
            **quiet,
        )
        over.success(None, js=PRESS)
        self._end(over, quiet)

    def _end(self, event: Any, quiet: dict[str, Any]) -> list[Any]:
        """Bring the buttons back after an event; `then` does not follow one that fails."""
        end = [self.on_end, self.result.current, self.buttons]
        return [over(*end, queue=False, **quiet) for over in (event.then, event.failure)]

    @guarded
    def on_stylize(self, request: gr.Request, models: str, method: str, *form: Any) -> Updates:
        """Check everything that a run needs, before it waits for its turn."""
        service.queue.check(service.visitor(request))
        return self._begin(jobs.prepare(*read_form(*form), models, method))

    @guarded
    def on_continue(self, request: gr.Request, current: Result | None, *form: Any) -> Updates:
        """Check whether the run of the picture that is shown can go on."""
        service.queue.check(service.visitor(request))
        visit, change, _ = read_form(*form)
        return self._begin(jobs.prepare_more(visit, change, current))

    def _begin(self, job: Job) -> Updates:
        job.signals.begin()
        return {
            self.job: job,
            self.result.status: status.panel("Waiting for its turn …"),
            self.result.views: gr.update(selected="picture"),
            **self._buttons(running=True),
        }

    @guarded
    def on_run(
        self, job: Job | None, steps: int, kept: list[Result], request: gr.Request
    ) -> Iterator[Updates]:
        """Download what the job needs, wait, learn, and show each event of all that."""
        if job is None:
            yield {self.result.status: gr.skip()}
            return
        events = service.serve(job, service.visitor(request), int(steps or 0))
        yield from self.result.follow(events, kept)

    @guarded
    def on_own_size(self, current: Result | None) -> Updates:
        """Get ready to render at the photo's own size; no run starts meanwhile."""
        current = results.require(current)
        current.signals.forget_stop()
        off = gr.update(interactive=False)
        return {
            self.result.rendering: current,
            self.result.file: None,
            **dict.fromkeys([self.result.enlarge, self.stylize, self.more], off),
            self.stop: gr.update(interactive=True),
        }

    def on_stop(self, job: Job | None, rendering: Result | None) -> Updates:
        """Ask a run to end after its step, and a rendering after its tile."""
        for asked in job, rendering:
            if asked is not None:
                asked.signals.ask_stop()
        return {self.stop: gr.update(interactive=False)}

    def on_end(self, current: Result | None) -> Updates:
        """Bring the buttons back; those of a picture only if there is one."""
        return self._buttons(running=False, picture=current is not None)

    @guarded
    def on_steer(self, job: Job | None, visit: Visit, mask: str | None, *styles: Any) -> Updates:
        """Send styles, strengths and mask to the run, if one goes on."""
        if job is None or not job.signals.running():
            return {self.prompts.words: gr.skip()}
        change = jobs.read_change(visit, mask, styles[:2], styles[4:], styles[2:4])
        jobs.steer(job, visit, change)
        return {self.prompts.words: status.note(SENT)}

    def _buttons(self, running: bool, picture: bool = False) -> Updates:
        """The buttons during a run, when Apply takes the place of Stylize, and after it."""
        of_picture = [self.more, self.result.download, self.result.enlarge]
        return {
            self.stylize: gr.update(visible=not running, interactive=True),
            self.apply: gr.update(visible=running),
            self.stop: gr.update(interactive=running),
            self.prompts.words: status.note(""),
            **dict.fromkeys(of_picture, gr.update(interactive=picture)),
        }


def read_form(visit: Visit, mask: str | None, *values: Any) -> tuple[Visit, Change, Settings]:
    """The page's inputs as a run takes them.

    `values` are two prompts, two style pictures, and all settings in the order of `NAMES`.

    Raises:
        UserError: what is missing or cannot be used.
    """
    settings = read_settings(values[4:])
    strengths = jobs.strengths_of(settings)
    return visit, jobs.read_change(visit, mask, values[:2], strengths, values[2:4]), settings
