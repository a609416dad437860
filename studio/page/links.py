"""Prompts and settings as the query of a link, and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from models.loading import AUTO, CHOICES, STARTER
from semcs_core.errors import UserError
from semcs_core.methods import METHODS, PARTS
from semcs_core.prompts import clean_prompt
from semcs_core.settings import Settings
from studio.flat_settings import ENTRIES, Entry, changed, flatten

STUDIO = "studio"


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
    base = flatten(METHODS[link.method])
    named = {
        "foreground": link.foreground,
        "background": link.background,
        "models": link.models if link.models != STARTER else "",
        "method": link.method if link.method != STUDIO else "",
    }
    query: dict[str, object] = {name: value for name, value in named.items() if value}
    query |= {name: v for name, v in flatten(link.settings).items() if v != base[name]}
    return urlencode(query)


def read_query(query: Mapping[str, str]) -> Link:
    """A link from its query; unknown names in the query are ignored.

    Raises:
        UserError: a value that cannot be used.
    """
    method = query.get("method", STUDIO)
    if method not in METHODS:
        raise UserError(
            f"This link asks for an unknown method {method!r:.40}: ask for another link."
        )
    models = query.get("models", STARTER)
    if models != AUTO and models not in CHOICES:
        raise UserError(f"This link asks for unknown models {models!r:.40}: ask for another link.")
    changes = {name: _value(query[name], ENTRIES[name]) for name in ENTRIES if name in query}
    foreground, background = (clean_prompt(query.get(part, "")) for part in PARTS)
    return Link(foreground, background, models, method, changed(METHODS[method], changes))


def _value(text: str, entry: Entry) -> object:
    try:
        return entry.kind(text)
    except ValueError:
        raise UserError(
            f"{entry.label} in the link must be a number: {text!r:.40} is not."
        ) from None
