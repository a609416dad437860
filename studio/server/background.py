"""How steps are followed: one by one, or as they come while the work goes on."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Generator
from contextlib import closing
from typing import TypeVar

T = TypeVar("T")

_log = logging.getLogger(__name__)


def each(items: Generator[T | None, None, None]) -> Generator[T, None, None]:
    """What a generator yields, but for None; nothing is done while it is looked at."""
    with closing(items):
        for item in items:
            if item is not None:
                yield item


def newest(items: Generator[T | None, None, None]) -> Generator[T, None, None]:
    """What a generator has yielded last, while it goes on in a thread of its own.

    What it yields faster than it is taken here is left out; its very last item never is. Closing
    this closes it, too, once it has yielded what it is at; nobody waits for that, since Gradio
    closes where it answers all pages.

    Args:
        items: not begun, and of no use to anybody else. None is nothing to look at, only a moment
            at which the work may end.

    Raises:
        BaseException: what it raised, after its last item.
    """
    latest: deque[T] = deque(maxlen=1)
    told, left, over = threading.Event(), threading.Event(), threading.Event()
    failures: list[BaseException] = []

    def work() -> None:
        try:
            with closing(items):
                for item in items:
                    if item is not None:
                        latest.append(item)
                        told.set()
                    if left.is_set():
                        break
        except BaseException as error:
            if left.is_set():
                _log.exception("What nobody waits for any more has failed")
            failures.append(error)
        finally:
            over.set()
            told.set()

    # A server that is told to end does not wait for it.
    threading.Thread(target=work, name="newest", daemon=True).start()
    try:
        while latest or not over.is_set():
            told.wait()
            told.clear()
            if latest:
                yield latest.popleft()
    finally:
        left.set()
    if failures:
        raise failures.pop()
