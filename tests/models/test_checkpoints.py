"""The checkpoints as they are published: each table lists a file's tensors and their shapes."""

import json
import os
import re
from pathlib import Path

import pytest
import torch

from models.clip import NETWORKS, Clip
from models.dino import Dino
from models.fcn import PersonSegmenter
from models.starter.network import EfficientNetLite
from models.vgg import Vgg19
from semcs_core.errors import UserError
from tests.helpers.random_weights import Shapes, shapes_of


def empty_safetensors(shapes: Shapes, path: Path) -> Path:
    """A valid file of zeros in half precision that takes no space on the disk."""
    header, end = {}, 0
    for name, shape in shapes.items():
        start, end = end, end + 2 * torch.Size(shape).numel()
        header[name] = {"dtype": "F16", "shape": shape, "data_offsets": [start, end]}
    text = json.dumps(header).encode()
    path.write_bytes(len(text).to_bytes(8, "little") + text)
    os.truncate(path, 8 + len(text) + end)
    return path


def empty_pickle(shapes: Shapes, path: Path) -> Path:
    torch.save({name: torch.zeros(()).expand(shape) for name, shape in shapes.items()}, path)
    return path


# name of the table, title in messages, loader, writer
FORMATS = [
    *((name, name, Clip, empty_safetensors) for name in NETWORKS),
    ("dino-vits16", "DINO ViT-S/16", Dino, empty_safetensors),
    ("vgg19", "VGG19", Vgg19, empty_safetensors),
    ("efficientnet-lite0", "EfficientNet-Lite0", EfficientNetLite, empty_safetensors),
    ("fcn-resnet101", "FCN-ResNet101", PersonSegmenter, empty_pickle),
]


def load(loader: type, name: str, path: Path) -> torch.nn.Module:
    if loader is Clip:
        return loader.load(name, path, dtype=torch.bfloat16)
    if loader is Vgg19:
        return loader.load(path, dtype=torch.bfloat16)
    return loader.load(path)  # the masks' networks and the built-in one: float32 always


each_format = pytest.mark.parametrize(
    ("name", "title", "loader", "write"), FORMATS, ids=[entry[0] for entry in FORMATS]
)
two_formats = pytest.mark.parametrize(  # safetensors and pickle
    ("name", "title", "loader", "write"), [FORMATS[0], FORMATS[-1]], ids=["safetensors", "pickle"]
)


@each_format
def test_the_published_names_and_shapes_load_and_are_frozen(name, title, loader, write, tmp_path):
    model = load(loader, name, write(shapes_of(name), tmp_path / "file.safetensors"))
    assert not model.training
    assert not any(parameter.requires_grad for parameter in model.parameters())
    assert not any(tensor.is_meta for tensor in model.state_dict().values())


@two_formats
@pytest.mark.parametrize("fault", ["missing", "extra", "misshaped"])
def test_another_models_file_is_refused_in_one_sentence_with_the_tensors_name(
    name, title, loader, write, fault, tmp_path
):
    shapes = shapes_of(name)
    tensor = next(n for n, shape in list(shapes.items())[8:] if n.endswith("weight") and shape)
    if fault == "missing":
        del shapes[tensor]
    elif fault == "extra":
        tensor = "decoder.weight"
        shapes[tensor] = [3, 5]
    else:
        shapes[tensor] = [3, *shapes[tensor][1:]]
    with pytest.raises(UserError, match=re.escape(tensor)) as caught:
        load(loader, name, write(shapes, tmp_path / "file"))
    message = str(caught.value)
    assert title in message
    assert message.endswith("download them again.")
    assert str(tmp_path) not in message


@two_formats
@pytest.mark.parametrize("fault", ["absent", "cut", "text"])
def test_a_file_that_cannot_be_read_is_refused_in_one_sentence(
    name, title, loader, write, fault, tmp_path
):
    path = tmp_path / "file"
    if fault == "cut":
        shapes = dict(list(shapes_of(name).items())[:3])
        whole = write(shapes, path).stat().st_size
        os.truncate(path, whole - 100)
    elif fault != "absent":
        path.write_text("Entry not found")
    with pytest.raises(UserError, match="cannot be read") as caught:
        load(loader, name, path)
    assert title in str(caught.value)
    assert str(tmp_path) not in str(caught.value)


def test_nothing_but_tensors_is_unpickled(tmp_path: Path):
    class Trap:
        def __reduce__(self):
            return (Path(tmp_path / "sprung").touch, ())

    torch.save({"backbone.conv1.weight": Trap()}, tmp_path / "file")
    with pytest.raises(UserError, match="cannot be read"):
        PersonSegmenter.load(tmp_path / "file")
    torch.save([torch.zeros(3)], tmp_path / "file")
    with pytest.raises(UserError, match="cannot be read"):
        PersonSegmenter.load(tmp_path / "file")
    assert not (tmp_path / "sprung").exists()


def test_single_numbers_that_the_network_has_not_are_left_out_with_a_warning(tmp_path: Path):
    shapes = shapes_of("fcn-resnet101") | {"input_resolution": []}
    with pytest.warns(UserWarning, match="also input_resolution: not used"):
        PersonSegmenter.load(empty_pickle(shapes, tmp_path / "file"))


def test_counters_of_training_steps_may_be_missing(tmp_path: Path):
    shapes = {n: s for n, s in shapes_of("fcn-resnet101").items() if "num_batches" not in n}
    model = PersonSegmenter.load(empty_pickle(shapes, tmp_path / "file"))
    assert not any(tensor.is_meta for tensor in model.state_dict().values())
