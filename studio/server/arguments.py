"""The options of `python app.py`; light, so that --help and a wrong option answer at once."""

from __future__ import annotations

import argparse
import os
import socket
import sys
from collections.abc import Sequence


def read_arguments(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """Host, port and share; prints and exits for --help, a wrong option and a port in use."""
    parser = argparse.ArgumentParser(description="Serve the page of Sem-CS Studio.")
    parser.add_argument("--host", help="address to listen on (this machine alone)")
    parser.add_argument("--port", type=_port, help="port to listen on (the first free from 7860)")
    parser.add_argument("--share", action="store_true", help="a public link for a few days")
    arguments = parser.parse_args(argv)
    if arguments.port is not None:
        _check_free(arguments.host or os.environ.get("GRADIO_SERVER_NAME"), arguments.port)
    return arguments


def _port(text: str) -> int:
    if text.isdecimal() and 1 <= int(text) <= 65535:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text!r} is no port: use a number from 1 to 65535")


def _check_free(host: str | None, port: int) -> None:
    """Exit with one line where Gradio could not listen, and would end in a traceback."""
    host = host or "127.0.0.1"
    try:
        family = socket.getaddrinfo(host, port)[0][0]
        socket.create_server((host, port), family=family).close()
    except OSError as error:
        sys.exit(
            f"Cannot listen on port {port} of {host} ({error.strerror}): "
            "choose another --port, or leave it out for the first free from 7860."
        )
