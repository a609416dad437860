"""A run that goes on from a file."""

import pytest
import torch

from semcs_core.errors import UserError
from studio.runs.snapshot import load_snapshot, save_snapshot
from tests.helpers.colour_encoder import ColourEncoder, ColourSketcher, LocalContrast
from tests.helpers.small_runs import finish, next_step, regions_of, same, start


def load(path, sketcher=None, encoder=None):
    return load_snapshot(path, encoder or ColourEncoder(), LocalContrast(), sketcher)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "run.pt"


@pytest.mark.parametrize(
    ("painter", "sketcher", "done"),
    [("layers", ColourSketcher(), 0), ("layers", None, 3), ("stylenet", None, 3)],
)
def test_a_run_from_a_file_goes_on_as_if_it_had_never_been_away(path, sketcher, painter, done):
    run = start(sketcher=sketcher, painter=painter, steps=done)
    save_snapshot(path, run)
    loaded = load(path, sketcher)
    assert (loaded.done, loaded.steps) == (done, 8)
    assert loaded.photo.stride() == run.photo.stride()  # or sums round differently
    assert torch.equal(loaded.picture(), run.picture())
    for _ in range(5):
        assert same(next_step(loaded), next_step(run))
    assert loaded.last.seconds > 0


def test_a_steered_and_extended_run_comes_back_whole(path):
    sketcher = ColourSketcher()
    run = start("red", "red", sketcher, steps=3)
    run.steer(regions_of("red", "green", foreground_strength=0.4))
    run.advance()
    run.extend(4)
    save_snapshot(path, run)
    loaded = load(path, sketcher)
    assert [r.controls.strength for r in loaded.regions] == [0.4, 1.0]
    assert same(loaded.last, run.last)
    assert loaded.last.seconds == run.last.seconds
    for both in (run, loaded):
        both.steer(regions_of("blue", "green"))
    assert torch.equal(loaded.picture(), run.picture())
    assert same(finish(loaded), finish(run))
    assert loaded.done == 12


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data[: len(data) // 2],
        lambda data: data[:999] + bytes([data[999] ^ 255]) + data[1000:],
        lambda data: b"this is no run",
    ],
    ids=["cut", "flipped", "text"],
)
def test_a_damaged_or_foreign_file_is_refused_in_one_sentence(path, damage):
    save_snapshot(path, start(steps=1))
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(UserError, match=r"cannot be used, .* start a new run") as caught:
        load(path)
    assert str(path) not in str(caught.value)


@pytest.mark.parametrize(
    ("part", "value"),
    [
        *(("photo", torch.zeros(3, 4)), ("regions", [{}])),
        *(("settings", {"gone": 1}), ("state", {}), ("format", "x")),
    ],
)
def test_a_part_that_is_not_what_it_should_be_is_refused_too(path, part, value):
    save_snapshot(path, start(steps=1))
    torch.save({**torch.load(path, weights_only=True), part: value}, path)
    with pytest.raises(UserError, match="start a new run"):
        load(path)


def test_code_in_a_file_is_not_executed(path):
    class Trap:
        def __reduce__(self):
            return (pytest.fail, ("executed",))

    torch.save({"format": Trap()}, path)
    with pytest.raises(UserError, match="cannot be used"):
        load(path)


class Other(ColourEncoder):
    """Means something else by the same numbers."""

    def encode_text(self, texts):
        return super().encode_text(texts).roll(1, dims=1) * torch.tensor([1.0, -1, 1])


def test_a_run_with_other_models_is_refused(path):
    save_snapshot(path, start(steps=1))
    with pytest.raises(UserError, match="other models"):
        load(path, encoder=Other())
    with pytest.raises(UserError, match="other models"):
        load(path, ColourSketcher())
