"""A run's picture at the photo's own size, in tiles: the style finer, not the preview larger.

Each layer is rendered from the photo's own pixels (and its sketch drawn again, larger) with what
was learned at the working size. Remaining differences from the preview are corrected by iterative
back-projection (Irani and Peleg, 1991).
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from semcs_core.image import luminance, mean_grey, resize, to_tensor, to_uint8, with_contrast
from semcs_core.mask.guided_filter import guided_coefficients
from semcs_core.painter import MARGIN, Painter, StyleNetPainter, compose, moved
from semcs_core.run import Run
from semcs_core.stylenet import StyleNet
from semcs_core.targets import Target
from studio.tiles import SIDE, Original, Tile, resampled, tiles

ROUNDS = 4  # of back-projection; each corrects what the last one clipped at black and white
LIKENESS = 36.0  # dB of the picture, reduced, to the preview
GRAIN = 3  # pixels of the working size, within which the preview may be coarser than the picture
MOST_DRAWN = 1_800_000  # pixels of a sketch; the style of the great wave holds 126 planes of them
EDGE = 2  # pixels of the working size that a mask's edge may be off the photo's
EDGE_VARIANCE = 1e-3
SURROUNDINGS = 9  # pixels of the working size, in which a new sketch is compared with the old
# Pixels that a pixel of StyleNet's result depends on, to each side and apart from the norms: 69,
# rounded up to a multiple of 8.
REACH = 72


@dataclass(frozen=True)
class Rendered:
    """How far a rendering has come, in parts of about the same work."""

    done: int
    total: int
    picture: np.ndarray | None = None  # [H, W, 3] uint8, of the photo's own size, once it is done


def render_full_size(
    run: Run, rgb: np.ndarray, preview: np.ndarray | None = None, side: int = SIDE
) -> Generator[Rendered, None, None]:
    """Render what a run has learned at the photo's own size.

    The run is left as it is. Closing the generator ends the work; no gradient mode is held across
    a yield. A photo that is not larger than the working size gets the preview, resized.

    Args:
        run: between two steps.
        rgb: [H, W, 3] uint8, the photo of the run at its own size.
        preview: [h, w, 3] uint8, the picture at the working size that the rendering shall look
            like; None for what the run shows now.
        side: of a tile, a multiple of 8. The picture does not depend on it.
    """
    shown = to_uint8(run.picture()) if preview is None else preview
    if rgb.shape[0] <= shown.shape[0] or rgb.shape[1] <= shown.shape[1]:
        yield Rendered(1, 1, resize(shown, (rgb.shape[1], rgb.shape[0])))
        return
    work = _Rendering(run, rgb, shown)
    parts = list(tiles((rgb.shape[0], rgb.shape[1]), side))
    total = len(work.to_draw) + (1 + ROUNDS) * len(parts)
    for done, _ in enumerate(work.steps(parts), start=1):
        yield Rendered(done, total, work.pixels if done == total else None)


class _Rendering:
    """One picture while it is being rendered."""

    @torch.no_grad()
    def __init__(self, run: Run, rgb: np.ndarray, shown: np.ndarray) -> None:
        self.run, self.shown = run, shown
        self.original = Original(rgb, run.photo.device)
        self.pixels = np.empty_like(rgb)  # as far as it is painted
        targets = run.targets if isinstance(run.painter, Painter) else []
        # In the order of the layers.
        self.to_draw = [(one, one.sketch) for one in targets if one.sketch is not None]
        self.original.share = run.settings.sketch
        self.layers = tile_layers(run.painter, self.original)
        self.strengths = [region.controls.strength for region in run.regions]
        masks = [target.area.mask for target in run.targets]
        self.edges = torch.stack([_edge(run.photo, mask) for mask in masks])
        self.grey = mean_grey(compose(run.photo, run.painter(), masks, self.strengths))
        self.missed = torch.empty(0)

    def steps(self, parts: Sequence[Tile]) -> Iterator[None]:
        """Do all the work, one sketch or tile at a time."""
        for target, sketch in self.to_draw:
            yield self.draw(target, sketch)
        for tile in parts:
            yield self.paint(tile)
        for _ in range(ROUNDS):
            self.compare()
            for tile in parts:
                yield self.correct(tile)

    @torch.no_grad()
    def draw(self, target: Target, sketch: Tensor) -> None:
        """Draw the sketch of the next layer again, larger, with the marks of the old one."""
        height, width = sketch.shape[-2:]
        larger = max(self.original.size[0] / height, self.original.size[1] / width)
        times = min(math.ceil(larger), math.isqrt(MOST_DRAWN // (height * width)))
        if times > 1:
            photo = resize(self.original.rgb, (times * width, times * height))
            fine = self.run.builder.redraw(target.region, to_tensor(photo, sketch.device), times)
            sketch = finer(sketch, fine, times)
        self.original.sketches.append(sketch[0].clamp(0, 1).mul(255).round().byte())

    @torch.no_grad()
    def paint(self, tile: Tile) -> None:
        """Paint one tile: its layers, laid over the photo."""
        photo = self.original.photo(tile)
        slopes, offsets = resampled(self.edges, self.original.size, tile).unbind(dim=1)
        masks = (slopes * luminance(photo)[0] + offsets).clamp(0, 1)
        picture = compose(photo, self.layers(tile), list(masks[:, None, None]), self.strengths)
        contrast = self.run.settings.contrast
        self.pixels[tile.area] = to_uint8(with_contrast(picture, contrast, self.grey))

    def compare(self) -> None:
        """Find the difference from the preview to the picture, reduced, that `correct` adds.

        Steps and moiré of the preview, a pixel wide, need not be copied: of differences that fine
        only as much is kept as `LIKENESS` asks for.
        """
        reduced = resize(self.pixels, (self.shown.shape[1], self.shown.shape[0]))
        missed = torch.from_numpy(self.shown.astype(np.float32) - reduced.astype(np.float32))
        missed = missed.permute(2, 0, 1)
        smooth = _blur(missed[None], GRAIN)[0]
        fine = missed - smooth
        allowed = 255 * 10 ** (-LIKENESS / 20) / float(fine.square().mean().sqrt().clamp(min=1e-3))
        self.missed = smooth + max(0.0, 1 - allowed) * fine

    @torch.no_grad()
    def correct(self, tile: Tile) -> None:
        """Add the difference that `compare` found to one tile."""
        missed = resampled(self.missed, self.original.size, tile).permute(1, 2, 0).numpy()
        corrected = self.pixels[tile.area] + missed
        self.pixels[tile.area] = corrected.round().clip(0, 255).astype(np.uint8)


def finer(sketch: Tensor, fine: Tensor, times: int) -> Tensor:
    """A sketch [1, 3, h, w] with the details of its larger drawing, where the two agree.

    A few styles draw by thresholds or in pixels, and put marks at other places at another size:
    each mark would be seen twice. `fine` is [1, 3, times * h, times * w] in [0, 1], and is
    overwritten; what is returned is about [0, 1].
    """

    def up(x: Tensor) -> Tensor:
        return F.interpolate(x, scale_factor=times, mode="bicubic")

    def variance(x: Tensor) -> Tensor:
        return (_blur(x**2) - _blur(x) ** 2).sum(dim=1, keepdim=True)

    missed = sketch - F.avg_pool2d(fine, times)
    unlike = variance(missed) / (variance(sketch) + 1e-4)
    fine += up(_blur(missed, GRAIN))
    return torch.lerp(up(sketch), fine, up((1 - unlike).clamp(0, 1)).clamp(0, 1))


def _edge(photo: Tensor, mask: Tensor) -> Tensor:
    """The mask as a linear function of the photo's grey around each pixel, [2, h, w].

    Enlarged and applied to the photo's own pixels it has their edges (fast guided filter, He and
    Sun, 2015).
    """
    grey, soft = (x[0, 0].cpu().numpy() for x in (luminance(photo), mask))
    slope, offset = guided_coefficients(grey[..., None], soft, EDGE, EDGE_VARIANCE)
    return torch.from_numpy(np.stack([slope[..., 0], offset])).to(mask)


def _blur(x: Tensor, window: int = SURROUNDINGS) -> Tensor:
    pad = window // 2
    return F.avg_pool2d(F.pad(x, (pad,) * 4, mode="replicate"), window, stride=1)


def tile_layers(painter: Painter | StyleNetPainter, original: Original) -> Callable[[Tile], Tensor]:
    """What a painter has learned, [R, 3, h, w] in (0, 1), for any tile at the photo's own size.

    A layer with free pixels is what was learned, enlarged, on a finer start. StyleNet itself sees
    the photo's own pixels; its norms keep the statistics of the working size, or the style would
    be another one.
    """
    if isinstance(painter, Painter):
        change = painter.change()

        def layers(tile: Tile) -> Tensor:
            start = torch.logit(original.start(tile).clamp(MARGIN, 1 - MARGIN))
            return moved(start, resampled(change, original.size, tile))

        return layers
    local = with_statistics(painter.stylenet, painter.photo)

    def picture(tile: Tile) -> Tensor:
        outer = tile.grown(REACH, original.padded)
        rows, columns = tile.within(outer)
        whole = torch.sigmoid(local(original.photo(outer)))
        return whole[..., rows, columns].expand(painter.layers, -1, -1, -1)

    return picture


def with_statistics(network: StyleNet, image: Tensor) -> StyleNet:
    """A copy whose norms keep the means and variances that they have on one picture.

    A pixel of the copy's result depends only on those within `REACH`: a picture can be rendered in
    tiles, and one of another size gets the style that was learned on this one. `image` is
    [1, inputs, H, W], sides multiples of 8.
    """
    local = copy.deepcopy(network).eval()
    norms = [module for module in local.modules() if isinstance(module, nn.InstanceNorm2d)]
    hooks = [norm.register_forward_pre_hook(_keep_statistics) for norm in norms]
    with torch.no_grad():
        local(image)
    for hook in hooks:
        hook.remove()
    return local


def _keep_statistics(norm: Any, inputs: tuple[Tensor]) -> None:
    x = inputs[0].float()
    norm.running_mean = x.mean(dim=(0, 2, 3))
    norm.running_var = x.var(dim=(0, 2, 3), unbiased=False)
    norm.track_running_stats = True
