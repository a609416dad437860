"""From a prior for each cell to one object, through the eigenvectors and the object's colours.

The eigenvectors see the picture as a whole: a cat whose face alone stands out becomes a whole cat.
But sixteen of them cannot show a thing of a hundredth of the picture.
"""

from __future__ import annotations

import numpy as np

from semcs_core.mask.affinity import squared_distances
from semcs_core.mask.descriptors import Cells, appearance
from semcs_core.mask.spectral import Spectrum, low_pass
from semcs_core.mask.threshold import soft_split

COLOUR_WIDTH = 8.0
"""Lab units within which two cells count as the same colour."""
COLOUR_ROUNDS = 2
COLOUR_SLOPE = 12.0


def group_by_spectrum(prior: np.ndarray, spectrum: Spectrum, same_colour: np.ndarray) -> np.ndarray:
    """Smooth the prior over the whole graph, and learn the object's colours from the result.

    Args:
        prior: [N], in [0, 1], higher on the object.
        spectrum: of the graph of the same cells.
        same_colour: [N, N], from `colour_kernel`.

    Returns:
        [N], float64, in about [0, 1], higher on the object.
    """
    saliency = low_pass(spectrum, prior)
    for _ in range(COLOUR_ROUNDS):
        likely = soft_split(saliency, COLOUR_SLOPE)
        saliency = low_pass(spectrum, (prior + colour_posterior(same_colour, likely)) / 2)
    return saliency


def colour_kernel(cells: Cells) -> np.ndarray:
    """How similar two cells look: [N, N], float32, in [0, 1]."""
    return np.exp(-squared_distances(appearance(cells)) / (2 * COLOUR_WIDTH**2))


def colour_posterior(same_colour: np.ndarray, likely: np.ndarray) -> np.ndarray:
    """The probability that a cell's colour is the object's and not the background's, at even odds.

    Args:
        same_colour: [N, N], from `colour_kernel`.
        likely: [N], in [0, 1], how likely each cell is object; neither all 0 nor all 1.

    Returns:
        [N], float64, in [0, 1].
    """
    of_object = same_colour @ likely / likely.sum()
    of_background = same_colour @ (1 - likely) / (1 - likely).sum()
    return of_object / (of_object + of_background)
