"""StyleNet: the small U-Net that learns one style on one photo (CLIPstyler, figure 2)."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class ResidualBlock(nn.Module):
    """Two 3x3 convolutions with InstanceNorm and ReLU beside a shortcut."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.conv1 = _conv3x3(inputs, outputs)
        self.norm1 = nn.InstanceNorm2d(outputs, affine=True)
        self.conv2 = _conv3x3(outputs, outputs)
        self.norm2 = nn.InstanceNorm2d(outputs, affine=True)
        self.shortcut = nn.Identity() if inputs == outputs else nn.Conv2d(inputs, outputs, 1)

    def forward(self, x: Tensor) -> Tensor:
        """[N, inputs, H, W] to [N, outputs, H, W]."""
        # In place, since the backward pass of a norm needs its input, not its output.
        y = F.relu(self.norm1(self.conv1(x)), inplace=True)
        return F.relu(self.norm2(self.conv2(y)) + self.shortcut(x), inplace=True)


class StyleNet(nn.Module):
    """A fully convolutional U-Net: what is learnt at one size can be rendered at another.

    A 1x1 convolution, an encoding block, three halvings by 4x4 convolutions, three bilinear
    doublings with skip connections, an output block and a 1x1 convolution. It returns values
    before the sigmoid, so that a caller can add to them.

    Args:
        inputs: channels of the picture.
        outputs: channels of the result, 3 for each layer.
        width: channels at full resolution (16 as published).
    """

    def __init__(self, inputs: int = 3, outputs: int = 3, width: int = 16) -> None:
        super().__init__()
        w1, w2, w4, w8 = width, 2 * width, 4 * width, 8 * width
        self.entry = nn.Conv2d(inputs, w1, 1)
        self.encode1 = ResidualBlock(w1, w1)
        self.down1, self.encode2 = _halve(w1, w1), ResidualBlock(w1, w2)
        self.down2, self.encode3 = _halve(w2, w2), ResidualBlock(w2, w4)
        self.down3, self.encode4 = _halve(w4, w4), ResidualBlock(w4, w8)
        self.decode3 = ResidualBlock(w8 + w4, w4)
        self.decode2 = ResidualBlock(w4 + w2, w2)
        self.decode1 = ResidualBlock(w2 + w1, w1)
        self.exit = nn.Conv2d(w1 + w1, outputs, 1)

    def forward(self, image: Tensor) -> Tensor:
        """[N, inputs, H, W] with sides multiples of 8, to [N, outputs, H, W]."""
        entry = self.entry(image)
        full = self.encode1(entry)
        half = self.encode2(self.down1(full))
        quarter = self.encode3(self.down2(half))
        eighth = self.encode4(self.down3(quarter))
        up = self.decode3(torch.cat([_double(eighth), quarter], dim=1))
        up = self.decode2(torch.cat([_double(up), half], dim=1))
        up = self.decode1(torch.cat([_double(up), full], dim=1))
        return self.exit(torch.cat([up, entry], dim=1))


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


def _conv3x3(inputs: int, outputs: int) -> nn.Conv2d:
    return nn.Conv2d(inputs, outputs, 3, padding=1, padding_mode="reflect")


def _halve(inputs: int, outputs: int) -> nn.Conv2d:
    return nn.Conv2d(inputs, outputs, 4, stride=2, padding=1, padding_mode="reflect")


def _double(x: Tensor) -> Tensor:
    return F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)
