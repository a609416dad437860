"""`python -m studio models` against a loopback Hub."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from models.weights import FILES, cached, download, find
from studio.models_cli import main
from tests.helpers.fake_hub import FakeHub, Fault

DATA = bytes(range(256)) * 400
NAMES = ("dino-vits16", "dino-vits8")


@pytest.fixture
def hub(monkeypatch, tmp_path):
    monkeypatch.setattr(download, "PAUSE_SECONDS", 0.01)
    with FakeHub() as hub:
        for name in NAMES:
            hub.serve(find(name).repo, find(name).filename, DATA + name.encode())
        hub.use(monkeypatch, tmp_path)
        yield hub


def test_lists_every_file_with_size_licence_and_whether_cached(hub, capsys):
    assert main(["--download", NAMES[0]]) == 0
    capsys.readouterr()
    assert main([]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(FILES) + 2
    assert lines[1].split()[:5] == ["clip-vit-b32", "about", "605", "MB", "MIT"]
    (line,) = (line for line in lines if line.startswith(NAMES[0]))
    assert "0.1 MB" in line
    assert "yes" in line
    assert lines[-1] == "To download all that is missing: about 2491 MB."
    assert len(hub.gets) == 1


def test_downloads_several_with_a_bar_and_the_cached_without(hub, capsys):
    assert main(["--download", *NAMES]) == 0
    output = capsys.readouterr()
    assert output.out == "dino-vits16: 0.1 MB, ready\ndino-vits8: 0.1 MB, ready\n"
    assert "dino-vits8: 100%" in output.err
    assert "102k/102k" in output.err
    assert main(["--download", *NAMES]) == 0
    assert capsys.readouterr().err == ""
    assert len(hub.gets) == 2


def test_an_unknown_name_is_told_before_anything_is_downloaded(hub, capsys):
    assert main(["--download", NAMES[0], "nonsense"]) == 2
    error = capsys.readouterr().err
    assert error.startswith("python -m studio models: There is no weight file called 'nonsense'")
    assert error.count("\n") == 1
    assert hub.gets == []


def test_verify_finds_a_damaged_file_and_download_repairs_it(hub, capsys):
    main(["--download", *NAMES])
    cached(NAMES[1]).write_bytes(DATA)
    capsys.readouterr()
    assert main(["--verify"]) == 2
    output = capsys.readouterr()
    assert output.out == "dino-vits16: good\ndino-vits8: damaged\n"
    assert output.err.endswith("--download dino-vits8.\n")
    assert output.err.count("\n") == 1
    assert main(["--download", *NAMES]) == 0
    assert main(["--verify"]) == 0
    assert len(hub.gets) == 3


def test_a_refusal_is_one_line_and_status_2(hub, capsys):
    hub.fault = Fault(corrupt=True)
    assert main(["--download", NAMES[0]]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert "SHA-256" in lines[-1]
    assert "SEMCS_WEIGHTS" in lines[-1]


def test_ctrl_c_leaves_the_part_for_the_next_run(hub, monkeypatch, capsys):
    def interrupt(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("studio.models_cli.fetch", interrupt)
    assert main(["--download", NAMES[0]]) == 130
    assert capsys.readouterr().err == "Stopped: the next download goes on from here.\n"


def test_a_wrong_option_is_one_line_and_status_2(capsys):
    with pytest.raises(SystemExit) as stop:
        main(["--verify", "--download", "vgg19"])
    assert stop.value.code == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_a_process_of_its_own_uses_the_variables(hub, tmp_path):
    code = "import sys; from studio.models_cli import main; sys.exit(main(sys.argv[1:]))"
    run = subprocess.run(
        [sys.executable, "-c", code, "--download", NAMES[0]],
        cwd=Path(__file__).parents[2],
        env=os.environ | hub.environment(tmp_path),
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr
    assert run.stdout == "dino-vits16: 0.1 MB, ready\n"
    digest = hashlib.sha256(DATA + NAMES[0].encode()).hexdigest()
    assert cached(NAMES[0]).name == f"dino-vits16-{digest}.safetensors"
