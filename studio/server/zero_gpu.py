"""A GPU that is lent for one call at a time, as on ZeroGPU Spaces.

There a decorated function runs in a forked process, which has the GPU for `duration` seconds; its
arguments and what it yields are pickled. The page's own process never touches CUDA, and a run is
stopped and steered through files (`runs.signals`). Everywhere else nothing is decorated.
"""

from __future__ import annotations

import functools
import importlib
import os
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from models import device
from semcs_core.settings import Settings

LENT = bool(os.environ.get("SPACES_ZERO_GPU"))  # whether this is such a Space
if LENT:
    spaces = importlib.import_module("spaces")  # before anything asks for CUDA
    device.USE_GPU = False

LOADING = 20.0  # seconds for models that this process has not used yet, and for saving
A_STEP = 0.05  # seconds of a step at 512 pixels with 64 crops; several times what is expected
LONGEST = 120.0  # seconds that a Space may ask for at once

Generator = TypeVar("Generator", bound=Callable[..., Iterator[Any]])


def on_lent_gpu(duration: Callable[..., float]) -> Callable[[Generator], Generator]:
    """Let a generator function run where the GPU is; `duration` tells the seconds of a call."""

    def decorate(function: Generator) -> Generator:
        if not LENT:
            return function

        @functools.wraps(function)
        def inside(*args: Any, **kwargs: Any) -> Iterator[Any]:
            device.USE_GPU = True  # in the process that has it
            yield from function(*args, **kwargs)

        return spaces.GPU(duration=duration)(inside)

    return decorate


def seconds_for(settings: Settings, steps: int) -> float:
    """What a run may take at the most, in seconds: what is asked for comes out of a daily quota."""
    share = (settings.size / 512) ** 2 * 0.5 + settings.crops / 64 * 0.5
    return min(LONGEST, LOADING + steps * A_STEP * max(0.2, share))
