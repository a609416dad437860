"""Whose turn it is: one run at a time, in the order in which they came.

Gradio 6.31 has a queue of its own, and it frees a closed page's place within a step. But an event
that waits there cannot say anything on the page or hear Stop; its limit counts small events too,
so that a full queue would refuse a brush stroke; and one client may fill it alone.
"""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from semcs_core.errors import UserError

PATIENCE = 1.0  # seconds until a waiting visitor is told again
FULL = "{} runs are waiting already: try again in {} min."
TOO_MANY = "Your last run has not begun yet: wait for it, or stop it first."

# Options of an event that waits here: Gradio lets all of them in.
QUEUED: dict[str, Any] = {"concurrency_limit": None, "concurrency_id": "gpu"}


@dataclass(eq=False)
class Place:
    """One visitor's; `began` is when it came to the front, None before."""

    visitor: str
    began: float | None = None


class Queue:
    """All runs that wait, at most `most`, or go on; `each` may be one visitor's."""

    def __init__(self, most: int = 12, each: int = 2) -> None:
        self.most, self.each = most, each
        self._changed = threading.Condition()
        self._places: list[Place] = []
        self._taken: deque[float] = deque(maxlen=8)  # seconds of the last runs

    def check(self, visitor: str) -> None:
        """Raise a `UserError` where there is no place for one more run of a visitor."""
        with self._changed:
            if sum(place.visitor == visitor for place in self._places) >= self.each:
                raise UserError(TOO_MANY)
            _, waiting = self.state()
            if waiting >= self.most:
                minutes = math.ceil((self.expected(waiting) or 60) / 60)
                raise UserError(FULL.format(waiting, minutes))

    @contextmanager
    def enter(self, visitor: str) -> Iterator[Callable[[], int]]:
        """Have the last place until the `with` is left; errors are those of `check`.

        Yields a function that tells how many runs come first, as soon as that changes, or after a
        second. At 0 it is this one's turn.
        """
        place = Place(visitor)
        with self._changed:
            self.check(visitor)
            self._places.append(place)
        try:
            yield lambda: self._ahead(place)
        finally:
            with self._changed:
                self._places.remove(place)
                if place.began is not None:
                    self._taken.append(time.monotonic() - place.began)
                self._changed.notify_all()

    def state(self) -> tuple[int, int]:
        """How many runs go on, 0 or 1, and how many wait."""
        going = sum(place.began is not None for place in list(self._places))
        return going, len(self._places) - going

    def expected(self, runs: int) -> float | None:
        """Seconds that some runs take, as the last ones did; None before the first."""
        taken = list(self._taken)
        return runs * sum(taken) / len(taken) if taken else None

    def _ahead(self, place: Place) -> int:
        with self._changed:
            before = self._places.index(place)
            if before:
                self._changed.wait_for(lambda: self._places.index(place) != before, PATIENCE)
            ahead = self._places.index(place)
            if not ahead and place.began is None:
                place.began = time.monotonic()
            return ahead


queue = Queue()  # of this server
