"""What all events of the page have in common."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any, TypeVar

import gradio as gr

from semcs_core.errors import UserError

T = TypeVar("T")

Updates = dict[Any, Any]
"""By component, a value or `gr.update`; components that are left out stay as they are."""

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
"""JavaScript: the browser saves the file in the hidden download button."""


def quiet(status: Any) -> dict[str, Any]:
    """Options of an event that is not in the API and shows its loading status on `status` alone."""
    return {"show_progress": "hidden", "show_progress_on": status, "api_visibility": "private"}


def picked(event: gr.SelectData | None, things: Sequence[T] | None) -> T:
    """The one of `things`, in the order of a gallery's pictures, whose picture was clicked.

    Raises:
        UserError: there is no such picture; an API client may send any event, or none.
    """
    index = getattr(event, "index", None)
    if isinstance(index, int) and not isinstance(index, bool) and 0 <= index < len(things or ()):
        return things[index]  # type: ignore[index]
    raise UserError("That picture is no longer there: click one that the page shows.")


def gallery(label: str, elem_id: str, columns: int, **options: Any) -> gr.Gallery:
    """A gallery whose pictures are clicked, and not opened; `options` are of `gr.Gallery`."""
    looks: Any = {"container": False, "height": "auto", "format": "jpeg", "object_fit": "cover"}
    return gr.Gallery(
        label=label,
        elem_id=elem_id,
        columns=columns,
        show_label=False,
        allow_preview=False,
        interactive=False,
        buttons=[],
        **(looks | options),
    )


def caption(text: str) -> None:
    """A line above a gallery, whose own label would cover its pictures."""
    html = f'<p class="semcs-caption">{escape(text)}</p>'
    gr.HTML(html, padding=False, elem_classes="semcs-caption-box")
