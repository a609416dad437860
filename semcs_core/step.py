"""One step of a run: its record, its learning rate, and whether it has gone wrong."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from torch import Tensor

from semcs_core.errors import UserError
from semcs_core.settings import Settings

HALVING = 100  # steps, as published
WARM_UP = 5  # steps; before that Adam's second moments mean nothing
FLAT = 0.01  # standard deviation below which a picture shows nothing


@dataclass(frozen=True)
class Step:
    """One step of a run.

    Attributes:
        step: from 1 to `steps`.
        steps: planned for the whole run.
        image: [1, 3, H, W] in [0, 1], detached; the last step's is the result.
        losses: weighted terms by name, and their sum as "total".
        regions: the regions' names; a number in a loss's name is the place of its region here.
        seconds: that the run has worked so far, without the time between two steps.
    """

    step: int
    steps: int
    image: Tensor
    losses: dict[str, float]
    regions: tuple[str, ...]
    seconds: float


class RunError(UserError):
    """A run that cannot go on; `last` is its last good step, if there was one."""

    def __init__(self, message: str, last: Step | None) -> None:
        super().__init__(message)
        self.last = last


@dataclass(frozen=True)
class UnreadStep:
    """A step whose losses are still on the device: reading them would wait for a GPU."""

    number: int  # from 1
    losses: tuple[str, ...]  # names
    regions: tuple[str, ...]  # names
    values: Tensor  # [L + 1], the losses, and 1 while all steps so far were good, else 0


def learning_rate(step: int, settings: Settings, added: Sequence[int] = ()) -> float:
    """A short warm-up and half a cosine down to a tenth, or halved every 100 steps.

    Each extension of the run is half a cosine of its own, a warm restart without warm-up (SGDR,
    Loshchilov and Hutter, 2017).

    Args:
        step: from 1.
        settings: learning rate, schedule and the steps planned at first.
        added: how many steps each extension of the run brought, in order.
    """
    if settings.schedule == "halving":
        return settings.learning_rate * 0.5 ** ((step - 1) // HALVING)
    begin, length = 0, settings.steps
    for more in added:
        if step <= begin + length:
            break
        begin, length = begin + length, more
    progress = (step - 1 - begin) / length
    decay = 0.1 + 0.9 * 0.5 * (1 + math.cos(math.pi * progress))
    return settings.learning_rate * min(1.0, step / WARM_UP) * decay


def spread(image: Tensor) -> Tensor:
    """The largest standard deviation of a channel of a picture [1, 3, H, W], a scalar."""
    return image.std(dim=(2, 3)).max()


def is_flat(spread: Tensor, reference: Tensor) -> Tensor:
    """Whether a picture has lost all structure, a bool tensor.

    Takes the `spread` of the picture and of the photo, which may itself be flat.
    """
    return ((spread < FLAT) & (reference > 2 * FLAT)) | ~spread.isfinite()


def describe_failure(total: float) -> str:
    """Why a step with this total loss has failed, and what to do about it."""
    if not math.isfinite(total):
        return "The losses are no longer numbers: lower the learning rate and start again."
    return (
        "The picture has collapsed to one colour: lower the learning rate, or raise the content "
        "weight, and start again."
    )
