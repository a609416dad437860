"""`python -m studio models` against a loopback Hub."""

import pytest

from models.hub import FILES, cached, find
from studio.cli import main
from tests.helpers.fake_hub import FakeHub

DATA = bytes(range(256)) * 400
NAMES = ("dino-vits16", "vgg19")


@pytest.fixture
def hub(monkeypatch, tmp_path):
    with FakeHub() as hub:
        for name in NAMES:
            hub.serve(find(name).repo, find(name).filename, DATA + name.encode())
        hub.use(monkeypatch, tmp_path)
        yield hub


def test_lists_every_file_with_size_licence_and_whether_cached(hub, capsys):
    assert main(["models", "--download", NAMES[0]]) == 0
    capsys.readouterr()
    assert main(["models"]) == 0
    lines = capsys.readouterr().out.splitlines()
    names = [file.name for file in FILES if file.name != "efficientnet-lite0"]  # pip's
    assert [line.split()[0] for line in lines[1:-1]] == names
    assert lines[1].split()[:5] == ["clip-vit-b32", "about", "605", "MB", "MIT"]
    (line,) = (line for line in lines if line.startswith(NAMES[0]))
    assert line.split()[1:5] == ["0.1", "MB", "Apache-2.0", "yes"]
    assert lines[-1] == "To download all that is missing: about 2405 MB."


def test_downloads_several_with_a_bar_and_the_cached_without(hub, capsys):
    assert main(["models", "--download", *NAMES]) == 0
    output = capsys.readouterr()
    assert output.out == "dino-vits16: 0.1 MB, ready\nvgg19: 0.1 MB, ready\n"
    assert "Downloading vgg19: 100%" in output.err
    assert "102k/102k" in output.err
    assert main(["models", "--download", *NAMES]) == 0
    assert capsys.readouterr().err == ""
    assert len(hub.gets) == 2


def test_download_finds_a_damaged_file_and_repairs_it_the_next_time(hub, capsys):
    main(["models", "--download", *NAMES])
    cached(NAMES[1]).write_bytes(DATA)
    assert main(["models", "--download", *NAMES]) == 2
    assert "vgg19 was damaged" in capsys.readouterr().err.splitlines()[-1]
    assert main(["models", "--download", *NAMES]) == 0
    assert len(hub.gets) == 3
