"""Memory that has run out: told from other errors, given back, and what to do about it."""

from __future__ import annotations

import gc
import logging
import traceback
from collections.abc import Iterator
from contextlib import contextmanager

import torch

from semcs_core.errors import UserError
from semcs_core.methods import with_preset
from semcs_core.settings import Settings

# PyTorch has a class of its own for CUDA's caching allocator alone.
_SIGNS = (
    "out of memory",
    "can't allocate memory",
    "not enough memory",
    "cudnn_status_alloc_failed",
    "cublas_status_alloc_failed",
)
SMALLEST = Settings.__dataclass_fields__["size"].metadata["minimum"]
NO_LESS = (
    "There is not enough memory for this run, though it is small: try again in a minute, "
    "or with fewer crops."
)
TOO_LARGE = (
    "There is not enough memory for a picture of {} pixels: set the size to {} and try again."
)

_log = logging.getLogger(__name__)


def ran_out(error: BaseException) -> bool:
    """Whether an error says that there was not enough memory, of a GPU or of the machine."""
    if isinstance(error, MemoryError):
        return True
    return isinstance(error, RuntimeError) and any(sign in str(error).lower() for sign in _SIGNS)


@contextmanager
def given_back() -> Iterator[None]:
    """Turn an out-of-memory error raised inside into MemoryError, and free what it kept alive."""
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        if not ran_out(error):
            raise
        traceback.clear_frames(error.__traceback__)  # the tensors of the functions it has ended
        gc.collect()
        if torch.cuda.is_initialized():
            torch.cuda.empty_cache()
        raise MemoryError(str(error)) from None


@contextmanager
def enough_for(settings: Settings) -> Iterator[None]:
    """Turn an out-of-memory error raised inside a run into a `UserError` that says what would fit.

    The size that it names has less than half as many pixels.
    """
    try:
        with given_back():
            yield
    except MemoryError as error:
        _log.warning("Memory ran out at %d pixels: %s", settings.size, error)
        if settings.size <= SMALLEST:
            raise UserError(NO_LESS) from None
        smaller = with_preset(settings, "draft").size
        raise UserError(TOO_LARGE.format(settings.size, smaller)) from None
