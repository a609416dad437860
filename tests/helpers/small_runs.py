"""Runs of a few steps on a small grey photo, with an encoder that knows colours."""

import numpy as np
import pytest
import torch

from semcs_core.errors import UserError
from semcs_core.methods import two_regions
from semcs_core.run import Run
from semcs_core.settings import Settings
from studio.flat_settings import changed
from tests.helpers.colour_encoder import COLOURS, ColourEncoder, ColourSketcher, LocalContrast

SETTINGS = Settings(steps=8, crops=6, crop_size=24)
OBJECT = np.zeros((48, 64), np.float32)
OBJECT[:, 20:44] = 1
INSIDE = torch.from_numpy(OBJECT) == 1
SKETCHERS = pytest.mark.parametrize("sketcher", [None, ColourSketcher()], ids=["photo", "sketch"])


class Strict(ColourEncoder):
    """Says so in the user's words when it does not know a prompt."""

    def encode_text(self, texts):
        if not set(texts) <= COLOURS.keys():
            raise UserError("Not a colour.")
        return super().encode_text(texts)


def grey_photo():
    generator = torch.Generator().manual_seed(3)
    photo = 0.35 + 0.3 * torch.rand(1, 3, 48, 64, generator=generator)
    return photo.contiguous(memory_format=torch.channels_last)  # as `to_tensor` has it


def regions_of(foreground, background, mask=OBJECT, **changes):
    return two_regions(mask, foreground, background, changed(SETTINGS, changes))


def start(foreground="red", background="blue", sketcher=None, steps=0, **changes):
    settings = changed(SETTINGS, changes)
    regions = two_regions(OBJECT, foreground, background, settings)
    run = Run(grey_photo(), regions, Strict(), LocalContrast(), settings, sketcher)
    for _ in range(steps):
        run.advance()
    return run


def next_step(run):
    run.advance()
    return run.look()


def finish(run):
    while not run.finished:
        run.advance()
    return run.look()


def same(a, b):
    return torch.equal(a.image, b.image) and a.losses == b.losses
