"""How errors reach the visitor: one sentence on the page, the rest in the server's log."""

from __future__ import annotations

import errno
import functools
import inspect
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import gradio as gr

from semcs_core.errors import UserError
from studio.files import Unwritable
from studio.runs import memory

UNEXPECTED = "Something went wrong here, not with you: try again, or try another photo."
NOT_WRITTEN = (
    "The server cannot save files now, its disk may be full: what is on the page stays there, "
    "so try again in a few minutes."
)
NO_ROOM = errno.ENOSPC, errno.EDQUOT  # on the disk, or none that one may use
SECONDS = 20  # a toast that can be read to its end

F = TypeVar("F", bound=Callable[..., Any])

_log = logging.getLogger(__name__)


def guarded(function: F) -> F:
    """An event handler, function or generator, whose errors are one sentence on the page.

    Its inputs stay as they are, and so does its signature, which Gradio reads.
    """
    if inspect.isgeneratorfunction(function):

        @functools.wraps(function)
        def generator(*args: Any, **kwargs: Any) -> Iterator[Any]:
            with as_sentence():
                yield from function(*args, **kwargs)

        return generator  # type: ignore[return-value]

    return as_sentence()(function)


def sentence(error: Exception) -> str:
    """What the visitor reads about an error: nothing of the server's folders."""
    if isinstance(error, Unwritable) or getattr(error, "errno", None) in NO_ROOM:
        return NOT_WRITTEN
    if memory.ran_out(error):
        return memory.NO_MEMORY
    return str(error) if isinstance(error, UserError) else UNEXPECTED


@contextmanager
def as_sentence() -> Iterator[None]:
    """Errors inside are one sentence on the page, as of a `guarded` handler."""
    try:
        yield
    except Exception as error:
        if not isinstance(error, UserError):
            _log.exception("An event handler failed")
        raise toast(sentence(error)) from error


def toast(text: str) -> gr.Error:
    """An error that the page shows long enough to be read."""
    return gr.Error(text, duration=SECONDS, print_exception=False)
