"""A small share of `python -m bench.fuzz`, and what it once found."""

from pathlib import Path

import numpy as np
import pytest

from bench.fuzz.files import snapshot
from bench.fuzz.judge import fuzz
from bench.fuzz.targets import Target, targets
from bench.fuzz.values import ANYTHING
from models.loading import load_models
from semcs_core.errors import UserError
from semcs_core.image import open_photo
from studio.page import api, mask_edit
from studio.page.prompt_panel import split
from studio.page.wiring import picked
from studio.runs.snapshot import load_snapshot
from studio.server.http_gate import NOT_UPLOADED, check_files, was_uploaded

SHARE = 12


pytestmark = pytest.mark.usefixtures("cache")


@pytest.mark.parametrize("name", targets())
def test_anything_is_taken_or_refused_in_a_sentence(name):
    row = fuzz(targets()[name], SHARE)
    assert row.faults == {}
    assert row.inputs >= SHARE
    assert row.accepted + row.refused == row.inputs


@pytest.mark.parametrize("error", [RuntimeError("x"), AssertionError(), ZeroDivisionError(), "odd"])
def test_the_fuzzer_tells_faults(error):
    def fail(_):
        raise UserError("No sentence\nat all") if error == "odd" else error

    row = fuzz(Target(ANYTHING, fail), 5)
    assert (row.accepted, row.refused) == (0, 0)
    assert len(row.faults) == 1


def test_a_decoder_that_fails_with_an_error_of_its_own(tmp_path, monkeypatch):
    """Pillow's AVIF reader has a RuntimeError for planes that are damaged."""
    from PIL import Image, ImageFile

    path = tmp_path / "a.png"
    Image.new("RGB", (20, 20)).save(path)

    def fail(_):
        raise RuntimeError("Failed to decode frame 0: Decoding of color planes failed")

    monkeypatch.setattr(ImageFile.ImageFile, "load", fail)
    with pytest.raises(UserError, match="damaged or cut off"):
        open_photo(path)


def test_a_saved_run_with_values_of_another_shape(tmp_path):
    """An IndexError in the sketch, in the styles' layers, in the record itself."""
    import torch

    saved = snapshot()[1]
    for broken in (
        {"photo": torch.zeros(3, 4)},
        {"photo": torch.zeros(0)},
        {"regions": torch.zeros(2, 2)},
        {"regions": [torch.zeros(3)]},
        {"settings": None},
    ):
        torch.save({**saved, **broken}, tmp_path / "run.pt")
        models = load_models("starter")
        with pytest.raises(UserError, match="start a new run"):
            load_snapshot(tmp_path / "run.pt", models.encoder, models.perceptual, models.sketcher)


@pytest.mark.parametrize("pixels", [{}, "8", None, True, [8], float("nan"), 10**400])
def test_an_edge_moves_by_a_number(pixels):
    with pytest.raises(UserError, match="choose such a number"):
        mask_edit.grow(np.zeros((8, 8), np.float32), pixels)


def test_a_preset_lies_over_a_method():
    from app import cost

    with pytest.raises(Exception, match="There is no method"):
        cost.on_preset(None, None)
    with pytest.raises(Exception, match="not there"):
        cost.on_preset(None, "studio")


def test_no_prompt_is_an_empty_one():
    assert split(None, None) == ("", "")
    assert split(None, "fire | snowy") == ("fire", "snowy")


@pytest.mark.parametrize("photo", [7, 4.5, "NaN", ["x"], {"path": 7}, {"path": "/etc/passwd"}])
def test_a_photo_of_the_api_is_a_file(photo):
    with pytest.raises(Exception, match=NOT_UPLOADED):
        api.mask(photo)


@pytest.mark.parametrize("index", [None, -1, 2, True, "0", [0], 0.5])
def test_a_click_on_a_picture_that_is_not_there(index):
    event = type("Event", (), {"index": index})()
    with pytest.raises(UserError, match="pick one"):
        picked(event, ["a", "b"])
    with pytest.raises(UserError, match="pick one"):
        picked(None, None)
    assert picked(type("Event", (), {"index": 1})(), ["a", "b"]) == "b"


def test_a_file_is_looked_for_however_deep(cache):
    inside = Path(cache) / "x" / "a.png"
    check_files([{"a": [{"path": str(inside)}]}, {"path": None}])
    for path in ("/etc/passwd", "http://127.0.0.1/a.png", str(inside.parents[2]), "\0", ""):
        assert not was_uploaded(path)
        with pytest.raises(UserError, match="uploaded"):
            check_files([1, {"a": [[{"b": {"path": path}}]]}])
