"""Values of any kind, and those that settings have."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from semcs_core.settings import Settings

TEXTS = (
    "fire",
    "fire | snowy",
    "F: red rocks | B: snowy",
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "{0.__class__} %s %n {prompt}",
    "../../../../etc/passwd",
    "/etc/passwd",
    "file:///etc/passwd",
    "http://127.0.0.1:1/photo.png",
    "\\\\server\\share\\photo.png",
    "con\x00trol\x1b[31m\u202e\u2028\ud800",
    "NaN",
    "1e999",
    "9" * 5000,
    "x" * 100_000,
    "starter",
    "studio",
    "spectral",
    "draft",
    "{}",
    '{"crops": [[[]]]}',
)
_NUMBERS: st.SearchStrategy[Any] = (
    st.integers(-3, 300)
    | st.integers()
    | st.sampled_from([2**31, 2**63, 10**400, 1e308, -0.0])
    | st.floats()
)
_SCALARS = st.none() | st.booleans() | _NUMBERS | st.sampled_from(TEXTS) | st.text(max_size=40)
_FILES = st.fixed_dictionaries(
    {"path": st.sampled_from(TEXTS) | st.text(max_size=20)},
    optional={
        "meta": st.just({"_type": "gradio.FileData"}) | _SCALARS,
        "url": st.sampled_from(TEXTS),
        "is_stream": st.booleans(),
    },
)


def _nested(depth: int) -> Any:
    value: Any = 0
    for _ in range(depth):
        value = [value]
    return value


ANYTHING: st.SearchStrategy[Any] = st.one_of(
    _SCALARS,
    _FILES,
    st.recursive(
        _SCALARS,
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
        ),
        max_leaves=6,
    ),
    st.sampled_from([40, 300, 900]).map(_nested),
)
"""Values as JSON has them, NaN and half a surrogate pair among them."""


@st.composite
def mostly(draw: st.DrawFn, sound: st.SearchStrategy[Any], odd: int = 4) -> Any:
    """What can be used, and one time in `odd` anything, so that not all ends at the first check."""
    return draw(ANYTHING if draw(st.integers(1, odd)) == odd else sound)


def sound(name: str) -> st.SearchStrategy[Any]:
    """A setting's values."""
    about = Settings.__dataclass_fields__[name]
    if "options" in about.metadata:
        return st.sampled_from(about.metadata["options"])
    numbers = st.integers if about.type == "int" else st.floats
    return numbers(about.metadata["minimum"], about.metadata["maximum"])
