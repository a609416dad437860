"""The status of a run as HTML; every text from outside is escaped."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from studio.runs.events import Downloading, Event, Finished, Preview, Rendering, Saved, Waiting

CURVE = 100, 28  # width and height of the loss curve in units of its own
MOST_POINTS = 200  # of the loss curve
SHOWN_EDITS = 3


def note(text: str) -> str:
    """One sentence."""
    return f'<p class="semcs-note" role="status">{escape(text)}</p>'


def idle(text: str, done: int = 0, total: int = 1) -> str:
    """A sentence over a bar that does not move, as high on the page as the numbers of a step."""
    return _panel(text, done, total)


def describe(event: Event, fault: str = "") -> str:
    """An event of a run; `fault` is a sentence about why a finished picture was not saved."""
    if isinstance(event, Finished):
        last = event.step
        text = f"{event.ending}: {last.step} of {last.steps} steps in {duration(last.seconds)}"
        return _numbers(event, f"{text}, seed {event.seed}. {fault}".strip())
    if isinstance(event, Preview):
        last, each = event.step, event.step.seconds / event.step.step
        left = duration(each * (last.steps - last.step))
        return _numbers(
            event, f"Step {last.step} of {last.steps} · {each:.2f} s each · about {left} left"
        )
    if isinstance(event, Waiting):
        about = "" if event.seconds is None else f", about {duration(event.seconds)}"
        return idle(f"Waiting: {event.ahead} before yours{about} …")
    if isinstance(event, Downloading):
        return idle(event.text, event.received, event.total)
    if isinstance(event, (Rendering, Saved)):
        return _at_own_size(event)
    return idle(event.text)


def describe_failure(event: Event | None, text: str) -> str:
    """An error, in the sentence `text`: the numbers of a finished picture stay beside it."""
    if not isinstance(event, Finished):
        return idle(text)
    return describe(event) if event.result is not None else describe(event, text)


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
    low, high = min(kept), max(kept)
    width, height = CURVE
    points = " ".join(
        f"{n * width / max(1, len(kept) - 1):.1f},"
        f"{height - 1 - (value - low) / ((high - low) or 1) * (height - 2):.1f}"
        for n, value in enumerate(kept)
    )
    return (
        f'<svg class="semcs-curve" viewBox="0 0 {width} {height}" preserveAspectRatio="none" '
        f'role="img" aria-label="Loss curve: from {totals[0]:.3f} to {totals[-1]:.3f}">'
        f'<polyline points="{points}" vector-effect="non-scaling-stroke"/></svg>'
    )


def _at_own_size(event: Rendering | Saved) -> str:
    width, height = event.size
    if isinstance(event, Saved):
        return idle(f"Saved at {width} x {height}. {event.remark}".strip(), 1, 1)
    text = f"Rendering at {width} x {height}"
    if not event.total:
        return idle(f"{text} …")
    return idle(f"{text}: {event.done / event.total:.0%}", event.done, event.total)


def _numbers(event: Preview, text: str) -> str:
    """Every loss of a step, the curve of their sum, and the latest changes."""
    step = event.step
    losses = {readable(name, step.regions): value for name, value in step.losses.items()}
    changes = [f"From step {edit.step + 1} on: {edit.text}." for edit in event.edits[-SHOWN_EDITS:]]
    return _panel(text, step.step, step.steps, losses, event.totals, [event.remark, *changes])


def _panel(
    text: str,
    step: int,
    steps: int,
    losses: dict[str, float] | None = None,
    totals: Sequence[float] = (),
    remarks: Sequence[str] = (),
) -> str:
    items = "".join(
        f"<div><dt>{escape(name)}</dt><dd>{value:.3f}</dd></div>"
        for name, value in (losses or {}).items()
    )
    lines = "".join(f'<p class="semcs-remark">{escape(line)}</p>' for line in remarks if line)
    return (
        f'<div class="semcs-status"><p class="semcs-line" role="status">{escape(text)}</p>'
        f'<progress max="{steps}" value="{step}" aria-label="Progress of the run"></progress>'
        f'<div class="semcs-numbers"><dl class="semcs-losses" aria-label="Losses">{items}</dl>'
        f"{curve(totals)}</div>{lines}</div>"
    )
