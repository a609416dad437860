"""What many records of an evaluation add up to."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from itertools import pairwise
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np

from semcs_core.image import open_photo, to_tensor
from tools.starter.measures import bleeding

Record = dict[str, Any]
"""As of `tools.starter.evaluate.judge`."""
SIDES = ("foreground", "background")


def compare_neighbours(
    records: Sequence[Record], masks: Mapping[str, np.ndarray], folder: Path
) -> list[Record]:
    """Bleeding between each two runs of one photo that differ in one prompt alone.

    Args:
        records: of runs.
        masks: [H, W] by photo.
        folder: of the pictures.

    Returns:
        For each such two: `photo`, `changed` (the side whose prompt differs), `shared` (the prompt
        of the other), `prompts` (the two), `moved` (see `Bleeding`) and `ratio`.
    """
    found = []
    for changed, same in (SIDES, SIDES[::-1]):
        groups = defaultdict(list)
        for record in records:
            groups[record["photo"], record[same]["prompt"]].append(record)
        for (photo, shared), members in groups.items():
            for one, other in pairwise(members):
                pictures = [to_tensor(open_photo(folder / r["file"]).rgb) for r in (one, other)]
                moved = bleeding(pictures[0], pictures[1], masks[photo], changed)
                found.append(
                    {
                        "photo": photo,
                        "changed": changed,
                        "shared": shared,
                        "prompts": [one[changed]["prompt"], other[changed]["prompt"]],
                        "moved": asdict(moved),
                        "ratio": moved.ratio,
                    }
                )
    return found


def ranks(parts: Sequence[Record], name: str = "rank") -> Record:
    """How often the right style was found: `first` and `third` are shares, `mean` a rank."""
    values = [part[name] for part in parts]
    return {
        "first": fmean(value == 1 for value in values),
        "third": fmean(value <= 3 for value in values),
        "mean": fmean(values),
        "worst": max(values),
    }


def summarise(records: Sequence[Record], moves: Sequence[Record]) -> Record:
    """Sum up records and the comparisons of neighbours.

    Untouched photos, as the baseline, have an SSIM of 1 and no bleeding by definition; what is
    left to compare is how often they pass for the style.
    """
    parts = [record[side] for record in records for side in SIDES]
    by_prompt, by_photo = defaultdict(list), defaultdict(list)
    for record in records:
        for side in SIDES:
            by_prompt[record[side]["prompt"]].append(record[side])
            by_photo[record["photo"]].append(record[side])
    prompts = {}
    for prompt, own in by_prompt.items():
        missed = Counter(part["nearest"][0] for part in own if part["rank"] > 1)
        prompts[prompt] = ranks(own) | {
            "untouched": fmean(part["rank_before"] for part in own),
            "ssim": fmean(part["ssim"] for part in own),
            "runs": len(own),
            "taken_for": dict(missed.most_common(3)),
        }
    ratios = [move["ratio"] for move in moves if move["ratio"] is not None]
    return {
        "runs": len(records),
        "regions": len(parts),
        "painted": ranks(parts),
        "untouched": ranks(parts, "rank_before"),
        **{side: ranks([record[side] for record in records]) for side in SIDES},
        "ssim": {
            "mean": fmean(record["ssim"] for record in records),
            "min": min(record["ssim"] for record in records),
        },
        "bleeding": {
            "mean": fmean(ratios) if ratios else None,
            "max": max(ratios, default=None),
            "compared": len(ratios),
        },
        "seconds": fmean(record["seconds"] for record in records),
        "failures": [failure for record in records for failure in failures(record)],
        "ellipses": sorted({record["photo"] for record in records if record["ellipse"]}),
        "prompts": prompts,
        "photos": {photo: ranks(own) for photo, own in by_photo.items()},
        "moves": list(moves),
    }


def failures(record: Record) -> list[str]:
    """What went wrong in a run, a line each."""
    lines = [f"{record['file']}: {record['error']}"] if record.get("error") else []
    for side in SIDES:
        for fault in ("collapsed", "bleached"):
            if record[side][fault]:
                lines.append(f"{record['file']}: {side} ({record[side]['prompt']}) {fault}")
    return lines


def table(summary: Record) -> str:
    """The summary as text."""
    lines = [
        f"{summary['runs']} runs, {summary['regions']} regions, {summary['seconds']:.0f} s each"
    ]
    for name in ("painted", *SIDES, "untouched"):
        part = summary[name]
        lines.append(
            f"{name:11} right style first {part['first']:5.1%}, in the first three "
            f"{part['third']:5.1%}, mean rank {part['mean']:.1f}"
        )
    lines.append(
        f"SSIM mean {summary['ssim']['mean']:.3f}, least {summary['ssim']['min']:.3f} (untouched 1)"
    )
    bleed = summary["bleeding"]
    if bleed["compared"]:
        lines.append(
            f"bleeding mean {bleed['mean']:.3f}, most {bleed['max']:.3f} of "
            f"{bleed['compared']} comparisons (untouched 0)"
        )
    if summary["ellipses"]:
        lines.append("a centred ellipse for the object: " + ", ".join(summary["ellipses"]))
    lines.append("")
    lines.append(f"{'prompt':34} first third  mean worst untouched SSIM  taken for")
    ordered = sorted(summary["prompts"].items(), key=lambda item: -item[1]["mean"])
    for prompt, part in ordered:
        others = ", ".join(f"{key} {count}" for key, count in part["taken_for"].items())
        lines.append(
            f"{prompt:34} {part['first']:5.0%} {part['third']:5.0%} {part['mean']:5.1f} "
            f"{part['worst']:5d} {part['untouched']:9.1f} {part['ssim']:4.2f}  {others}"
        )
    lines.append("")
    lines.append(f"{'photo':34} first third  mean worst")
    for photo, part in summary["photos"].items():
        lines.append(
            f"{photo:34} {part['first']:5.0%} {part['third']:5.0%} {part['mean']:5.1f} "
            f"{part['worst']:5d}"
        )
    worst = sorted(
        (move for move in summary["moves"] if move["ratio"] is not None),
        key=lambda move: -move["ratio"],
    )
    lines += ["", "most bleeding:"]
    lines += [
        f"  {move['ratio']:.2f} {move['photo']}: {move['shared']} moved by "
        f"{move['moved']['shared']:.1f} while {' -> '.join(move['prompts'])} moved by "
        f"{move['moved']['changed']:.1f}"
        for move in worst[:8]
    ]
    lines += ["", f"failures: {len(summary['failures'])}"]
    lines += [f"  {failure}" for failure in summary["failures"]]
    return "\n".join(lines) + "\n"
