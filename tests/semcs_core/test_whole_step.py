"""A run's first step as a whole, against the published loops written down once more, plainly.

From the code come only the network before the step and where its crops were drawn. Which region a
crop is of, what is subtracted from what, and how all is added up is worked out here in float64.
"""

import copy
import zlib
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from semcs_core import run as run_module
from semcs_core.methods import METHODS, two_regions
from semcs_core.run import Run
from semcs_core.views import PictureEncoder
from tests.helpers.colour_encoder import LocalContrast

# The weights of the global losses and of the crops, both by region, and of the content.
PUBLISHED = {
    "clipstyler": ((500,), (1,), 150),
    "generative-artisan": ((0, 500), (0.3, 1), 150),  # the object first
    "semcs": ((500, 500), (0.3, 1), 600),
    "semcs-paper": ((500, 500), (), 600),
}
PATCH_WEIGHT, TV_WEIGHT, THRESHOLD, SHARE, BAND, RATE = 9000, 2e-3, 0.7, 0.2, 0.2, 5e-4
CASES = [(method, "fire", "fire") for method in PUBLISHED]
CASES += [("semcs", "fire", "ice"), ("semcs-paper", "fire", "ice")]
HEIGHT, WIDTH, CROPS, SIDE = 48, 64, 20, 16
SEEN = 28  # pixels a side that the encoder sees: for a crop's 16 as published 224 for its 128
SQUARE = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]])
SEED = 62  # its crops are of every kind that a step tells apart, and no loss is near the threshold


def normal(seed, *shape):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


PHOTO = torch.rand(1, 3, HEIGHT, WIDTH, generator=torch.Generator().manual_seed(0))
PHOTO[:, :, 20:40] *= torch.tensor([0.9, 0.4, 0.2]).view(3, 1, 1)
OBJECT = np.zeros((HEIGHT, WIDTH), np.float32)
OBJECT[15::8, 20:44] = OBJECT[17::8, 20:44] = 0.4  # a soft edge is less object than not
OBJECT[16::8, 20:44] = 1  # lines: a row or a column aside, a crop is another region's


class ToyClip(PictureEncoder):
    """Two small random layers for pictures, a random vector for each text."""

    input_size, dtype, source_text = SEEN, torch.float32, "a Photo"
    templates = ("a photo of {}.", "art of {}.", "{} in a dream.")
    layers = normal(1, 3 * SEEN * SEEN, 24) / SEEN, normal(2, 24, 6)

    def encode_image(self, images):
        first, second = (layer.to(images) for layer in self.layers)
        return F.normalize(torch.tanh((images - 0.3).flatten(1) @ first) @ second, dim=1)

    def encode_text(self, texts):
        return F.normalize(torch.stack([normal(zlib.crc32(t.encode()), 6) for t in texts]), dim=1)


def tents(places, pixels, width=1.0):
    """How much of each pixel is seen at each place; between two neighbours where `width` is 1."""
    parts = (1 - abs(places[:, None] - np.arange(pixels) - 0.5) / width).clip(0)
    return torch.from_numpy(parts / parts.sum(axis=1, keepdims=True))


def squashed(picture):
    """A whole picture [3, H, W] as the encoder sees it."""
    places = (np.arange(SEEN) + 0.5) / SEEN
    rows, columns = (tents(places * n, n, n / SEEN) for n in (HEIGHT, WIDTH))
    return rows @ picture @ columns.T


def located(corners, window):
    """Left and top of a crop, and the homography of its perspective, in pixels."""
    extent = np.array([WIDTH, HEIGHT])
    left, top = ((window[:2].numpy() + 1) / 2 * extent).round().astype(int).tolist()
    rows, values = [], []
    for (u, v), (x, y) in zip(SQUARE, (corners.double().numpy() + 1) / 2 * extent, strict=True):
        rows += [[u, v, 1, 0, 0, 0, -u * x, -v * x], [0, 0, 0, u, v, 1, -u * y, -v * y]]
        values += [x, y]
    return left, top, np.append(np.linalg.solve(rows, values), 1).reshape(3, 3)


def through(homography, x, y):
    x, y, scale = homography @ np.stack([x, y, np.ones_like(x)])
    return x / scale, y / scale


def cut(picture, left, top, homography):
    """A crop in its perspective as the encoder sees it: black around."""
    axis = (np.arange(SEEN) + 0.5) * 2 / SEEN - 1
    x, y = through(homography, *(grid.ravel() for grid in np.meshgrid(axis, axis)))
    inside = (left <= x) & (x <= left + SIDE) & (top <= y) & (y <= top + SIDE)
    columns = tents(x.clip(left, left + SIDE), WIDTH)
    rows = tents(y.clip(top, top + SIDE), HEIGHT)
    seen = torch.einsum("cyx,py,px->cp", picture, rows, columns) * torch.from_numpy(inside)
    return seen.view(3, SEEN, SEEN)


def embed(image):
    return ToyClip().encode_image(image[None])[0]


def embed_text(prompt):
    rows = [ToyClip().encode_text([t.format(prompt)])[0].double() for t in ToyClip.templates]
    return sum(rows) / torch.linalg.vector_norm(sum(rows))


def away(change, prompt):
    wanted = embed_text(prompt) - embed_text("a Photo")
    return 1 - change @ wanted / (change.norm() * wanted.norm())


def published_losses(method, prompts, picture, crops):
    """The weighted losses of a picture [3, H, W]; each crop's region, loss and object's part."""
    global_weights, crop_weights, content_weight = PUBLISHED[method]
    photo, losses, judged = PHOTO[0].double(), {}, []
    regions = {"global 0": OBJECT, "global 1": 1 - OBJECT}
    if method == "clipstyler":
        regions = {"global": np.ones_like(OBJECT)}
    for weight, prompt, name in zip(global_weights, prompts, regions, strict=False):
        mask = torch.from_numpy(regions[name])
        source = embed(squashed(photo if method == "semcs-paper" else mask * photo))
        losses[name] = weight * away(embed(squashed(mask * picture)) - source, prompt)
    losses["alignment"] = patch = torch.zeros(())  # the former is ours alone
    for left, top, homography in crops:
        lowest = OBJECT[top + SIDE - round(BAND * SIDE) : top + SIDE, left : left + SIDE]
        part = (lowest >= 0.5).mean()  # of the band at the crop's bottom that is the object
        owner = 0 if len(regions) == 1 or part > 0 else 1
        change = embed(cut(picture, left, top, homography)) - embed(squashed(photo))
        loss = away(change, prompts[owner])
        judged.append((owner, loss.item(), part))
        if loss > THRESHOLD:
            patch = patch + crop_weights[owner] * loss / CROPS
    if crop_weights:
        losses["patch"] = PATCH_WEIGHT * patch
    features = zip(*(LocalContrast().features(x[None]) for x in (picture, photo)), strict=True)
    losses["content"] = content_weight * sum(((a - b) ** 2).mean() for a, b in features)
    slopes = [picture.diff(dim=1), picture.diff(dim=2), picture[:, 1:, 1:] - picture[:, :-1, :-1]]
    slopes.append(picture[:, 1:, :-1] - picture[:, :-1, 1:])
    losses["tv"] = TV_WEIGHT * sum((d**2).sum().sqrt() for d in slopes)
    return losses, judged


def in_one_row(tensors):
    return torch.cat([tensor.detach().double().flatten() for tensor in tensors])


@pytest.fixture(scope="module", params=CASES, ids=" ".join)
def step(request):
    """What the run said of its first step and did in it, and what is expected of it."""
    method, *prompts = request.param
    settings = replace(METHODS[method], crops=CROPS, crop_size=SIDE, seed=SEED)
    sample, drawn = run_module.sample_crops, []
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(run_module, "sample_crops", lambda *a: drawn.append(sample(*a)) or drawn[0])
        regions = two_regions(OBJECT, *prompts, settings)
        run = Run(PHOTO, regions, ToyClip(), LocalContrast(), settings)
        network, learning = copy.deepcopy(run.painter.stylenet), run.painter.stylenet
        run.advance()
        run.look()
    # In float32, as the run has it: in float64 a ReLU near 0 could be on its other side.
    output = torch.sigmoid(network(PHOTO))
    picture = output[0].detach().double().requires_grad_()
    crops = [located(crop.corners, crop.window) for crops in drawn for crop in crops]
    losses, judged = published_losses(method, prompts, picture, crops)
    losses["total"] = sum(losses.values())
    losses["total"].backward()
    output.backward(picture.grad[None].float())
    step = SimpleNamespace(method=method, crops=crops, judged=judged, losses=run.history[0])
    step.expected_losses = {name: loss.item() for name, loss in losses.items()}
    step.gradient = in_one_row(parameter.grad for parameter in learning.parameters())
    step.expected_gradient = in_one_row(parameter.grad for parameter in network.parameters())
    step.moved = in_one_row(learning.parameters()) - in_one_row(network.parameters())
    return step


def test_every_loss_of_a_step_and_their_sum_are_the_published_ones(step):
    # A float32 has seven digits, and sums over a picture's pixels lose a few.
    assert step.losses == pytest.approx(step.expected_losses, rel=1e-4)
    *terms, total = step.losses.values()
    assert total == pytest.approx(sum(terms), rel=1e-6)  # however little a term is


def test_the_network_takes_adams_first_step_down_the_gradient_of_the_published_sum(step):
    gradient = step.expected_gradient
    assert (step.gradient - gradient).norm() < 1e-3 * gradient.norm()
    clear = gradient.abs() > 1e-3 * gradient.abs().max()  # a rounded 0 has any sign
    assert clear.double().mean() > 0.8
    expected = -RATE * gradient / (gradient.abs() + 1e-8)
    torch.testing.assert_close(step.moved[clear], expected[clear], rtol=1e-3, atol=0)
    assert step.moved.abs().max() < 1.001 * RATE


def test_a_crop_is_seen_as_a_quadrilateral_within_itself(step):
    for left, top, homography in step.crops:
        assert OBJECT[top : top + SIDE, left : left + SIDE].shape == (SIDE, SIDE)
        corners = np.array([left, top]) + SIDE * (SQUARE + 1) / 2
        inwards = np.stack(through(np.linalg.inv(homography), *corners.T), axis=1) * SQUARE
        assert ((inwards > 0.499) & (inwards < 1.001)).all()  # a distortion of 0.5


def test_the_step_has_crops_of_every_kind(step):
    """Else the other tests would not see whether they are told apart."""
    _, weights, _ = PUBLISHED[step.method]
    assert len(step.crops) == (CROPS if weights else 0)
    assert all(abs(loss - THRESHOLD) > 0.01 for _, loss, _ in step.judged)
    for region in range(len(weights)):
        rejected = {loss <= THRESHOLD for owner, loss, _ in step.judged if owner == region}
        assert rejected == {True, False}
    if len(weights) == 2:
        assert sum(part > 0 for *_, part in step.judged) == SHARE * CROPS
        assert any(loss > THRESHOLD and 0 < part < 0.5 for _, loss, part in step.judged)
