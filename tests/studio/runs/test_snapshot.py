"""A run that goes on from a file."""

import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch

from models.loading import load_models
from models.starter import LocalContrast
from semcs_core.errors import UserError
from semcs_core.image import fit, open_photo, to_tensor
from semcs_core.methods import two_regions
from semcs_core.run import Run
from semcs_core.settings import Settings
from studio.runs.snapshot import load_snapshot, save_snapshot
from tests.helpers.colour_encoder import ColourEncoder, ColourSketcher
from tests.helpers.small_runs import SKETCHERS, finish, next_step, regions_of, same, start

EXAMPLE = Path(__file__).parents[3] / "examples" / "china.jpg"


def load(path, sketcher=None, encoder=None):
    return load_snapshot(path, encoder or ColourEncoder(), LocalContrast(), sketcher)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "run.pt"


@SKETCHERS
@pytest.mark.parametrize("painter", ["layers", "stylenet"])
@pytest.mark.parametrize("done", [0, 3])
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


@SKETCHERS
def test_a_steered_and_extended_run_comes_back_whole(path, sketcher):
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


def test_a_run_of_the_starter_models_goes_on_after_steering(path):
    models = load_models("starter")
    settings = Settings(steps=4, crops=6, crop_size=48)
    photo = to_tensor(fit(open_photo(EXAMPLE), 128).rgb)
    mask = np.zeros(photo.shape[-2:], np.float32)
    mask[:, :64] = 1
    regions = two_regions(mask, "fire", "snowy", settings)
    run = Run(photo, regions, models.encoder, models.perceptual, settings, models.sketcher)
    run.advance()
    run.steer(two_regions(mask, "fire", "mosaic", settings))
    run.advance()
    save_snapshot(path, run)
    loaded = load_snapshot(path, models.encoder, models.perceptual, models.sketcher)
    for both in (run, loaded):
        both.steer(two_regions(1 - mask, "lava", "mosaic", settings))
    assert same(finish(loaded), finish(run))


def test_a_saved_run_holds_cpu_tensors_and_plain_values_alone(path):
    save_snapshot(path, start(steps=1))
    torch.load(path, weights_only=True)  # executes nothing
    assert [p.name for p in path.parent.iterdir()] == ["run.pt"]


def test_a_failed_save_leaves_the_old_file(path, monkeypatch):
    save_snapshot(path, start(steps=1))
    before = path.read_bytes()

    def full(value, file):
        file.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(torch, "save", full)
    with pytest.raises(UserError, match="No space left"):
        save_snapshot(path, start())
    assert path.read_bytes() == before
    assert len(list(path.parent.iterdir())) == 1


def damage(path, kind):
    data = path.read_bytes()
    if kind == "flipped":
        middle = len(data) // 2
        path.write_bytes(data[:middle] + bytes([data[middle] ^ 255]) + data[middle + 1 :])
    elif kind == "cut":
        path.write_bytes(data[: len(data) // 2])
    elif kind == "empty":
        path.write_bytes(b"")
    elif kind == "text":
        path.write_text("this is no run")
    elif kind == "zip":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("a", "b")
    elif kind == "weights":
        torch.save({"weight": torch.zeros(3)}, path)
    else:
        snapshot = torch.load(path, weights_only=True)
        if kind == "version":
            snapshot["format"] += "0"
        elif kind == "layers":
            snapshot["regions"].pop()
        elif kind == "setting":
            snapshot["settings"]["gone"] = 1
        else:
            del snapshot["state"][kind]
        torch.save(snapshot, path)


FILES = ["flipped", "cut", "empty", "text", "zip", "weights"]
PARTS = ["version", "layers", "setting", "optimiser", "last", "done"]


@pytest.mark.parametrize("kind", FILES + PARTS)
def test_a_damaged_or_foreign_file_is_refused_in_one_sentence(path, kind):
    save_snapshot(path, start(steps=1))
    damage(path, kind)
    with pytest.raises(UserError, match=r"cannot be used, .* start a new run") as caught:
        load(path)
    assert str(path) not in str(caught.value)


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("photo", torch.zeros(3, 4)),
        ("photo", torch.zeros(0)),
        ("regions", torch.zeros(2, 2)),
        ("regions", [torch.zeros(3)]),
        ("settings", None),
    ],
)
def test_values_of_another_shape_are_refused_too(path, part, value):
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


def test_a_file_that_is_not_there(path):
    with pytest.raises(UserError, match="no longer there"):
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


def test_settings_come_with_the_run(path):
    run = start(steps=1, contrast=1.2, schedule="halving", seed=7)
    save_snapshot(path, run)
    assert load(path).settings == run.settings
