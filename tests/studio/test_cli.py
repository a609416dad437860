import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

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
    assert values.shape == (64, 96)
    assert values.min() == 0
    assert values.max() == 255
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

    assert main([PHOTO, *PAIR, *FAST, "--output", "small.png"]) == 0
    call = [PHOTO, *PAIR, *FAST, "--own-size", "--output", "a.png"]
    assert main(call) == 0
    assert "Saved a.png at 640 x 427" in capsys.readouterr().err
    with Image.open("a.png") as image, Image.open("small.png") as small:
        assert image.size == (640, 427)
        reduced = np.asarray(image.resize(small.size, Image.Resampling.LANCZOS), float)
        assert np.square(reduced - np.asarray(small)).mean() < 255**2 / 1000  # 30 dB

    def interrupted(*_):
        yield full_size.Rendered(1, 2)
        raise KeyboardInterrupt

    monkeypatch.setattr(full_size, "render_full_size", interrupted)
    assert main(call) == 130
    assert "Stopped: a.png has the working size" in capsys.readouterr().err
    assert Path("a.png").read_bytes() == Path("small.png").read_bytes()


def test_the_same_seed_gives_the_same_file_and_another_does_not():
    for name, seed in (("a.png", "0"), ("b.png", "0"), ("c.png", "1")):
        assert main([PHOTO, *PAIR, *FAST, "--seed", seed, "--output", name, "--quiet"]) == 0
    assert Path("a.png").read_bytes() == Path("b.png").read_bytes()
    assert Path("a.png").read_bytes() != Path("c.png").read_bytes()


def test_quiet_prints_nothing_and_the_output_has_a_name_of_its_own(capsys):
    assert main([PHOTO, "--text", "fire", *FAST, "--quiet"]) == 0
    captured = capsys.readouterr()
    assert captured.out + captured.err == ""
    assert Path("flower-semcs.png").exists()


def test_text_is_parsed_into_the_two_prompts():
    assert main([PHOTO, "--text", "F: fire | B: mosaic", *FAST, "--output", "a.png"]) == 0
    assert main([PHOTO, *PAIR, *FAST, "--output", "b.png"]) == 0
    assert Path("a.png").read_bytes() == Path("b.png").read_bytes()


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


def test_bad_photos_are_refused_in_one_line(capsys):
    Path("text.jpg").write_text("this is no picture")
    Path("bomb.png").write_bytes(bomb().getvalue())
    Image.new("RGB", (1, 1)).save("tiny.png")
    data = Path(PHOTO).read_bytes()
    Path("cut.jpg").write_bytes(data[: len(data) // 2])
    Image.new("RGB", (64, 64)).save("whole.png")
    data = Path("whole.png").read_bytes()
    Path("cut.png").write_bytes(data[: len(data) - 30])
    for name, sentence in (
        ("missing.jpg", "no such picture"),
        ("text.jpg", "not a picture"),
        ("bomb.png", "megapixels"),
        ("tiny.png", "at least 16"),
        ("cut.jpg", "damaged"),
        ("cut.png", "damaged"),
        (".", "folder"),
    ):
        assert sentence in error_of(capsys, name, *PAIR)


def test_bad_prompts_are_refused_in_one_line(capsys):
    assert "no style yet" in error_of(capsys, PHOTO)
    assert "no style yet" in error_of(capsys, PHOTO, "--foreground", " ", "--background", "")
    assert "2,000 characters" in error_of(capsys, PHOTO, "--text", "x" * 2000)
    assert "know no word of" in error_of(capsys, PHOTO, "--text", "🦄🎨")
    assert "not both" in error_of(capsys, PHOTO, "--text", "fire", *PAIR)


def test_bad_masks_are_refused_in_one_line(capsys):
    for name, value, size in (
        ("empty.png", 0, (640, 427)),
        ("full.png", 255, (640, 427)),
        ("other.png", 255, (100, 100)),
    ):
        Image.new("L", size, value).save(name)
    assert "mask is empty" in error_of(capsys, PHOTO, *PAIR, "--mask", "empty.png")
    assert "covers the whole" in error_of(capsys, PHOTO, *PAIR, "--mask", "full.png")
    assert "photo's proportions" in error_of(capsys, PHOTO, *PAIR, "--mask", "other.png")
    assert "no such picture" in error_of(capsys, PHOTO, *PAIR, "--mask", "missing.png")


def test_a_constant_picture_has_no_object(capsys):
    Image.new("RGB", (128, 96), (90, 120, 60)).save("flat.png")
    assert main(["flat.png", *PAIR, *FAST, "--output", "a.png"]) == 2
    message = capsys.readouterr().err
    assert "No object found" in message
    assert not Path("a.png").exists()
    assert main(["flat.png", "--text", "fire", *FAST, "--output", "a.png"]) == 0


def test_bad_options_are_refused_in_one_line(capsys):
    assert "Steps must be" in error_of(capsys, PHOTO, *PAIR, "--steps", "0")
    assert "invalid int" in error_of(capsys, PHOTO, *PAIR, "--steps", "many")
    assert "Crops must be" in error_of(capsys, PHOTO, *PAIR, "--crops", "1000000")
    assert "no models called" in error_of(capsys, PHOTO, *PAIR, "--models", "nothing")
    assert "unrecognized" in error_of(capsys, PHOTO, *PAIR, "--nothing")


def test_an_unwritable_output_is_refused_before_the_run(capsys):
    missing = Path("missing", "a.png")
    assert "cannot be written" in error_of(capsys, PHOTO, *PAIR, "--output", missing)
    assert "is a folder" in error_of(capsys, PHOTO, *PAIR, "--output", ".")
    assert "cannot be written" in error_of(capsys, PHOTO, *PAIR, "--report", missing)


def test_ctrl_c_keeps_the_picture_so_far():
    call = [sys.executable, "-m", "studio", PHOTO, *PAIR, "--size", "96", "--steps", "1000"]
    call += ["--output", str(Path("a.png").resolve()), "--report", str(Path("r.json").resolve())]
    with subprocess.Popen(
        call,
        cwd=ROOT,
        stderr=subprocess.PIPE,
        text=True,
        bufsize=1,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        # A shell's background job ignores Ctrl-C, and so would what it starts.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    ) as process:
        seen = ""
        while "/1000 " not in seen.split("0/1000")[-1] and process.poll() is None:
            seen += process.stderr.read(1)
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        rest = process.stderr.read()
    assert process.returncode == 130
    assert "Stopped" in rest
    assert "Traceback" not in seen + rest
    with Image.open("a.png") as image:
        image.load()
        assert image.size == (96, 64)
    report = json.loads(Path("r.json").read_text("utf-8"))
    assert 0 < report["steps"] < 1000
    assert report["finished"] is False


def test_help_needs_no_model_and_no_torch():
    code = (
        "import sys, studio.cli as cli; cli.build_parser().format_help(); "
        "print('torch' in sys.modules)"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "False"
