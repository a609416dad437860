"""The options of `python app.py`; light, so that --help and a wrong option answer at once."""

from __future__ import annotations

import argparse
from collections.abc import Sequence


def read_arguments(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """Host, port and share; prints and exits for --help and a wrong option."""
    parser = argparse.ArgumentParser(description="Serve the page of Sem-CS Studio.")
    parser.add_argument("--host", help="address to listen on (this machine alone)")
    parser.add_argument("--port", type=_port, help="port to listen on (the first free from 7860)")
    parser.add_argument("--share", action="store_true", help="a public link for a few days")
    return parser.parse_args(argv)


def _port(text: str) -> int:
    if text.isdecimal() and 1 <= int(text) <= 65535:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text!r} is no port: use a number from 1 to 65535")
