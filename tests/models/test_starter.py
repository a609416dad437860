"""The starter encoder that ships, and the format of its file."""

import math
import socket

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file

from models.starter import LocalContrast, Starter
from models.starter.encoder import WEIGHTS
from models.starter.statistics import FILTERS, TextureStatistics, random_filters
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


def test_the_gradient_reaches_every_pixel(starter):
    images = torch.rand(1, 3, 64, 64, requires_grad=True)
    starter.encode_image(images)[0, 0].backward()
    assert (images.grad != 0).all()


def test_pictures_of_a_batch_do_not_mix(starter):
    images = torch.rand(4, 3, 64, 64)
    alone = torch.cat([starter.encode_image(image[None]) for image in images])
    torch.testing.assert_close(starter.encode_image(images), alone, atol=1e-5, rtol=1e-4)


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


def test_statistics_agree_with_a_plain_derivation():
    bank = TextureStatistics()
    image = torch.rand(1, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    values = bank.measure(image)[0].double()
    assert len(values) == sum(bank.sizes)
    torch.testing.assert_close(
        values[:3], image[0].double().mean(dim=(1, 2)) * 4, rtol=1e-5, atol=0
    )
    # The first filter's energy at full size, one pixel after the other.
    padded = torch.nn.functional.pad(image - 0.5, (3, 3, 3, 3), mode="reflect")[0].double()
    responses = [
        max(float((padded[:, y : y + 7, x : x + 7] * bank.filters[0].double()).sum()), 0.0)
        for y in range(64)
        for x in range(64)
    ]
    power = sum(r * r for r in responses) / len(responses)
    energy = math.log(math.sqrt(power + 1e-4) + 0.02)
    assert float(values[bank.sizes[0] + 3]) == pytest.approx(energy, rel=1e-4)
    shares = (values[3 : bank.sizes[0]] / 3) ** 2 - 1e-3
    assert float(shares.sum()) == pytest.approx(1, abs=1e-4)


def test_filters_are_the_same_everywhere_and_see_what_they_should():
    filters = random_filters(torch.Generator().manual_seed(0))
    assert torch.equal(filters, random_filters(torch.Generator().manual_seed(0)))
    torch.testing.assert_close(filters.flatten(1).norm(dim=1), torch.ones(FILTERS))
    torch.testing.assert_close(filters[::2, 0], filters[::2, 2])  # luminance alone
    means = filters.mean(dim=(2, 3)).abs().amax(dim=1)
    blind = torch.arange(FILTERS) % 8 != 0
    assert means[blind].max() < 1e-6  # differences alone
    assert means[~blind].max() > 1e-2


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
