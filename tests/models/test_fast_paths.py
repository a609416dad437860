"""The fast path against the plain one: the same losses and pictures, from the same crops."""

from dataclasses import replace

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from models.checkpoint import Normalise
from models.clip import DEVIATION, MEAN, Clip
from models.starter import LocalContrast
from semcs_core.methods import CLIPSTYLER, two_regions
from semcs_core.run import Run
from tests.helpers.plain_clip import NAMES, plain_clip
from tests.helpers.random_weights import write_random

SETTINGS = {"size": 64, "crops": 3, "crop_size": 32, "steps": 4}


class PlainClip(Clip):
    """open_clip's own network in float32, asked for one picture after the other."""

    def take(self, network):
        self.plain = network
        self.colours = Normalise(MEAN, DEVIATION, "cpu")

    def encode_image(self, images):
        rows = [self.plain.encode_image(self.colours(image[None])) for image in images]
        return F.normalize(torch.cat(rows), dim=-1)


@pytest.fixture(scope="module", params=list(NAMES))
def file(request, tmp_path_factory):
    path = tmp_path_factory.mktemp("clip") / request.param
    write_random(request.param, path)
    yield path
    path.unlink()


def learned(encoder):
    """Losses of each step, and the last picture."""
    generator = torch.Generator().manual_seed(0)
    photo = F.interpolate(torch.rand(1, 3, 8, 8, generator=generator), (64, 64), mode="bicubic")
    regions = two_regions(np.ones((64, 64), np.float32), "fire", "fire")
    settings = replace(CLIPSTYLER, **SETTINGS)
    run = Run(photo.clamp(0, 1), regions, encoder, LocalContrast(), settings)
    while not run.finished:
        run.advance()
    return run.history, run.look().image


def psnr(a, b):
    return -10 * float((a - b).square().mean().log10())


def test_fast_and_plain_paths_agree(file):
    plain = PlainClip.load(file.name, file, package="open_clip")
    plain.take(plain_clip(file.name, file))
    expected, picture = learned(plain)
    for dtype, tolerance, likeness in ((torch.float32, 1e-5, 40), (torch.bfloat16, 1e-2, 20)):
        losses, image = learned(Clip.load(file.name, file, dtype=dtype))
        assert losses[0] == pytest.approx(expected[0], rel=tolerance)
        assert psnr(image, picture) > likeness
