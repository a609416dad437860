"""A loopback server that answers what the Hugging Face Hub answers when a Space is written.

    with FakeSpaceHub() as hub:
        fake_hub.use_endpoint(monkeypatch, hub.url)
        ...
    hub.spaces["me/studio"].files

A file of LFS takes the way of Git LFS, since the one of Xet needs a server of its own.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import dataclass, field
from typing import Any

from tests.helpers.fake_hub import COMMIT, Handler, Loopback

TOKENS = {"hf_writes": None, "hf_reads": 403, "hf_old": 401}
"""A token, and with which status the Hub refuses what it asks for."""
BINARY = (".safetensors", ".jpg", ".png", ".webp")


@dataclass
class Space:
    """What the Hub holds of one."""

    sdk: str
    visibility: str | None
    files: dict[str, bytes] = field(
        default_factory=lambda: {".gitattributes": b"", "README.md": b""}
    )
    messages: list[str] = field(default_factory=list)
    hardware: str = "cpu-basic"


class FakeSpaceHub(Loopback):
    """A Hub of Spaces, running inside `with`.

    Attributes:
        spaces: by OWNER/NAME.
        requests: method and path of each, in order.
        faults: status with which a request is answered, by what its path ends with.
    """

    def __init__(self) -> None:
        self.spaces: dict[str, Space] = {}
        self.requests: list[str] = []
        self.faults: dict[str, int] = {}
        self.blobs: dict[str, bytes] = {}
        super().__init__(_handler(self))


def _handler(hub: FakeSpaceHub) -> type[Handler]:
    class Spaces(Handler):
        def answer(self) -> None:
            path = self.path.partition("?")[0]
            body = self.body()
            hub.requests.append(f"{self.command} {path}")
            fault = next((hub.faults[end] for end in hub.faults if path.endswith(end)), None)
            if path.startswith("/lfs/"):  # its address is its permission
                hub.blobs[hashlib.sha256(body).hexdigest()] = body
                self.send(200, {})
                return
            status = fault or TOKENS.get(
                self.headers.get("Authorization", "").partition(" ")[2], 401
            )
            if status is not None:
                self.send(status, {"error": f"No, by {self.headers.get('Authorization')}."})
                return
            self.send(*self.route(path, body))

        def route(self, path: str, body: bytes) -> tuple[int, Any]:
            if path == "/api/repos/create":
                return self.create(json.loads(body))
            if path == "/api/validate-yaml":
                return 200, {}
            found = re.fullmatch(r"(?:/api)?/spaces/([^/]+/[^/]+?)(?:\.git)?/(.+)", path)
            if found is None or found[1] not in hub.spaces:
                return 404, {"error": "There is none."}
            space, action = hub.spaces[found[1]], found[2]
            if action == "tree/main":
                return 200, [
                    {"type": "file", "path": name, "size": len(data), "oid": COMMIT}
                    for name, data in space.files.items()
                ]
            if action == "preupload/main":
                return 200, {"files": [mode(file) for file in json.loads(body)["files"]]}
            if action == "info/lfs/objects/batch":
                return 200, {"objects": [wanted(o) for o in json.loads(body)["objects"]]}
            if action == "hardware":
                space.hardware = json.loads(body)["flavor"]
                state = {"current": "cpu-basic", "requested": space.hardware}
                return 200, {"stage": "BUILDING", "hardware": state, "gcTimeout": None}
            if action == "commit/main":
                self.commit(space, [json.loads(line) for line in body.splitlines()])
                return 200, {
                    "commitUrl": f"{hub.url}/spaces/{found[1]}/commit/{COMMIT}",
                    "commitOid": COMMIT,
                }
            return 404, {"error": "There is none."}

        def create(self, asked: dict[str, Any]) -> tuple[int, Any]:
            name = f"{asked['organization']}/{asked['name']}"
            url = f"{hub.url}/spaces/{name}"
            if name in hub.spaces:
                return 409, {"error": "You already have it.", "url": url}
            hub.spaces[name] = Space(asked["sdk"], asked.get("visibility"))
            return 200, {"url": url}

        def commit(self, space: Space, lines: list[dict[str, Any]]) -> None:
            for line in lines:
                value = line["value"]
                if line["key"] == "header":
                    space.messages.append(value["summary"])
                elif line["key"] == "file":
                    space.files[value["path"]] = base64.b64decode(value["content"])
                elif line["key"] == "lfsFile":
                    space.files[value["path"]] = hub.blobs[value["oid"]]
                elif line["key"] == "deletedFile":
                    del space.files[value["path"]]

        def body(self) -> bytes:
            if self.headers.get("Transfer-Encoding") != "chunked":
                return self.rfile.read(int(self.headers.get("Content-Length", 0)))
            body = b""
            while size := int(self.rfile.readline(), 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
            return body

        def send(self, status: int, answer: Any) -> None:
            data = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

    def mode(file: dict[str, Any]) -> dict[str, Any]:
        kind = "lfs" if file["path"].endswith(BINARY) else "regular"
        return {"path": file["path"], "uploadMode": kind, "shouldIgnore": False}

    def wanted(blob: dict[str, Any]) -> dict[str, Any]:
        if blob["oid"] in hub.blobs:
            return blob
        return {**blob, "actions": {"upload": {"href": f"{hub.url}/lfs/{blob['oid']}"}}}

    return Spaces
