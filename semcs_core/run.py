"""A run: the network, the optimiser and what they aim at, one step at a time.

It can be steered while it learns, and goes on where it stopped: its state is all in one place.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

from semcs_core.crops import sample_crops
from semcs_core.errors import UserError
from semcs_core.losses import total_variation
from semcs_core.objective import content_term, style_terms
from semcs_core.painter import Painter, StyleNetPainter, compose
from semcs_core.protocols import ImageTextEncoder, PerceptualFeatures, Sketcher
from semcs_core.regions import Region, find_origins
from semcs_core.settings import Settings
from semcs_core.step import RunError, Step, is_flat, learning_rate, spread, with_contrast
from semcs_core.targets import Aim, Aimer

SAME_TEXT = 0.99  # cosine; a GPU embeds the source text nearly as a CPU does
# What of a target is computed; the rest is the region's own.
LEARNED = ("text", "direction", "crop_source", "global_source")


@dataclass(frozen=True)
class _Unseen:
    """What a step leaves behind until somebody looks.

    Attributes:
        number: from 1.
        losses: their names.
        regions: names of those that the run had.
        values: [L + 1], the losses, and 1 or 0 for whether all was well so far.
    """

    number: int
    losses: tuple[str, ...]
    regions: tuple[str, ...]
    values: Tensor


class Run:
    """Regions' styles being learned on one photo (Sem-CS, algorithm, lines 5-13).

    A run has a network and a random generator of its own: the same calls give the same pictures on
    the same machine, whatever runs beside or ran before. One thread at a time may use it.

    Args:
        photo: [1, 3, H, W] in [0, 1], sides multiples of 8; the run happens on its device.
        regions: what gets which style; masks of the photo's size.
        encoder: on the same device.
        perceptual: on the same device.
        settings: `size` is not used here, the photo has it; `steps` are the first planned.
        sketcher: draws what the picture starts from; without one it starts as the photo.

    Attributes:
        settings: of the run.
        done: steps done, looked at or not.
        last: the latest step that was looked at, None before the first.
        history: losses of the steps that this object has done, as far as `last`.

    Raises:
        UserError: a prompt that the encoder cannot use.
    """

    def __init__(
        self,
        photo: Tensor,
        regions: Sequence[Region],
        encoder: ImageTextEncoder,
        perceptual: PerceptualFeatures,
        settings: Settings | None = None,
        sketcher: Sketcher | None = None,
    ) -> None:
        began = time.perf_counter()
        self.photo = photo
        self.settings = settings if settings is not None else Settings()
        self.done = 0
        self.last: Step | None = None
        self.history: list[dict[str, float]] = []
        self._added: tuple[int, ...] = ()
        self._generator = torch.Generator().manual_seed(self.settings.seed)
        self._aimer = aimer = Aimer(photo, encoder, sketcher, self.settings)
        sketches = [aimer.sketch(region) for region in regions]
        self._aims = [
            aimer.aim(n, region, sketch, self._generator)
            for n, (region, sketch) in enumerate(zip(regions, sketches, strict=True))
        ]
        self._reference_spread = spread(photo)
        self._unseen: list[_Unseen] = []
        # Both stay as they were at the last good step.
        self._image, self._sound = photo, photo.new_ones((), dtype=torch.bool)
        self._perceptual = perceptual
        self._references = [f.detach() for f in perceptual.features(photo)]
        self._painter: Painter | StyleNetPainter = (
            StyleNetPainter(photo, len(regions), self._generator, encoder.dtype)
            if self.settings.painter == "stylenet"
            else Painter(photo, len(regions), self._generator, aimer.start(self._aims))
        )
        self._optimiser = self._painter.optimiser()
        self._seconds = time.perf_counter() - began

    @property
    def regions(self) -> tuple[Region, ...]:
        """What gets which style, as last steered."""
        return tuple(aim.region for aim in self._aims)

    @property
    def aims(self) -> tuple[Aim, ...]:
        """What the regions aim at, as last steered."""
        return tuple(self._aims)

    @property
    def aimer(self) -> Aimer:
        """What draws the sketches."""
        return self._aimer

    @property
    def painter(self) -> Painter | StyleNetPainter:
        """What has been learned."""
        return self._painter

    @property
    def steps(self) -> int:
        """Steps planned, with those that were added."""
        return self.settings.steps + sum(self._added)

    @property
    def finished(self) -> bool:
        """Whether all planned steps are done."""
        return self.done >= self.steps

    def advance(self) -> None:
        """Do the next step; no gradient mode or autocast outlives it.

        Nothing of the step is read, so a GPU may still be at it, and the next one be queued behind.
        `look` waits for it.

        Raises:
            RuntimeError: the run is finished and was not extended.
        """
        if self.finished:
            raise RuntimeError("All planned steps are done: extend the run first.")
        began = time.perf_counter()
        for group in self._optimiser.param_groups:
            group["lr"] = group["scale"] * learning_rate(self.done + 1, self.settings, self._added)
        layers = self._painter()
        judged = layers.detach().requires_grad_()
        terms = self._judge(judged)
        self._optimiser.zero_grad()
        layers.backward(judged.grad)
        self._optimiser.step()
        # The last step shows what it has learned itself; an extended run goes on from there.
        image = self.picture() if self.done + 1 == self.steps else self._show(layers.detach())
        total = torch.stack(list(terms.values())).sum()
        flat = is_flat(spread(image), self._reference_spread)
        self._sound = self._sound & total.isfinite() & ~flat
        self._image = torch.where(self._sound, image, self._image)
        self.done += 1
        self._unseen.append(
            _Unseen(
                self.done,
                (*terms, "total"),
                tuple(region.name for region in self.regions),
                torch.stack([*terms.values(), total, self._sound.to(total)]),
            )
        )
        self._seconds += time.perf_counter() - began

    def look(self) -> Step:
        """The latest step, as soon as the device has done it; all since the last look are read.

        Raises:
            RunError: the loss of one is no longer finite, or the picture has become flat; the run
                is over, and `last` is the step before.
            RuntimeError: no step is done yet.
        """
        began = time.perf_counter()
        unseen = tuple(self._unseen)
        # In one go: each reading by itself would be waited for.
        read = iter(torch.cat([step.values for step in unseen]).tolist() if unseen else [])
        self._seconds += time.perf_counter() - began
        for step in unseen:
            losses = {name: next(read) for name in step.losses}
            if not next(read):  # left where it is: whoever looks again is told again
                raise RunError(_why(losses["total"]), self.last)
            self._unseen.pop(0)
            self.history.append(losses)
            self.last = Step(
                step.number, self.steps, self._image, losses, step.regions, self._seconds
            )
        if self.last is None:
            raise RuntimeError("There is nothing to look at before the first step.")
        return self.last

    def picture(self) -> Tensor:
        """What is learned so far, with the regions as they are now, [1, 3, H, W] in [0, 1].

        A new mask or strength shows here at once, without another step.
        """
        with torch.no_grad():
            return self._show(self._painter())

    def steer(self, regions: Sequence[Region]) -> None:
        """Go on towards other regions from the next step on: same network, same optimiser.

        Regions go on from their predecessors (`find_origins`) and keep what these have learned. One
        whose prompt has changed begins again from the new sketch, since the old one's shapes would
        stay; without a sketcher it goes on from what was learned. The random generator of the run
        is left alone: steering to the same regions changes nothing at all.

        Args:
            regions: as in the constructor.

        Raises:
            UserError: a prompt that the encoder cannot use; nothing has changed.
        """
        origins = find_origins(self.regions, regions)
        if self._aimer.sketcher is not None:
            origins = [
                n if n is not None and self.regions[n].prompt == region.prompt else None
                for n, region in zip(origins, regions, strict=True)
            ]
        aims = [
            self._aimer.aim_on(n, region, None if origin is None else self._aims[origin])
            for n, (region, origin) in enumerate(zip(regions, origins, strict=True))
        ]
        if origins != list(range(len(self._aims))):
            self._painter, self._optimiser = self._painter.rearranged(
                self.photo, self._optimiser, origins, self._aimer.chance(), self._aimer.start(aims)
            )
        self._aims = aims

    def extend(self, steps: int) -> None:
        """Plan more steps after those planned so far: same network, same optimiser.

        They have a schedule of their own (`learning_rate`).

        Args:
            steps: 0 or more.

        Raises:
            ValueError: fewer than 0.
        """
        if steps < 0:
            raise ValueError(f"A run cannot be extended by {steps} steps.")
        if steps:
            self._added += (steps,)

    def state_dict(self) -> dict[str, Any]:
        """What has come of the run, for a run of the same photo, settings and regions to load.

        Tensors, numbers and containers of them alone.

        Raises:
            RunError: as `look`.
        """
        return {
            "done": self.done,
            "added": self._added,
            "seconds": self._seconds,
            "last": vars(self.look()).copy() if self.done else None,
            "generator": self._generator.get_state(),
            "source": self._aimer.source,
            "sketches": [aim.sketch for aim in self._aims],
            "targets": [{k: getattr(aim.target, k) for k in LEARNED} for aim in self._aims],
            "painter": self._painter.state_dict(),
            "optimiser": self._optimiser.state_dict(),
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Become the run that a state was taken from.

        Args:
            state: of `state_dict`, its tensors on any device but the generator's on the CPU.

        Raises:
            UserError: it was taken from a run with other models.
            KeyError, TypeError, ValueError, RuntimeError: it is no such state. In either case the
                run is of no more use.
        """
        device = self.photo.device
        source = state["source"].to(device)
        sketches = [None if s is None else s.to(device) for s in state["sketches"]]
        own = self._aimer
        alike = source.shape == own.source.shape and float(source @ own.source) > SAME_TEXT
        if not alike or any((s is None) != (own.sketcher is None) for s in sketches):
            raise UserError(
                "This run was saved with other models: choose those, or start a new run."
            )
        self._painter.load_state_dict(state["painter"])
        self._optimiser.load_state_dict(state["optimiser"])
        self._generator.set_state(state["generator"])
        own.source = source
        self._aims = [
            Aim(aim.region, s, replace(aim.target, **{k: v.to(device) for k, v in learned.items()}))
            for aim, s, learned in zip(self._aims, sketches, state["targets"], strict=True)
        ]
        self.done, self._added, self._seconds = state["done"], state["added"], state["seconds"]
        last = state["last"]
        self.last = None if last is None else Step(**last | {"image": last["image"].to(device)})
        self._image = self.photo if self.last is None else self.last.image
        self._unseen = []
        self.history = []

    def _judge(self, layers: Tensor) -> dict[str, Tensor]:
        """All weighted terms of the loss; the layers, a leaf, get the gradient of their sum.

        The terms see every region in full, whatever its strength. One network at a time: what the
        encoder keeps for its gradient is gone before the features keep anything.
        """
        settings, targets = self.settings, [aim.target for aim in self._aims]
        crops = sample_crops(targets, settings, self._generator)
        style = style_terms(layers, targets, crops, self._aimer.encoder, settings)
        torch.stack(list(style.values())).sum().backward()
        picture = compose(self.photo, layers, [target.mask for target in targets])
        content = content_term(
            layers, picture, targets, self._perceptual, self._references, settings
        )
        rest = {"content": content, "tv": settings.tv_weight * total_variation(picture)}
        torch.stack(list(rest.values())).sum().backward()
        return {name: term.detach() for name, term in (style | rest).items()}

    def _show(self, layers: Tensor) -> Tensor:
        masks = [aim.target.mask for aim in self._aims]
        strengths = [aim.region.strength for aim in self._aims]
        picture = compose(self.photo, layers, masks, strengths)
        return with_contrast(picture, self.settings.contrast)


def _why(total: float) -> str:
    if not math.isfinite(total):
        return "The losses are no longer numbers: lower the learning rate and start again."
    return (
        "The picture has collapsed to one colour: lower the learning rate, or raise the content "
        "weight, and start again."
    )
