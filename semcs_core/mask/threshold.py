"""Where to cut a saliency map in two, hard or softly."""

from __future__ import annotations

import numpy as np

BINS = 64
MASK_SLOPE = 16.0
"""Of the sigmoid that cuts the saliency map: soft enough for the guided filter to move an edge."""


def otsu_threshold(values: np.ndarray) -> float:
    """The cut with the least variance within the two classes (Otsu, 1979).

    Values of any shape, finite, are sorted into 64 bins between their extremes; if all are equal,
    the cut is their value. Where bins between the classes are empty, every cut through them is
    equally good, and the one nearest to the middle of the two class means is returned, not the
    first: a sigmoid around a cut close to one class would leave that class undecided.
    """
    if np.ptp(values) == 0:
        return float(values.flat[0])
    count, edges = np.histogram(values, bins=BINS)
    centre = (edges[:-1] + edges[1:]) / 2
    below = np.cumsum(count)[:-1]
    above = values.size - below
    mean_below = np.cumsum(count * centre)[:-1] / below
    mean_above = np.cumsum((count * centre)[::-1])[-2::-1] / above
    # The outermost bins are never empty, so neither class is.
    best = int(np.argmax(below * above * (mean_below - mean_above) ** 2))
    next_value = best + 1 + int(np.argmax(count[best + 1 :] > 0))
    middle = (mean_below[best] + mean_above[best]) / 2
    return float(np.clip(middle, edges[best + 1], edges[next_value]))


def stretched(values: np.ndarray) -> np.ndarray:
    """Values of any shape, finite, brought to [0, 1], float64; all 0 if all are equal."""
    values = values.astype(np.float64)
    spread = np.ptp(values)
    return (values - values.min()) / spread if spread else np.zeros_like(values)


def soft_split(values: np.ndarray, slope: float) -> np.ndarray:
    """A sigmoid centred on Otsu's threshold, of values of any shape, finite.

    `slope` is that of its argument, with the values stretched to [0, 1].

    Returns:
        As `values`, float64, in [0, 1], 0.5 at the threshold; all 0.5 if all values are equal.
    """
    spread = max(float(np.ptp(values)), np.finfo(np.float64).tiny)
    return 1 / (1 + np.exp(-slope * (values - otsu_threshold(values)) / spread))
