"""Laws of the drawn styles that the starter models know."""

from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from semcs_core.image import fit, open_photo, to_tensor
from styles import STYLES, Colouring, Style, record, render
from styles.fields import glow
from styles.order import ORDER
from styles.palettes import COLOURS
from styles.scene import luminance

EXAMPLES = Path(__file__).parents[2] / "examples"
SIZE = 48

every_style = pytest.mark.parametrize("style", STYLES.values(), ids=STYLES.keys())


def seeded(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def drawn(style: Style, photos: Tensor, seed: int = 0) -> Tensor:
    return torch.cat([render(style, photo[None], seeded(seed)) for photo in photos])


@pytest.fixture(scope="module")
def content() -> Tensor:
    photos = [open_photo(EXAMPLES / f"{name}.jpg") for name in ("coffee", "chelsea")]
    return torch.cat([to_tensor(fit(photo, 96).rgb)[..., 8:56, 16:64] for photo in photos])


@every_style
def test_a_render_is_a_picture_of_its_own_that_the_photo_steers(
    style: Style, content: Tensor
) -> None:
    picture = drawn(style, content)
    assert picture.shape == content.shape
    assert picture.dtype == torch.float32
    assert 0 <= picture.min() < picture.max() <= 1
    assert (picture.std((2, 3)).mean(1) > 0.03).all()
    assert ((picture - content).abs().mean((1, 2, 3)) > 0.03).all()
    ramp = torch.linspace(0, 1, SIZE).expand(1, 3, SIZE, SIZE)
    left_dark, right_dark = (drawn(style, x) for x in (ramp, ramp.flip(-1)))
    assert (left_dark - right_dark).abs().mean() > 0.02


@every_style
def test_the_seed_alone_decides_the_picture(style: Style, content: Tensor) -> None:
    wide = content[:, :, :24]
    first = drawn(style, wide)
    assert first.shape == wide.shape
    torch.manual_seed(99)  # the global generator must not matter
    assert torch.equal(first, drawn(style, wide))
    assert not torch.allclose(first, drawn(style, wide, 1), atol=0.01)


@every_style
def test_a_render_keeps_the_light_of_the_photo_and_burns_nothing(
    style: Style, content: Tensor
) -> None:
    picture = drawn(style, content)
    before, after = (glow(luminance(image), 0.04).flatten(1) for image in (content, picture))
    pairs = zip(before, after, strict=True)
    likeness = [torch.corrcoef(torch.stack(pair))[0, 1] for pair in pairs]
    if style.key == "xray":  # a negative
        likeness = [-value for value in likeness]
    follows_edges = style.key == "neon"  # its tubes
    assert min(likeness) > (0.05 if follows_edges else 0.5)
    lost = (picture > 0.97).any(1) | (picture < 0.03).all(1)
    assert lost.float().mean() < 0.08


@every_style
def test_marks_are_everywhere_so_that_a_small_thing_has_some(style: Style) -> None:
    y, x = torch.linspace(0, 7, 96)[:, None], torch.linspace(0, 9, 170)
    photo = (0.5 + 0.2 * x.sin() * y.sin()).expand(1, 3, -1, -1)
    picture = render(style, photo, seeded(0), scale=2.25)
    marks = (picture - F.avg_pool2d(picture, 9, 1, 4, count_include_pad=False)).abs()
    eighths = F.adaptive_avg_pool2d(marks.mean(1), (2, 4))
    assert eighths.min() > 0.3 * eighths.mean()


@pytest.mark.parametrize(
    ("word", "opposite", "channel"),
    [("red", "cyan", 0), ("green", "purple", 1), ("blue", "yellow", 2)],
)
def test_a_colour_word_moves_the_mean_hue_of_every_style_that_takes_one(
    content: Tensor, word: str, opposite: str, channel: int
) -> None:
    for key, style in STYLES.items():
        if style.colouring is Colouring.FIXED:
            continue
        asked, against = (
            render(style, content[:1], seeded(3), name).mean((0, 2, 3)) for name in (word, opposite)
        )
        excess = [colour[channel] - colour.mean() for colour in (asked, against)]
        assert excess[0] > excess[1] + 0.03, key


def test_the_order_names_every_style_once_by_its_own_key() -> None:
    assert len(ORDER) == len(set(ORDER)) >= 84
    assert set(ORDER) == record.DECORATED.keys()
    assert tuple(style.key for style in STYLES.values()) == ORDER


def test_no_two_styles_share_a_name() -> None:
    names = [name.lower() for style in STYLES.values() for name in style.names]
    assert len(names) == len(set(names))


def test_a_colour_word_before_a_name_never_means_another_style() -> None:
    owner = {name.lower(): key for key, style in STYLES.items() for name in style.names}
    for key, style in STYLES.items():
        if style.colouring is Colouring.FIXED:
            continue
        for name in style.names:
            for word in set(COLOURS) - set(style.reserved):
                assert owner.get(f"{word} {name}".lower(), key) == key
