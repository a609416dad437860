"""A visitor who has to wait, or to come back."""

import pytest

from studio.server import queue, service
from studio.server.queue import Queue
from tests.helpers.browser import one_sentence


@pytest.fixture
def line(monkeypatch):
    monkeypatch.setattr(queue, "PATIENCE", 0.2)
    line = Queue(most=2)
    monkeypatch.setattr(service, "queue", line)
    return line


def until_before(page, count):
    page.until_true(f"/{count} before yours/.test(document.querySelector('#status').innerText)")


def test_a_visitor_waits_gives_up_and_comes_back(visit, line):
    page = visit("?size=64&steps=2")

    # Told who comes first, and then served.
    with line.enter("a") as ahead:
        ahead()
        with line.enter("b"):
            page.stylize()
            until_before(page, 2)
        until_before(page, 1)
    assert "Done: 2 of 2" in page.until_over()
    earlier = page.download()

    # Stopped while waiting, the earlier picture can still be had.
    with line.enter("a") as ahead:
        ahead()
        page.stylize()
        until_before(page, 1)
        page.stop()
        assert "Stopped before the first step" in page.until_over()
        assert line.state() == (1, 0)
        assert page.shown() == earlier[1]
        assert page.download() == earlier

        # A full line is one sentence, and Stylize can be pressed again.
        with line.enter("b"), line.enter("c"):
            page.stylize()
            one_sentence(page.toast("runs are waiting"), "2 runs are waiting already: try again in")
    page.stylize()
    assert "Done: 2 of 2" in page.until_over()
