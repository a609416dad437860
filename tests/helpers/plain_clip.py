"""CLIP as open_clip gives it, with the weights of a file: what our rewritten towers must equal."""

import importlib

from safetensors.torch import load_file

NAMES = {"clip-vit-b32": "ViT-B-32-quickgelu", "clip-rn50": "RN50-quickgelu"}


def plain_clip(name, path):
    """The network in float32, evaluating."""
    network = importlib.import_module("open_clip").create_model(NAMES[name], load_weights=False)
    tensors = load_file(path)
    # But for the counters of batch normalisation, which the file has not.
    network.load_state_dict({n: tensors.get(n, t) for n, t in network.state_dict().items()})
    return network.float().eval()
