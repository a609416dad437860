"""Whether an input was accepted, or refused as it should be."""

from __future__ import annotations

import math
import time
import traceback
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest import mock

import gradio as gr
import hypothesis
from huggingface_hub import constants

from bench.fuzz.targets import Target
from semcs_core.errors import UserError
from studio.page import errors
from studio.server.http_gate import MISFIT

ROOT = str(Path(__file__).parents[2])
SHOWN = 200  # characters of an input that made a fault


@dataclass
class Row:
    """What became of one target's inputs.

    Attributes:
        inputs: how many there were.
        accepted: those that could be used.
        refused: those that were refused in a sentence.
        slowest: seconds.
        faults: what went wrong, by kind, each with an input that did it.
    """

    inputs: int = 0
    accepted: int = 0
    refused: int = 0
    slowest: float = 0.0
    errors: dict[str, str] = field(default_factory=dict)


def fuzz(target: Target, inputs: int, seed: int | None = None, patience: float = math.inf) -> Row:
    """Hand a number of inputs to a target.

    Args:
        target: what takes them.
        inputs: how many.
        seed: the same inputs for the same seed, or for none.
        patience: seconds that one may take.
    """
    row = Row()

    def one(value: Any) -> None:
        begun, fault, refused = time.perf_counter(), "", False
        try:
            target.take(value)
        except (UserError, gr.Error) as error:
            refused = True
            fault = _fault_of(error)
        except Exception as error:
            fault = _where(error)
        seconds = time.perf_counter() - begun
        if seconds > patience:
            fault = fault or f"took more than {patience:g} s"
        row.inputs += 1
        row.accepted += not fault and not refused
        row.refused += not fault and refused
        row.slowest = max(row.slowest, seconds)
        if fault:
            row.faults.setdefault(fault, _shown(value))

    test = hypothesis.given(target.inputs)(one)
    if seed is not None:
        test = hypothesis.seed(seed)(test)
    test = hypothesis.settings(
        max_examples=inputs,
        derandomize=seed is None,
        database=None,
        deadline=None,
        phases=[hypothesis.Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck),
    )(test)
    # Nothing here may reach for a network.
    with mock.patch.object(constants, "HF_HUB_OFFLINE", True):
        test()
    return row


def _fault_of(error: Exception) -> str:
    """Why a refusal is none that a visitor should read; "" where it is as it should be."""
    text = error.message if isinstance(error, gr.Error) else str(error)
    if text == errors.UNEXPECTED:
        return f"unforeseen: {_where(error.__cause__ or error)}"
    # Gradio's own components say it in their own words.
    foreign = isinstance(error, gr.Error) and not isinstance(error.__cause__, UserError)
    if "\n" in text or not text or ROOT in text or "Traceback" in text or len(text) > 600:
        return f"no sentence: {text!r:.100}"
    if not foreign and text != MISFIT and not text.endswith((".", "!")):
        return f"no sentence: {text!r:.100}"
    return ""


def _where(error: BaseException) -> str:
    frame = traceback.extract_tb(error.__traceback__)[-1]
    own = [f for f in traceback.extract_tb(error.__traceback__) if f.filename.startswith(ROOT)]
    place = f"{Path(frame.filename).name}:{frame.lineno}"
    through = f" through {Path(own[-1].filename).name}:{own[-1].lineno}" if own else ""
    return f"{type(error).__name__}: {error!s:.80} ({place}{through})"


def _shown(value: Any) -> str:
    try:
        return repr(value)[:SHOWN]
    except (ValueError, RecursionError):
        return f"a {type(value).__name__} that cannot be written down"
