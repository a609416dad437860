"""The built-in models: a few megabytes in the repository, no download, no GPU.

`Starter` is a tiny dual encoder with CLIP's interface, trained on procedurally drawn
styles. It knows some dozens of styles and the colour words; it is not CLIP. `MODEL_CARD.md`
beside this file says what it was trained on and where it ends. `LocalContrast` is the perceptual
feature that goes with it; `StyleSketcher` draws what a run starts from.
"""

from models.starter.encoder import Starter
from models.starter.local_contrast import LocalContrast
from models.starter.sketch import StyleSketcher

__all__ = ["LocalContrast", "Starter", "StyleSketcher"]
