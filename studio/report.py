"""What is written down about a run, so that it can be understood and repeated."""

from __future__ import annotations

import platform
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
from studio.provenance import describe_style


def build_report(
    settings: Settings,
    method: str,
    models: str,
    mask_source: str,
    regions: Sequence[Region],
    last: Step | None,
    losses: Sequence[Mapping[str, float]],
    mask_confidence: float | None,
    unknown: Sequence[str],
) -> dict[str, Any]:
    """A JSON-ready record of a run.

    `method` is as of `published.in_words`; `last` is the latest step that was done, None before the
    first; `losses` are of the steps that are to be reported; `mask_confidence` is None where the
    mask was given; the models have never learned the `unknown` words of the prompts.
    """
    return {
        "settings": flatten(settings),
        "method": method,
        "models": models,
        "mask_source": mask_source,
        "regions": [
            {
                "name": region.name,
                "prompt": region.prompt,
                "style": describe_style(region.prompt, region.picture),
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
        "versions": versions(),
    }


def versions() -> dict[str, str]:
    """Of what computes a picture."""
    packages = ("torch", "torchvision", "timm", "numpy", "scipy", "pillow")
    own = {"semcs_core": __version__, "python": platform.python_version()}
    return own | {name: version(name) for name in packages}


def peak_memory_mib() -> float | None:
    """The most memory that this process ever held, CUDA's added; None where it is not Linux."""
    try:
        status = Path("/proc/self/status").read_text("ascii")
        peak = int(status.split("VmHWM:")[1].split()[0]) / 2**10
    except (OSError, IndexError):
        return None
    if torch.cuda.is_initialized():
        peak += torch.cuda.max_memory_allocated() / 2**20
    return round(peak, 1)
