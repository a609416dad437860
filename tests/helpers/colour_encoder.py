"""A tiny encoder whose meaning is known: a picture is its mean colour, a text is a colour."""

import torch
import torch.nn.functional as F

from semcs_core.image import luminance
from semcs_core.views import PictureEncoder

COLOURS = {
    "photo": [0.5, 0.5, 0.5],
    "red": [0.9, 0.1, 0.1],
    "green": [0.1, 0.9, 0.1],
    "blue": [0.1, 0.1, 0.9],
}


class ColourEncoder(PictureEncoder):
    input_size = 16
    dtype = torch.float32
    templates = ("{}",)
    source_text = "photo"

    def __init__(self):
        self.calls = 0

    def encode_image(self, images):
        self.calls += 1
        return F.normalize(images.mean(dim=(2, 3)), dim=1)

    def encode_text(self, texts):
        return F.normalize(torch.tensor([COLOURS[text] for text in texts]), dim=1)

    def nearest(self, text):
        return {word: [] for word in text.split() if word not in COLOURS}


class LocalContrast:
    """A `PerceptualFeatures` without weights: luminance minus its surroundings, at two scales."""

    def features(self, images):
        grey = luminance(images)
        return [contrast(F.avg_pool2d(grey, scale)) for scale in (8, 16)]


def contrast(x):
    local = x - F.avg_pool2d(x, 9, stride=1, padding=4, count_include_pad=False)
    return local / ((local.square().mean(dim=(2, 3), keepdim=True) + 1e-8).sqrt() + 0.03)


class ColourSketcher:
    """Draws a style as its colour, half over the photo, the lighter the smaller the region."""

    def sketch(self, prompt, photo, mask, crop_size, generator, times=1):
        colour = torch.tensor(COLOURS[prompt]).view(1, 3, 1, 1).to(photo)
        return (photo + colour).div(2).expand_as(photo) ** (0.5 + mask.mean())
