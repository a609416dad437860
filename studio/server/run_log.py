"""What the server did, for those who keep it: a JSON line in its log for each run.

No prompts, no pictures, no addresses: who keeps a server need not know what its visitors paint.
"""

from __future__ import annotations

import json
import logging
from typing import Any

_log = logging.getLogger(__name__)


def write(run: str, outcome: str, seconds: float, **about: Any) -> None:
    """Write down a run that is over, `seconds` after its turn began, and how large it was.

    The outcome is "finished", "stopped", "timed out", "left", "refused", "broke off" or "failed";
    `run` tells it from others in the log.
    """
    entry = {"event": "run", "run": run, "outcome": outcome, "seconds": round(seconds, 2)}
    _log.info(json.dumps(entry | about))


def write_to_stderr() -> None:
    """Let these lines come in the server's log, as they are."""
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(message)s"))
    _log.addHandler(handler)
    _log.setLevel(logging.INFO)
    _log.propagate = False
