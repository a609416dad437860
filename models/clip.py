"""CLIP: pictures and texts in one space, any prompt.

Radford et al., "Learning Transferable Visual Models From Natural Language Supervision", ICML 2021.
The network is that of OpenAI's `clip` package where it is installed, else open_clip's: the same
checkpoint, tokens and numbers.
"""

from __future__ import annotations

import copy
import importlib
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models.checkpoint import FullModel, fill, read_safetensors
from models.frozen import FrozenViT, fold_batch_norms
from semcs_core.errors import UserError
from semcs_core.views import PictureEncoder

Package = Literal["clip", "open_clip"]

MEAN = (0.48145466, 0.4578275, 0.40821073)
DEVIATION = (0.26862954, 0.26130258, 0.27577711)
CONTEXT = 77  # tokens of a text, its start and end included
BRIEF = 24  # tokens that are computed if no text has more: nearly always, and three times as fast

# Names of open_clip's configurations; "quickgelu" is the activation of OpenAI's weights.
NETWORKS = {
    "clip-vit-b32": "ViT-B-32-quickgelu",
    "clip-vit-b16": "ViT-B-16-quickgelu",
    "clip-rn50": "RN50-quickgelu",
}


class Clip(FullModel, PictureEncoder):
    """OpenAI's CLIP (a `RegionEncoder` and a `TextEncoder`), frozen.

    Args:
        network: `clip.model.CLIP` or `open_clip.CLIP` with its weights.
        tokenize: (texts, context_length) to tokens, of the same package; cuts longer texts.
    """

    input_size = 224
    source_text = "a Photo"

    def __init__(self, network: Any, tokenize: Callable[..., Tensor]) -> None:
        super().__init__(network, MEAN, DEVIATION)
        self.templates = imagenet_templates()
        self._brief = _for_brief_texts(network)
        self._tokenize = tokenize

    @classmethod
    def load(
        cls,
        name: str,
        path: Path,
        device: torch.device | str = "cpu",
        dtype: torch.dtype = torch.float32,
        package: Package | None = None,
    ) -> Clip:
        """Read "clip-vit-b32", "clip-vit-b16" or "clip-rn50" from its file on the Hugging Face Hub.

        `hub.FILES` names it; its tensors have OpenAI's names. Normalisation layers compute in
        float32 whatever the dtype. `package` is by default OpenAI's if installed, else open_clip.

        Raises:
            UserError: the file is damaged, or is not this model's.
        """
        with torch.device("meta"):
            network, tokenize = _build(name, dtype, package or installed_package())
        network.to(dtype)
        for module in network.modules():
            if isinstance(module, nn.LayerNorm):
                module.float()
        network.visual.float().eval()  # its final weights are rounded to `dtype` below, once
        fill(network, read_safetensors(path, name), name, device)
        _set_causal_mask(network, CONTEXT)
        if hasattr(network.visual, "attnpool"):
            fold_batch_norms(network.visual)
            network.visual.to(dtype, memory_format=torch.channels_last)
        else:
            network.visual = FrozenViT(network.visual, dtype)
        return cls(network, tokenize)

    def encode_image(self, images: Tensor) -> Tensor:
        """[N, 3, S, S] in [0, 1] to [N, D], float32, rows of unit length; differentiable.

        Resizes if S is not 224. D is 512, for "clip-rn50" 1024.
        """
        size = (self.input_size, self.input_size)
        if images.shape[-2:] != size:
            images = F.interpolate(images, size, mode="bicubic", antialias=True).clamp(0, 1)
        pixels = self.normalise(images).to(self.dtype, memory_format=torch.channels_last)
        return F.normalize(self.network.encode_image(pixels).float(), dim=-1)

    @torch.no_grad()
    def encode_text(self, texts: Sequence[str]) -> Tensor:
        """Texts to [len(texts), D], float32, each row of unit length.

        Raises:
            UserError: a text is longer than CLIP reads.
        """
        tokens = self.tokenise(texts).to(self.device)
        if tokens[:, BRIEF:].any():
            return F.normalize(self.network.encode_text(tokens).float(), dim=-1)
        return F.normalize(self._brief.encode_text(tokens[:, :BRIEF]).float(), dim=-1)

    def nearest(self, text: str) -> dict[str, list[str]]:
        """Empty: CLIP can read any text, letter by letter if need be.

        Raises:
            UserError: the text is longer than CLIP reads.
        """
        self.tokenise([text])
        return {}

    def tokenise(self, texts: Sequence[str]) -> Tensor:
        """Texts to tokens [len(texts), 77], int64, 0 after the end.

        Raises:
            UserError: a text has more than 77 tokens; cut short it would mean something else.
        """
        # One token more than CLIP reads: a text that fills it is too long, in either package.
        tokens = self._tokenize(list(texts), context_length=CONTEXT + 1).long()
        if tokens[:, CONTEXT:].any():
            raise UserError(
                "The style is longer than CLIP reads, which is about 60 words: shorten it."
            )
        return tokens[:, :CONTEXT]


def installed_package() -> Package:
    """OpenAI's `clip` if it is there, else open_clip; another package on PyPI is a `clip` too."""
    with suppress(ImportError):
        importlib.import_module("clip.model")
        return "clip"
    return "open_clip"


def imagenet_templates() -> tuple[str, ...]:
    """The 80 prompt templates of Radford et al. for ImageNet, with `{}` for the prompt."""
    templates = importlib.import_module("open_clip").OPENAI_IMAGENET_TEMPLATES
    return tuple(template("{}") for template in templates)


def _build(name: str, dtype: torch.dtype, package: Package) -> tuple[Any, Callable[..., Tensor]]:
    open_clip = importlib.import_module("open_clip")
    config = open_clip.get_model_config(NETWORKS[name])
    if package == "open_clip":
        # With `cast_dtype` its layer norms compute in float32 too.
        return open_clip.CLIP(**config, cast_dtype=dtype), open_clip.tokenize
    picture, text = config["vision_cfg"], config["text_cfg"]
    # Its layer norms compute in float32 whatever comes in.
    network = importlib.import_module("clip.model").CLIP(
        config["embed_dim"],
        *(picture[key] for key in ("image_size", "layers", "width", "patch_size")),
        *(text[key] for key in ("context_length", "vocab_size", "width", "heads", "layers")),
    )
    return network, partial(importlib.import_module("clip").tokenize, truncate=True)


def _for_brief_texts(network: Any) -> Any:
    """The same network, with the same weights, for texts of 24 tokens.

    Padding is two thirds of the work, and the causal mask hides it from the token that is read.
    """
    shared = {id(part): part for part in (network.visual, *network.parameters())}
    brief = copy.deepcopy(network, shared)
    brief.positional_embedding = nn.Parameter(network.positional_embedding[:BRIEF], False)
    _set_causal_mask(brief, BRIEF)
    return brief


def _set_causal_mask(network: Any, length: int) -> None:
    """Set the mask for texts of `length` tokens, which checkpoints do not hold.

    OpenAI's network keeps one in each block, open_clip's one for all.
    """
    device = network.token_embedding.weight.device
    mask = torch.full((length, length), float("-inf"), device=device).triu_(1)
    if hasattr(network, "attn_mask"):
        network.attn_mask = mask
    else:
        for block in network.transformer.resblocks:
            block.attn_mask = mask
