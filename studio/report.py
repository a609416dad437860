"""What is written down about a run, so that it can be understood and repeated."""

from __future__ import annotations

import platform
import sys
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch

from semcs_core import __version__
from semcs_core.regions import Region
from semcs_core.settings import Settings
from semcs_core.step import Step
from studio.flat_settings import flatten


def build_report(
    settings: Settings,
    models: str,
    regions: Sequence[Region],
    last: Step | None,
    losses: Sequence[Mapping[str, float]],
    mask_confidence: float | None,
    unknown: Sequence[str],
) -> dict[str, Any]:
    """A JSON-ready record of a run.

    Args:
        settings: of the run; the seed is among them.
        models: their name.
        regions: prompt, strength and share of the picture are reported for each.
        last: the latest step that was done; None before the first.
        losses: of the steps that are to be reported, as in `Step`.
        mask_confidence: of the automatic mask, None where the mask was given.
        unknown: words of the prompts that the models have never learned.
    """
    return {
        "settings": flatten(settings),
        "models": models,
        "regions": [
            {
                "name": region.name,
                "prompt": region.prompt,
                "strength": region.controls.strength,
                "share": round(float(region.mask.mean()), 4),
            }
            for region in regions
        ],
        "steps": last.step if last else 0,
        "finished": last is not None and last.step == last.steps,
        "seconds": round(last.seconds, 3) if last else 0.0,
        "losses": [{name: round(value, 6) for name, value in step.items()} for step in losses],
        "peak_memory_mib": peak_memory_mib(),
        "mask_confidence": mask_confidence,
        "unknown_words": list(unknown),
        "versions": {
            "semcs_core": __version__,
            "python": platform.python_version(),
            **{name: version(name) for name in ("torch", "numpy", "scipy", "pillow")},
        },
    }


def peak_memory_mib() -> float | None:
    """The most memory that this process ever held, CUDA's added; None where nobody counts it."""
    peak = _peak_rss_mib()
    if peak is None:
        return None
    if torch.cuda.is_initialized():
        peak += torch.cuda.max_memory_allocated() / 2**20
    return round(peak, 1)


def _peak_rss_mib() -> float | None:
    try:
        status = Path("/proc/self/status").read_text("ascii")
        return int(status.split("VmHWM:")[1].split()[0]) / 2**10
    except (OSError, IndexError):
        pass
    try:
        import resource
    except ImportError:  # Windows
        return None
    # Where both are there the first is right: this one begins with the peak of the parent process.
    peak = float(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
    return peak / (2**20 if sys.platform == "darwin" else 2**10)
