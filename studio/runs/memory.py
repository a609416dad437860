"""Memory that has run out: told from other errors, and given back."""

from __future__ import annotations

import gc
import logging
import traceback
from collections.abc import Iterator
from contextlib import contextmanager

import torch

from semcs_core.errors import UserError

# PyTorch has a class of its own for CUDA's caching allocator alone.
_SIGNS = (
    "out of memory",
    "can't allocate memory",
    "not enough memory",
    "cudnn_status_alloc_failed",
    "cublas_status_alloc_failed",
)
NO_MEMORY = (
    "There is not enough memory for this now: try again in a minute, or a smaller photo, "
    "a smaller size or fewer crops."
)

_log = logging.getLogger(__name__)


def ran_out(error: BaseException) -> bool:
    """Whether an error says that there was not enough memory, of a GPU or of the machine."""
    if isinstance(error, MemoryError):
        return True
    return isinstance(error, RuntimeError) and any(sign in str(error).lower() for sign in _SIGNS)


@contextmanager
def given_back() -> Iterator[None]:
    """Turn an out-of-memory error raised inside into a `UserError`, and free what it kept alive."""
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        if not ran_out(error):
            raise
        _log.warning("Memory ran out: %s", error)
        traceback.clear_frames(error.__traceback__)  # the tensors of the functions it has ended
        gc.collect()
        if torch.cuda.is_initialized():
            torch.cuda.empty_cache()
        raise UserError(NO_MEMORY) from None
