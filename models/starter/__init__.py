"""The built-in models: a few megabytes in the repository, no download, no GPU.

`Starter` is a tiny dual encoder with CLIP's interface, trained on procedurally drawn styles; it is
not CLIP. `MODEL_CARD.md` says what it was trained on and where it ends. `LocalContrast` is its
perceptual feature; `StyleSketcher` draws what a run starts from.
"""

from models.starter.encoder import Starter
from models.starter.local_contrast import LocalContrast
from models.starter.sketch import StyleSketcher

__all__ = ["LocalContrast", "Starter", "StyleSketcher"]
