"""What a run is asked to do, checked before anyone waits in a queue.

Every function here raises a `UserError` about what is missing or cannot be used.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from models.loading import STARTER, best_device, load_models, resolve
from semcs_core.errors import UserError
from semcs_core.image import Photo, fit, resize_mask
from semcs_core.methods import PARTS, two_regions
from semcs_core.prompts import check_known, clean_prompt
from semcs_core.regions import Region
from semcs_core.settings import Settings
from studio.flat_settings import changed
from studio.provenance import describe_style, fingerprint
from studio.runs.mask_layer import to_alpha
from studio.runs.results import Result
from studio.runs.signals import Change, Signals, new_run
from studio.runs.visit import Visit


@dataclass(frozen=True)
class Job:
    """A run that has passed every check."""

    visit: Visit
    change: Change  # its mask [H, W] as the editor has it
    settings: Settings
    signals: Signals
    models: str  # their name
    photo: Photo  # at the working size
    regions: tuple[Region, ...]  # at the working size
    before: Result | None = None  # what this run goes on from, None for a new one


def read_change(
    visit: Visit,
    layer: str | None,
    prompts: tuple[str, str],
    strengths: tuple[float, float],
    pictures: tuple[np.ndarray | None, np.ndarray | None] = (None, None),
) -> Change:
    """What the visitor sees and has typed, for the object and for what is around it."""
    cleaned = clean_prompt(prompts[0] or ""), clean_prompt(prompts[1] or "")
    return Change(*cleaned, *strengths, visit.read_mask(layer), *pictures)


def strengths_of(settings: Settings) -> tuple[float, float]:
    """Those of the object's style and of that around it."""
    return settings.controls_of(0).strength, settings.controls_of(1).strength


def prepare(visit: Visit, change: Change, settings: Settings, models: str = STARTER) -> Job:
    """Check a new run; `models` is one of `models.loading.CHOICES`."""
    photo = fit(visit.require_photo(), settings.size)
    regions = regions_of(change, photo.size, settings)
    name = resolve(models, best_device()).name
    check_words(name, regions)
    return Job(visit, change, settings, new_run(), name, photo, regions)


def prepare_more(visit: Visit, change: Change, before: Result | None) -> Job:
    """Check a run that goes on: with its own settings, the prompts, strengths and mask of now."""
    if before is None:
        raise UserError("There is no run to continue: press Stylize first.")
    made = before.provenance
    if fingerprint(visit.shown.rgb) != made.photo:
        raise UserError(
            "That run was of another photo: press Stylize, or open its result again below."
        )
    settings = with_strengths(made.settings, change)
    photo = fit(visit.require_photo(), settings.size)
    regions = regions_of(change, photo.size, settings)
    check_words(made.models, regions)
    return Job(visit, change, settings, before.signals, made.models, photo, regions, before)


def steer(job: Job, visit: Visit, change: Change) -> None:
    """Hand a change to a run that is going on; one that cannot be used does not reach it."""
    if visit.photo is not job.visit.photo:
        raise UserError("The run goes on with its own photo: stop it to stylize this one.")
    regions = regions_of(change, job.photo.size, job.settings)
    check_words(job.models, regions)
    job.signals.change(change)


def check_words(models: str, regions: Sequence[Region]) -> None:
    """Refuse prompts of which the starter knows no word; other models know any."""
    if models == STARTER:
        encoder = load_models(STARTER, best_device()).encoder
        check_known(encoder, [region.prompt for region in regions])


def regions_of(change: Change, size: tuple[int, int], settings: Settings) -> tuple[Region, ...]:
    """The regions that a change asks for, of the working (width, height)."""
    mask, settings = resize_mask(change.mask, size), with_strengths(settings, change)
    pictures = change.foreground_picture, change.background_picture
    return two_regions(mask, change.foreground, change.background, settings, pictures)


def with_strengths(settings: Settings, change: Change) -> Settings:
    """The settings with the strengths of a change."""
    names = [f"{part}_strength" for part in PARTS]
    return changed(settings, {name: getattr(change, name) for name in names})


def differences(old: Change, new: Change) -> list[str]:
    """What was changed, and to what."""
    styles, strengths = [], []
    for part, title in zip(PARTS, ("object", "background"), strict=True):
        prompts, pictures, strength = (
            [getattr(change, part + suffix) for change in (old, new)]
            for suffix in ("", "_picture", "_strength")
        )
        if prompts[0] != prompts[1] or not np.array_equal(*pictures):
            styles.append(f"{title}: {describe_style(prompts[1], pictures[1]) or 'the photo'}")
        if strength[0] != strength[1]:
            strengths.append(f"{title} strength: {strength[1]:g}")
    same = np.array_equal(to_alpha(old.mask), to_alpha(new.mask))
    return [*styles, *strengths, *([] if same else ["mask: another"])]


def describe_unknown(unknown: Mapping[str, Sequence[str]]) -> str:
    """A sentence about what `check_known` found; empty if it found nothing."""
    if not unknown:
        return ""
    shown = [
        f"“{word:.30}”" + (f"; nearest: {', '.join(prompts)}" if prompts else "")
        for word, prompts in list(unknown.items())[:8]
    ]
    more = f" · and {len(unknown) - 8} more" if len(unknown) > 8 else ""
    text = " · ".join(shown) + more
    return f"The starter does not know these words, so they have no effect: {text}."
