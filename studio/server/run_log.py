"""What the server did, for those who keep it: a JSON line for each run, and counts.

No prompts, no pictures, no addresses: who keeps a server need not know what its visitors paint.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections import Counter
from typing import Any

_log = logging.getLogger(__name__)


class Journal:
    """Counts by outcome since the server began, and the lines of its log."""

    def __init__(self) -> None:
        self._lock, self._began = threading.Lock(), time.monotonic()
        self._outcomes: Counter[str] = Counter()
        self._seconds = 0.0

    def write(self, run: str, outcome: str, seconds: float, **about: Any) -> None:
        """Write down a run that is over, `seconds` after its turn began, and how large it was.

        The outcome is "finished", "stopped", "timed out", "left", "refused", "broke off" or
        "failed"; `run` tells it from others in the log.
        """
        with self._lock:
            self._outcomes[outcome] += 1
            self._seconds += seconds
        entry = {"event": "run", "run": run, "outcome": outcome, "seconds": round(seconds, 2)}
        _log.info(json.dumps(entry | about))

    def summary(self) -> dict[str, Any]:
        """Counts since the server began."""
        with self._lock:
            return {
                "runs": dict(self._outcomes),
                "seconds_computed": round(self._seconds, 1),
                "seconds_up": round(time.monotonic() - self._began, 1),
            }

    def close(self) -> None:
        """Write the last line of the log."""
        _log.info(json.dumps({"event": "end"} | self.summary()))


def write_to_stderr() -> None:
    """Let the journal's lines come in the server's log, as they are."""
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(message)s"))
    _log.addHandler(handler)
    _log.setLevel(logging.INFO)
    _log.propagate = False


journal = Journal()  # of this server
