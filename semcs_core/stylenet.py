"""StyleNet: the small U-Net that learns one style on one photo (CLIPstyler, figure 2)."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class ResidualBlock(nn.Module):
    """Two 3x3 convolutions with InstanceNorm and ReLU, and a 1x1 convolution of the input added."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, padding=1)
        self.norm1 = nn.InstanceNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, padding=1)
        self.norm2 = nn.InstanceNorm2d(outputs)
        self.shortcut = nn.Conv2d(inputs, outputs, 1)

    def forward(self, x: Tensor) -> Tensor:
        """[N, inputs, H, W] to [N, outputs, H, W]."""
        # In place, since the backward pass of a norm needs its input, not its output.
        y = F.relu(self.norm1(self.conv1(x)), inplace=True)
        return F.relu(self.norm2(self.conv2(y)), inplace=True) + self.shortcut(x)


class StyleNet(nn.Module):
    """The published network, 615,267 parameters (CLIPstyler, figure 2; the layout is its code's).

    It is fully convolutional: what is learnt at one size can be rendered at another. It returns
    values before the sigmoid, so that a caller can add to them.

    Args:
        inputs: channels of the picture.
        outputs: channels of the result, 3 for each layer.
    """

    def __init__(self, inputs: int = 3, outputs: int = 3) -> None:
        super().__init__()
        self.entry = nn.Conv2d(inputs, 16, 1)
        self.first = ResidualBlock(16, 16)
        self.encode1, self.down1 = ResidualBlock(16, 16), _halve(16)
        self.encode2, self.down2 = ResidualBlock(16, 32), _halve(32)
        self.encode3, self.down3 = ResidualBlock(32, 64), _halve(64)
        self.middle = ResidualBlock(64, 128)
        self.decode3 = ResidualBlock(128 + 64, 64)
        self.decode2 = ResidualBlock(64 + 32, 32)
        self.decode1 = ResidualBlock(32 + 16, 16)
        self.last = ResidualBlock(16 + 16, 16)
        self.exit = nn.Conv2d(16, outputs, 1)

    def forward(self, image: Tensor) -> Tensor:
        """[N, inputs, H, W] with sides multiples of 8, to [N, outputs, H, W]."""
        first = self.first(self.entry(image))
        full = self.encode1(first)
        half = self.encode2(self.down1(full))
        quarter = self.encode3(self.down2(half))
        up = self.middle(self.down3(quarter))
        up = self.decode3(torch.cat([_double(up), quarter], dim=1))
        up = self.decode2(torch.cat([_double(up), half], dim=1))
        up = self.decode1(torch.cat([_double(up), full], dim=1))
        return self.exit(self.last(torch.cat([up, first], dim=1)))


def initialise(module: nn.Module, generator: torch.Generator) -> None:
    """PyTorch's own default initialisation, drawn from one generator.

    The global generator is shared by all threads of the process: a second visitor's run would
    change the first one's picture.
    """
    for part in module.modules():
        if isinstance(part, nn.Conv2d):
            bound = 1 / math.sqrt(part.weight[0].numel())
            for parameter in part.parameters():
                nn.init.uniform_(parameter, -bound, bound, generator=generator)


def _halve(channels: int) -> nn.Conv2d:
    return nn.Conv2d(channels, channels, 4, stride=2, padding=1)


def _double(x: Tensor) -> Tensor:
    return F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)
