"""Values that a visitor's page never sends, each refused in one sentence."""

from pathlib import Path

import numpy as np
import pytest

from semcs_core.errors import UserError
from studio.page import api, mask_edit
from studio.page.prompt_panel import split
from studio.page.wiring import picked
from studio.server.http_gate import NOT_UPLOADED, check_files, was_uploaded

pytestmark = pytest.mark.usefixtures("cache")


@pytest.mark.parametrize("pixels", [{}, "8", None, True, [8], float("nan"), 10**400])
def test_an_edge_moves_by_a_number(pixels):
    with pytest.raises(UserError, match="choose such a number"):
        mask_edit.grow(np.zeros((8, 8), np.float32), pixels)


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
