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

_log = logging.getLogger(__name__)


def ran_out(error: BaseException) -> bool:
    """Whether an error says that there was not enough memory, of a GPU or of the machine."""
    if isinstance(error, MemoryError):
        return True
    return isinstance(error, RuntimeError) and any(sign in str(error).lower() for sign in _SIGNS)


def _give_back(error: BaseException) -> None:
    """Free what an error keeps alive: the tensors of the functions that it has ended."""
    traceback.clear_frames(error.__traceback__)
    gc.collect()
    if torch.cuda.is_initialized():
        torch.cuda.empty_cache()


@contextmanager
def given_back() -> Iterator[None]:
    """Turn an out-of-memory error raised inside, of CPU or CUDA, into Python's own.

    What the error kept alive is freed.

    Raises:
        MemoryError: it ran out.
    """
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        if not ran_out(error):
            raise
        _give_back(error)
        raise MemoryError(str(error)) from None


@contextmanager
def enough_for(settings: Settings) -> Iterator[None]:
    """Turn an out-of-memory error raised inside into a sentence that says what would fit.

    Args:
        settings: of the run inside.

    Raises:
        UserError: it ran out.
    """
    try:
        with given_back():
            yield
    except MemoryError as error:
        _log.warning("Memory ran out at %d pixels: %s", settings.size, error)
        raise UserError(advice(settings)) from None


def advice(settings: Settings) -> str:
    """One sentence: a size that has less than half as many pixels.

    Args:
        settings: of the run that was too large.
    """
    if settings.size <= SMALLEST:
        return (
            "There is not enough memory for this run, though it is small: try again in a minute, "
            "or with fewer crops."
        )
    smaller = with_preset(settings, "draft").size
    return (
        f"There is not enough memory for a picture of {settings.size} pixels: set the size to "
        f"{smaller} and try again."
    )
