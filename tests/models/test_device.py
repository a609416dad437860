"""Apple's GPU is used where it computes what the CPU does, and only there."""

import warnings

import pytest
import torch

from models import device


@pytest.fixture
def apple(monkeypatch):
    """A machine of Apple's, of which nothing is known yet."""
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    device.computes_right.cache_clear()
    yield
    device.computes_right.cache_clear()


def on_apple(monkeypatch, change):
    """The machine's GPU computes what the CPU does, changed."""
    real = device._two_steps

    def two_steps(method, where):
        picture = real(method, "cpu")
        return change(picture) if where == "mps" else picture

    monkeypatch.setattr(device, "_two_steps", two_steps)


def test_a_gpu_that_computes_as_the_cpu_is_used(apple, monkeypatch):
    on_apple(monkeypatch, lambda picture: picture + 0.001)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert device.best_device() == "mps"
    assert device.best_dtype("mps") == torch.float32


@pytest.mark.parametrize("change", [lambda p: p.flip(3), lambda p: p * float("nan")])
def test_one_that_computes_something_else_is_not(apple, monkeypatch, change):
    on_apple(monkeypatch, change)
    with pytest.warns(UserWarning, match="otherwise than the CPU: the CPU is used"):
        assert device.best_device() == "cpu"


def test_one_that_lacks_an_operation_is_not(apple):
    with pytest.warns(UserWarning, match="cannot do a step"):
        assert not device.computes_right("meta")  # a device on which no number can be read
    with pytest.warns(UserWarning, match="cannot do a step"):
        assert device.best_device() == "cpu"  # here PyTorch has no such device
