"""Steps on a device whose numbers cannot be read: PyTorch's "meta", in the place of a GPU.

Whatever would have a GPU waited for raises there: reading a number, or mixing tensors of two
devices. What is brought to the device has to go through `sent`, which does not wait.
"""

import copy
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import timm
import torch
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from models import clip
from models.loading import load_models
from models.starter import encoder
from models.vgg import TAPS, Vgg19
from semcs_core import crops, objective
from semcs_core.methods import METHODS, two_regions
from semcs_core.run import Run
from semcs_core.targets import Aim
from semcs_core.tone import tone

GPU = torch.device("meta")
SMALL = {"size": 64, "crops": 6, "crop_size": 32, "steps": 3}


class FromNumbers(TorchFunctionMode):
    """Names what makes a tensor of the device from numbers, which no other mode is told of."""

    def __init__(self):
        super().__init__()
        self.found = []

    def __torch_function__(self, func, types, args=(), kwargs=None):
        out = func(*args, **(kwargs or {}))
        if func in (torch.tensor, torch.as_tensor, torch.Tensor.new_tensor) and out.device == GPU:
            self.found.append(func.__name__)
        return out


class Uploads(TorchDispatchMode):
    """Counts tensors of the CPU that come to the device, by way of `sent` and otherwise."""

    def __init__(self):
        super().__init__()
        self.sent, self.others, self.sending = 0, [], False

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        out = func(*args, **(kwargs or {}))
        inputs = [a.device for a in tree_leaves(args) if isinstance(a, torch.Tensor)]
        if getattr(out, "device", None) == GPU and torch.device("cpu") in inputs:
            if self.sending:
                self.sent += 1
            else:
                self.others.append(str(func))
        return out

    def sending_to(self, numbers, device):
        self.sending = True
        there = numbers.to(device)
        self.sending = False
        return there


@contextmanager
def uploads(monkeypatch):
    with monkeypatch.context() as patched, Uploads() as seen, FromNumbers() as made:
        for module in crops, objective, encoder:
            patched.setattr(module, "sent", seen.sending_to)
        yield seen
    seen.others += made.found


def moved(target, dimensions):
    """A target on the device; what is kept of its mask on the CPU stays there."""
    old = target.area
    area = replace(old, mask=old.mask.to(GPU))
    kept = {"share": old.share, "mask_at_hand": old.mask_at_hand, "integral": old.integral}
    vars(area).update(kept)
    aim = Aim(*3 * [torch.empty(dimensions, device=GPU)])
    return replace(target, area=area, sketch=None, tone=target.tone.to(GPU), whole=aim, crops=aim)


def unfused(adam, parameters, fused, **options):
    assert fused
    return adam(parameters, **options)


def begin(model, perceptual, dimensions, method="studio", **changes):
    """A run on the device that cannot be read, with models that are there, before its first step.

    It is built on the CPU with the starter, since reading is allowed until the first step.
    """
    settings = replace(METHODS[method], **SMALL | changes)
    photo = torch.rand(1, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    mask = np.zeros((64, 64), np.float32)
    mask[:, :40] = 1
    models = load_models("starter")
    regions = two_regions(mask, "fire", "mosaic", settings)
    run = Run(photo, regions, models.encoder, None, settings, models.sketcher)
    run.targets = tuple(moved(target, dimensions) for target in run.targets)
    run.builder.encoder = run._objective.encoder = model
    run._objective.perceptual = perceptual
    run.painter.to(GPU)
    with pytest.MonkeyPatch.context() as patched:  # the fused one is for real devices alone
        patched.setattr(torch.optim, "Adam", partial(unfused, torch.optim.Adam))
        run._optimiser = run.painter.optimiser()
    for name in "photo", "_image", "_sound", "_reference_spread":
        setattr(run, name, getattr(run, name).to(GPU))
    run._objective.photo = run.photo
    run._objective.references = run._objective._references()
    run._objective.photo_tone = tone(run.photo)
    return run


@pytest.fixture(scope="module")
def starter():
    models = load_models("starter")
    photo = torch.rand(1, 3, 64, 64)
    (row,) = models.encoder.see(photo, photo, photo[:, :1], (), 32).regions
    return copy.deepcopy(models.encoder).to(GPU), None, len(row)


def assert_waits_for_nothing(run, monkeypatch, sent):
    with uploads(monkeypatch) as seen:
        while not run.finished:
            run.advance()
    assert not seen.others
    assert seen.sent == sent * SMALL["steps"]
    with pytest.raises(NotImplementedError, match="no data"):
        run.look()


# Both painters, and both ways to choose crops.
@pytest.mark.parametrize("method", ["studio", "generative-artisan"])
def test_a_step_waits_for_nothing(starter, method, monkeypatch):
    # Places in each of six maps and in its weights, the crops' regions, and all weights.
    assert_waits_for_nothing(begin(*starter, method, contrast=1.2), monkeypatch, 6 * 2 + 1 + 1)


@pytest.mark.real_size
@pytest.mark.parametrize("name", ["clip-vit-b32", "clip-rn50"])
def test_nor_does_one_with_the_full_models(name, monkeypatch):
    for function in "fill", "read_safetensors":  # no weights are needed where nothing is computed
        monkeypatch.setattr(clip, function, lambda *_: {})
    model = clip.Clip.load(name, Path(name), GPU, torch.bfloat16)
    with GPU:
        perceptual = Vgg19(timm.create_model("vgg19").features[: TAPS[-1] + 1])
    embedding = model.network.text_projection.shape[1]
    # Two regions' places and windows, and all weights.
    assert_waits_for_nothing(begin(model, perceptual, embedding), monkeypatch, 5)
