"""A lock that nobody has to wait for twice as long as the others."""

from __future__ import annotations

import threading
from collections import deque
from types import TracebackType


class FairLock:
    """A lock that is had in the order in which it was asked for; for a `with`.

    Python's own lock goes to whoever is quickest. A loop that gives it back only to take it again
    is always the quickest, and keeps everybody else waiting until it ends.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._asked: deque[object] = deque()  # the first one has it

    def acquire(self) -> None:
        """Have it, once those who asked before have had it."""
        place = object()
        with self._changed:
            self._asked.append(place)
            self._changed.wait_for(lambda: self._asked[0] is place)

    def release(self) -> None:
        """Leave it to the next one."""
        with self._changed:
            self._asked.popleft()
            self._changed.notify_all()

    def __enter__(self) -> None:
        self.acquire()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()

    def locked(self) -> bool:
        """Whether anybody has it."""
        return bool(self._asked)
