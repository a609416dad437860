"""The first steps of a run under other seeds: enough to see how each will look."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from models.loading import best_device, load_models, resolve
from semcs_core.errors import UserError
from semcs_core.image import to_tensor, to_uint8
from semcs_core.run import Run
from studio.runs import memory
from studio.runs.jobs import Job
from studio.runs.training import TIME_LIMIT, step_lock, steps
from studio.words import check_known

SHARE = 10  # a variation has a tenth of a run's steps


def variations(job: Job, seeds: Sequence[int]) -> Iterator[list[tuple[np.ndarray, str]]]:
    """Do the first steps under each seed.

    Yields:
        The pictures so far [H, W, 3] uint8, each with its caption; fewer where time is up.

    Raises:
        UserError: the models are not here yet, or cannot use the prompts.
    """
    if resolve(job.models).missing:
        raise UserError("These models have to be downloaded first: press Stylize once.")
    models, device = load_models(job.models, best_device()), best_device()
    check_known(models.encoder, [region.prompt for region in job.regions])
    photo = to_tensor(job.photo.rgb, device)
    pictures: list[tuple[np.ndarray, str]] = []
    began = time.monotonic()
    for seed in seeds:
        settings = replace(job.settings, seed=seed, steps=max(2, job.settings.steps // SHARE))
        with step_lock, memory.enough_for(settings):
            parts = models.encoder, models.perceptual, settings, models.sketcher
            draft = Run(photo, job.regions, *parts)
        for _ in steps(draft, lambda: time.monotonic() - began > TIME_LIMIT):
            pass
        if not draft.finished:
            return
        pictures.append((to_uint8(draft.look().image), f"seed {seed}"))
        yield list(pictures)
