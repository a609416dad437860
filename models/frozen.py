"""Networks that are never trained, rewritten to compute the same with less work and memory.

The weights include the affine map after a normalisation, the scale of attention and the slope of an
activation; outputs that nobody reads are not computed. Measured by `python -m bench.compare`.
"""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

SLOPE = 1.702  # of QuickGELU: x sigmoid(1.702 x) = SiLU(1.702 x) / 1.702


class FrozenViT(nn.Module):
    """CLIP's vision transformer (Radford et al., 2021), built from the one of either package.

    That is `clip.model.VisionTransformer` or `open_clip.transformer.VisionTransformer`, with
    QuickGELU, in float32, on its device. Weights and activations get `dtype`; the normalisations
    before and after the blocks stay float32.
    """

    def __init__(self, visual: Any, dtype: torch.dtype) -> None:
        super().__init__()
        self.dtype = dtype
        self.side = visual.conv1.kernel_size[0]
        # A convolution whose stride is its kernel's size is one matrix product. It keeps its name,
        # since OpenAI's package reads the network's dtype from it.
        self.conv1 = _linear(visual.conv1.weight.flatten(1), None, dtype)
        self.token = _fixed(visual.class_embedding, dtype)
        self.positions = _fixed(visual.positional_embedding, dtype)
        self.before, self.after = visual.ln_pre.float(), visual.ln_post.float()
        self.blocks = nn.ModuleList(_Block(b, dtype) for b in visual.transformer.resblocks)
        self.project = _linear(visual.proj.T, None, dtype)

    def forward(self, images: Tensor) -> Tensor:
        """[N, 3, H, W], normalised, of `dtype`, to [N, D]."""
        # Each further name here would keep a tensor alive until the last block is done.
        x = self.conv1(self._patches(images))
        x = torch.cat([self.token.expand(len(x), 1, -1), x], dim=1)
        x = self.before((x + self.positions).float()).to(self.dtype)
        *blocks, last = self.blocks
        for block in blocks:
            x = block(x, x.shape[1])
        return self.project(self.after(last(x, 1).float()).to(self.dtype))[:, 0]

    def _patches(self, images: Tensor) -> Tensor:
        count, channels, height, width = images.shape
        side = self.side
        cells = images.reshape(count, channels, height // side, side, width // side, side)
        return cells.permute(0, 2, 4, 1, 3, 5).reshape(count, -1, channels * side**2)


class _Block(nn.Module):
    """A residual attention block.

    The linear layer after a layer norm includes its affine part, the queries include attention's
    scale, and the layers around QuickGELU include its slope.
    """

    def __init__(self, block: Any, dtype: torch.dtype) -> None:
        super().__init__()
        attention, expand, shrink = block.attn, block.mlp.c_fc, block.mlp.c_proj
        width, self.heads = attention.embed_dim, attention.num_heads
        weight, bias = _after_norm(attention.in_proj_weight, attention.in_proj_bias, block.ln_1)
        scale = torch.ones_like(bias)
        scale[:width] = (width // self.heads) ** -0.5
        self.attend = _linear(scale[:, None] * weight, scale * bias, dtype)
        self.join = _linear(attention.out_proj.weight, attention.out_proj.bias, dtype)
        weight, bias = _after_norm(expand.weight, expand.bias, block.ln_2)
        self.expand = _linear(SLOPE * weight, SLOPE * bias, dtype)
        self.shrink = _linear(shrink.weight / SLOPE, shrink.bias, dtype)

    def forward(self, x: Tensor, tokens: int) -> Tensor:
        """[N, L, C] to [N, tokens, C]: of the last block only the first token is read."""
        count, length, width = x.shape
        qkv = self.attend(F.layer_norm(x, (width,))).view(count, length, 3, self.heads, -1)
        query, key, value = qkv.permute(2, 0, 3, 1, 4)
        x = x[:, :tokens]
        query = query[:, :, :tokens]
        if x.is_cuda:
            seen = F.scaled_dot_product_attention(query, key, value, scale=1.0)
        else:
            # The CPU's fused kernel is made for long texts: with 50 tokens in bfloat16 it took four
            # times as long, mostly in the backward pass.
            seen = (query @ key.transpose(2, 3)).softmax(dim=-1) @ value
        x = x + self.join(seen.transpose(1, 2).reshape(x.shape))
        return x + self.shrink(F.silu(self.expand(F.layer_norm(x, (width,)))))


def fold_batch_norms(network: nn.Module) -> None:
    """Put every batch normalisation into the weights of the convolution before it.

    In evaluation mode, which the network must be in, it is a scale and a shift for each channel.
    The network's modules must be registered in the order in which they are called.
    """
    for parent in list(network.modules()):
        convolution, place = None, ""
        for name, child in list(parent.named_children()):
            if isinstance(child, nn.Conv2d):
                convolution, place = child, name
            elif isinstance(child, nn.BatchNorm2d) and convolution is not None:
                setattr(parent, place, fuse_conv_bn_eval(convolution, child))
                setattr(parent, name, getattr(child, "act", nn.Identity()))
                convolution = None


def _after_norm(weight: Tensor, bias: Tensor, norm: nn.LayerNorm) -> tuple[Tensor, Tensor]:
    """Weight and bias of a linear layer, with the affine part of the norm before it included."""
    return weight * norm.weight, bias + weight @ norm.bias


def _linear(weight: Tensor, bias: Tensor | None, dtype: torch.dtype) -> nn.Linear:
    outputs, inputs = weight.shape
    layer = nn.Linear(inputs, outputs, bias=bias is not None, device="meta")
    layer.weight = _fixed(weight, dtype)
    if bias is not None:
        layer.bias = _fixed(bias, dtype)
    return layer


def _fixed(tensor: Tensor, dtype: torch.dtype) -> nn.Parameter:
    return nn.Parameter(tensor.detach().to(dtype).contiguous(), requires_grad=False)
