"""What one visit works on: its photo, what was found on it, and the masks it had before.

A value of `gr.State`: every change is a new record, so an event that fails changes nothing.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from semcs_core.errors import UserError
from semcs_core.image import Photo, fit, open_photo
from semcs_core.mask import ObjectMask
from semcs_core.settings import Settings
from studio.provenance import Provenance
from studio.runs.mask_layer import NO_MASK, NO_PHOTO, SIZE, from_alpha, read_layer, to_alpha

NO_FILE = "The photo's file is no longer kept here: upload it again, and press Stylize."
A_FILE, BY_HAND = "a file", ", changed by hand"
REMEMBERED = 12  # masks that can be brought back
LARGEST = int(Settings.__dataclass_fields__["size"].metadata["maximum"])
LARGEST_STYLE = 512  # pixels of a style picture's long side


@dataclass(frozen=True)
class Visit:
    """One photo and its masks; a mask is [H, W] float32 in [0, 1], of the editor's size."""

    photo: Photo | None = None  # as opened for the visit; None before the first
    size: tuple[int, int] = (0, 0)  # (width, height) in pixels of the photo as it came
    found: ObjectMask | None = None  # by the last search, on the editor's picture
    sent: np.ndarray | None = None  # the mask that the editor was given last
    source: str = ""  # where that is from: a mask source, "eigenvector 1", "a file"
    # The eigenvector that was clicked last, and threshold (None: not yet) and flip of its mask.
    cut: tuple[int, float | None, bool] | None = None
    past: tuple[tuple[np.ndarray, str], ...] = ()  # masks and their sources, the latest last
    # The record of the last picture made here that came in place of a photo, and SHA-256 of its
    # file. Where it was made from another photo, its mask waits for that.
    dropped: Provenance | None = None
    dropped_file: str = ""
    file: Path | None = None  # in which the photo came; it may be gone by now

    def require_photo(self) -> Photo:
        """`photo`; a `UserError` where there is none."""
        if self.photo is None:
            raise UserError(NO_PHOTO)
        return self.photo

    @cached_property
    def shown(self) -> Photo:
        """The photo as the editor shows it; a `UserError` where there is none."""
        return fit(self.require_photo(), SIZE)

    def send(self, mask: np.ndarray | None) -> Visit:
        """The visit with a mask for the editor, None for an empty one."""
        width, height = self.shown.size
        mask = np.zeros((height, width)) if mask is None else mask
        return replace(self, sent=from_alpha(to_alpha(mask)))

    def read_mask(self, layer: str | None) -> np.ndarray:
        """The mask as the visitor has drawn it in the file of the editor's layer.

        A press can be quicker than the editor: where it has no layer yet, or still that of another
        photo, nothing was drawn either.

        Raises:
            UserError: there is no photo or no mask, or the layer cannot be read.
        """
        self.require_photo()
        if layer is not None:
            mask = read_layer(layer)
            if self.sent is None or mask.shape == self.sent.shape:
                return mask
        if self.sent is None:
            raise UserError(NO_MASK)
        return self.sent

    def source_of(self, mask: np.ndarray) -> str:
        """Where a mask is from that the visitor sees, which may have strokes of the brush in it."""
        kept = self.sent is not None and np.array_equal(to_alpha(mask), to_alpha(self.sent))
        return self.source if kept else self.by_hand

    @property
    def by_hand(self) -> str:
        """The source of the mask after a change by hand."""
        return f"{self.source.removesuffix(BY_HAND)}{BY_HAND}"

    def remember(self, mask: np.ndarray) -> Visit:
        """The visit with one more mask that can be brought back."""
        return replace(self, past=(*self.past, (mask, self.source_of(mask)))[-REMEMBERED:])

    def take_back(self) -> tuple[Visit, np.ndarray]:
        """The visit and its mask before it was last replaced; a `UserError` if it never was."""
        if not self.past:
            raise UserError("There is no earlier mask: undo strokes with the arrow of the editor.")
        mask, source = self.past[-1]
        return replace(self, past=self.past[:-1], source=source), mask


def open_original(visit: Visit) -> np.ndarray:
    """The photo of a visit as it came, [H, W, 3] uint8; a `UserError` where its file is gone."""
    kept = visit.require_photo()
    if kept.size == visit.size:
        return kept.rgb
    with suppress(UserError):
        photo = open_photo(visit.file or "")
        if photo.size == visit.size and np.array_equal(reduced(photo).rgb, kept.rgb):
            return photo.rgb
    raise UserError(NO_FILE)


def open_style(path: str | Path | None) -> np.ndarray | None:
    """A style picture [h, w, 3] uint8 from its file, reduced; None where there is none.

    Raises:
        UserError: it cannot be used.
    """
    if path is None:
        return None
    photo = open_photo(path)
    return (fit(photo, LARGEST_STYLE) if max(photo.size) > LARGEST_STYLE else photo).rgb


def reduced(photo: Photo) -> Photo:
    """What a visit keeps of a photo: at most the largest working size."""
    return fit(photo, LARGEST) if max(photo.size) > LARGEST else photo
