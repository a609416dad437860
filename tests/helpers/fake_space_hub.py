"""The Hugging Face Hub as `.huggingface/deploy.py` asks it, in the place of its client's methods.

with FakeSpaceHub() as hub:
    ...
hub.spaces["me/studio"].files
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
from huggingface_hub import CommitOperationAdd, HfApi
from huggingface_hub.errors import HfHubHTTPError

TOKENS = {"hf_writes": None, "hf_reads": 403, "hf_old": 401}
"""A token, and with which status the Hub refuses what it asks for."""


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


class FakeSpaceHub:
    """A Hub of Spaces, which answers inside `with`.

    Attributes:
        spaces: by OWNER/NAME.
        requests: what was asked for, in order.
        faults: status with which a request is answered.
    """

    url = "http://127.0.0.1:9"  # nothing listens there

    def __init__(self) -> None:
        self.spaces: dict[str, Space] = {}
        self.requests: list[str] = []
        self.faults: dict[str, int] = {}

    def __enter__(self) -> FakeSpaceHub:
        self._patched = pytest.MonkeyPatch()
        self._answer("create_repo", "create", self._create)
        self._answer("list_repo_files", "tree", lambda space, **_: [*self.spaces[space].files])
        self._answer("create_commit", "commit/main", self._commit)
        self._answer("request_space_hardware", "hardware", self._change_hardware)
        return self

    def __exit__(self, *_: object) -> None:
        self._patched.undo()

    def _answer(self, method: str, request: str, answer: Callable[..., Any]) -> None:
        def asked(api: HfApi, *args: Any, **options: Any) -> Any:
            self.requests.append(request)
            status = self.faults.get(request) or TOKENS.get(str(api.token), 401)
            if status is not None:
                response: Any = SimpleNamespace(status_code=status, headers={}, request=None)
                raise HfHubHTTPError(f"No, by {api.token}.", response=response)
            return answer(*args, **options)

        self._patched.setattr(HfApi, method, asked)

    def _create(self, name: str, *, space_sdk: str, private: bool | None, **_: Any) -> str:
        self.spaces.setdefault(name, Space(space_sdk, "private" if private else None))
        return f"{self.url}/spaces/{name}"

    def _commit(self, name: str, operations: list[Any], *, commit_message: str, **_: Any) -> None:
        if "validate-yaml" in self.faults:
            raise ValueError("Invalid metadata in README.md.")
        space = self.spaces[name]
        space.messages.append(commit_message)
        for operation in operations:
            if isinstance(operation, CommitOperationAdd):
                space.files[operation.path_in_repo] = operation.path_or_fileobj
            else:
                del space.files[operation.path_in_repo]

    def _change_hardware(self, name: str, hardware: str) -> None:
        self.spaces[name].hardware = hardware
