"""Two endpoints for programs, also as tools of MCP; see docs/api.md.

They check their arguments as the page does, and wait in the queues of the page.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from typing import Any

import gradio as gr
from gradio.mcp import GradioMCPServer

from models.device import best_device
from models.loading import Choice, load_models, resolve
from semcs_core.errors import UserError
from semcs_core.image import open_photo
from semcs_core.mask import mask_from_eigenvector
from semcs_core.mask.affinity import NEIGHBOUR_WEIGHT
from semcs_core.methods import METHODS, PRESETS, STANDARD, with_preset
from semcs_core.prompts import check_known
from semcs_core.regions import mask_from_photo
from semcs_core.settings import Settings
from studio.flat_settings import changed
from studio.page import choices, photos
from studio.page.prompt_panel import alike
from studio.page.setting_controls import MAIN
from studio.published import STRENGTHS, choose
from studio.report import build_report
from studio.runs import jobs
from studio.runs.events import Finished, Preview
from studio.runs.results import save_mask
from studio.runs.visit import A_FILE, open_style
from studio.server import service
from studio.server.errors import guarded
from studio.server.http_gate import NOT_UPLOADED, was_uploaded
from studio.server.queue import QUEUED

File = dict[str, Any] | None
"""An uploaded file, as Gradio's `FileData`."""


def add_endpoints() -> None:
    """Add both, inside `gr.Blocks`; their components are not on the page."""
    _mend_tools()
    with gr.Column(visible=False):
        photo = gr.File(label="Photo")
        outputs = [gr.File(label="PNG"), gr.JSON(label="Report")]
        found_by = [
            photo,
            gr.Dropdown(list(choices.SOURCES), value=choices.SPECTRAL, label="Source"),
            gr.Number(0, precision=0, label="Eigenvector"),
            gr.Number(None, label="Threshold"),
            gr.Checkbox(False, label="Flip"),
            gr.Number(NEIGHBOUR_WEIGHT, label="Neighbours"),
        ]
        _endpoint(mask, found_by, outputs, concurrency_limit=8, concurrency_id="mask")
        form = [
            photo,
            gr.Textbox("", label="Style of the object"),
            gr.Textbox("", label="Style of the background"),
            gr.File(label="Mask"),
            gr.Dropdown(list(choices.MODELS), value=None, label="Models"),
            gr.Dropdown(list(METHODS), value=None, label="Method"),
            *(gr.Number(None, precision=0, label=name) for name in MAIN),
            *(gr.Number(None, label=name) for name in STRENGTHS),
            gr.Textbox("{}", label="Settings"),
            gr.Dropdown(list(PRESETS), value=STANDARD, label="Preset"),
            gr.File(label="Style picture of the object"),
            gr.File(label="Style picture of the background"),
        ]
        _endpoint(stylize, form, outputs, **QUEUED)


def _mend_tools() -> None:
    """Give the picture to every assistant.

    To one that asks for no progress, Gradio 6.31 gives all outputs of a tool as one text.
    """

    async def each_output(_: GradioMCPServer, job: Any) -> list[Any]:
        result = await asyncio.to_thread(job.result)
        return list(result) if isinstance(result, tuple) else [result]

    GradioMCPServer._execute_tool_without_progress = each_output  # type: ignore[method-assign, assignment]


def _endpoint(function: Any, inputs: list[Any], outputs: list[Any], **queue: Any) -> None:
    # Errors of Gradio's components are no sentences; uploads are checked without them, too.
    gr.Button(visible=False).click(
        function,
        inputs,
        outputs,
        preprocess=False,
        show_progress="hidden",
        api_name=function.__name__,
        api_visibility="public",
        **queue,
    )


@guarded
def mask(
    photo: File,
    source: str = choices.SPECTRAL,
    eigenvector: int = 0,
    threshold: float | None = None,
    flip: bool = False,
    neighbours: float = NEIGHBOUR_WEIGHT,
) -> tuple[str, dict[str, Any]]:
    """Find the object of a photo.

    Args:
        photo: a picture, uploaded or as a data: URL, of at most 20 MB and 50 megapixels.
        source: how it is found: spectral (built in), dino (DINO features), sem-cs (their first
            eigenvector, as published) or person.
        eigenvector: 0 for the object as a whole; 1 to 4 to cut it out of one eigenvector alone.
        threshold: of the eigenvector, 0 to 1; the best one where it is left out.
        flip: exchange object and background.
        neighbours: lambda of the photo's graph, 0 to 100: the weight of cells that are near in
            colour and place, beside that of cells that the network finds alike.

    Returns:
        A grey PNG of the photo's own size: white is the object, grey its soft edge.
        A report: message (a sentence), confidence (0 to 1) and share (of the photo).
    """
    _require_files(choices.pick(choices.SOURCES, "mask source", _text(source, "Source")))
    if not isinstance(flip, bool):
        raise UserError("Flip must be true or false.")
    visit = photos.open_for_visit(_path(photo))
    shown = visit.shown
    found = photos.search(shown, source, neighbours)
    if eigenvector or threshold is not None:
        cut = mask_from_eigenvector(found, shown.rgb, eigenvector or 1, threshold, flip)
    else:
        cut = 1 - found.mask if flip else found.mask
    return str(save_mask(cut, visit)), {
        "message": found.message or f"The object is {photos.covered(cut)}.",
        "confidence": round(found.confidence, 4),
        "share": round(float((cut >= 0.5).mean()), 4),
    }


@guarded
def stylize(  # noqa: D417 (the request is no argument of the call)
    photo: File,
    foreground: str = "",
    background: str = "",
    mask: File = None,
    models: str | None = None,
    method: str | None = None,
    size: int | None = None,
    steps: int | None = None,
    seed: int | None = None,
    foreground_strength: float | None = None,
    background_strength: float | None = None,
    settings: str = "{}",
    preset: str = STANDARD,
    foreground_picture: File = None,
    background_picture: File = None,
    request: gr.Request | None = None,
) -> Iterator[tuple[Any, dict[str, Any]]]:
    """Paint a photo in the styles of words or pictures, one for its object and one for the rest.

    Args:
        photo: a picture, uploaded or as a data: URL, of at most 20 MB and 50 megapixels.
        foreground: style of the object, such as "fire"; empty leaves it as it is.
        background: style of what is around it, such as "mosaic"; empty leaves it as it is.
        mask: a picture of the photo's proportions whose white is the object; found as the method
            does if left out.
        models: that read the words: starter (built in, 118 styles), clip-... (any words), or auto;
            the method's own where they are downloaded, if left out.
        method: whose settings and mask those are that are left out: studio, our own, by default
            with the starter, and semcs with CLIP.
        size: long side of the picture in pixels, 64 to 1024.
        steps: how long the network learns, 1 to 1000.
        seed: the same seed gives the same picture, 0 to 2147483647.
        foreground_strength: how far the object goes from the photo to its style, 0 to 1.5.
        background_strength: the same for what is around it, 0 to 1.5.
        settings: any other settings of docs/api.md, a JSON object such as {"crops": 16}.
        preset: draft, standard or fine: size, steps and crops, as far as they are left out.
        foreground_picture: a picture whose style the object gets, in place of words or beside them.
        background_picture: the same for what is around it.

    Returns:
        A PNG that has in it how it was made.
        A report: settings, method, models, mask_source, regions, steps, seconds, losses,
            mask_confidence, unknown_words.
    """
    named = size, steps, seed, foreground_strength, background_strength
    given = dict(zip((*MAIN, *STRENGTHS), named, strict=True))
    prompts = _text(foreground, "Style of the object"), _text(background, "The other style")
    named_models = models and _text(models, "Models")
    if method:
        choices.pick(METHODS, "method", _text(method, "Method"))
    method, models, source = choose(method, named_models, None, alike(*prompts))
    chosen = _settings(method, preset, settings, given)
    # "auto" downloads nothing: it is resolved to models that are on this machine.
    needed = resolve(models)
    _require_files(needed)
    files = foreground_picture, background_picture
    pictures = [None if one is None else open_style(_path(one)) for one in files]
    visit = photos.open_for_visit(_path(photo))
    shown = visit.shown
    confidence = None
    if mask is None:
        found = photos.search(shown, source)
        area, confidence = found.mask, round(found.confidence, 4)
    else:
        area, source = mask_from_photo(open_photo(_path(mask)), shown.size), A_FILE
    visit = replace(visit, source=source).send(
        area
    )  # rounds the mask as the editor and the picture's record hold it
    change = jobs.read_change(visit, None, prompts, jobs.strengths_of(chosen), pictures)
    job = jobs.prepare(visit, change, chosen, needed.name, method)
    job.signals.begin()
    progress = {"steps": 0, "of": chosen.steps}
    try:
        with closing(service.serve(job, service.visitor(request))) as events:
            for event in events:
                if isinstance(event, Preview):
                    progress = {"steps": event.step.step, "of": event.step.steps}
                if isinstance(event, Finished) and event.result is not None:
                    yield str(event.result.file), _report(job, event, confidence)
                else:
                    yield gr.skip(), progress
    finally:
        job.signals.remove()


def _report(job: jobs.Job, finished: Finished, confidence: float | None) -> dict[str, Any]:
    """The command line's report, with the losses of the last step alone."""
    encoder = load_models(job.models, best_device()).encoder
    unknown = check_known(encoder, [region.prompt for region in job.regions])
    last = finished.step
    about = job.settings, job.method, job.models, job.change.mask_source, job.regions
    return build_report(*about, last, [last.losses], confidence, [*unknown])


def _settings(method: str, preset: Any, text: Any, given: dict[str, Any]) -> Settings:
    """A method's settings under a preset, with those changed that JSON or arguments give."""
    own = with_preset(METHODS[method], _text(preset, "Preset"))
    try:
        values = json.loads(_text(text, "Settings") or "{}")
    except (ValueError, RecursionError):
        values = None
    if not isinstance(values, dict):
        raise UserError('Settings must be a JSON object, such as {"crops": 16}.')
    named = {name: value for name, value in given.items() if value is not None}
    return changed(own, {**values, **named})


def _require_files(choice: Choice) -> None:
    """Raise a `UserError` for missing files: a call downloads none, as that would block a queue."""
    if choice.missing:
        raise UserError(
            f"{choice.name} is not on this machine yet: choose it on the page once, or run "
            f"`python -m studio models --download {' '.join(choice.missing)}` there."
        )


def _path(file: File) -> str:
    if not file:
        raise UserError("There is no photo: upload one with the call.")
    path = file.get("path") if isinstance(file, dict) else None
    if not isinstance(path, str) or not was_uploaded(path):
        raise UserError(NOT_UPLOADED)
    return path


def _text(value: Any, label: str) -> str:
    if not isinstance(value, str):
        raise UserError(f"{label} must be a text: {value!r:.40} is not.")
    return value
