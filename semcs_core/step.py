"""One step of a run: its learning rate, its picture and its record."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from torch import Tensor

from semcs_core.errors import UserError
from semcs_core.settings import Settings

HALVING = 100  # steps, as published
WARM_UP = 5  # steps; Adam's second moments mean nothing before
LUMINANCE = (0.2989, 0.587, 0.114)  # as in torchvision's adjust_contrast, which was published
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


def with_contrast(image: Tensor, factor: float, grey: Tensor | None = None) -> Tensor:
    """Stretch a picture [1, 3, H, W] away from its mean grey, or from another one, in [0, 1]."""
    if factor == 1:
        return image
    grey = mean_grey(image) if grey is None else grey
    return (grey + factor * (image - grey)).clamp(0, 1)


def mean_grey(image: Tensor) -> Tensor:
    """The mean luminance of a picture [1, 3, H, W], a number."""
    return luminance(image).mean()


def luminance(image: Tensor) -> Tensor:
    """[N, 3, H, W] to [N, 1, H, W]."""
    red, green, blue = image.split(1, dim=1)
    # The weights as numbers: a tensor of them would have to be brought to a GPU each time.
    return LUMINANCE[0] * red + LUMINANCE[1] * green + LUMINANCE[2] * blue


def spread(image: Tensor) -> Tensor:
    """How much is on a picture [1, 3, H, W]: the largest deviation of a channel, a number."""
    return image.std(dim=(2, 3)).max()


def is_flat(spread: Tensor, reference: Tensor) -> Tensor:
    """Whether a picture of some spread has lost all structure of a photo of another; a truth."""
    return ((spread < FLAT) & (reference > 2 * FLAT)) | ~spread.isfinite()
