"""The loop: a network learns the styles of one photo, one record a step.

    for step in stylize(photo, regions, encoder, perceptual, settings):
        show(step.image)

Display, cadence and progress belong to the caller; one that changes a run while it learns, goes on
with it later, or wants a GPU not to be waited for at each step, drives a `Run` itself.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence

from torch import Tensor

from semcs_core.protocols import ImageTextEncoder, PerceptualFeatures, Sketcher
from semcs_core.regions import Region
from semcs_core.run import Run
from semcs_core.settings import Settings
from semcs_core.step import LUMINANCE, RunError, Step, learning_rate, with_contrast

__all__ = [
    "LUMINANCE",
    "RunError",
    "Step",
    "learning_rate",
    "stylize",
    "with_contrast",
]


def stylize(
    photo: Tensor,
    regions: Sequence[Region],
    encoder: ImageTextEncoder,
    perceptual: PerceptualFeatures,
    settings: Settings | None = None,
    sketcher: Sketcher | None = None,
) -> Generator[Step, None, None]:
    """Learn the regions' styles on one photo (Sem-CS, algorithm, lines 5-13).

    Every run has a network and a random generator of its own: the same arguments give the same
    pictures on the same machine, whatever runs beside or ran before.

    Args:
        photo: [1, 3, H, W] in [0, 1], sides multiples of 8; the run happens on its device.
        regions: what gets which style; masks of the photo's size.
        encoder: on the same device.
        perceptual: on the same device.
        settings: `size` is not used here, the photo has it.
        sketcher: draws what the picture starts from; without one it starts as the photo.

    Yields:
        One `Step` for each step. No gradient mode or autocast is held across a yield.

    Raises:
        RunError: the loss is no longer finite, or the picture has become flat.
        UserError: a prompt that the encoder cannot use.
    """
    run = Run(photo, regions, encoder, perceptual, settings, sketcher)
    while not run.finished:
        run.advance()
        yield run.look()
