"""The styles that the starter models know, each drawn by procedure over a photo.

They teach the starter's text network what its words look like, and a run starts from their
drawing.

Reading order: curves, fields (what a drawing is done on), cells, flow, palettes, scene (what a
drawing is handed), record (`style`), then any family: a style's record stands on its drawing.
render draws one over photos and gives it their light; order numbers them.

To add a style:

1. Write its drawing, a function of a `Scene`, in the family that it is of.
2. Decorate it with `style(key, names, palettes)`; stack decorators for the same in other colours.
3. Put its key at the end of `order.ORDER`.
4. Draw the page's thumbnails again, which have a tile for each style.

A style that carries an artist's or a work's name is a procedural imitation of a few traits of
it (palette, direction and size of the marks). No picture of any artist is used or stored.
"""

from importlib import import_module
from pkgutil import iter_modules

from styles.order import ORDER
from styles.record import DECORATED, Colouring, Style
from styles.render import render

__all__ = ["STYLES", "Colouring", "Style", "render"]

for _module in iter_modules(__path__, "styles."):  # a family's import records its styles
    import_module(_module.name)

STYLES: dict[str, Style] = {key: DECORATED[key] for key in ORDER}
"""Every style by its key."""
