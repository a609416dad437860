"""What a run is asked to do, checked before anyone waits in a queue."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.loading import STARTER, best_device, load_models, resolve
from semcs_core.errors import UserError
from semcs_core.image import Photo, fit, resize_mask
from semcs_core.methods import PARTS, two_regions
from semcs_core.prompts import clean_prompt
from semcs_core.regions import Region
from semcs_core.settings import Settings
from studio.flat_settings import changed
from studio.provenance import fingerprint
from studio.runs.mask_layer import to_alpha
from studio.runs.results import Result
from studio.runs.signals import Change, Signals, new_run
from studio.runs.visit import Visit
from studio.words import check_known


@dataclass(frozen=True)
class Job:
    """A run that has passed every check.

    Attributes:
        visit: whose photo it is of.
        change: prompts, strengths and mask; the mask [H, W] as the editor has it.
        settings: of the run.
        signals: by which it is stopped and steered.
        models: their name.
        photo: at the working size.
        regions: what gets which style, at the working size.
        before: the result that this run goes on from, None for a new one.
    """

    visit: Visit
    change: Change
    settings: Settings
    signals: Signals
    models: str
    photo: Photo
    regions: tuple[Region, ...]
    before: Result | None = None


def read_change(
    visit: Visit, layer: str | None, prompts: tuple[str, str], strengths: tuple[float, float]
) -> Change:
    """What the visitor sees and has typed.

    Args:
        visit: with a photo.
        layer: the file of the mask's layer.
        prompts: for the object, and for what is around it.
        strengths: of their styles.

    Raises:
        UserError: there is no photo or no mask, or a prompt is too long.
    """
    cleaned = clean_prompt(prompts[0] or ""), clean_prompt(prompts[1] or "")
    return Change(*cleaned, *strengths, visit.read_mask(layer))


def strengths_of(settings: Settings) -> tuple[float, float]:
    """Those of the object's style and of that around it."""
    return settings.controls_of(0).strength, settings.controls_of(1).strength


def prepare(visit: Visit, change: Change, settings: Settings, models: str = STARTER) -> Job:
    """Check everything before anyone waits in a queue.

    Args:
        visit: with a photo.
        change: prompts, strengths and mask.
        settings: of the run.
        models: of `models.loading.CHOICES`.

    Raises:
        UserError: what is missing or cannot be used.
    """
    photo = fit(visit.require_photo(), settings.size)
    regions = regions_of(change, photo.size, settings)
    name = resolve(models, best_device()).name
    return Job(visit, change, settings, new_run(), name, photo, regions)


def prepare_more(visit: Visit, change: Change, before: Result | None) -> Job:
    """Check a run that goes on: with its own settings, the prompts, strengths and mask of now.

    Args:
        visit: with the photo of that run.
        change: prompts, strengths and mask.
        before: what it goes on from.

    Raises:
        UserError: what is missing or cannot be used.
    """
    if before is None:
        raise UserError("There is no run to continue: press Stylize first.")
    made = before.provenance
    if fingerprint(visit.require_shown().rgb) != made.photo:
        raise UserError(
            "That run was of another photo: press Stylize, or open its result again below."
        )
    settings = with_strengths(made.settings, change)
    photo = fit(visit.require_photo(), settings.size)
    regions = regions_of(change, photo.size, settings)
    return Job(visit, change, settings, before.signals, made.models, photo, regions, before)


def steer(job: Job, visit: Visit, change: Change) -> None:
    """Hand a change to a run that is going on.

    Raises:
        UserError: the change cannot be used; the run goes on as it was.
    """
    if visit.photo is not job.visit.photo:
        raise UserError("The run goes on with its own photo: stop it to stylize this one.")
    regions = regions_of(change, job.photo.size, job.settings)
    if job.models == STARTER:
        encoder = load_models(STARTER, best_device()).encoder
        check_known(encoder, [region.prompt for region in regions])
    job.signals.change(change)


def regions_of(change: Change, size: tuple[int, int], settings: Settings) -> tuple[Region, ...]:
    """The regions that prompts, strengths and mask make.

    Args:
        change: those.
        size: (width, height) of the photo in pixels, at the working size.
        settings: what the change leaves open.

    Raises:
        UserError: what is missing or cannot be used.
    """
    mask = resize_mask(change.mask, size)
    return two_regions(mask, change.foreground, change.background, with_strengths(settings, change))


def with_strengths(settings: Settings, change: Change) -> Settings:
    """The settings with the strengths of a change.

    Raises:
        UserError: a strength outside its range.
    """
    names = [f"{part}_strength" for part in PARTS]
    return changed(settings, {name: getattr(change, name) for name in names})


def differences(old: Change, new: Change) -> list[str]:
    """What was changed, and to what."""
    texts = []
    for suffix, what in ("", ""), ("_strength", " strength"):
        for part, title in zip(PARTS, ("object", "background"), strict=True):
            before, now = (getattr(change, part + suffix) for change in (old, new))
            if before != now:
                text = (now or "the photo") if not suffix else f"{now:g}"
                texts.append(f"{title}{what}: {text}")
    if not np.array_equal(to_alpha(old.mask), to_alpha(new.mask)):
        texts.append("mask: another")
    return texts
