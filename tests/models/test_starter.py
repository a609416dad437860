"""The starter encoder that ships, and the format of its file."""

import socket

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file

from models.starter import LocalContrast, Starter
from models.starter.encoder import WEIGHTS
from semcs_core.errors import UserError


@pytest.fixture(scope="module")
def starter():
    return Starter.load()


def test_it_is_small_and_needs_no_network(monkeypatch):
    def refuse(*arguments, **options):
        raise AssertionError("the starter must not touch the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    assert Starter.load().encode_text(["fire"]).shape[0] == 1
    assert WEIGHTS.stat().st_size < 8e6


def test_embeddings_are_unit_length_in_one_space(starter):
    images = starter.encode_image(torch.rand(3, 3, 64, 64))
    texts = starter.encode_text(["fire", "a painting of mosaic"])
    assert images.dtype == texts.dtype == torch.float32
    assert images.shape[1] == texts.shape[1]
    torch.testing.assert_close(images.norm(dim=1), torch.ones(3))
    torch.testing.assert_close(texts.norm(dim=1), torch.ones(2))


def test_unknown_words_are_named_and_words_alone_count(starter):
    assert starter.nearest("Fire, ZYZZYVA & fire! zyzzyva") == {"zyzzyva": []}
    with pytest.raises(UserError, match=r"know no word of .zyzzyva"):
        starter.encode_text(["zyzzyva"])
    for text in ("🦄", "of the zyzzyva"):
        with pytest.raises(UserError, match="know no word"):
            starter.encode_text([text])


def test_the_file_holds_tensors_and_words_and_comes_back_the_same(starter, tmp_path):
    with safe_open(WEIGHTS, framework="pt") as file:
        metadata = file.metadata()
    assert set(metadata) == {"words", "styles"}
    path = tmp_path / "copy.safetensors"
    save_file(starter.state_dict(), path, metadata)
    copy = Starter.load(path)
    images = torch.rand(2, 3, 64, 64)
    assert torch.equal(copy.encode_image(images), starter.encode_image(images))
    assert torch.equal(copy.encode_text(["fire"]), starter.encode_text(["fire"]))


def test_local_contrast_sees_structure_and_neither_brightness_nor_palette():
    features = LocalContrast().features
    coarse = torch.rand(1, 3, 12, 12, generator=torch.Generator().manual_seed(0))
    image = 0.2 + 0.4 * torch.nn.functional.interpolate(coarse, size=(96, 96), mode="bilinear")
    for a, b in zip(features(image), features(image + 0.3), strict=True):
        torch.testing.assert_close(a, b, atol=1e-4, rtol=1e-4)
    mirrored = features(image.flip(-1))
    for a, b in zip(features(image), mirrored, strict=True):
        assert (a - b).square().mean() > 0.1
    assert [f.shape[-1] for f in features(image)] == [12, 6]
