"""What the visitor reads while the network learns, as HTML; every text from outside is escaped."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from semcs_core.regions import Region
from semcs_core.stylize import Step


def note(text: str) -> str:
    """One sentence."""
    return f'<p class="semcs-note" role="status">{escape(text)}</p>'


def idle(text: str, step: int = 0, steps: int = 1) -> str:
    """A sentence over the bar at rest; takes the room that `progress` takes."""
    return _panel(text, step, steps, {})


def progress(step: Step, regions: Sequence[Region], heading: str = "", remark: str = "") -> str:
    """Step, seconds, time left and every loss.

    Args:
        step: the latest.
        regions: of the run, whose names replace the numbers in the losses' names.
        heading: instead of step and time, when the run is over.
        remark: a sentence below.
    """
    left = step.seconds / step.step * (step.steps - step.step)
    text = heading or (
        f"Step {step.step} of {step.steps} · {duration(step.seconds)} · about {duration(left)} left"
    )
    losses = {readable(name, regions): value for name, value in step.losses.items()}
    return _panel(text, step.step, step.steps, losses, remark)


def readable(loss: str, regions: Sequence[Region]) -> str:
    """The name of a loss with the region's name in it: "global 0" is "global foreground"."""
    if loss == "tv":
        return "total variation"
    words = [regions[int(w)].name if w.isdecimal() else w for w in loss.split()]
    return " ".join(words)


def duration(seconds: float) -> str:
    """Seconds in short: 0.4 s, 12 s, 3 min 05 s."""
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    if seconds < 99.5:
        return f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s"


def _panel(text: str, step: int, steps: int, losses: dict[str, float], remark: str = "") -> str:
    items = "".join(
        f"<div><dt>{escape(name)}</dt><dd>{value:.3f}</dd></div>" for name, value in losses.items()
    )
    return (
        f'<div class="semcs-status"><p class="semcs-line">{escape(text)}</p>'
        f'<progress max="{steps}" value="{step}" aria-label="Progress of the run"></progress>'
        f'<dl class="semcs-losses" aria-label="Losses">{items}</dl>'
        f'<p class="semcs-remark">{escape(remark)}</p></div>'
    )
