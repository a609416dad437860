"""Starting the page: what importing it does, where it serves, and how it ends."""

import json
import socket
import subprocess
import sys
import time

import pytest
from gradio_client import Client, handle_file

from models.loading import load_models
from semcs_core.errors import UserError
from semcs_core.image import open_photo
from semcs_core.prompts import check_known
from semcs_core.settings import Settings
from studio.flat_settings import ENTRIES
from studio.page import setting_controls
from studio.page.photo_panel import EXAMPLES
from tests.helpers.visitor import LOG, ROOT, serving


def printed(code):
    """What Python prints last, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return done.stdout.strip().splitlines()[-1]


def test_importing_app_loads_no_models():
    code = "import app, torch; from models.loading import _load; "
    code += "print(_load.cache_info().currsize, torch.cuda.is_initialized(), app.demo.is_running)"
    assert printed(code) == "0 False False"
    assert not list(ROOT.glob("studio/page/*.pyi"))


@pytest.mark.parametrize("file", ["app.py", "studio/__main__.py"])
def test_help_waits_for_neither_torch_nor_models(file):
    code = (
        "import runpy, sys\n"
        f"sys.argv = ['{file}', '--help']\n"
        "try:\n"
        f"    runpy.run_path('{file}', run_name='__main__')\n"
        "finally:\n"
        "    print([n for n in ('torch', 'gradio') if n in sys.modules])"
    )
    assert printed(code) == "[]"


@pytest.mark.parametrize("port", ["0", "-1", "70000", "http"])
def test_an_impossible_port_is_refused_in_one_sentence(port, capsys, cache):
    from app import read_arguments

    with pytest.raises(SystemExit) as ended:
        read_arguments(["--port", port])
    assert ended.value.code == 2
    assert capsys.readouterr().err.endswith(
        f"argument --port: {port!r} is no port: use a number from 1 to 65535\n"
    )


@pytest.mark.real_size
def test_a_port_that_is_taken_is_told_in_one_line():
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        done = subprocess.run(
            [sys.executable, ROOT / "app.py", "--port", str(port)], capture_output=True, text=True
        )
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert f"{port}-{port}: choose another --port" in line


@pytest.mark.real_size
def test_a_server_that_is_told_to_end_stops_its_runs_first(tmp_path):
    """As a container is told; the visitor has the picture so far, and the log its line."""
    with serving(tmp_path) as (url, process):
        client = Client(url, verbose=False, download_files=False)
        photo = handle_file(ROOT / "examples" / "coffee.jpg")
        job = client.submit(photo, "fire", size=128, steps=1000, api_name="/stylize")
        deadline = time.monotonic() + 60
        while not any(told["steps"] for _, told in job.outputs()):
            assert not job.done()
            assert time.monotonic() < deadline
            time.sleep(0.1)
        process.terminate()
        picture, told = job.result(60)
        assert process.wait(60) == 0
    assert picture["path"].endswith(".png")
    assert 1 <= told["steps"] < 1000
    lines = (tmp_path / LOG).read_text().splitlines()
    (run,) = [json.loads(line) for line in lines if line.startswith("{")]
    assert run["outcome"] == "stopped"


def test_every_setting_has_a_control_and_the_server_checks_it_again(url):
    import app

    names = setting_controls.NAMES
    assert sorted(names) == sorted(ENTRIES)
    ids = [block.elem_id for block in app.demo.blocks.values() if block.elem_id]
    assert len(ids) == len(set(ids))
    assert set(names) <= set(ids)
    defaults = {name: entry.default for name, entry in ENTRIES.items()}

    def read(values):
        return setting_controls.read_settings([values[name] for name in names])

    assert read(defaults) == Settings()
    assert read(defaults | {"steps": 12.0}).steps == 12
    for wrong in {"steps": 10**6}, {"size": None}, {"seed": "x"}, {"crops": 2.5}:
        with pytest.raises(UserError, match=next(iter(wrong)).capitalize()):
            read(defaults | wrong)


def test_examples_are_photos_with_two_pairs_of_prompts():
    encoder = load_models("starter").encoder
    entries = json.loads((ROOT / "examples" / "examples.json").read_text("utf-8"))
    assert len(EXAMPLES) >= 5
    assert len(entries) == sum(len(example.pairs) for example in EXAMPLES)
    for example in EXAMPLES:
        assert len(set(example.pairs)) == 2
        assert all(f and b and f != b for f, b in example.pairs)
        assert not check_known(encoder, [text for pair in example.pairs for text in pair])
        assert min(open_photo(example.path).size) >= 256
        first = example.next_pair("", "")
        second = example.next_pair(*first)
        assert {first, second} == set(example.pairs)
        assert example.next_pair(*second) == first
