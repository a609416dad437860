"""The Dockerfile, as far as it can be judged and run without Docker."""

import json
import os
import re
import shutil
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from gradio_client import Client, handle_file

from tests.helpers.visitor import free_port

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "Dockerfile").read_text("utf-8")


def every(keyword):
    """What follows a keyword of the Dockerfile, each on one line."""
    joined = re.sub(r"\\\n\s*", "", re.sub(r"(?m)^#.*\n", "", TEXT))
    return re.findall(rf"(?m)^{keyword} +(.*)", joined)


COMMAND = json.loads(every("CMD")[-1])
HEALTH_CHECK = json.loads(every("HEALTHCHECK")[0].partition(" CMD ")[2])


def test_the_build_gets_what_it_copies_and_nothing_else():
    copied = [path for rest in every("COPY") for path in rest.split()[:-1]]
    assert re.findall("(?m)^!(.*)", (ROOT / ".dockerignore").read_text("utf-8")) == copied


def check_health(port):
    """Run the image's own check, behind a proxy that is not there, as some containers are."""
    arguments = [word.replace(f":{COMMAND[-1]}/", f":{port}/") for word in HEALTH_CHECK[1:]]
    variables = {**os.environ, "http_proxy": "http://127.0.0.1:9", "no_proxy": "", "NO_PROXY": ""}
    call = [sys.executable, *arguments]
    return subprocess.run(call, env=variables, stderr=subprocess.DEVNULL).returncode == 0


WATCH = """
import os, sys
log = os.open(os.environ["WATCH"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
def note(event, details):
    path, folder = details[0] if details else None, -1
    if event == "open" and not (details[2] or 0) & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
        return
    if event == "os.rename":
        path, folder = details[1], details[3]
    elif event in ("os.mkdir", "os.remove"):
        folder = details[-1]
    elif event != "open":
        return
    if isinstance(path, (str, bytes)):
        base = os.getcwd() if folder == -1 else os.readlink(f"/proc/self/fd/{folder}")
        os.write(log, os.path.join(os.fsencode(base), os.fsencode(path)) + b"\\n")
sys.addaudithook(note)
"""


@pytest.mark.real_size
def test_what_is_copied_serves_and_writes_in_its_volume_and_tmp_alone(tmp_path, disc_photo):
    image, data, tmp, watch = (tmp_path / name for name in ("app", "data", "tmp", "watch"))
    for folder in image, data, tmp, watch:
        folder.mkdir()
    for rest in every("COPY"):
        *sources, target = rest.split()
        for source in sources:
            if (ROOT / source).is_dir():
                ignore = shutil.ignore_patterns("__pycache__")
                shutil.copytree(ROOT / source, image / target, ignore=ignore)
            else:
                shutil.copy(ROOT / source, image / target)
    (watch / "sitecustomize.py").write_text(WATCH)
    own = {
        name: value.replace("/data", str(data)).replace("/tmp", str(tmp))
        for name, value in re.findall(r"(\w+)=(\S+)", " ".join(every("ENV")))
    }
    variables = {
        **os.environ,
        **own,
        "TMPDIR": str(tmp),
        "PYTHONPATH": str(watch),
        "WATCH": str(tmp_path / "written"),
    }
    port = free_port()
    local = {"7860": str(port), "0.0.0.0": "127.0.0.1"}
    arguments = [local.get(word, word) for word in COMMAND[1:]]
    server = subprocess.Popen(
        [sys.executable, *arguments], cwd=image, env=variables, stdout=subprocess.DEVNULL
    )
    try:
        url = f"http://127.0.0.1:{port}"
        wait_for(url, server)
        assert check_health(port)
        client = Client(url, verbose=False, download_files=str(tmp_path / "client"))
        photo = handle_file(disc_photo[0])
        client.predict(photo=photo, foreground="fire", size=64, steps=2, api_name="/stylize")
    finally:
        server.terminate()
        server.wait(60)
    written = {Path(line) for line in (tmp_path / "written").read_text("utf-8").splitlines()}
    assert any(path.is_relative_to(tmp) for path in written)
    inside = (data, tmp, Path("/dev"), Path("/proc"))
    # PyTorch makes this folder in the system's own /tmp, which the container has, too.
    written = {path for path in written if not str(path).startswith("/tmp/torchinductor_")}
    assert [p for p in sorted(written) if not any(p.is_relative_to(root) for root in inside)] == []


def wait_for(url, server):
    end = time.monotonic() + 240
    while time.monotonic() < end and server.poll() is None:
        try:
            urllib.request.urlopen(url, timeout=5).close()
            return
        except OSError:
            time.sleep(0.1)
    raise AssertionError("The page did not come up.")


def test_the_documentation_names_what_the_image_needs():
    page = (ROOT / "docs/hosting.md").read_text("utf-8")
    (volume,) = every("VOLUME")
    run = next(line for line in page.replace("\\\n", "").splitlines() if "docker run" in line)
    for needed in ("--read-only", "--tmpfs /tmp", f":{volume}", f":{every('EXPOSE')[0]}"):
        assert needed in run
    assert COMMAND[-1] == every("EXPOSE")[0]
    assert f"127.0.0.1:{COMMAND[-1]}/health" in HEALTH_CHECK[-1]
