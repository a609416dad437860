"""The layers that a photo gets at its own size, tile by tile, from a painter trained on less."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from semcs_core.painter import MARGIN, Painter, StyleNetPainter, moved
from semcs_core.stylenet import StyleNet
from studio.tiles import Original, Tile, resampled

# Pixels that a pixel of the result depends on, to each side and apart from the norms: 61, rounded
# up to a multiple of 8.
REACH = 64

TileLayers = Callable[[Tile], Tensor]
"""The layers [R, 3, h, w] of one tile of the photo at its own size, in (0, 1)."""


def tile_layers(painter: Painter | StyleNetPainter, original: Original) -> TileLayers:
    """What a painter has learned, for any tile of the photo at its own size.

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
