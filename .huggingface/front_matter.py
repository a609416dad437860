"""What the top of README.md tells a Space, and whether the Hub will take it.

The keys are those of https://huggingface.co/docs/hub/spaces-config-reference.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from huggingface_hub import SpaceHardware, metadata_load
from huggingface_hub.utils import HFValidationError, validate_repo_id

from models.hub import FILES
from semcs_core.errors import UserError

DOCUMENTED: dict[str, type] = {
    "title": str,
    "emoji": str,
    "colorFrom": str,
    "colorTo": str,
    "sdk": str,
    "python_version": str,
    "sdk_version": str,
    "suggested_hardware": str,
    "suggested_storage": str,
    "app_file": str,
    "app_build_command": str,
    "app_port": int,
    "base_path": str,
    "fullWidth": bool,
    "header": str,
    "short_description": str,
    "models": list,
    "datasets": list,
    "tags": list,
    "thumbnail": str,
    "pinned": bool,
    "hf_oauth": bool,
    "hf_oauth_scopes": list,
    "hf_oauth_expiration_minutes": int,
    "hf_oauth_authorized_org": list,
    "disable_embedding": bool,
    "startup_duration_timeout": str,
    "custom_headers": dict,
    "preload_from_hub": list,
    "license": str,
}
NEEDED = (
    "title",
    "emoji",
    "colorFrom",
    "colorTo",
    "sdk",
    "sdk_version",
    "python_version",
    "app_file",
    "suggested_hardware",
    "short_description",
    "models",
    "tags",
    "preload_from_hub",
    "license",
)
COLOURS = {"red", "yellow", "green", "blue", "indigo", "purple", "pink", "gray"}
FLAVOURS = tuple(flavour.value for flavour in SpaceHardware)
LONGEST_DESCRIPTION = 60
"""Characters: the Hub refuses a longer one."""


def read(readme: Path) -> dict[str, Any]:
    """The front matter of a README.

    Raises:
        UserError: there is none, or it is not YAML.
    """
    try:
        data = metadata_load(readme)
    except Exception as error:  # whatever YAML has to say is about this text alone
        raise UserError("The top of README.md is not YAML: see docs/hosting.md.") from error
    if not data:
        raise UserError("README.md does not begin with a front matter between two lines of ---.")
    return data


def check(data: dict[str, Any], root: Path) -> None:
    """Refuse what the Hub would refuse, or would understand otherwise than it is meant.

    Args:
        data: a front matter.
        root: the folder that becomes the Space.

    Raises:
        UserError: the first thing that is wrong.
    """
    for key in NEEDED:
        if key not in data:
            raise UserError(f"README.md has no {key} at its top: a Space needs it.")
    for key, value in data.items():
        if key not in DOCUMENTED:
            raise UserError(f"README.md has {key!r:.40} at its top, which no Space knows.")
        if not isinstance(value, DOCUMENTED[key]):
            wanted = DOCUMENTED[key].__name__
            raise UserError(f"README.md has a {key} that is not a {wanted}: put it into quotes.")
    for key in ("colorFrom", "colorTo"):
        _one_of(key, data[key], sorted(COLOURS))
    _one_of("sdk", data["sdk"], ["gradio"])
    _one_of("suggested_hardware", data["suggested_hardware"], FLAVOURS)
    if re.fullmatch(r"3\.\d+(\.\d+)?", data["python_version"]) is None:
        raise UserError("The python_version of README.md is not one such as 3.12 or 3.12.3.")
    if re.fullmatch(r"\d+\.\d+\.\d+", data["sdk_version"]) is None:
        raise UserError("The sdk_version of README.md is not one such as 6.31.0.")
    if not (root / data["app_file"]).is_file():
        raise UserError("The app_file of README.md is not there.")
    if len(data["short_description"]) > LONGEST_DESCRIPTION:
        raise UserError(
            f"The short_description of README.md has {len(data['short_description'])} characters:"
            f" the Hub takes {LONGEST_DESCRIPTION}."
        )
    if sorted(data["models"]) != sorted({file.repo for file in FILES if file.repo}):
        raise UserError("The models of README.md are not those of models/hub.py.")
    if sorted(data["preload_from_hub"]) != sorted(preloaded()):
        raise UserError(
            "The preload_from_hub of README.md is not what models/hub.py names:"
            f" {'; '.join(preloaded())}."
        )


def preloaded() -> list[str]:
    """A line of `preload_from_hub` for each file that only the Hub has: `repository file`."""
    return [f"{file.repo} {file.filename}" for file in FILES if file.repo and not file.spare]


def check_name(name: str) -> None:
    """Refuse what is not the name of a Space.

    Raises:
        UserError: it is not OWNER/NAME.
    """
    try:
        validate_repo_id(name)
    except HFValidationError:
        name = ""
    if name.count("/") != 1:
        raise UserError(
            "A Space is called OWNER/NAME, each of letters, digits, '-', '_' and '.', 96 at most."
        )


def with_thumbnail(readme: str, space: str, picture: str) -> str:
    """The README as the Space `space` gets it: a link to it shows the picture.

    Args:
        readme: the text of README.md.
        space: OWNER/NAME; the address of a thumbnail is whole, so only now can it be known.
        picture: path in the repository.
    """
    address = f"https://huggingface.co/spaces/{space}/resolve/main/{picture}"
    return readme.replace("\n---\n", f"\nthumbnail: {address}\n---\n", 1)


def _one_of(key: str, value: str, known: list[str] | tuple[str, ...]) -> None:
    if value not in known:
        raise UserError(
            f"The {key} of README.md is {value!r:.40}: it is one of {', '.join(known)}."
        )
