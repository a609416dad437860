"""One step of a run: its record, its learning rate, and whether it has gone wrong."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from torch import Tensor

from semcs_core.errors import UserError
from semcs_core.settings import Settings

HALVING = 100  # steps, as published
WARM_UP = 5  # steps; Adam's second moments mean nothing before
FLAT = 0.01  # standard deviation of a picture that has nothing on it


@dataclass(frozen=True)
class Step:
    """One step of a run.

    Attributes:
        step: from 1 to `steps`.
        steps: of the whole run.
        image: [1, 3, H, W] in [0, 1], detached; the last step's is the result.
        losses: weighted terms by name, and their sum as "total".
        regions: names of those that the run had; the numbers in the losses' names count them.
        seconds: that the run has worked so far; waiting between two steps is not counted.
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
    """A step whose losses are still on the device: reading them would wait for a GPU.

    Attributes:
        number: from 1.
        losses: their names.
        regions: names of those that the run had.
        values: [L + 1], the losses, and 1 or 0 for whether all was well so far.
    """

    number: int
    losses: tuple[str, ...]
    regions: tuple[str, ...]
    values: Tensor


def learning_rate(step: int, settings: Settings, added: Sequence[int] = ()) -> float:
    """A short warm-up and half a cosine down to a tenth, or halved every 100 steps.

    Each lot of steps that was added later is half a cosine of its own, a warm restart without
    warm-up (SGDR, Loshchilov and Hutter, 2017).

    Args:
        step: from 1.
        settings: learning rate, schedule and the steps first planned.
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
    """Whether a picture has lost all structure.

    Args:
        spread: of the picture, a scalar.
        reference: of the photo, which may itself be flat.

    Returns:
        A bool tensor.
    """
    return ((spread < FLAT) & (reference > 2 * FLAT)) | ~spread.isfinite()


def describe_failure(total: float) -> str:
    """Why a step is no good, whose total loss this is, and what to do about it."""
    if not math.isfinite(total):
        return "The losses are no longer numbers: lower the learning rate and start again."
    return (
        "The picture has collapsed to one colour: lower the learning rate, or raise the content "
        "weight, and start again."
    )
