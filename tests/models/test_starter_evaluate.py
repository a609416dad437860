"""The evaluation that knows nothing of the encoder: what its numbers mean, and that it resumes."""

import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from scipy import ndimage
from torch import Tensor

from semcs_core.image import to_uint8
from semcs_core.settings import Settings
from semcs_core.step import RunError, Step
from styles.recipes import RECIPES
from tools.starter import evaluate
from tools.starter.bank import PHOTO, accuracy, build_bank
from tools.starter.blind import ask, mark
from tools.starter.descriptor import PARTS, SIDE, SIZE, describe, describe_region
from tools.starter.evaluate import KEYS, PROMPTS, Run, arrange, pending, read_records
from tools.starter.judgement import SIDES, compare_neighbours, failures, summarise, table
from tools.starter.measures import (
    bleeding,
    describe_painted,
    is_bleached,
    is_collapsed,
    look,
    ssim,
    sure_regions,
)
from tools.starter.photolike import photolike

DISTINCT = {key: RECIPES[key] for key in ("fire", "zebra", "underwater", "pixel", "pencil")}


def part(descriptors: Tensor, name: str) -> Tensor:
    start = sum(size for other, size in list(PARTS.items())[: list(PARTS).index(name)])
    return descriptors[:, start : start + PARTS[name]]


def grating(angle: float, cycles: float = 8) -> Tensor:
    """A patch whose luminance changes along a direction, from left-right (0) to up-down (pi/2)."""
    y, x = torch.meshgrid(torch.arange(SIDE), torch.arange(SIDE), indexing="ij")
    phase = 2 * math.pi * cycles / SIDE * (x * math.cos(angle) + y * math.sin(angle))
    return (0.5 + 0.3 * torch.sin(phase)).expand(1, 3, SIDE, SIDE)


def noise(seed: int = 0, size: int = SIDE) -> Tensor:
    return torch.rand(1, 3, size, size, generator=torch.Generator().manual_seed(seed))


@pytest.fixture(scope="module")
def bank():
    return build_bank([], renders=8, seed=0, recipes=DISTINCT)


@pytest.mark.parametrize("grey", [0.0, 0.5, 1.0])
def test_a_flat_patch_has_a_finite_descriptor_of_no_orientation(grey):
    described = describe(torch.full((2, 3, SIDE, SIDE), grey))
    assert described.shape == (2, SIZE)
    assert described.isfinite().all()
    torch.testing.assert_close(part(described, "orientation"), torch.full((2, 8), 1 / 8))
    assert part(described, "skewness").abs().max() < 1e-3


def test_the_descriptor_of_many_patches_is_that_of_each():
    patches = torch.cat([noise(1), noise(2)])
    torch.testing.assert_close(describe(patches)[1:], describe(patches[1:]))


def test_a_brighter_patch_has_more_lightness_and_the_same_orientations():
    dim, bright = describe(0.5 * noise()), describe(0.5 * noise() + 0.4)
    assert part(bright, "mean")[0, 0] > part(dim, "mean")[0, 0] + 10
    change = part(bright, "orientation") - part(dim, "orientation")
    assert change.abs().max() < 0.03


@pytest.mark.parametrize("place", range(8))
def test_a_grating_fills_the_bin_of_its_own_direction(place):
    shares = part(describe(grating(place * math.pi / 8)), "orientation")[0]
    assert shares.argmax() == place
    assert shares[place] > 0.8
    assert shares.sum() == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize(("cycles", "band"), [(2.5, 1), (5.5, 3), (11.5, 5), (26, 7)])
def test_a_grating_fills_the_band_of_its_own_frequency(cycles, band):
    assert part(describe(grating(0.6, cycles)), "spectrum")[0].argmax() == band


def test_what_lies_out_of_the_region_does_not_count():
    weights = torch.zeros(1, 1, SIDE, SIDE)
    weights[..., : SIDE // 2] = 1
    other = torch.where(weights > 0, noise(), torch.zeros(1, 3, SIDE, SIDE))
    torch.testing.assert_close(
        part(describe(other, weights), "mean"),
        describe(noise()[..., : SIDE // 2].repeat(1, 1, 1, 2))[:, :3],
        atol=1e-2,
        rtol=1e-3,
    )
    beside = torch.where(weights > 0, noise(), noise(5))
    change = describe(beside, weights) - describe(other, weights)
    assert part(change, "orientation").abs().max() < 1e-3
    assert part(change, "mean").abs().max() < 1e-3


def test_a_region_tells_how_much_its_colours_vary():
    dark, light = torch.zeros(4, 3, SIDE, SIDE), torch.ones(4, 3, SIDE, SIDE)
    even = describe_region(torch.full((4, 3, SIDE, SIDE), 0.5))
    uneven = describe_region(torch.cat([dark, light]))
    assert even.shape == (SIZE + 3,)
    assert uneven[SIZE] > even[SIZE] + 3


def test_equal_patches_have_no_distance(bank):
    assert bank.distances(bank.samples).min(dim=1).values.max() < 0.05
    assert bank.distances(bank.samples, leave_out=True).min() > 0.1


def test_a_fresh_render_finds_its_own_style(bank):
    fresh = build_bank([], renders=4, seed=9, recipes=DISTINCT)
    styles = fresh.classes < len(DISTINCT)
    first, third = accuracy(bank.distances(fresh.samples[styles]), fresh.classes[styles])
    assert first >= 0.9
    assert third == 1
    names = bank.order(fresh.samples)
    assert sorted(names[0]) == sorted([*DISTINCT, PHOTO])


def test_a_style_of_nothing_but_colour_is_no_class():
    bank = build_bank([], renders=3, recipes={key: RECIPES[key] for key in ("tint", "fire")})
    assert bank.names == ("fire", PHOTO)


def test_a_region_of_a_painted_picture_is_found_by_its_own_texture(bank):
    fire = build_render("fire", 160)
    zebra = build_render("zebra", 160)
    region = np.zeros((160, 160), bool)
    region[30:130, 40:120] = True
    inside = torch.from_numpy(region)[None, None]
    picture = torch.where(inside, fire, zebra)
    found = bank.order(torch.stack([describe_painted(picture, r, 74) for r in (region, ~region)]))
    assert [names[0] for names in found] == ["fire", "zebra"]


def build_render(key: str, size: int) -> Tensor:
    from styles.render import render

    generator = torch.Generator().manual_seed(3)
    content = photolike(1, size, generator)
    return render(RECIPES[key], content, generator, strength=1.0, scale=size / 112)


def test_a_region_smaller_than_any_square_is_described():
    region = np.zeros((48, 64), bool)
    region[20:24, 30:36] = True
    assert describe_painted(noise(size=64)[..., :48, :], region, 96).isfinite().all()


def test_ssim_is_1_of_equal_pictures_and_falls_with_blur_and_noise():
    picture = photolike(1, 96, torch.Generator().manual_seed(0))
    blurred = torch.from_numpy(ndimage.gaussian_filter(picture.numpy(), (0, 0, 2, 2)))
    more = torch.from_numpy(ndimage.gaussian_filter(picture.numpy(), (0, 0, 6, 6)))
    assert ssim(picture, picture) == pytest.approx(1)
    assert 1 > ssim(picture, blurred) > ssim(picture, more)
    assert ssim(picture, noise(size=96)) < 0.2
    assert ssim(noise(1, 96), 1 - noise(1, 96)) < 0


def disc(size: int = 80) -> np.ndarray:
    y, x = np.mgrid[:size, :size] - size / 2 + 0.5
    return (np.hypot(x, y) < size / 4).astype(np.float32)


def two_greys(inside: float, outside: float) -> Tensor:
    mask = torch.from_numpy(disc())
    return (mask * inside + (1 - mask) * outside).expand(1, 3, -1, -1)


def test_bleeding_is_0_where_the_shared_side_stays_and_1_where_both_move_alike():
    mask = disc()
    apart = bleeding(two_greys(0.2, 0.5), two_greys(0.8, 0.5), mask, "foreground")
    assert apart.ratio == pytest.approx(0, abs=1e-4)
    assert apart.changed > 50
    together = bleeding(two_greys(0.2, 0.2), two_greys(0.8, 0.8), mask, "foreground")
    assert together.ratio == pytest.approx(1, rel=1e-3)
    wrong_side = bleeding(two_greys(0.2, 0.5), two_greys(0.2, 0.8), mask, "background")
    assert wrong_side.ratio == pytest.approx(0, abs=1e-4)


def test_bleeding_is_looked_for_near_the_edge_alone():
    far = two_greys(0.8, 0.5).clone()
    far[..., :4, :] = 1
    assert bleeding(two_greys(0.2, 0.5), far, disc(), "foreground").shared < 1e-3


def test_styles_of_one_colour_say_nothing_of_bleeding():
    same = bleeding(two_greys(0.5, 0.2), two_greys(0.51, 0.8), disc(), "foreground")
    assert same.ratio is None


def test_what_is_soft_belongs_to_neither_side():
    mask = np.linspace(0, 1, 100, dtype=np.float32)[None].repeat(20, 0)
    foreground, background = sure_regions(mask)
    assert 0 < foreground.mean() < 0.1
    assert 0 < background.mean() < 0.1
    everything, nothing = sure_regions(np.full((20, 20), 0.6, np.float32))
    assert everything.all()
    assert not nothing.any()


def test_a_flat_region_has_collapsed_only_if_the_photo_had_structure():
    region = np.ones((64, 64), bool)
    busy, flat = look(noise(), region), look(torch.full((1, 3, 64, 64), 0.4), region)
    assert is_collapsed(busy, flat)
    assert not is_collapsed(busy, busy)
    assert not is_collapsed(flat, flat)


@pytest.mark.parametrize(("value", "bleached"), [(0.99, True), (0.01, True), (0.5, False)])
def test_a_white_or_black_region_is_bleached(value, bleached):
    region = disc() > 0
    assert is_bleached(two_greys(value, 0.5), region) == bleached
    assert not is_bleached(two_greys(value, 0.5), ~region)


def test_a_saturated_colour_is_not_bleached():
    red = torch.tensor([1.0, 0, 0]).view(1, 3, 1, 1).expand(1, 3, 8, 8)
    assert not is_bleached(red, np.ones((8, 8), bool))


def test_the_prompts_are_40_names_of_40_styles():
    assert len(PROMPTS) == 40
    assert len({KEYS[prompt] for prompt in PROMPTS}) == 40


@pytest.mark.parametrize(("laps", "numbers"), [(2, [0]), (2, [3]), (1, [0, 1]), (1, [6, 7])])
def test_the_ring_has_every_prompt_in_both_roles(laps, numbers):
    pairs = [pair for number in numbers for pair in arrange(PROMPTS, number, laps)]
    assert len(pairs) == 80
    for role in (0, 1):
        names = [pair[role] for pair in pairs]
        assert sorted(names) == sorted(2 * PROMPTS)
    assert all(foreground != background for foreground, background in pairs)


def test_neighbours_in_the_ring_share_one_prompt():
    pairs = arrange(PROMPTS, 0)
    assert len(pairs) == 40
    for one, other in zip(pairs, pairs[1:] + pairs[:1], strict=True):
        assert (one[0] == other[0]) != (one[1] == other[1])
    assert arrange(PROMPTS, 0) == pairs
    assert arrange(PROMPTS, 2) != pairs
    assert arrange(PROMPTS, 0, seed=1) != pairs


def test_an_odd_ring_is_refused():
    with pytest.raises(ValueError, match="even"):
        arrange(PROMPTS[:5], 0)


@pytest.fixture
def run(tmp_path):
    photo = tmp_path / "noise.png"
    Image.fromarray(to_uint8(photolike(1, 96, torch.Generator().manual_seed(2)))).save(photo)
    return Run(photo, 0, "fire", "underwater", Settings(size=64, steps=1), Path("bank.pt"))


@pytest.fixture
def no_models(monkeypatch, bank):
    """Two flat halves in the place of a run, and the small bank."""

    def paint(photo, mask, foreground, background, settings):
        mask = torch.from_numpy(mask)
        return (0.2 + 0.6 * mask).expand(1, 3, -1, -1)

    monkeypatch.setattr(evaluate, "paint", paint)
    monkeypatch.setattr(evaluate, "cached_bank", lambda file: bank)


@pytest.mark.usefixtures("no_models")
def test_a_record_is_plain_data_and_adds_up(run, tmp_path):
    runs = [run, replace(run, place=1, foreground="zebra")]
    records = [json.loads(json.dumps(evaluate.execute(one, tmp_path))) for one in runs]
    assert records[0]["foreground"]["prompt"] == "fire"
    assert 1 <= records[0]["foreground"]["rank"] <= len(DISTINCT) + 1
    assert records[0]["foreground"]["collapsed"]
    assert any("fire) collapsed" in line for line in failures(records[0]))
    mask = evaluate.open_case(run.photo, 64)[1]
    moves = compare_neighbours(records, {"noise": mask}, tmp_path)
    assert [(move["changed"], move["shared"]) for move in moves] == [("foreground", "underwater")]
    assert moves[0]["moved"] == {"shared": 0, "changed": 0}
    summary = summarise(records, moves)
    assert summary["regions"] == 4
    assert "underwater" in table(summary)
    assert "untouched" in table(summary)


@pytest.mark.usefixtures("no_models")
def test_a_run_that_stopped_is_judged_by_its_last_picture(run, tmp_path, monkeypatch):
    def paint(photo, *others):
        raise RunError("It went wrong.", Step(1, 2, torch.zeros_like(photo), {}, (), 0.0))

    monkeypatch.setattr(evaluate, "paint", paint)
    record = evaluate.execute(run, tmp_path)
    assert record["error"] == "It went wrong."
    assert record["background"]["bleached"]


def test_a_photo_without_an_object_gets_an_ellipse(tmp_path):
    Image.new("RGB", (96, 64), "grey").save(tmp_path / "grey.png")
    _, mask, made_up = evaluate.open_case(tmp_path / "grey.png", 96)
    assert made_up
    assert 0.2 < (mask >= 0.5).mean() < 0.4
    assert mask[32, 48] == 1
    assert mask[0].max() == 0


def test_finished_runs_are_not_painted_again(run, tmp_path):
    path = tmp_path / "records.jsonl"
    other = replace(run, settings=Settings(size=64, steps=2))
    done = json.dumps({"key": run.key, "photo": "noise"})
    path.write_text(done + "\n" + done[: len(done) // 2])
    records = read_records(path)
    assert list(records) == [run.key]
    assert pending([run, other], records, tmp_path) == [run, other]  # its picture is not there
    (tmp_path / run.file).touch()
    assert pending([run, other], records, tmp_path) == [other]
    assert pending([replace(run, bank=Path("other.pt"))], records, tmp_path)
    assert read_records(tmp_path / "none.jsonl") == {}


def test_a_blind_look_asks_for_each_prompt_and_marks_the_answers(tmp_path):
    lines = [
        {"key": str(n), "file": f"{n}.png"}
        | {side: {"prompt": PROMPTS[(n + k) % 40]} for k, side in enumerate(SIDES)}
        for n in range(40)
    ]
    (tmp_path / "records.jsonl").write_text("\n".join(map(json.dumps, lines)), "utf-8")
    questions = ask(tmp_path)
    assert sorted(q.answer for q in questions) == sorted(PROMPTS)
    for question in questions:
        record = lines[int(question.file.removesuffix(".png"))]
        other = next(s for s in SIDES if s != question.side)
        assert record[question.side]["prompt"] == question.answer
        assert len(set(question.options)) == 8
        assert question.answer in question.options
        assert record[other]["prompt"] not in question.options
    right = [f"{n}: {q.answer}" for n, q in enumerate(questions, start=1)]
    assert mark(questions, "\n".join(right)) == []
    right[3] = "4: nothing like it"
    assert len(mark(questions, "\n".join(right))) == 1
    assert len(mark(questions, "")) == 40
