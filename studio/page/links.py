"""Prompts and settings as the query of a link, and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from models.loading import STARTER, resolve
from semcs_core.errors import UserError
from semcs_core.methods import METHODS, PARTS
from semcs_core.prompts import clean_prompt
from semcs_core.settings import Settings
from studio.flat_settings import ENTRIES, Entry, changed, flatten
from studio.page.choices import STUDIO, pick


@dataclass(frozen=True)
class Link:
    """What a link holds: prompts and names, and all settings of a run, but no photo."""

    foreground: str = ""
    background: str = ""
    models: str = STARTER
    method: str = STUDIO
    settings: Settings = Settings()  # noqa: RUF009 (frozen)


def write_query(link: Link) -> str:
    """Only what differs from the method's settings, such as "foreground=fire&steps=80"."""
    usual = _flat(Link(settings=pick(METHODS, "method", link.method)))
    return urlencode({name: v for name, v in _flat(link).items() if v != usual[name]})


def read_query(query: Mapping[str, str]) -> Link:
    """A link from its query; unknown names in the query are ignored.

    Raises:
        UserError: a value that cannot be used.
    """
    method, models = query.get("method", STUDIO), query.get("models", STARTER)
    own = pick(METHODS, "method", method)
    resolve(models)  # raises where there are no such models
    changes = {name: _value(query[name], ENTRIES[name]) for name in ENTRIES if name in query}
    foreground, background = (clean_prompt(query.get(part, "")) for part in PARTS)
    return Link(foreground, background, models, method, changed(own, changes))


def _flat(link: Link) -> dict[str, Any]:
    named = {name: value for name, value in vars(link).items() if name != "settings"}
    return named | flatten(link.settings)


def _value(text: str, entry: Entry) -> object:
    try:
        return entry.kind(text)
    except ValueError:
        raise UserError(
            f"{entry.label} in the link must be a number: {text!r:.40} is not."
        ) from None
