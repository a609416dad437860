"""What the visitor reads while the network learns, as HTML; every text from outside is escaped."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from semcs_core.step import Step
from studio.provenance import Edit

CURVE = 100, 28  # width and height of the loss curve in units of its own
MOST_POINTS = 200  # of it
SHOWN_EDITS = 3


def note(text: str) -> str:
    """One sentence."""
    return f'<p class="semcs-note" role="status">{escape(text)}</p>'


def idle(text: str, step: int = 0, steps: int = 1) -> str:
    """A sentence over the bar at rest; takes the room that `progress` takes."""
    return _panel(text, step, steps)


def progress(
    step: Step,
    totals: Sequence[float] = (),
    heading: str = "",
    remark: str = "",
    edits: Sequence[Edit] = (),
) -> str:
    """Step, seconds, time left, every loss, and the curve of their sum.

    Args:
        step: the latest.
        totals: the loss of each step so far.
        heading: instead of step and time, when the run is over.
        remark: a sentence below.
        edits: what was changed on the way.
    """
    each = step.seconds / step.step
    text = heading or (
        f"Step {step.step} of {step.steps} · {each:.2f} s each · "
        f"about {duration(each * (step.steps - step.step))} left"
    )
    losses = {readable(name, step.regions): value for name, value in step.losses.items()}
    changes = [f"From step {edit.step + 1} on: {edit.text}." for edit in edits[-SHOWN_EDITS:]]
    return _panel(text, step.step, step.steps, losses, totals, [remark, *changes])


def readable(loss: str, regions: Sequence[str]) -> str:
    """The name of a loss with the region's name in it: "global 0" is "global foreground"."""
    if loss == "tv":
        return "total variation"
    words = [regions[int(w)] if w.isdecimal() else w for w in loss.split()]
    return " ".join(words)


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
