"""A loopback server that answers what the Hugging Face Hub answers when a file is asked for.

    with FakeHub() as hub:
        hub.serve("timm/vgg19.tv_in1k", "model.safetensors", path_or_bytes)
        hub.use(monkeypatch, home)

As on the Hub, a file's address redirects to another host for the bytes (`localhost` after
`127.0.0.1`), and the redirect carries commit, size and SHA-256.
"""

from __future__ import annotations

import hashlib
import re
import threading
import time
from collections import deque
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

COMMIT = "0123456789abcdef0123456789abcdef01234567"


class FakeHub:
    """A Hub of local files, running inside `with`.

    Attributes:
        gets: the first byte of each request for bytes, in order.
        heads: how many requests asked for a file's record.
        cuts: after how many bytes each of the next answers breaks off; then all is well again.
        status: answered to every request while it is set.
        bytes_per_second: of every answer, also of one under way; None is as fast as can be.
    """

    def __init__(self) -> None:
        self.gets: list[int] = []
        self.heads = 0
        self.cuts: deque[int] = deque()
        self.status: int | None = None
        self.bytes_per_second: float | None = None
        self.files: dict[str, bytes | Path] = {}
        self.etags: dict[str, str] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self.port = self._server.server_port
        self.url = f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> FakeHub:
        # The poll is how long it takes to stop.
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def serve(self, repo: str, filename: str, data: bytes | Path, etag: str | None = None) -> str:
        """Put a file into a repository; its record tells its SHA-256, or `etag` instead.

        Returns:
            Where its bytes are, as those of an ordinary web server.
        """
        key = f"{repo}/{filename}"
        self.files[key] = data
        self.etags[key] = hashlib.sha256(_read(data)).hexdigest() if etag is None else etag
        return f"{self.url}/bytes/{key}"

    def use(self, monkeypatch: Any, home: Path) -> None:
        """Make huggingface_hub, which read its variables on import, use this server and `home`."""
        from huggingface_hub import constants

        use_endpoint(monkeypatch, self.url)
        monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
        monkeypatch.setattr(constants, "HF_HUB_CACHE", str(home / "hub"))
        monkeypatch.setattr(constants, "HF_ASSETS_CACHE", str(home / "assets"))
        # With the usual 10 MB there would be no progress of small files.
        monkeypatch.setattr(constants, "DOWNLOAD_CHUNK_SIZE", 10_000)
        monkeypatch.delenv("SEMCS_WEIGHTS", raising=False)


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

        def do_GET(self) -> None:
            self.answer()

        do_HEAD = do_GET  # noqa: N815

        def answer(self) -> None:
            record = re.fullmatch(r"/([^/]+/[^/]+)/resolve/main/(.+)", self.path)
            key = f"{record[1]}/{record[2]}" if record else self.path.removeprefix("/bytes/")
            if record is not None:
                hub.heads += 1
            if hub.status is not None:
                self.head(hub.status)
            elif key not in hub.files:
                self.head(404)
            elif record is None:
                self.send_bytes(_read(hub.files[key]))
            else:
                self.head(
                    302,
                    {
                        "Location": f"http://localhost:{hub.port}/bytes/{key}",
                        "X-Repo-Commit": COMMIT,
                        "X-Linked-Etag": f'"{hub.etags[key]}"',
                        "X-Linked-Size": str(len(_read(hub.files[key]))),
                    },
                )

        def send_bytes(self, body: bytes) -> None:
            start = int(self.headers.get("Range", "bytes=0-")[len("bytes=") :].rstrip("-"))
            hub.gets.append(start)
            span = f"bytes {start}-{len(body) - 1}/{len(body)}"
            body = body[start:]
            headers = {"Content-Length": str(len(body)), "Content-Range": span}
            self.head(206 if start else 200, headers)
            if hub.cuts:
                body, self.close_connection = body[: hub.cuts.popleft()], True
            sent = 0
            while sent < len(body):
                speed = hub.bytes_per_second  # a test may change it meanwhile
                step = len(body) if speed is None else max(1, int(speed / 50))
                try:
                    self.wfile.write(body[sent : sent + step])
                except ConnectionError:  # the client has left
                    self.close_connection = True
                    return
                sent += step
                if speed is not None:
                    time.sleep(step / speed)

        def head(self, status: int, headers: dict[str, str] | None = None) -> None:
            self.send_response(status)
            for name, value in {"Content-Length": "0", **(headers or {})}.items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            return

    return Handler
