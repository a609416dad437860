"""Phase 1: the saliency mask.

Reading order, each file importing only from those before it:

1. `resample`: a picture or a map at another size.
2. `descriptors`: what each cell of the picture looks like, without learned weights.
3. `affinity`: how much each two cells belong together.
4. `spectral`: the eigenvectors of the graph's Laplacian.
5. `prior`: how likely each cell is object, by how little of the border its region owns.
6. `threshold`: where to cut a map in two.
7. `grouping`: from the prior to whole objects, through the eigenvectors or from cell to cell.
8. `evidence`: how well the picture bears out a mask.
9. `guided_filter`: from cells to pixels, along the picture's edges.
10. `regions`: no crumbs, no holes.
11. `frame`: the photo inside a uniform frame.
12. `find`: all of it, as `find_object`.
13. `sources`: the other ways to a mask: one eigenvector, or the people.
14. `edit`: a mask larger, smaller, softer, or the other way round.

In every mask 1 (white) is the object and 0 the background.
"""

from semcs_core.mask.find import ObjectMask, find_object
from semcs_core.mask.sources import (
    MASK_SOURCES,
    SOURCE_DESCRIPTIONS,
    mask_from_eigenvector,
    person_mask,
)

__all__ = [
    "MASK_SOURCES",
    "SOURCE_DESCRIPTIONS",
    "ObjectMask",
    "find_object",
    "mask_from_eigenvector",
    "person_mask",
]
