"""What a run is asked to do, checked before anyone waits in a queue.

Every function here raises a `UserError` about what is missing or cannot be used.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from models.device import best_device
from models.loading import STARTER, load_models, resolve
from semcs_core.errors import UserError
from semcs_core.image import Photo, fit, resize_mask
from semcs_core.methods import PARTS, two_regions
from semcs_core.prompts import check_known, clean_prompt, parse_style, with_bar
from semcs_core.regions import Region
from semcs_core.settings import Settings
from studio.flat_settings import changed
from studio.provenance import describe_style, fingerprint
from studio.published import STRENGTHS, STUDIO, in_words
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
    method: str  # as of `published.in_words`
    photo: Photo  # at the working size
    regions: tuple[Region, ...]  # at the working size
    before: Result | None = None  # what this run goes on from, None for a new one


def read_change(
    visit: Visit,
    layer: str | None,
    prompts: Sequence[str],
    strengths: Sequence[float],
    pictures: Sequence[np.ndarray | None] = (None, None),
) -> Change:
    """What the visitor sees and has typed, for the object and for what is around it."""
    (first, second), mask = map(clean_prompt, split(*prompts)), visit.read_mask(layer)
    source = visit.source_of(mask)
    return Change(first, second, strengths[0], strengths[1], mask, tuple(pictures), source)


def split(foreground: str | None, background: str | None) -> tuple[str, str]:
    """The two prompts; a style text of two parts, in either field, holds both.

    Raises:
        UserError: the line cannot be split.
    """
    texts = foreground or "", background or ""
    return next((parse_style(line) for line in texts if "|" in with_bar(line)), texts)


def strengths_of(settings: Settings) -> tuple[float, float]:
    """Those of the object's style and of that around it."""
    return settings.controls_of(0).strength, settings.controls_of(1).strength


def prepare(
    visit: Visit,
    change: Change,
    settings: Settings,
    models: str = STARTER,
    method: str = STUDIO,
) -> Job:
    """Check a new run of `models.loading.CHOICES` and the method that the settings began with."""
    photo = fit(visit.require_photo(), settings.size, settings.size_means)
    name = resolve(models, best_device()).name
    regions = regions_of(change, photo.size, settings, name)
    signals, method = new_run(), in_words(method, settings)
    return Job(visit, change, settings, signals, name, method, photo, regions)


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
    photo = fit(visit.require_photo(), settings.size, settings.size_means)
    regions = regions_of(change, photo.size, settings, made.models)
    parts = before.signals, made.models, made.method, photo, regions, before
    return Job(visit, change, settings, *parts)


def steer(job: Job, visit: Visit, change: Change) -> None:
    """Hand a change to a run that is going on; one that cannot be used does not reach it."""
    if visit.photo is not job.visit.photo:
        raise UserError("The run goes on with its own photo: stop it to stylize this one.")
    regions_of(change, job.photo.size, job.settings, job.models)
    job.signals.change(change)


def regions_of(
    change: Change, size: tuple[int, int], settings: Settings, models: str
) -> tuple[Region, ...]:
    """The regions that a change asks for, of the working (width, height).

    Prompts of which the starter knows no word are refused; other models know any.
    """
    mask, settings = resize_mask(change.mask, size), with_strengths(settings, change)
    prompts = change.foreground, change.background
    regions = two_regions(mask, *prompts, settings, change.pictures)
    if models == STARTER:
        check_known(load_models(STARTER, best_device()).encoder, prompts)
    return regions


def with_strengths(settings: Settings, change: Change) -> Settings:
    """The settings with the strengths of a change."""
    return changed(settings, {name: getattr(change, name) for name in STRENGTHS})


def differences(old: Change, new: Change) -> list[str]:
    """What was changed, and to what."""
    texts, strengths = [], []
    for n, (part, title) in enumerate(zip(PARTS, ("object", "background"), strict=True)):
        (before, was), (now, is_) = (
            [getattr(change, name) for name in (part, f"{part}_strength")] for change in (old, new)
        )
        if before != now or not np.array_equal(old.pictures[n], new.pictures[n]):
            texts.append(f"{title}: {describe_style(now, new.pictures[n]) or 'the photo'}")
        if was != is_:
            strengths.append(f"{title} strength: {is_:g}")
    if not np.array_equal(to_alpha(old.mask), to_alpha(new.mask)):
        strengths.append("mask: another")
    return texts + strengths


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
