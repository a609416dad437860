"""The built-in models: a small ImageNet network from PyPI, and drawings; no GPU, no download.

`Starter` sees regions of a picture with EfficientNet-Lite0; `StyleSketcher` reads a text by drawing
it over the photo. `MODEL_CARD.md` says what they can and cannot.
"""

from models.starter.encoder import Starter
from models.starter.sketch import StyleSketcher

__all__ = ["Starter", "StyleSketcher"]
