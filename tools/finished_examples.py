"""The finished pictures that the page opens with: `python -m tools.finished_examples`, two minutes.

Each pair of prompts in examples/examples.json, painted with the studio's own settings.
"""

from __future__ import annotations

from PIL import Image

from models.loading import find_mask, load_models
from semcs_core.image import fit, to_tensor, to_uint8
from semcs_core.methods import STUDIO, two_regions
from semcs_core.run import Run
from studio.page.photos import Example, load_examples


def paint(example: Example, number: int) -> Image.Image:
    """An example in one of its pairs of styles."""
    photo = fit(example.open(), STUDIO.size)
    regions = two_regions(find_mask(photo, "spectral").mask, *example.pairs[number])
    models = load_models()
    parts = models.encoder, models.perceptual, STUDIO, models.sketcher
    run = Run(to_tensor(photo.rgb), regions, *parts)
    while not run.finished:
        run.advance()
    return Image.fromarray(to_uint8(run.look().image))


def main() -> None:
    """Write them all."""
    for example in load_examples():
        for number, pair in enumerate(example.pairs):
            paint(example, number).save(example.finished(number), quality=88)
            print(example.finished(number).name, *pair, sep=" · ")


if __name__ == "__main__":
    main()
