"""A generator that goes on working while its last item is looked at."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Generator
from concurrent.futures import Future
from contextlib import closing
from typing import TypeVar

T = TypeVar("T")

_log = logging.getLogger(__name__)


def latest(items: Generator[T | None, None, None]) -> Generator[T, None, None]:
    """Run a generator in a background thread and yield only its most recent item.

    Items that come faster than they are taken are left out, but never the very last one; a None
    only gives a moment at which the work may end. Closing this closes the generator at its next
    item, and does not wait for that: Gradio closes on the event loop that answers all pages.

    Raises:
        BaseException: what the generator raised, after its last item.
    """
    newest: deque[T] = deque(maxlen=1)
    told, closed = threading.Event(), threading.Event()
    over: Future[None] = Future()

    def work() -> None:
        try:
            with closing(items):
                for item in items:
                    if item is not None:
                        newest.append(item)
                        told.set()
                    if closed.is_set():
                        break
            over.set_result(None)
        except BaseException as error:
            if closed.is_set():
                _log.exception("The work of a closed page has failed")
            over.set_exception(error)
        told.set()

    # A daemon: a server that is told to end does not wait for it.
    threading.Thread(target=work, name="latest", daemon=True).start()
    try:
        while newest or not over.done():
            told.wait()
            told.clear()
            if newest:
                yield newest.popleft()
    finally:
        closed.set()
    over.result()
