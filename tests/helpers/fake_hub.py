"""A loopback server that answers what the Hugging Face Hub answers when a file is asked for.

    with FakeHub() as hub:
        hub.serve("timm/vgg19.tv_in1k", "model.safetensors", path_or_bytes)
        hub.use(monkeypatch, home)                                   # in this process, or
        subprocess.run(..., env=os.environ | hub.environment(home))  # in another

As on the Hub, a file's address redirects to another host for the bytes (`localhost` after
`127.0.0.1`), and the redirect carries commit, size and SHA-256.
"""

from __future__ import annotations

import hashlib
import re
import threading
import time
from collections import deque
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@dataclass(frozen=True)
class Fault:
    """What goes wrong with one answer.

    Attributes:
        cut: the connection ends after so many bytes of the answer.
        shorten: the answer is whole, but so many bytes long.
        corrupt: the first byte is another one.
        status: the answer is this status and no bytes.
    """

    cut: int | None = None
    shorten: int | None = None
    corrupt: bool = False
    status: int | None = None


@dataclass(frozen=True)
class Get:
    """A request for a file's bytes: its path, and the first byte asked for."""

    path: str
    start: int


class FakeHub:
    """A Hub of local files, running inside `with`.

    Attributes:
        gets: what bytes were asked for, in order.
        revisions: at which the bytes were asked for, in order; a commit if the client is careful.
        heads: how many requests asked for a file's record.
        faults: one for each of the next requests for bytes; then all is well again.
        fault: for every request for bytes while it is set.
        status: answered to every request while it is set.
        bytes_per_second: of every answer, also of one under way; None is as fast as can be.
        ranges: whether a request for a part gets that part; otherwise it gets the whole file.
    """

    def __init__(self) -> None:
        self.gets: list[Get] = []
        self.revisions: list[str] = []
        self.heads = 0
        self.faults: deque[Fault] = deque()
        self.fault: Fault | None = None
        self.status: int | None = None
        self.bytes_per_second: float | None = None
        self.ranges = True
        self._files: dict[str, bytes | Path] = {}
        self._etags: dict[str, str] = {}
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> FakeHub:
        # The poll is how long it takes to stop.
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def serve(self, repo: str, filename: str, data: bytes | Path, etag: str | None = None) -> None:
        """Put a file into a repository; its record tells its SHA-256, or `etag` instead."""
        key = f"{repo}/{filename}"
        self._files[key] = data
        self._etags[key] = etag or hashlib.sha256(_read(data)).hexdigest()

    def serve_plain(self, path: str, data: bytes | Path) -> str:
        """Serve a file as an ordinary web server does; returns its address."""
        self._files[path] = data
        return f"{self.url}/plain/{path}"

    def use(self, monkeypatch: Any, home: Path) -> None:
        """Make huggingface_hub, which read its variables on import, use this server and `home`."""
        from huggingface_hub import constants

        use_endpoint(monkeypatch, self.url)
        monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
        monkeypatch.setattr(constants, "HF_HUB_CACHE", str(home / "hub"))
        monkeypatch.setattr(constants, "HF_ASSETS_CACHE", str(home / "assets"))
        monkeypatch.delenv("SEMCS_WEIGHTS", raising=False)

    def environment(self, home: Path) -> dict[str, str]:
        """Variables for another process that uses this server and `home`, and no other host."""
        dead = "http://127.0.0.1:9"
        return {
            "HF_ENDPOINT": self.url,
            "HF_HOME": str(home),
            "HF_HUB_CACHE": str(home / "hub"),
            "HF_ASSETS_CACHE": str(home / "assets"),
            "HF_HUB_OFFLINE": "0",
            "SEMCS_WEIGHTS": "",
            **dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"), dead),
            **dict.fromkeys(("NO_PROXY", "no_proxy"), "127.0.0.1,localhost"),
        }

    def next_fault(self) -> Fault:
        """What is to go wrong with the answer being made."""
        with self._lock:
            return self.fault or (self.faults.popleft() if self.faults else Fault())

    def file(self, key: str) -> bytes | None:
        """The bytes of a file by `repository/filename` or plain path."""
        data = self._files.get(key)
        return None if data is None else _read(data)

    def record(self, key: str) -> dict[str, str]:
        """The headers in which the Hub tells what a file is."""
        return {
            "X-Repo-Commit": COMMIT,
            "X-Linked-Etag": f'"{self._etags[key]}"',
            "X-Linked-Size": str(len(self.file(key) or b"")),
        }

    def count(self, get: Get | None) -> None:
        """Note a request: for bytes, or for a record."""
        with self._lock:
            if get is None:
                self.heads += 1
            else:
                self.gets.append(get)


def use_endpoint(monkeypatch: Any, url: str) -> None:
    """What HF_ENDPOINT does, for a process that has already imported huggingface_hub."""
    from huggingface_hub import constants

    template = url + "/{repo_id}/resolve/{revision}/{filename}"
    monkeypatch.setattr(constants, "ENDPOINT", url)
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)


def _read(data: bytes | Path) -> bytes:
    return data if isinstance(data, bytes) else data.read_bytes()


def _handler(hub: FakeHub) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_HEAD(self) -> None:
            self.answer()

        def do_GET(self) -> None:
            self.answer()

        def answer(self) -> None:
            path = unquote(self.path.partition("?")[0])
            resolve = re.fullmatch(r"/([^/]+/[^/]+)/resolve/([^/]+)/(.+)", path)
            stored = re.fullmatch(r"/(?:bytes|plain)/(.+)", path)
            if hub.status is not None:
                self.empty(hub.status)
            elif resolve is not None:
                self.redirect(f"{resolve[1]}/{resolve[3]}", resolve[2])
            elif stored is not None and hub.file(stored[1]) is not None:
                self.send_file(stored[1])
            else:
                self.empty(404)

        def redirect(self, key: str, revision: str) -> None:
            if self.command == "HEAD":
                hub.count(None)
            else:
                hub.revisions.append(revision)
            if hub.file(key) is None or revision not in ("main", COMMIT):
                self.empty(404, {"X-Error-Code": "EntryNotFound", "X-Repo-Commit": COMMIT})
            else:
                location = f"http://localhost:{hub.port}/bytes/{key}"
                self.empty(302, {"Location": location, **hub.record(key)})

        def send_file(self, key: str) -> None:
            body = hub.file(key) or b""
            asked = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
            start = int(asked[1]) if asked else 0
            if self.command == "HEAD":
                self.empty(200, {"Content-Length": str(len(body))})
                return
            hub.count(Get(key, start))
            fault = hub.next_fault()
            if fault.status is not None:
                self.empty(fault.status)
                return
            if fault.shorten is not None:
                body = body[: fault.shorten]
            if start and start >= len(body):
                self.empty(416, {"Content-Range": f"bytes */{len(body)}"})
                return
            headers = {"Accept-Ranges": "bytes"}
            if asked and hub.ranges:
                headers["Content-Range"] = f"bytes {start}-{len(body) - 1}/{len(body)}"
                body = body[start:]
            if fault.corrupt:
                body = bytes([body[0] ^ 1]) + body[1:]
            self.send_response(206 if "Content-Range" in headers else 200)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.send_body(body if fault.cut is None else body[: fault.cut])
            if fault.cut is not None:
                self.close_connection = True

        def send_body(self, body: bytes) -> None:
            sent = 0
            try:
                while sent < len(body):
                    speed = hub.bytes_per_second  # a test may change it meanwhile
                    step = len(body) if speed is None else max(1, int(speed / 50))
                    self.wfile.write(body[sent : sent + step])
                    sent += step
                    if speed is not None:
                        time.sleep(step / speed)
            except ConnectionError:  # the client has left
                self.close_connection = True

        def empty(self, status: int, headers: dict[str, str] | None = None) -> None:
            self.send_response(status)
            for name, value in {"Content-Length": "0", **(headers or {})}.items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            return

    return Handler
