"""What a stranger may try by HTTP: local files, other machines, anything at all.

The lists are what was tried. Whatever comes back is a short answer without a path, a traceback or
a name of the server's own; nothing is read that was not uploaded, and no request leaves.
"""

import asyncio
import json
import re
import socket
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import quote

import httpx
import numpy as np
import pytest
from gradio.utils import get_upload_folder
from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client

from studio.server import http_gate

ROOT = Path(__file__).parents[3]
META = {"_type": "gradio.FileData"}
JSON = {"content-type": "application/json"}
SECRET = "canary-in-a-file"
pytestmark = pytest.mark.hostile

# Local files, however they are written. HERE is one of the project, OUTSIDE one beside the cache.
PATHS = [
    *("/etc/passwd", "//etc/passwd", "/proc/self/environ", "/dev/zero", "HERE", "OUTSIDE"),
    *("../app.py", "app.py", "./app.py", "~/.bashrc", ".", "CACHE", "CACHE/../OUTSIDE-NAME"),
    *("CACHE/./../OUTSIDE-NAME", "CACHE/nothing/../../OUTSIDE-NAME", "CACHE/link.png"),
    *("CACHE/linked/OUTSIDE-NAME", "CACHE/deep_links/../../OUTSIDE-NAME", "file:///etc/passwd"),
    *("file://OUTSIDE", "FILE:/etc/passwd", "\\\\server\\share\\photo.png"),
    *("//server/share/photo.png", "C:\\Windows\\win.ini", "ftp://127.0.0.1/photo.png"),
    *("gopher://127.0.0.1:PORT/photo.png", "data:image/png;base64,AAAA", "/etc/passwd\0.png", "\0"),
    *("/" + "a" * 5000, "/etc/%70asswd", "..%2f..%2fetc%2fpasswd", "..%252f..%252fetc%252fpasswd"),
    *("%2e%2e/%2e%2e/etc/passwd", "..\\..\\etc\\passwd", "/static/../app.py"),
]
HOSTS = """127.0.0.1 localhost LOCALHOST. 2130706433 0x7f000001 0177.0.0.1 127.1 0 0.0.0.0 [::1]
    [::ffff:127.0.0.1] [::] user:word@127.0.0.1 huggingface.co@127.0.0.1"""
# Addresses of the canary on PORT, or of what a server must not ask either.
ADDRESSES = [
    *(f"http://{host}:PORT/photo.png" for host in HOSTS.split()),
    *("http://127.0.0.1:PORT#huggingface.co/photo.png", "http://169.254.169.254/latest/meta-data/"),
    *("http://[fd00:ec2::254]/latest/meta-data/", "http://10.0.0.1/", "https://192.168.0.1/"),
    *("http://metadata.google.internal/computeMetadata/v1/", "http:///etc/passwd", "http://"),
    *("https://huggingface.co/photo.png", "https://example.com/photo.png"),
]
CALLS = ["queue/join", "call/mask", "call/v2/mask", "call/v2/nothing", "run/on_end", "cancel"]
NO_CALLS = [
    *(b"", b"{", b"[]", b"null", b'{"data": 7}', b'{"data": {}}', b"\xff\xfe", b"[" * 50_000),
    *(b'{"data": ' + b"[" * 50_000, b'{"data": [], "fn_index": ' + b"9" * 5000 + b"}"),
]
CLOSED = ["monitoring", "monitoring/summary", "docs", "pwa_icon/99999", "gradio_api/dev/reload"]


@pytest.fixture(scope="module")
def canary():
    """Another server, which nobody shall ask."""
    with socket.create_server(("127.0.0.1", 0), backlog=100) as server:
        server.setblocking(False)
        yield server


@pytest.fixture(autouse=True)
def _nobody_is_asked(canary, monkeypatch):
    """No name is looked up and no socket opened for what a request names."""
    import safehttpx

    left = []

    async def leave(host, *_, **__):
        left.append(host)
        raise AssertionError(host)

    monkeypatch.setattr(safehttpx, "async_validate_url", leave)
    yield
    assert left == []
    with pytest.raises(BlockingIOError):
        canary.accept()


@pytest.fixture(scope="module")
def outside(url, tmp_path_factory):
    """A file beside the cache, and links to it inside."""
    cache = Path(get_upload_folder())
    path = cache.parent / "outside.txt"
    path.write_text(SECRET, "utf-8")
    links = cache / "link.png", cache / "linked"
    for link, target in zip(links, (path, cache.parent), strict=True):
        link.symlink_to(target)
    yield path
    for made in (*links, path):
        made.unlink()


@pytest.fixture(scope="module")
def web(url):
    with httpx.Client(base_url=url, timeout=60) as client:
        yield client


@pytest.fixture(scope="module")
def written(outside, canary):
    """A path or an address as it is on this machine."""
    names = [("OUTSIDE-NAME", outside.name), ("OUTSIDE", str(outside)), ("HERE", __file__)]
    names += [("CACHE", get_upload_folder()), ("PORT", str(canary.getsockname()[1]))]

    def write(text):
        for name, value in names:
            text = text.replace(name, value)
        return text

    return write


def check(text, sent=""):
    """No answer says more than it should."""
    for part in (SECRET, "root:", "Traceback", 'File "'):
        assert part not in text, text[:500]
    for part in (str(ROOT), sys.prefix, "site-packages", ".py"):
        assert part not in text.replace(json.dumps(sent)[1:-1], ""), (part, text[:500])
    modules = r"\b((semcs_core|pydantic|starlette|PIL|torch)\.\w|gradio\.(?!FileData))"
    assert not re.search(modules, text), text[:500]


def refused(response, sent=""):
    """It failed, and says so in a sentence."""
    text = response.text
    assert response.status_code >= 400, text[:500]
    check(text, sent)
    said = response.json()["detail"] if text.startswith("{") else text
    assert re.fullmatch(".{3,300}", said), said


def data_of(path):
    return {"path": path, "meta": META}


def join(web, event, values, **more):
    """One call by way of the queue, as the page makes it: its last message, or the refusal."""
    session = f"s{np.random.default_rng().integers(10**12)}"
    body = {"fn_index": event, "session_hash": session, "data": values, **more}
    joined = web.post("gradio_api/queue/join", content=json.dumps(body), headers=JSON)
    if not joined.is_success:
        refused(joined)
        return None
    told = []
    with web.stream("GET", "gradio_api/queue/data", params={"session_hash": session}) as stream:
        for line in stream.iter_lines():
            if line.startswith("data: "):
                told.append(json.loads(line[6:]))
                check(line)
            if told and told[-1]["msg"] in ("process_completed", "close_stream"):
                break
    return told[-1]


def call(web, name, values):
    """One call as a program makes it: the text of its end."""
    answer = web.post(f"gradio_api/call/{name}", json={"data": values})
    if not answer.is_success:
        refused(answer)
        return answer.text
    ended = web.get(f"gradio_api/call/{name}/{answer.json()['event_id']}")
    check(ended.text)
    return ended.text


def side_by_side(function, *lists):
    """Calls mostly wait for Gradio's queue."""
    with ThreadPoolExecutor(8) as threads:
        return list(threads.map(function, *lists))


def test_a_file_of_a_call_must_have_been_uploaded(web, written):
    def attempt(number, path):
        name, rest = (("mask", 4), ("stylize", 12))[number % 2]
        ended = call(web, name, [data_of(written(path)), *[None] * rest])
        assert http_gate.NOT_UPLOADED in ended, (path, ended)

    tried = PATHS + ADDRESSES
    side_by_side(attempt, range(len(tried)), tried)


def test_every_event_of_the_page_refuses_files_that_were_not_uploaded(web, written):
    """By way of the queue, and past it where there is none."""
    import app

    paths = ("OUTSIDE", "CACHE/link.png", "http://127.0.0.1:PORT/photo.png")

    def attempt(event):
        number = event["id"]
        values = [data_of(written(paths[number % 3]))] * len(event["inputs"])
        message = join(web, number, values, event_data={"index": 0, "value": None})
        assert message["success"] is False
        assert message["output"]["error"] in (http_gate.NOT_UPLOADED, http_gate.MISFIT), event
        body = json.dumps({"data": values, "fn_index": number})
        way = ("run", "api")[number % 2]
        answer = web.post(f"gradio_api/{way}/{event['api_name']}", content=body, headers=JSON)
        refused(answer) if event["queue"] else check(answer.text)
        assert event["queue"] <= (answer.status_code == 404)

    side_by_side(attempt, [event for event in app.demo.config["dependencies"] if event["inputs"]])
    for event in (-1, 10**6, "x", None, 0.5):
        assert join(web, event, []) is None


def test_served_files_are_those_of_the_cache(web, written, disc_photo):
    png = disc_photo[0].read_bytes()
    here = web.post("gradio_api/upload", files={"files": ("a.png", png)}).json()[0]
    assert web.get(f"gradio_api/file={here}").content == png
    for path in PATHS + ADDRESSES:
        path = written(path)
        ways = [("file=", path), ("file/", quote(path, safe="")), ("proxy=", quote(path, safe=""))]
        ways.append(("file=", quote(quote(path, safe=""), safe="")))
        for way, name in ways:
            try:
                answer = web.get(f"gradio_api/{way}{name}")
            except httpx.InvalidURL:
                continue  # no client can send it
            check(answer.text, path)
            assert answer.status_code >= 300, (way, name, answer.text[:200])
    for number, path in enumerate(PATHS):
        way = ("static/", "assets/", "svelte/")[number % 3]
        answer = web.get(way + quote(written(path), safe=""))
        check(answer.text, written(path))
        assert answer.status_code >= 300, (way, path)


@pytest.mark.parametrize(
    "name",
    [
        *("../../outside.png", "..", ".", "", "/etc/cron.d/x.png", "..\\..\\x.png", "a\0b.png"),
        *("x" * 3000 + ".png", "con.png", "\u202egnp.exe", "<img src=x onerror=alert(1)>.png"),
    ],
)
def test_an_upload_stays_in_the_cache(web, name):
    before = {path.name for path in Path(get_upload_folder()).parent.iterdir()}
    answer = web.post("gradio_api/upload", files={"files": (name, b"picture")})
    check(answer.text, name)
    if answer.is_success:
        assert all(http_gate.was_uploaded(path) for path in answer.json())
    assert {path.name for path in Path(get_upload_folder()).parent.iterdir()} == before


def test_a_request_has_a_limit(web):
    big = b"\0" * (20 * 2**20 + 1)
    refused(web.post("gradio_api/upload", files={"files": ("a.png", big)}))
    refused(web.post("gradio_api/upload", files=[("files", ("a.png", big[: 2**24]))] * 2))
    with socket.create_connection((web.base_url.host, web.base_url.port)) as plain:
        plain.sendall(b"POST /gradio_api/call/mask HTTP/1.1\r\nHost: x\r\nContent-Length: ")
        plain.sendall(b"9" * 15 + b"\r\nConnection: close\r\n\r\n")
        assert http_gate.TOO_LARGE.encode() in plain.makefile("rb").read()
    for way in ("queue/join", "call/mask", "run/on_end", "call/v2/mask", "mcp/", "upload"):
        for content in (b"[" * (http_gate.MOST_BODY + 1), iter([b"[" * 2**20] * 28)):
            answer = web.post(f"gradio_api/{way}", content=content)
            assert answer.status_code == 413 or "Invalid content type" in answer.text
            check(answer.text)


def test_bodies_that_are_no_call(web):
    for way in CALLS:
        for content in NO_CALLS:
            answer = web.post(f"gradio_api/{way}", content=content, headers=JSON)
            if not answer.is_success:
                refused(answer)
    for way in ("process_recording", "component_server", "vibe-edit", "vibe-code", "login"):
        refused(web.post(f"gradio_api/{way}", files={"video": ("a.mp4", b"x")}))
    for way in CLOSED:
        answer = web.get(way)
        check(answer.text)
        assert answer.status_code >= 400, way


def test_an_assistant_hands_over_no_address_and_no_path(url, written):
    async def converse():
        texts = []
        async with (
            streamable_http_client(f"{url}gradio_api/mcp/") as (reading, writing, _),
            ClientSession(reading, writing) as session,
        ):
            await session.initialize()
            tried = [written(p) for p in PATHS[:6] + ADDRESSES] + [7, None, {}, ["x"]]
            tried += [data_of(written("OUTSIDE")), "data:image/png;base64,!!!"]
            for photo in tried:
                answer = await session.call_tool("mask", {"photo": photo})
                assert answer.isError, (photo, answer.content)
                texts.append((photo, answer.content[0].text))
        return texts

    with ThreadPoolExecutor(1) as thread:  # this one's event loop is Playwright's
        for photo, text in thread.submit(asyncio.run, converse()).result():
            check(text, photo if isinstance(photo, str) else str(photo))
            if isinstance(photo, str) and photo.startswith(("http://", "https://")):
                assert http_gate.NOT_UPLOADED in text
