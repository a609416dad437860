"""Phase 1: the saliency mask.

Reading order; each file imports only those before it:

1. `descriptors`: what each cell of the picture looks like, without learned weights.
2. `affinity`: how much each two cells belong together.
3. `spectral`: the eigenvectors of the graph's Laplacian.
4. `prior`: how likely each cell is object: the less of the border its region owns, the more.
5. `threshold`: where to cut a map in two.
6. `learn`: from that evidence, and where a network sees things, to what the object looks like.
7. `guided_filter`: from cells to pixels, along the picture's edges.
8. `cleanup`: no crumbs, no holes.
9. `frame`: the photo inside a uniform frame.
10. `find`: all of it, as `find_object`.
11. `sources`: the other ways to a mask: one eigenvector, or the people.
12. `edit`: a mask that is there grows, shrinks or becomes softer.

In every mask 1 (white) is the object and 0 the background.
"""

from semcs_core.mask.find import ObjectMask, find_object
from semcs_core.mask.sources import (
    MASK_SOURCES,
    mask_from_eigenvector,
    person_mask,
    published_mask,
)

__all__ = [
    "MASK_SOURCES",
    "ObjectMask",
    "find_object",
    "mask_from_eigenvector",
    "person_mask",
    "published_mask",
]
