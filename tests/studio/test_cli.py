import json
import re
import signal
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from semcs_core.objective import Objective
from studio.cli import main
from tests.helpers.pictures import bomb

ROOT = Path(__file__).parents[2]
PHOTO = str(ROOT / "examples" / "flower.jpg")
FAST = ["--size", "96", "--steps", "2", "--crops", "4"]
PAIR = ["--foreground", "fire", "--background", "mosaic"]


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def error_of(capsys, *arguments):
    """The one line that a refused call prints; nothing may be left behind."""
    before = {p: p.read_bytes() for p in Path.cwd().iterdir() if p.is_file()}
    try:
        status = main([str(a) for a in arguments])
    except SystemExit as exit_:
        status = exit_.code
    captured = capsys.readouterr()
    assert status == 2
    assert captured.out == ""
    lines = captured.err.strip().splitlines()
    assert len(lines) == 1, captured.err
    assert {p: p.read_bytes() for p in Path.cwd().iterdir() if p.is_file()} == before
    return lines[0]


def test_a_photo_becomes_a_picture_a_mask_and_a_report(capsys):
    files = ["--output", "a.png", "--mask-output", "m.png", "--report", "r.json"]
    prompts = ["--foreground", "fire zyzzyva", "--background", "mosaic"]
    assert main([PHOTO, *prompts, *FAST, *files]) == 0
    with Image.open("a.png") as image, Image.open(PHOTO) as photo:
        assert image.format == "PNG"
        assert image.size == (96, 64)
        before = np.asarray(photo.resize(image.size), float)
        assert np.abs(np.asarray(image, float) - before).mean() > 1
    with Image.open("m.png") as mask:
        values = np.asarray(mask)
    assert (values.shape, values.min(), values.max()) == ((64, 96), 0, 255)
    report = json.loads(Path("r.json").read_text("utf-8"))
    assert report["settings"]["seed"] == 0
    assert report["settings"]["steps"] == 2
    assert len(report["losses"]) == report["steps"] == 2
    assert report["finished"] is True
    assert report["unknown_words"] == ["zyzzyva"]
    assert 0 < report["mask_confidence"] <= 1
    assert report["seconds"] > 0
    assert report["peak_memory_mib"] > 50
    assert report["versions"]["torch"]
    assert [r["prompt"] for r in report["regions"]] == ["fire zyzzyva", "mosaic"]
    assert sum(r["share"] for r in report["regions"]) == pytest.approx(1, abs=1e-3)
    message = capsys.readouterr().err
    assert "zyzzyva" in message
    assert "Saved a.png" in message
    assert re.search(r"2/2 .*total=", message)


def test_own_size_renders_and_ctrl_c_keeps_what_is_there(capsys, monkeypatch):
    from studio import full_size

    with Image.open(PHOTO) as image:
        image.resize((213, 142)).save("photo.png")
    assert main(["photo.png", *PAIR, *FAST, "--output", "small.png"]) == 0
    call = ["photo.png", *PAIR, *FAST, "--own-size", "--output", "a.png"]
    assert main(call) == 0
    assert "Saved a.png at 213 x 142" in capsys.readouterr().err
    with Image.open("a.png") as image, Image.open("small.png") as small:
        assert image.size == (213, 142)
        reduced = np.asarray(image.resize(small.size, Image.Resampling.LANCZOS), float)
        assert np.square(reduced - np.asarray(small)).mean() < 255**2 / 1000  # 30 dB

    def interrupted(*_):
        yield full_size.Rendered(1, 2)
        raise KeyboardInterrupt

    monkeypatch.setattr(full_size, "render_full_size", interrupted)
    assert main(call) == 130
    assert "Saved a.png at 96 x 64\n" in capsys.readouterr().err
    assert Path("a.png").read_bytes() == Path("small.png").read_bytes()


def test_a_mask_file_is_used_and_its_white_is_the_object():
    mask = np.zeros((427, 640), np.uint8)
    mask[:, :320] = 255
    Image.fromarray(mask).save("mask.png")
    call = [PHOTO, "--foreground", "fire", "--background", "", *FAST, "--mask", "mask.png"]
    assert main([*call, "--output", "a.png", "--mask-output", "m.png"]) == 0
    with Image.open("m.png") as used:
        assert np.asarray(used)[32, 10] == 255
        assert np.asarray(used)[32, 90] == 0
    with Image.open("a.png") as image, Image.open(PHOTO) as photo:
        change = np.abs(
            np.asarray(image, float)
            - np.asarray(photo.resize(image.size, Image.Resampling.LANCZOS), float)
        ).mean(axis=2)
    assert change[:, 56:].max() <= 1  # rounding
    assert change[:, :40].mean() > 1


def test_pictures_take_the_place_of_words_or_stand_beside_them():
    call = [PHOTO, "--foreground-picture", PHOTO, *FAST, "--report", "r.json"]
    for text, styles in ("", ["a picture"]), ("fire | mosaic", ["fire and a picture", "mosaic"]):
        assert main([*call, "--text", text]) == 0
        report = json.loads(Path("r.json").read_text("utf-8"))
        assert [region["style"] for region in report["regions"]] == styles


def test_what_cannot_be_used_is_refused_in_one_line(capsys):
    Path("bomb.png").write_bytes(bomb().getvalue())
    Path("cut.jpg").write_bytes(Path(PHOTO).read_bytes()[:20_000])
    Image.new("L", (100, 100), 255).save("other.png")
    for arguments, sentence in (
        (["missing.jpg", *PAIR], "no such picture"),
        (["bomb.png", *PAIR], "megapixels"),
        (["cut.jpg", *PAIR], "damaged"),
        ([PHOTO, *PAIR, "--foreground-picture", "cut.jpg"], "damaged"),
        ([PHOTO, "--background-picture", "bomb.png"], "megapixels"),
        ([PHOTO], "no style yet"),
        ([PHOTO, "--text", "🦄🎨"], "know no word of"),
        ([PHOTO, "--text", "fire", *PAIR], "not both"),
        ([PHOTO, *PAIR, "--mask", "other.png"], "photo's proportions"),
        ([PHOTO, *PAIR, "--steps", "0"], "Steps must be"),
        ([PHOTO, *PAIR, "--steps", "many"], "invalid int"),
        ([PHOTO, *PAIR, "--eigenvector", "9"], "eigenvector from 1 to 4"),
        ([PHOTO, *PAIR, "--models", "nothing"], "no models called"),
        ([PHOTO, *PAIR, "--preset", "quick"], "invalid choice"),
        ([PHOTO, *PAIR, "--output", "missing/a.png"], "cannot be written"),
        ([PHOTO, *PAIR, "--output", "."], "is a folder"),
        ([PHOTO, *PAIR, "--report", "missing/a.json"], "cannot be written"),
    ):
        assert sentence in error_of(capsys, *arguments)


def test_ctrl_c_keeps_the_picture_so_far(capsys, monkeypatch):
    """A real signal, in the middle of the third step."""
    backward, begun = Objective.backward, []

    def interrupted(*args):
        begun.append(args)
        if len(begun) == 3:
            signal.raise_signal(signal.SIGINT)
        return backward(*args)

    monkeypatch.setattr(Objective, "backward", interrupted)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        call = [PHOTO, *PAIR, "--size", "96", "--steps", "1000", "--crops", "4"]
        assert main([*call, "--output", "a.png", "--report", "r.json"]) == 130
    finally:
        signal.signal(signal.SIGINT, before)
    assert "Stopped" in capsys.readouterr().err
    with Image.open("a.png") as image:
        image.load()
        assert image.size == (96, 64)
    report = json.loads(Path("r.json").read_text("utf-8"))
    assert (report["steps"], report["finished"]) == (2, False)
