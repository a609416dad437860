"""The first eigenvectors of the graph, as pictures to choose a mask from."""

from __future__ import annotations

import numpy as np
from PIL import Image

from semcs_core.mask import ObjectMask
from semcs_core.mask.sources import LAST_EIGENVECTOR
from semcs_core.mask.threshold import otsu_threshold

SIDE = 160
LOW, MIDDLE, HIGH = (24, 24, 60), (255, 45, 120), (255, 240, 160)  # dark, the mask's pink, light


def thumbnails(found: ObjectMask | None) -> list[tuple[Image.Image, str]]:
    """A heat map for each of y_1 to y_4, with its number; none where there was no graph."""
    if found is None:
        return []
    height, width = found.mask.shape
    scale = SIDE / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return [
        (Image.fromarray(_heat(stretched(found, n))).resize(size, Image.Resampling.BICUBIC), str(n))
        for n in range(1, min(LAST_EIGENVECTOR + 1, len(found.eigenvectors)))
    ]


def best_threshold(found: ObjectMask, number: int) -> float:
    """Otsu's threshold of an eigenvector stretched to [0, 1], to 0.01."""
    return round(otsu_threshold(stretched(found, number)), 2)


def stretched(found: ObjectMask, number: int) -> np.ndarray:
    """An eigenvector [gh, gw] in [0, 1]; all 0 where it has no contrast."""
    values = found.eigenvectors[number].astype(np.float64)
    spread = np.ptp(values)
    return (values - values.min()) / spread if spread else np.zeros_like(values)


def _heat(values: np.ndarray) -> np.ndarray:
    """[h, w] in [0, 1] as colours [h, w, 3] uint8."""
    stops = np.array([LOW, MIDDLE, HIGH], float)
    channels = [np.interp(values, (0, 0.5, 1), stops[:, c]) for c in range(3)]
    return np.stack(channels, axis=-1).round().astype(np.uint8)
