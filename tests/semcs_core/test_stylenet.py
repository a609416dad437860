import pytest
import torch
import torch.nn.functional as functional

from semcs_core.painter import Painter
from semcs_core.stylenet import StyleNet, initialise


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def published(net, x):
    """The layout as it is described in the papers and their code, written without its modules."""

    def conv(name, x, padding=0, stride=1):
        module = net.get_submodule(name)
        return functional.conv2d(x, module.weight, module.bias, stride, padding)

    def normed(x):
        mean, variance = x.mean((2, 3), keepdim=True), x.var((2, 3), keepdim=True, unbiased=False)
        return ((x - mean) / (variance + 1e-5).sqrt()).clamp(min=0)

    def block(name, x):
        y = normed(conv(f"{name}.conv1", x, 1))
        return normed(conv(f"{name}.conv2", y, 1)) + conv(f"{name}.shortcut", x)

    def doubled(x):
        return functional.interpolate(x, scale_factor=2, mode="bilinear")

    first = block("first", conv("entry", x))
    x, kept = first, []
    for level in (1, 2, 3):
        kept.append(block(f"encode{level}", x))
        x = conv(f"down{level}", kept[-1], padding=1, stride=2)
    x = block("middle", x)
    for level in (3, 2, 1):
        x = block(f"decode{level}", torch.cat([doubled(x), kept.pop()], 1))
    return conv("exit", block("last", torch.cat([x, first], 1)))


def test_it_is_the_published_network():
    net = StyleNet()
    parts = list(net.modules())
    assert sum(p.numel() for p in net.parameters()) == 615_267
    assert sum(isinstance(part, torch.nn.Conv2d) for part in parts) == 32
    assert sum(isinstance(part, torch.nn.InstanceNorm2d) for part in parts) == 18
    initialise(net, generator())
    image = torch.rand(1, 3, 40, 64, generator=generator(1))
    torch.testing.assert_close(net(image), published(net, image), atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("size", [(64, 64), (32, 96), (40, 640)])
def test_it_is_fully_convolutional(size):
    assert StyleNet(outputs=6)(torch.rand(1, 3, *size)).shape == (1, 6, *size)


def test_initialisation_is_pytorchs_own_in_distribution_but_not_in_source():
    torch.manual_seed(5)
    before = torch.get_rng_state()
    one, two, other = StyleNet(), StyleNet(), StyleNet()
    torch.set_rng_state(before)
    for net, seed in ((one, 0), (two, 0), (other, 1)):
        initialise(net, generator(seed))
    assert torch.equal(torch.get_rng_state(), before)
    assert torch.equal(one.middle.conv1.weight, two.middle.conv1.weight)
    assert not torch.equal(one.middle.conv1.weight, other.middle.conv1.weight)
    default = torch.nn.Conv2d(64, 128, 3).weight
    assert one.middle.conv1.weight.std().item() == pytest.approx(default.std().item(), rel=0.05)


def test_the_painter_starts_as_the_photo():
    photo = torch.rand(1, 3, 64, 64, generator=generator())
    layers = Painter(photo, 2, generator())()
    assert layers.shape == (2, 3, 64, 64)
    assert (layers - photo).abs().mean() < 0.02


def test_layers_learn_apart():
    """A loss on one region's layer leaves the output of the other's head as it was."""
    photo = torch.rand(1, 3, 32, 32, generator=generator())
    painter = Painter(photo, 2, generator())
    painter()[0].mean().backward()
    assert painter.stylenet.exit.weight.grad[:3].abs().max() > 0
    assert painter.stylenet.exit.weight.grad[3:].abs().max() == 0
    for pixels in painter.pyramid:
        assert pixels.grad[:, 3:].abs().max() == 0


def test_no_value_can_run_away():
    photo = torch.full((1, 3, 32, 32), 0.5)
    painter = Painter(photo, 1, generator())
    with torch.no_grad():
        for pixels in painter.pyramid:
            pixels.fill_(1e6)
    layers = painter()
    assert layers.isfinite().all()
    assert layers.max() < 0.999
