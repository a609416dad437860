"""The status of a run as HTML; every text from outside is escaped."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import numpy as np

from studio.runs.events import Downloading, Event, Finished, Preview, Rendering, Saved, Waiting

CURVE = 100, 28  # width and height of the loss curve in units of its own
MOST_POINTS = 200  # of the loss curve
SHOWN_EDITS = 3


def note(text: str) -> str:
    """One sentence."""
    return f'<p class="semcs-note" role="status">{escape(text)}</p>'


def describe(event: Event, fault: str = "") -> str:
    """An event of a run; `fault` is a sentence about why a finished picture was not saved."""
    if isinstance(event, Preview):
        last = event.step
        if isinstance(event, Finished):
            text = f"{event.ending}: {last.step} of {last.steps} steps in {duration(last.seconds)}"
            text = f"{text}, seed {event.seed}. {fault}".strip()
        else:
            each = last.seconds / last.step
            left = duration(each * (last.steps - last.step))
            text = f"Step {last.step} of {last.steps} · {each:.2f} s each · about {left} left"
        losses = {readable(name, last.regions): value for name, value in last.losses.items()}
        edits = event.edits[-SHOWN_EDITS:]
        remarks = [
            _made_by(event),
            event.remark,
            *(f"From step {e.step + 1} on: {e.text}." for e in edits),
        ]
        return panel(text, last.step, last.steps, losses, event.totals, remarks)
    if isinstance(event, Waiting):
        about = "" if event.seconds is None else f", about {duration(event.seconds)}"
        return panel(f"Waiting: {event.ahead} before yours{about} …")
    if isinstance(event, Downloading):
        return panel(event.text, event.received, event.total)
    if isinstance(event, Rendering):
        text = "Rendering at {} x {}".format(*event.size)
        share = f": {event.done / event.total:.0%}" if event.total else " …"
        return panel(text + share, event.done, event.total or 1)
    if isinstance(event, Saved):
        return panel("Saved at {} x {}.".format(*event.size), 1)
    return panel(event.text)


def _made_by(event: Preview) -> str:
    """A finished picture's method, models and mask source."""
    if not isinstance(event, Finished) or event.result is None:
        return ""
    made = event.result.provenance
    return f"{made.method} · {made.models} · mask: {made.mask_source}"


def describe_failure(event: Event | None, text: str) -> str:
    """An error, in the sentence `text`: the numbers of a finished picture stay beside it."""
    if isinstance(event, Finished):
        return describe(event, "" if event.result is not None else text)
    return panel(text)


def readable(loss: str, regions: Sequence[str]) -> str:
    """The name of a loss with the region's name in it: "global 0" is "global foreground"."""
    if loss == "tv":
        return "total variation"
    return " ".join(regions[int(w)] if w.isdecimal() else w for w in loss.split())


def duration(seconds: float) -> str:
    """Seconds in short: 0.4 s, 12 s, 3 min 05 s."""
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    if seconds < 99.5:
        return f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s"


def curve(totals: Sequence[float]) -> str:
    """The loss over the steps, an SVG of one line; empty for fewer than two steps."""
    if len(totals) < 2:
        return ""
    kept = totals[:: -(-len(totals) // MOST_POINTS)]
    width, height = CURVE
    across = np.linspace(0, width, len(kept))
    down = np.interp(kept, (min(kept), max(kept)), (height - 1, 1))
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in zip(across, down, strict=True))
    return (
        f'<svg class="semcs-curve" viewBox="0 0 {width} {height}" preserveAspectRatio="none" '
        f'role="img" aria-label="Loss curve: from {totals[0]:.3f} to {totals[-1]:.3f}">'
        f'<polyline points="{points}" vector-effect="non-scaling-stroke"/></svg>'
    )


def panel(
    text: str,
    done: int = 0,
    total: int = 1,
    losses: dict[str, float] | None = None,
    totals: Sequence[float] = (),
    remarks: Sequence[str] = (),
) -> str:
    """A sentence over a bar, and always as much room on the page as the numbers of a step need."""
    items = "".join(
        f"<div><dt>{escape(name)}</dt><dd>{value:.3f}</dd></div>"
        for name, value in (losses or {}).items()
    )
    lines = "".join(f'<p class="semcs-remark">{escape(line)}</p>' for line in remarks if line)
    return (
        f'<div class="semcs-status"><p class="semcs-line" role="status">{escape(text)}</p>'
        f'<progress max="{total}" value="{done}" aria-label="Progress of the run"></progress>'
        f'<div class="semcs-numbers"><dl class="semcs-losses" aria-label="Losses">{items}</dl>'
        f"{curve(totals)}</div>{lines}</div>"
    )
