"""Networks that are never trained, rewritten to compute the same with less work and memory.

What is fixed is put into the weights beforehand: an affine map after a normalisation, the scale of
attention, the slope of an activation. What nobody reads is not computed. Measured by
`python -m bench.compare`.
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

    Args:
        visual: `clip.model.VisionTransformer` or `open_clip.transformer.VisionTransformer`, with
            QuickGELU, in float32, on its device.
        dtype: of weights and activations; the normalisations before and after the blocks stay
            float32.
    """

    def __init__(self, visual: Any, dtype: torch.dtype) -> None:
        super().__init__()
        self.dtype = dtype
        self.side = visual.conv1.kernel_size[0]
        # A convolution whose stride is its kernel's size is one matrix product. It keeps its name:
        # OpenAI's package asks it for the dtype of the whole.
        self.conv1 = _linear(visual.conv1.weight.flatten(1), None, dtype)
        self.token = _fixed(visual.class_embedding, dtype)
        self.positions = _fixed(visual.positional_embedding, dtype)
        self.before, self.after = visual.ln_pre.float(), visual.ln_post.float()
        self.blocks = nn.ModuleList(_Block(b, dtype) for b in visual.transformer.resblocks)
        self.project = _linear(visual.proj.T, None, dtype)

    def forward(self, images: Tensor) -> Tensor:
        """[N, 3, H, W], normalised, of `dtype`, to [N, D]."""
        # A tensor that has a name here would be kept until the last block is done.
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

    The affine part of each layer norm is in the linear layer after it, attention's scale in its
    queries, QuickGELU's slope in the layers around it.
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
        seen = _attention(query[:, :, :tokens], key, value)
        x = x + self.join(seen.transpose(1, 2).reshape(x.shape))
        return x + self.shrink(F.silu(self.expand(F.layer_norm(x, (width,)))))


class FrozenAttentionPool(nn.Module):
    """The attention with which CLIP's ResNets pool: one query, the mean, over all positions.

    The packages ask with every position, and read the answer to the mean alone.

    Args:
        pool: `AttentionPool2d` of either package, in float32, on its device.
        dtype: of weights and activations.
    """

    def __init__(self, pool: Any, dtype: torch.dtype) -> None:
        super().__init__()
        self.heads = pool.num_heads
        self.positions = _fixed(pool.positional_embedding, dtype)
        scale = (pool.q_proj.in_features // self.heads) ** -0.5
        self.ask = _linear(scale * pool.q_proj.weight, scale * pool.q_proj.bias, dtype)
        self.attend = _linear(
            torch.cat([pool.k_proj.weight, pool.v_proj.weight]),
            torch.cat([pool.k_proj.bias, pool.v_proj.bias]),
            dtype,
        )
        self.project = _linear(pool.c_proj.weight, pool.c_proj.bias, dtype)

    def forward(self, x: Tensor) -> Tensor:
        """[N, C, H, W] to [N, D]."""
        x = x.flatten(2).transpose(1, 2)
        x = torch.cat([x.mean(dim=1, keepdim=True), x], dim=1) + self.positions
        count, length, _ = x.shape
        query = self.ask(x[:, 0]).view(count, self.heads, 1, -1)
        both = self.attend(x).view(count, length, 2, self.heads, -1).permute(2, 0, 3, 1, 4)
        return self.project(_attention(query, *both).flatten(1))


def fold_batch_norms(network: nn.Module) -> None:
    """Put every batch normalisation into the weights of the convolution before it.

    In evaluation it is a scale and a shift for each channel, which a convolution can do by itself.

    Args:
        network: whose modules are registered in the order in which they are called; evaluating.
    """
    for parent in list(network.modules()):
        convolution, place = None, ""
        for name, child in list(parent.named_children()):
            if isinstance(child, nn.Conv2d):
                convolution, place = child, name
            elif isinstance(child, nn.BatchNorm2d) and convolution is not None:
                setattr(parent, place, fuse_conv_bn_eval(convolution, child))
                setattr(parent, name, nn.Identity())
                convolution = None


def _attention(query: Tensor, key: Tensor, value: Tensor) -> Tensor:
    """Attention of [N, heads, L, D], the queries scaled already."""
    if query.is_cuda:
        return F.scaled_dot_product_attention(query, key, value, scale=1.0)
    # On CPUs the fused kernel is made for long texts: for 50 tokens it took four times as long in
    # bfloat16, most of it in the backward pass.
    return (query @ key.transpose(2, 3)).softmax(dim=-1) @ value


def _after_norm(weight: Tensor, bias: Tensor, norm: nn.LayerNorm) -> tuple[Tensor, Tensor]:
    """Weight and bias of a linear layer that does the affine part of the norm before it too."""
    return weight * norm.weight, bias + weight @ norm.bias


def _linear(weight: Tensor, bias: Tensor | None, dtype: torch.dtype) -> nn.Linear:
    with torch.device("meta"):
        layer = nn.Linear(weight.shape[1], weight.shape[0], bias=bias is not None)
    layer.weight = _fixed(weight, dtype)
    if bias is not None:
        layer.bias = _fixed(bias, dtype)
    return layer


def _fixed(tensor: Tensor, dtype: torch.dtype) -> nn.Parameter:
    return nn.Parameter(tensor.detach().to(dtype).contiguous(), requires_grad=False)
