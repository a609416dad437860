"""Whose turn it is: one run at a time, a line that is fair and has an end.

Gradio's own queue serves events in the order in which they came, however many one visitor sends.
Here every visitor's first run comes before anybody's second.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from types import TracebackType

from semcs_core.errors import UserError

WAITING = 12  # runs that may wait
EACH = 2  # of one visitor that may wait or run
PATIENCE = 1.0  # seconds until a waiting visitor is told again
REMEMBERED = 8  # runs whose time says how long the next ones take

FULL = "{} runs are waiting already: try again in {}."
TOO_MANY = "Your last run has not begun yet: wait for it, or stop it first."


class Turn:
    """A visitor's place in the line, from entering the `with` to leaving it."""

    def __init__(self, line: Line, visitor: str) -> None:
        self.visitor = visitor
        self.began: float | None = None
        self._line = line

    def __enter__(self) -> Turn:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._line.leave(self)

    def wait(self) -> int:
        """How many runs come first; returns when that has changed, or a second later.

        0 means that it is this one's turn, until it leaves.
        """
        return self._line.wait(self)


class Line:
    """All runs that wait or go on.

    Args:
        waiting: how many may wait.
        each: how many one visitor may have in it, the one that goes on included.
    """

    def __init__(self, waiting: int = WAITING, each: int = EACH) -> None:
        self.places, self.each = waiting, each
        self._changed = threading.Condition()
        self._turns: list[Turn] = []  # in the order of their coming
        self._taken: deque[float] = deque(maxlen=REMEMBERED)

    def check(self, visitor: str) -> None:
        """Whether there is a place for one more run of a visitor.

        Raises:
            UserError: there is none; it says when to come back.
        """
        with self._changed:
            self._check(visitor)

    def enter(self, visitor: str) -> Turn:
        """The last place of the line.

        Raises:
            UserError: there is none.
        """
        with self._changed:
            self._check(visitor)
            turn = Turn(self, visitor)
            self._turns.append(turn)
            return turn

    def leave(self, turn: Turn) -> None:
        """A run is over, or its visitor has gone."""
        with self._changed:
            self._turns.remove(turn)
            if turn.began is not None:
                self._taken.append(time.monotonic() - turn.began)
            self._changed.notify_all()

    def wait(self, turn: Turn) -> int:
        """As `Turn.wait`."""
        with self._changed:
            before = self._ahead(turn)
            if before:
                self._changed.wait_for(lambda: self._ahead(turn) != before, PATIENCE)
                before = self._ahead(turn)
            if not before and turn.began is None:
                turn.began = time.monotonic()
            return before

    def state(self) -> tuple[int, int]:
        """How many runs go on, and how many wait."""
        with self._changed:
            going = sum(turn.began is not None for turn in self._turns)
            return going, len(self._turns) - going

    def expected(self, runs: int) -> float | None:
        """Seconds that some runs take, as the last ones did; None before the first."""
        taken = list(self._taken)
        return runs * sum(taken) / len(taken) if taken else None

    def _check(self, visitor: str) -> None:
        if sum(turn.visitor == visitor for turn in self._turns) >= self.each:
            raise UserError(TOO_MANY)
        waiting = sum(turn.began is None for turn in self._turns)
        if waiting >= self.places:
            raise UserError(FULL.format(waiting, minutes(self.expected(waiting))))

    def _ahead(self, turn: Turn) -> int:
        if turn.began is not None:
            return 0
        rounds: dict[str, int] = {}
        order = []
        for place, other in enumerate(self._turns):
            number = rounds[other.visitor] = rounds.get(other.visitor, -1) + 1
            order.append((other.began is None, number, place, other))
        return [other for *_, other in sorted(order, key=lambda item: item[:3])].index(turn)


def minutes(seconds: float | None) -> str:
    """A time to come back after, in words."""
    if seconds is None or seconds < 60:
        return "a minute"
    return f"{round(seconds / 60) + 1} minutes"


line = Line()
"""Of this server."""
