"""What all events of the page have in common."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any, TypeVar

import gradio as gr

from semcs_core.errors import UserError

T = TypeVar("T")

Update = Any
"""Of a component, in Gradio's own types."""
Updates = dict[Any, Update]
"""By component; those that are left out stay as they are."""

# At each message of any event, Gradio's page asks every component that has a loading status for
# its value, and the editor answers by uploading its pictures. A component gets a status by being
# an output, unless another is named for it, or the input of an event on the server. So the status
# is a hidden component's, and the mask goes through a file that the browser fills (`CAPTURE`).
# A photo does too, as `gr.Image` would open it before `open_photo` can judge it.
CAPTURE = "value => value && value.layers && value.layers.length ? value.layers[0] : null"
"""JavaScript: the mask's layer, a file that the page has uploaded, out of the editor's value."""
SCRIPT = Path(__file__).with_name("page.js").read_text("utf-8")
"""JavaScript: runs once when the page has opened."""
PRESS = "() => document.querySelector('#file-for-you').click()"
"""JavaScript: the browser saves the file that was made for the visitor."""


def quiet(status: Any) -> dict[str, Any]:
    """Options of an event that is the page's own and shows no loading status but that one's."""
    return {"show_progress": "hidden", "show_progress_on": status, "api_visibility": "private"}


def picked(event: gr.SelectData | None, things: Sequence[T] | None) -> T:
    """What a click on a gallery's picture, or on one of a few choices, stands for.

    Args:
        event: of the click; a call from elsewhere may have none, or any.
        things: one for each picture or choice, in their order.

    Raises:
        UserError: there is no such picture.
    """
    index = getattr(event, "index", None)
    if isinstance(index, int) and not isinstance(index, bool) and 0 <= index < len(things or ()):
        return things[index]  # type: ignore[index]
    raise UserError("That is not there any more: pick one that the page shows.")


def caption(text: str) -> None:
    """A line above pictures, which a label of their own would lie on."""
    html = f'<p class="semcs-caption">{escape(text)}</p>'
    gr.HTML(html, padding=False, elem_classes="semcs-caption-box")
