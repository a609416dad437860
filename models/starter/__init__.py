"""The built-in models: a small ImageNet network from PyPI, and drawings; no GPU, no download.

`Starter` sees regions with EfficientNet-Lite0, `StyleSketcher` draws a text: see `MODEL_CARD.md`.
"""

from models.starter.encoder import Starter
from models.starter.sketch import StyleSketcher

__all__ = ["Starter", "StyleSketcher"]
