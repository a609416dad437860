"""A run: the network, the optimiser and the targets, one step at a time.

    for step in stylize(photo, regions, encoder, perceptual, settings):
        show(step.image)

Display, cadence and progress belong to the caller. A caller that changes a run while it learns,
continues it later, or does not wait for a GPU at each step, drives a `Run` itself.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Sequence
from typing import Any

import torch
from torch import Tensor

from semcs_core.crops import sample_crops
from semcs_core.image import with_contrast
from semcs_core.objective import Objective
from semcs_core.painter import Painter, StyleNetPainter, compose
from semcs_core.protocols import PerceptualFeatures, RegionEncoder, Sketcher
from semcs_core.regions import Region, find_origins, same_style
from semcs_core.settings import Settings
from semcs_core.step import (
    RunError,
    Step,
    UnreadStep,
    describe_failure,
    is_flat,
    learning_rate,
    spread,
)
from semcs_core.targets import TargetBuilder


class Run:
    """Learns the regions' styles on one photo (Sem-CS, algorithm, lines 5-13).

    A run has a network and a random generator of its own: the same calls give the same pictures on
    the same machine, whatever other runs do. One thread at a time may use it.

    Args:
        photo: [1, 3, H, W] in [0, 1], sides multiples of 8; the run happens on its device.
        regions: their masks have the photo's size.
        encoder: on the same device.
        perceptual: on the same device; None for an encoder that shows the content itself.
        settings: `size` is ignored, the photo has it; `steps` is how many are planned at first.
        sketcher: draws the styles, for an encoder that reads no texts.

    Attributes:
        done: number of steps done, looked at or not.
        last: the latest step that was looked at, None before the first.
        history: losses of the steps that this object has done, as far as `last`.

    Raises:
        UserError: a prompt that the encoder cannot use.
    """

    def __init__(
        self,
        photo: Tensor,
        regions: Sequence[Region],
        encoder: RegionEncoder,
        perceptual: PerceptualFeatures | None,
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
        self.builder = builder = TargetBuilder(photo, encoder, sketcher, self.settings)
        sketches = [builder.sketch(region) for region in regions]
        self.targets = tuple(
            builder.build(n, region, sketch, self._generator)
            for n, (region, sketch) in enumerate(zip(regions, sketches, strict=True))
        )
        self._reference_spread = spread(photo)
        self._unread: list[UnreadStep] = []
        # The picture of the last good step, and whether all steps so far were good.
        self._image, self._sound = photo, photo.new_ones((), dtype=torch.bool)
        self._objective = Objective(photo, encoder, perceptual, self.settings)
        self.painter: Painter | StyleNetPainter = (
            StyleNetPainter(photo, len(regions), self._generator, encoder.dtype)
            if self.settings.painter == "stylenet"
            else Painter(photo, len(regions), self._generator, builder.start(self.targets))
        )
        self._optimiser = self.painter.optimiser()
        self._seconds = time.perf_counter() - began

    @property
    def regions(self) -> tuple[Region, ...]:
        """The regions, as last steered."""
        return tuple(target.region for target in self.targets)

    @property
    def steps(self) -> int:
        """Number of steps planned, extensions included."""
        return self.settings.steps + sum(self._added)

    @property
    def finished(self) -> bool:
        """Whether all planned steps are done."""
        return self.done >= self.steps

    def advance(self) -> None:
        """Do the next step, and leave no gradient mode or autocast behind.

        Nothing of the step is read, so a GPU may still be computing it when this returns, and the
        next step can be queued behind it. `look` waits for it.

        Raises:
            RuntimeError: the run is finished and was not extended.
        """
        if self.finished:
            raise RuntimeError("All planned steps are done: extend the run first.")
        began = time.perf_counter()
        for group in self._optimiser.param_groups:
            group["lr"] = group["scale"] * learning_rate(self.done + 1, self.settings, self._added)
        layers = self.painter()
        judged = layers.detach().requires_grad_()
        crops = []
        if self.settings.patch_weight > 0:
            crops = sample_crops([t.area for t in self.targets], self.settings, self._generator)
        terms = self._objective.backward(judged, self.targets, crops)
        self._optimiser.zero_grad()
        layers.backward(judged.grad)
        self._optimiser.step()
        # Each step shows the picture that it judged, but the last shows what it has learned.
        image = self.picture() if self.done + 1 == self.steps else self._show(layers.detach())
        total = torch.stack(list(terms.values())).sum()
        flat = is_flat(spread(image), self._reference_spread)
        self._sound = self._sound & total.isfinite() & ~flat
        self._image = torch.where(self._sound, image, self._image)
        self.done += 1
        self._unread.append(
            UnreadStep(
                self.done,
                (*terms, "total"),
                tuple(region.name for region in self.regions),
                torch.stack([*terms.values(), total, self._sound.to(total)]),
            )
        )
        self._seconds += time.perf_counter() - began

    def look(self) -> Step:
        """Wait for all steps since the last look to be done, read them, and return the latest.

        Raises:
            RunError: a loss is no longer finite, or the picture has become flat; the run is over,
                and `last` is the last good step.
            RuntimeError: no step is done yet.
        """
        began = time.perf_counter()
        unread = tuple(self._unread)
        # All at once, since each read by itself would wait for the device.
        read = iter(torch.cat([step.values for step in unread]).tolist() if unread else [])
        self._seconds += time.perf_counter() - began
        for step in unread:
            losses = {name: next(read) for name in step.losses}
            if not next(read):  # the step stays unread, so that the next look raises again
                raise RunError(describe_failure(losses["total"]), self.last)
            self._unread.pop(0)
            self.history.append(losses)
            self.last = Step(
                step.number, self.steps, self._image, losses, step.regions, self._seconds
            )
        if self.last is None:
            raise RuntimeError("There is nothing to look at before the first step.")
        return self.last

    def picture(self) -> Tensor:
        """The picture as learned so far, [1, 3, H, W] in [0, 1].

        A new mask or strength shows here at once, without another step.
        """
        with torch.no_grad():
            return self._show(self.painter())

    def steer(self, regions: Sequence[Region]) -> None:
        """Change the regions from the next step on: same network, same optimiser.

        A region keeps what its predecessor (`find_origins`) has learned. With a sketcher, a region
        whose style has changed begins again from a new sketch, since the old sketch's shapes would
        stay. Steering to the same regions changes nothing, not even the random generator.

        Raises:
            UserError: a prompt that the encoder cannot use; nothing has changed.
        """
        origins = find_origins(self.regions, regions)
        if self.builder.start(self.targets) is not None:
            origins = [
                n if n is not None and same_style(self.regions[n], region) else None
                for n, region in zip(origins, regions, strict=True)
            ]
        targets = tuple(
            self.builder.rebuild(n, region, None if origin is None else self.targets[origin])
            for n, (region, origin) in enumerate(zip(regions, origins, strict=True))
        )
        if origins != list(range(len(self.targets))):
            generator, start = self.builder.own_generator(), self.builder.start(targets)
            self.painter, self._optimiser = self.painter.rearranged(
                self.photo, self._optimiser, origins, generator, start
            )
        self.targets = targets

    def extend(self, steps: int) -> None:
        """Plan 0 or more further steps, with a schedule of their own (`learning_rate`).

        Raises:
            ValueError: fewer than 0.
        """
        if steps < 0:
            raise ValueError(f"A run cannot be extended by {steps} steps.")
        if steps:
            self._added += (steps,)

    def state_dict(self) -> dict[str, Any]:
        """The state of the run, which a run of the same photo, settings and regions can load.

        It holds only tensors, numbers and containers of them.

        Raises:
            RunError: as `look`.
        """
        return {
            "done": self.done,
            "added": self._added,
            "seconds": self._seconds,
            "last": vars(self.look()).copy() if self.done else None,
            "generator": self._generator.get_state(),
            "targets": self.builder.state_dict(self.targets),
            "painter": self.painter.state_dict(),
            "optimiser": self._optimiser.state_dict(),
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Become the run that a state was taken from.

        The state's tensors may be on any device, but the generator's must be on the CPU.

        Raises:
            UserError: it was taken from a run with other models.
            KeyError, TypeError, ValueError, RuntimeError: it is no such state. After any error the
                run cannot be used.
        """
        targets = self.builder.load_state_dict(state["targets"], self.targets)
        self.painter.load_state_dict(state["painter"])
        self._optimiser.load_state_dict(state["optimiser"])
        self._generator.set_state(state["generator"])
        self.targets = targets
        self.done, self._added, self._seconds = state["done"], state["added"], state["seconds"]
        last = state["last"]
        self.last = (
            None if last is None else Step(**last | {"image": last["image"].to(self.photo.device)})
        )
        self._image = self.photo if self.last is None else self.last.image
        self._unread = []
        self.history = []

    def _show(self, layers: Tensor) -> Tensor:
        masks = [target.area.mask for target in self.targets]
        strengths = [region.controls.strength for region in self.regions]
        picture = compose(self.photo, layers, masks, strengths)
        return with_contrast(picture, self.settings.contrast)


def stylize(
    photo: Tensor,
    regions: Sequence[Region],
    encoder: RegionEncoder,
    perceptual: PerceptualFeatures | None,
    settings: Settings | None = None,
    sketcher: Sketcher | None = None,
) -> Generator[Step, None, None]:
    """Learn the regions' styles on one photo; arguments and errors are those of `Run`.

    Yields:
        One `Step` for each step. No gradient mode or autocast is active during a yield.
    """
    run = Run(photo, regions, encoder, perceptual, settings, sketcher)
    while not run.finished:
        run.advance()
        yield run.look()
