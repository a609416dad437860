"""Put the page on a Space: `python .huggingface/deploy.py OWNER/NAME [--dry-run]`.

Checks the tree, creates the Space or takes the one that is there, makes one commit of what the page
needs, deletes there what it no longer needs, and asks for the hardware.
"""

# ruff: noqa: E402 (the packages of the project are beside this folder)
from __future__ import annotations

import argparse
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import front_matter
from huggingface_hub import (
    CommitOperationAdd,
    CommitOperationDelete,
    HfApi,
    SpaceHardware,
    get_token,
)
from huggingface_hub.errors import HfHubHTTPError, OfflineModeIsEnabled
from packaging.requirements import Requirement

from models.hub import megabytes
from semcs_core.errors import UserError

FILES = ("app.py", "requirements.txt", "README.md", "LICENSE", "CHANGELOG.md")
FOLDERS = ("semcs_core", "styles", "models", "studio", "examples")
THUMBNAIL = "docs/pictures/page.jpg"
MAX_FILE, MAX_TOTAL = 10_000_000, 100_000_000
"""Bytes. The Hub itself takes 1 GB for a Space: more than these is here by mistake."""
MARK = "semcs_core/__init__.py"
OF_THE_HUB = {".gitattributes", "README.md"}
"""What a Space has from its creation."""
# huggingface_hub speaks through httpx before its version 2 and through httpx2 since.
UNREACHABLE = tuple(
    import_module(name).TransportError for name in ("httpx", "httpx2") if find_spec(name)
)


@dataclass(frozen=True)
class Upload:
    """A file for the Space: its path there, and its bytes."""

    path: str
    data: bytes


def main(arguments: Sequence[str] | None = None) -> int:
    """Deploy.

    Returns:
        The exit status: 0, or 2 for what the user has to put right first.
    """
    parser = argparse.ArgumentParser(prog="deploy", description="Put the page on a Space.")
    parser.add_argument("space", metavar="OWNER/NAME", help="made if it is not there")
    parser.add_argument(
        "--hardware",
        choices=front_matter.FLAVOURS,
        metavar="FLAVOUR",
        help="ask for this, such as zero-a10g (what it has; a new one the free CPU)",
    )
    parser.add_argument("--private", action="store_true", help="a new Space is yours alone")
    parser.add_argument(
        "--dry-run", action="store_true", help="show what would be sent, ask no network"
    )
    options = parser.parse_args(arguments)
    try:
        front_matter.check_name(options.space)
        check_tree(ROOT)
        uploads = collect(ROOT, options.space)
        if options.dry_run:
            print(describe(uploads))
        else:
            print(deploy(uploads, options.space, options.hardware, options.private))
    except UserError as error:
        print(f"{parser.prog}: {error}", file=sys.stderr)
        return 2
    return 0


def check_tree(root: Path) -> None:
    """Refuse a tree that differs from what was committed or tested.

    Args:
        root: the project.

    Raises:
        UserError: the first thing that is wrong.
    """
    changed = _git(root, "status", "--porcelain").splitlines()
    if changed:
        raise UserError(
            f"The tree differs from its last commit ({len(changed)} files): commit what is meant."
        )
    data = front_matter.read(root / "README.md")
    front_matter.check(data, root)
    _check_installed(Requirement(f"gradio=={data['sdk_version']}"), "README.md")
    for line in (root / "requirements.txt").read_text("utf-8").splitlines():
        text = line.partition("#")[0].strip()
        if text:
            _check_installed(Requirement(text), "requirements.txt")


def collect(root: Path, space: str) -> list[Upload]:
    """What the Space gets, in the order of its paths: the program, and what README.md shows.

    Args:
        root: the project, a git checkout.
        space: OWNER/NAME.

    Raises:
        UserError: something is missing, or too large.
    """
    readme = (root / "README.md").read_text("utf-8")
    linked = {
        path
        for path in re.findall(r"\]\(([^):#]+)\)", readme)
        if not path.startswith("/") and (root / path).is_file()
    }
    tracked = _git(root, "ls-files", "-z", "--", *FOLDERS).split("\0")
    paths = sorted({*FILES, THUMBNAIL, *linked, *filter(None, tracked)})
    uploads = []
    for path in paths:
        if not (root / path).is_file():
            raise UserError(f"{path} is not there: a Space needs it.")
        data = (root / path).read_bytes()
        if path == "README.md":
            data = front_matter.with_thumbnail(readme, space, THUMBNAIL).encode()
        if len(data) > MAX_FILE:
            raise UserError(
                f"{path} has {megabytes(len(data))}: {megabytes(MAX_FILE)} at most belong on a"
                " Space."
            )
        uploads.append(Upload(path, data))
    total = sum(len(upload.data) for upload in uploads)
    if total > MAX_TOTAL:
        raise UserError(
            f"The files have {megabytes(total)}: {megabytes(MAX_TOTAL)} at most belong on a Space."
        )
    return uploads


def describe(uploads: Sequence[Upload]) -> str:
    """The front matter, then every file with its bytes."""
    by_path = {upload.path: upload.data for upload in uploads}
    top = by_path["README.md"].decode().split("\n---\n")[0]
    lines = [f"{len(data):>10,}  {path}" for path, data in by_path.items()]
    total = sum(map(len, by_path.values()))
    return "\n".join([top, "---", "", *lines, "", f"{total:>10,}  bytes in {len(lines)} files"])


def deploy(uploads: Sequence[Upload], space: str, hardware: str | None, private: bool) -> str:
    """Create or update the Space.

    Args:
        uploads: all that it shall hold.
        space: OWNER/NAME.
        hardware: to ask for; None leaves it as it is.
        private: whether a new Space is; one that is there stays as it is.

    Returns:
        A sentence about what was done.

    Raises:
        UserError: the Hub refuses, is not there, or the Space holds something else.
    """
    token = get_token()
    if not token:
        raise UserError("There is no token: run `hf auth login`, or set HF_TOKEN.")
    api = HfApi(token=token)
    with _in_one_sentence(f"{space} was not made"):
        address = api.create_repo(
            space, repo_type="space", space_sdk="gradio", private=private or None, exist_ok=True
        )
    with _in_one_sentence(f"{space} was not changed"):
        there = set(api.list_repo_files(space, repo_type="space"))
        if there - OF_THE_HUB and MARK not in there:
            raise UserError(f"{space} holds something else: choose another name.")
        gone = sorted(there - OF_THE_HUB - {upload.path for upload in uploads})
        operations: list[CommitOperationAdd | CommitOperationDelete] = [
            *(CommitOperationAdd(upload.path, upload.data) for upload in uploads),
            *(CommitOperationDelete(path) for path in gone),
        ]
        head = _git(ROOT, "rev-parse", "--short", "HEAD").strip()
        api.create_commit(space, operations, commit_message=f"Deploy {head}", repo_type="space")
    if hardware is not None:
        with _in_one_sentence(f"The files are on {space}, but its hardware was not changed"):
            api.request_space_hardware(space, SpaceHardware(hardware))
    return f"{len(uploads)} files are on {address}, which now builds itself."


@contextmanager
def _in_one_sentence(outcome: str) -> Iterator[None]:
    try:
        yield
    except HfHubHTTPError as error:
        status = error.response.status_code
        what = {
            401: "the Hub does not take this token: make one that may write",
            402: "the Hub asks for a payment first",
            403: "this token may not write there: make one that may, or take another owner",
        }.get(status, f"the Hub answered with status {status}: try again later")
        raise UserError(f"{outcome}: {what}.") from error
    except ValueError as error:
        if not str(error).startswith("Invalid metadata in README.md"):
            raise
        raise UserError(f"{outcome}: the Hub does not take the top of README.md.") from error
    except (*UNREACHABLE, OfflineModeIsEnabled, OSError, RuntimeError) as error:
        raise UserError(f"{outcome}: the Hub is not reachable.") from error


def _check_installed(requirement: Requirement, where: str) -> None:
    try:
        tested = version(requirement.name)
    except PackageNotFoundError:
        tested = "none"
    if tested == "none" or tested not in requirement.specifier:
        raise UserError(
            f"{where} asks for {requirement.name}{requirement.specifier}, and {tested} is what is"
            " installed and tested here."
        )


def _git(root: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=root, capture_output=True, text=True)  # noqa: S603, S607
    if done.returncode != 0:
        raise UserError("This is not a git checkout with a commit: deploy from one.")
    return done.stdout


if __name__ == "__main__":
    sys.exit(main())
