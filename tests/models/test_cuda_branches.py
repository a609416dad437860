"""What the code does otherwise on CUDA, without a GPU: on fake tensors, which have no numbers.

Shapes, dtypes, devices and the operations that are asked for are CUDA's own.
"""

import pytest
import torch
from open_clip.transformer import ResidualAttentionBlock
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.utils._python_dispatch import TorchDispatchMode

from models.frozen import _Block
from semcs_core.crops import sent
from semcs_core.painter import StyleNetPainter

WIDTH, TOKENS = 64, 10


class Calls(TorchDispatchMode):
    """Names of the operations."""

    def __init__(self):
        super().__init__()
        self.names = set()

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        self.names.add(func.__name__.partition(".")[0])
        return func(*args, **(kwargs or {}))


def onto_cuda(module):
    """Give a module parameters and buffers on CUDA; call it where tensors are fake."""
    for part in module.modules():
        for name, old in [*part.named_parameters(recurse=False)]:
            new = torch.empty_like(old, device="cuda")
            part._parameters[name] = torch.nn.Parameter(new, old.requires_grad)
        for name, old in [*part.named_buffers(recurse=False)]:
            part._buffers[name] = torch.empty_like(old, device="cuda")
    return module


class OnCuda(torch.Tensor):
    """A tensor of the CPU that takes the branches of CUDA."""

    is_cuda = True


@pytest.fixture
def block():
    torch.manual_seed(0)
    whole = ResidualAttentionBlock(WIDTH, 2)
    return _Block(whole.requires_grad_(False), torch.float32)


def test_attention_by_the_fused_kernel_is_attention(block):
    x = torch.randn(3, TOKENS, WIDTH)
    for tokens in TOKENS, 1:
        fused = block(x.as_subclass(OnCuda), tokens).as_subclass(torch.Tensor)
        torch.testing.assert_close(fused, block(x, tokens), rtol=1e-4, atol=1e-4)


def test_on_cuda_attention_takes_the_fused_kernel(block):
    with FakeTensorMode(allow_non_fake_inputs=True), Calls() as calls:
        out = onto_cuda(block)(torch.randn(3, TOKENS, WIDTH, device="cuda"), 1)
    assert out.device.type == "cuda"
    assert "_softmax" not in calls.names
    # What PyTorch makes of `scaled_dot_product_attention` on a machine with a GPU, and without.
    kernels = {name for name in calls.names if "scaled_dot_product" in name}
    assert kernels | ({"_safe_softmax"} & calls.names)


def test_the_painter_paints_and_learns_on_cuda():
    chance = torch.Generator().manual_seed(0)
    painter = StyleNetPainter(torch.zeros(1, 3, 32, 48), 2, chance)
    with FakeTensorMode(allow_non_fake_inputs=True):
        onto_cuda(painter)
        optimiser = painter.optimiser()
        with Calls() as calls:
            layers = painter()
            for parameter in painter.parameters():  # PyTorch's backward pass asks for a GPU
                parameter.grad = torch.zeros_like(parameter)
            optimiser.step()
    assert layers.shape == (2, 3, 32, 48)
    assert layers.dtype == torch.float32
    assert {p.device.type for p in painter.parameters()} == {"cuda"}
    assert any("fused_adam" in name for name in calls.names)


def test_numbers_go_to_cuda_without_a_wait(monkeypatch):
    pinned = []
    monkeypatch.setattr(torch.Tensor, "pin_memory", lambda self: pinned.append(self) or self)
    with FakeTensorMode(allow_non_fake_inputs=True), Calls() as calls:
        there = sent(torch.zeros(4), torch.device("cuda"))
    assert there.device.type == "cuda"
    assert len(pinned) == 1
    assert "_local_scalar_dense" not in calls.names
