"""CLIPstyler's loop, as plainly as it was published: what ours is measured against.

Written from the papers and from what is known of the authors' code (docs/methods.md): a Python loop
over the crops with torchvision's own transforms, an encoder whose parameters all get gradients
that nobody uses, float32, one call of the encoder for the patches and another for the whole
picture, and all of VGG19 although its last layers are not looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor
from torchvision.transforms import Compose, RandomCrop, RandomPerspective, Resize

from semcs_core.methods import CLIPSTYLER
from semcs_core.settings import Settings
from semcs_core.stylenet import StyleNet

Embed = Callable[[Tensor], Tensor]
"""[N, 3, S, S] in [0, 1] to embeddings [N, D]."""
Features = Callable[[Tensor], Sequence[Tensor]]
"""[1, 3, H, W] in [0, 1] to the maps that the content loss compares."""

JUDGE = 12345  # seed of the crops that pictures are compared by


@dataclass(frozen=True)
class Nets:
    """What the loop asks of the networks.

    Attributes:
        embed: a picture encoder.
        side: of the pictures that it takes, in pixels.
        features: for the content loss.
    """

    embed: Embed
    side: int
    features: Features


class PublishedLoop:
    """One text on one photo.

    Args:
        photo: [1, 3, H, W] in [0, 1], sides multiples of 8.
        nets: on its device.
        direction: [D], of the text.
        settings: size of a crop, how many, weights, threshold and learning rate.
    """

    def __init__(
        self, photo: Tensor, nets: Nets, direction: Tensor, settings: Settings = CLIPSTYLER
    ) -> None:
        self.photo, self.nets, self.direction, self.settings = photo, nets, direction, settings
        torch.manual_seed(settings.seed)
        self.network = StyleNet().to(photo.device)
        self.optimiser = torch.optim.Adam(self.network.parameters(), lr=settings.learning_rate)
        self.scheduler = torch.optim.lr_scheduler.StepLR(self.optimiser, step_size=100, gamma=0.5)
        self.crop = RandomCrop(settings.crop_size)
        self.augment = Compose(
            [
                RandomPerspective(distortion_scale=settings.distortion, p=1.0, fill=0),
                Resize(nets.side, antialias=True),
            ]
        )
        with torch.no_grad():
            self.source = F.normalize(nets.embed(_resized(photo, nets.side)), dim=-1)
            self.references = [f.detach() for f in nets.features(photo)]

    def advance(self) -> float:
        """One step; its total loss."""
        total = self._total(self._painted(), self.settings.crops)
        self.optimiser.zero_grad()
        total.backward()
        self.optimiser.step()
        self.scheduler.step()
        return total.item()

    @torch.no_grad()
    def picture(self) -> Tensor:
        """What is learned so far, [1, 3, H, W] in [0, 1], without the contrast of the end."""
        return self._painted()

    @torch.no_grad()
    def judge(self, picture: Tensor, crops: int = 256) -> float:
        """The total loss of any picture [1, 3, H, W] of this photo, on the same crops each time."""
        with torch.random.fork_rng():
            torch.manual_seed(JUDGE)
            return float(self._total(picture, crops))

    def _painted(self) -> Tensor:
        return torch.sigmoid(self.network(self.photo))

    def _total(self, picture: Tensor, count: int) -> Tensor:
        settings, side = self.settings, self.nets.side
        content = picture.new_zeros(())
        for feature, reference in zip(self.nets.features(picture), self.references, strict=True):
            content = content + torch.mean((feature - reference) ** 2)
        crops = []
        for _ in range(count):
            crops.append(self.augment(self.crop(picture)))
        losses = self._directional(torch.cat(crops))
        losses = torch.where(losses < settings.controls[1].threshold, 0.0, losses)
        whole = self._directional(_resized(picture, side))
        return (
            settings.patch_weight * losses.mean()
            + settings.controls[1].global_weight * whole.mean()
            + settings.content_weight * content
            + settings.tv_weight * variation(picture)
        )

    def _directional(self, images: Tensor) -> Tensor:
        embeddings = F.normalize(self.nets.embed(images), dim=-1)
        directions = F.normalize(embeddings - self.source, dim=-1)
        return 1 - torch.cosine_similarity(directions, self.direction[None], dim=1)


def variation(image: Tensor) -> Tensor:
    """Four norms of neighbour differences, summed."""
    total = torch.norm(image[:, :, :, :-1] - image[:, :, :, 1:])
    total = total + torch.norm(image[:, :, :-1, :] - image[:, :, 1:, :])
    total = total + torch.norm(image[:, :, :-1, :-1] - image[:, :, 1:, 1:])
    return total + torch.norm(image[:, :, 1:, :-1] - image[:, :, :-1, 1:])


def _resized(image: Tensor, side: int) -> Tensor:
    # With all pixels: without, 512 pixels become 128 by looking at every fourth.
    resized = F.interpolate(image, size=(side, side), mode="bicubic", antialias=True)
    return resized.clamp(0, 1)
