"""What a run costs on this machine, said before it begins.

Seconds before the first step, seconds of a step, and memory are each a sum over

    1, regions, megapixels, megapixels x regions, crops

with coefficients that are never negative: more never costs less. `python -m bench.cost` has
measured them on one machine for every kind of models and of painter (`costs.json`). A few steps of
a small picture on the machine at hand, a `Calibration`, say how much slower or faster it is; every
run that has ended says so again, and better.
"""

from __future__ import annotations

import json
import threading
import time
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import torch

from models.loading import STARTER, Models
from semcs_core.regions import WHOLE, Region
from semcs_core.run import Run
from semcs_core.settings import Settings

TABLE = Path(__file__).with_name("costs.json")
STEPS = 3  # that are timed after the first one; the quickest counts
PROBE = Settings(size=256, steps=2 + STEPS, crops=16, crop_size=64)
PROBE_SIZE = 256, 192
PROBE_PROMPT = "fire"
CPU = "cpu"


@dataclass(frozen=True)
class Cost:
    """What a run takes.

    Attributes:
        seconds: of work, without downloads and the mask.
        memory: MiB at most while it learns, of the process with Python and the models; on CUDA of
            the GPU.
    """

    seconds: float
    memory: float


@dataclass(frozen=True)
class Calibration:
    """How this machine compares with that of the table, with some models on some device.

    Attributes:
        slowness: seconds here for one there.
        memory: MiB more than there.
    """

    slowness: float = 1.0
    memory: float = 0.0


@dataclass(frozen=True)
class _Nominal:
    """What a run takes on the machine of the table: seconds before the first step and of a step."""

    start: float
    step: float
    memory: float


def estimate(
    models: str,
    settings: Settings,
    size: tuple[int, int],
    regions: int,
    calibration: Calibration | None = None,
) -> Cost:
    """What a run takes.

    Args:
        models: of `models.loading.CHOICES`, not "auto".
        settings: of the run; their `size` is not looked at.
        size: (width, height) of the working picture in pixels.
        regions: how many.
        calibration: of these models on this machine; that of the table when None.
    """
    nominal = _nominal(models, settings, size, regions)
    found = calibration if calibration is not None else Calibration()
    seconds = found.slowness * (nominal.start + settings.steps * nominal.step)
    return Cost(seconds, max(0.0, nominal.memory + found.memory))


def calibrate(models: Models, device: str) -> Calibration:
    """Measure a step with these models, once for each process; it takes well under a second.

    With the full models on a CPU it takes some seconds. No random generator that others use and no
    gradient mode is changed.
    """
    with _measuring:
        key = models.name, device
        if key not in _calibrations:
            _calibrations[key] = _measure(models, device)
        return _calibrations[key]


def learn(
    models: str,
    device: str,
    settings: Settings,
    size: tuple[int, int],
    regions: int,
    steps: int,
    seconds: float,
) -> None:
    """A run has taken so long: the next estimate goes by it.

    Args:
        models: their name.
        device: that it ran on.
        settings: of the run; neither `size` nor `steps` is looked at.
        size: (width, height) of the working picture in pixels.
        regions: how many.
        steps: done, 1 or more.
        seconds: of work.
    """
    nominal = _nominal(models, settings, size, regions)
    slowness = seconds / (nominal.start + steps * nominal.step)
    before = _calibrations.get((models, device), Calibration())
    _calibrations[models, device] = replace(before, slowness=slowness)


def known_calibration(models: str, device: str) -> Calibration | None:
    """What is known of these models on this machine by now, without measuring.

    A CPU that is slow with the starter is slow with all models. Nothing of the kind holds for GPUs,
    which the starter leaves idle.
    """
    found = _calibrations.get((models, device))
    if found is None and device == CPU:
        return _calibrations.get((STARTER, device))
    return found


def describe_cost(cost: Cost) -> str:
    """Such as "7 s and 1.1 GB", rounded as far as it can be trusted."""
    return f"{round_seconds(cost.seconds)} and {round_memory(cost.memory)}"


def round_seconds(seconds: float) -> str:
    """One or two digits: 1 s, 7 s, 35 s, 2 min, 45 min, 1.5 h."""
    if seconds < 9.5:
        return f"{max(1, round(seconds))} s"
    if seconds < 90:
        return f"{_to_fives(seconds)} s"
    minutes = seconds / 60
    if minutes < 9.5:
        return f"{round(minutes)} min"
    if minutes < 90:
        return f"{_to_fives(minutes)} min"
    return f"{minutes / 60:.2g} h"


def round_memory(mebibytes: float) -> str:
    """Two digits of decimal units: 640 MB, 1.1 GB."""
    megabytes = mebibytes * 2**20 / 1e6
    if megabytes < 995:
        return f"{round(megabytes, -1):.0f} MB"
    gigabytes = megabytes / 1000
    return f"{gigabytes:.1f} GB" if gigabytes < 9.95 else f"{gigabytes:.0f} GB"


def terms(settings: Settings, size: tuple[int, int], regions: int) -> tuple[float, ...]:
    """What cost is a sum over; see above."""
    megapixels = size[0] * size[1] / 1e6
    return 1.0, float(regions), megapixels, megapixels * regions, float(settings.crops)


_measuring = threading.Lock()
_calibrations: dict[tuple[str, str], Calibration] = {}


def _to_fives(number: float) -> int:
    return max(10, 5 * round(number / 5))


@lru_cache(maxsize=1)
def _table() -> dict[str, dict[str, dict[str, list[float]]]]:
    table: dict[str, dict[str, dict[str, list[float]]]] = json.loads(TABLE.read_text("utf-8"))
    return table


def _nominal(models: str, settings: Settings, size: tuple[int, int], regions: int) -> _Nominal:
    amounts = terms(settings, size, regions)
    coefficients = _table()[models][settings.painter]
    return _Nominal(
        **{
            name: sum(c * amount for c, amount in zip(values, amounts, strict=True))
            for name, values in coefficients.items()
        }
    )


def _measure(models: Models, device: str) -> Calibration:
    width, height = PROBE_SIZE
    rows, columns = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
    waves = [0.5 + 0.4 * torch.sin(rows / 9 + columns / (11 + 4 * n)) for n in range(3)]
    photo = torch.stack(waves)[None].to(device)
    mask = torch.ones(height, width).numpy()
    region = Region(WHOLE, PROBE_PROMPT, mask)
    # Networks are drawn from the generator that all threads share before ours fills them.
    with torch.random.fork_rng(devices=[]), torch.enable_grad():
        run = Run(photo, [region], models.encoder, models.perceptual, PROBE, models.sketcher)
        _seconds(run)  # pays for the first use of everything
        seconds = min(_seconds(run) for _ in range(STEPS))
    nominal = _nominal(models.name, PROBE, PROBE_SIZE, 1)
    memory = 0.0
    if device != CPU:
        memory = torch.cuda.max_memory_allocated(device) / 2**20 - nominal.memory
    return Calibration(seconds / nominal.step, memory)


def _seconds(run: Run) -> float:
    began = time.perf_counter()
    run.advance()
    run.look()  # waits for the device
    return time.perf_counter() - began
