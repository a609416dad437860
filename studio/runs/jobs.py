"""What a run is asked to do, checked before anyone waits in a queue."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.loading import STARTER, best_device, load_models, resolve
from semcs_core.errors import UserError
from semcs_core.image import fit, resize_mask
from semcs_core.methods import two_regions
from semcs_core.prompts import check_known, clean_prompt
from semcs_core.regions import Region
from semcs_core.settings import Settings
from studio.flat_settings import changed
from studio.page.mask_layer import editor_photo, to_alpha
from studio.page.visit import Work
from studio.provenance import fingerprint
from studio.runs.results import Result
from studio.runs.signals import Change, Controls, new_run


@dataclass(frozen=True)
class Job:
    """A run that has passed every check.

    Attributes:
        work: photo and all.
        change: prompts, strengths and mask; the mask [H, W] as the editor has it.
        settings: of the run.
        controls: what it is stopped and steered by.
        models: their name.
        before: the result that this run goes on from, None for a new one.
    """

    work: Work
    change: Change
    settings: Settings
    controls: Controls
    models: str = STARTER
    before: Result | None = None

    @property
    def regions(self) -> tuple[Region, ...]:
        """What gets which style, at the size of the run."""
        return regions_of(self.change, self.work, self.settings)


def regions_of(change: Change, work: Work, settings: Settings) -> tuple[Region, ...]:
    """The regions that prompts, strengths and mask make on a photo.

    Raises:
        UserError: what is missing or cannot be used.
    """
    photo = fit(work.require_photo(), settings.size)
    return two_regions(
        resize_mask(change.mask, photo.size),
        change.foreground,
        change.background,
        with_strengths(settings, change.foreground_strength, change.background_strength),
    )


def with_strengths(settings: Settings, foreground: float, background: float) -> Settings:
    """The settings with the strengths of now.

    Raises:
        UserError: a strength outside its range.
    """
    return changed(settings, {"foreground_strength": foreground, "background_strength": background})


def read_change(
    work: Work, layer: str | None, foreground: str, background: str, settings: Settings
) -> Change:
    """What the visitor sees and has typed.

    Raises:
        UserError: there is no photo or no mask, or a prompt is too long.
    """
    strengths = settings.controls_of(0).strength, settings.controls_of(1).strength
    prompts = clean_prompt(foreground or ""), clean_prompt(background or "")
    return Change(*prompts, *strengths, work.read_mask(layer))


def prepare(
    work: Work,
    layer: str | None,
    foreground: str,
    background: str,
    settings: Settings,
    models: str = STARTER,
) -> Job:
    """Check everything before anyone waits in a queue.

    Args:
        work: the visit's.
        layer: the file of the mask's layer.
        foreground: the prompt for the object.
        background: the prompt for what is around it.
        settings: of the run.
        models: of `models.loading.CHOICES`.

    Raises:
        UserError: what is missing or cannot be used.
    """
    return prepare_change(
        work, read_change(work, layer, foreground, background, settings), settings, models
    )


def prepare_change(work: Work, change: Change, settings: Settings, models: str = STARTER) -> Job:
    """The same where prompts, strengths and mask are at hand.

    Raises:
        UserError: what is missing or cannot be used.
    """
    regions_of(change, work, settings)
    return Job(work, change, settings, new_run(), resolve(models, best_device()).name)


def prepare_more(
    work: Work,
    layer: str | None,
    foreground: str,
    background: str,
    settings: Settings,
    before: Result | None,
) -> Job:
    """Check a run that goes on: with its own settings, the prompts, strengths and mask of now.

    Args:
        work: the visit's.
        layer: the file of the mask's layer.
        foreground: the prompt for the object.
        background: the prompt for what is around it.
        settings: of the page; `steps` are added to a run that has done all of its own.
        before: what it goes on from.

    Raises:
        UserError: what is missing or cannot be used.
    """
    if before is None:
        raise UserError("There is no run to continue: press Stylize first.")
    made = before.provenance
    if fingerprint(editor_photo(work.require_photo()).rgb) != made.photo:
        raise UserError(
            "That run was of another photo: press Stylize, or open its result again below."
        )
    change = read_change(work, layer, foreground, background, settings)
    own = with_strengths(made.settings, change.foreground_strength, change.background_strength)
    regions_of(change, work, own)
    return Job(work, change, own, before.controls, made.models, before)


def steer(job: Job, work: Work, change: Change) -> None:
    """Hand a change to a run that is going on.

    Raises:
        UserError: the change cannot be used; the run goes on as it was.
    """
    if work.photo is not job.work.photo:
        raise UserError("The run goes on with its own photo: stop it to stylize this one.")
    regions = regions_of(change, job.work, job.settings)
    if job.models == STARTER:
        encoder = load_models(STARTER, best_device()).encoder
        check_known(encoder, [region.prompt for region in regions])
    job.controls.change(change)


def differences(old: Change, new: Change) -> list[str]:
    """What was changed, and to what."""
    texts = [
        f"{part}: {getattr(new, name) or 'the photo'}"
        for name, part in (("foreground", "object"), ("background", "background"))
        if getattr(old, name) != getattr(new, name)
    ]
    texts += [
        f"{part} strength: {getattr(new, name):g}"
        for name, part in (
            ("foreground_strength", "object"),
            ("background_strength", "background"),
        )
        if getattr(old, name) != getattr(new, name)
    ]
    if not np.array_equal(to_alpha(old.mask), to_alpha(new.mask)):
        texts.append("mask: another")
    return texts
