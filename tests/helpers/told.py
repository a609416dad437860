"""What an event of the page says when it is followed to its end."""

from pathlib import Path

import gradio as gr

from studio.server import errors

ROOT = Path(__file__).parents[2]


def told(function, *args):
    """What the page is given, and the sentence of the toast, "" without one."""
    frames = []

    @errors.guarded
    def event():
        for frame in function(*args):
            frames.append(frame)
            yield

    sentence = ""
    try:
        for _ in event():
            pass
    except gr.Error as error:
        sentence = error.message
    assert sentence != errors.UNEXPECTED
    assert str(ROOT) not in sentence
    assert "/tmp" not in sentence
    return frames, sentence
