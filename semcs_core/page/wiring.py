"""What all events of the page have in common."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import Any

import gradio as gr

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


def caption(text: str) -> None:
    """A line above pictures, which a label of their own would lie on."""
    html = f'<p class="semcs-caption">{escape(text)}</p>'
    gr.HTML(html, padding=False, elem_classes="semcs-caption-box")
