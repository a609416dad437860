"""What happens on each event of the page: from the values of its controls to their updates."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from typing import Any

import gradio as gr

from semcs_core.errors import UserError
from semcs_core.image import Photo
from semcs_core.methods import METHODS
from semcs_core.models import STARTER, best_device, load_models
from semcs_core.page import choices, downloads, photos, runs, status
from semcs_core.page.faults import guarded, sentence
from semcs_core.settings import Settings

EXAMPLES = photos.load_examples()
MAIN_SETTINGS = ("size", "steps", "seed")
ADVANCED_SETTINGS = tuple(f.name for f in fields(Settings) if f.name not in MAIN_SETTINGS)
WELCOME = "Drop a photo above, or pick an example: its object is found by itself."
SEARCHING = "Looking for the object …"

Update = Any  # of a component, in Gradio's own types


@guarded
def on_upload(path: str | None, source: str) -> Iterator[tuple[Update, ...]]:
    """A photo came in: show it with its object. Yields photo, editor, note, the two boxes."""
    yield _note(SEARCHING)
    try:
        photo = photos.open_for_visit(path)
    except Exception as error:
        yield _note(sentence(error))
        raise
    yield from _show(photo, source, first=True)


@guarded
def on_example(
    event: gr.SelectData, photo: Photo | None, source: str, foreground: str, background: str
) -> Iterator[tuple[Update, ...]]:
    """An example was picked. Yields what `on_upload` does, then the two prompts."""
    example = EXAMPLES[event.index]
    pair = example.next_pair(foreground, background)
    yield (*_note(SEARCHING), gr.skip(), gr.skip())
    for shown in _show(photos.open_for_visit(example.path), source, first=photo is None):
        yield (*shown, *pair)


def _show(photo: Photo, source: str, first: bool) -> Iterator[tuple[Update, ...]]:
    """A photo with its object; where the mask source can't be had, as the built-in one sees it."""
    boxes = (gr.update(visible=False), gr.update(visible=True)) if first else (gr.skip(), gr.skip())
    try:
        for now in downloads.fetch_missing(choices.source_files(source)):
            yield _note(now.text)
        value, text = photos.find(photo, source)
    except Exception as error:
        yield _note(sentence(error))
        if source != choices.SPECTRAL:
            value, _ = photos.find(photo)
            yield photo, value, gr.skip(), *boxes
        raise
    yield photo, value, status.note(text), *boxes


def _note(text: str) -> tuple[Update, ...]:
    return gr.skip(), gr.skip(), status.note(text), gr.skip(), gr.skip()


def on_another() -> tuple[Update, ...]:
    """Back to an empty upload box in the editor's place. Returns photo, upload, note, the boxes."""
    return None, None, status.note(WELCOME), gr.update(visible=True), gr.update(visible=False)


@guarded
def on_find(photo: Photo | None, source: str) -> Iterator[tuple[Update, ...]]:
    """The object is looked for again; a mask stays if that fails. Yields editor and note."""
    yield gr.skip(), status.note(SEARCHING)
    try:
        files = choices.source_files(source) if photo is not None else ()
        for now in downloads.fetch_missing(files):
            yield gr.skip(), status.note(now.text)
        value, text = photos.find(photo, source)
    except Exception as error:
        yield gr.skip(), status.note(sentence(error))
        raise
    yield value, status.note(text)


def on_choices() -> tuple[Update, Update]:
    """What is downloaded by now. Returns the choices of models and of mask sources."""
    return gr.update(choices=choices.models()), gr.update(choices=choices.sources())


@guarded
def on_method(name: str) -> tuple[Update, ...]:
    """A method fills every setting."""
    if name not in METHODS:
        raise UserError(f"There is no method called {name!r:.40}: use {' or '.join(METHODS)}.")
    return tuple(getattr(METHODS[name], field) for field in MAIN_SETTINGS + ADVANCED_SETTINGS)


@guarded
def on_clear(photo: Photo | None) -> tuple[Update, ...]:
    """The mask is emptied."""
    value, sentence = photos.cleared(photo)
    return value, status.note(sentence)


@guarded
def on_invert(photo: Photo | None, mask: str | None) -> tuple[Update, ...]:
    """Object and background change places."""
    value, sentence = photos.inverted(photo, mask)
    return value, status.note(sentence)


@guarded
def on_styles() -> tuple[Update, Update]:
    """The styles that the models know, for the suggestions of both prompts.

    Those of the examples come first: they are known to look good.
    """
    proven = [text for example in EXAMPLES for pair in example.pairs for text in pair]
    known = load_models(STARTER, best_device()).encoder.styles
    samples = [[style] for style in dict.fromkeys([*proven, *known])]
    return gr.Dataset(samples=samples), gr.Dataset(samples=samples)


def on_suggestion(event: gr.SelectData) -> str:
    """A suggestion fills its prompt."""
    return event.value[0]


@guarded
def on_stylize(
    photo: Photo | None,
    mask: str | None,
    foreground: str,
    background: str,
    models: str,
    request: gr.Request,
    *values: float,
) -> tuple[Update, ...]:
    """Stylize was pressed: check everything, then queue. Returns job, status and the buttons."""
    settings = runs.read_settings(dict(zip(MAIN_SETTINGS + ADVANCED_SETTINGS, values, strict=True)))
    job = runs.prepare(photo, mask, foreground, background, settings, models)
    runs.STOPS.begin(request.session_hash or "")
    text = status.idle(runs.WAITING, 0, settings.steps)
    return (job, text, *_buttons(running=True), gr.update(interactive=False))


@guarded
def on_fetch(job: runs.Job, request: gr.Request) -> Iterator[tuple[Update, ...]]:
    """What the job still needs is downloaded. Yields status and job, None after a stop."""
    fetching = runs.fetch(job, request.session_hash or "")
    while True:
        try:
            yield next(fetching), gr.skip()
        except StopIteration as end:
            yield gr.skip(), job if end.value else None
            return


@guarded
def on_run(job: runs.Job | None, request: gr.Request) -> Iterator[tuple[Update, ...]]:
    """The run itself. Yields result, status and download."""
    if job is None:
        yield gr.skip(), gr.skip(), gr.skip()
        return
    for frame in runs.run(job, request.session_hash or ""):
        if frame.file is not None:
            file = str(frame.file)
            yield file, frame.status, gr.update(value=file, interactive=True)
        else:
            picture = gr.skip() if frame.picture is None else frame.picture
            yield picture, frame.status, gr.skip()


def on_stop(request: gr.Request) -> Update:
    """The run ends after the step it is in."""
    runs.STOPS.ask(request.session_hash or "")
    return gr.update(interactive=False)


def on_end() -> tuple[Update, Update]:
    """The run is over, however it ended."""
    return _buttons(running=False)


def _buttons(running: bool) -> tuple[Update, Update]:
    """Stylize and Stop: one of them can be pressed."""
    return gr.update(interactive=not running), gr.update(interactive=running)
