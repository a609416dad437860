"""A visitor who has to wait, or to come back."""

import pytest

from studio.server import queue, service
from studio.server.queue import Queue
from tests.studio.page.test_errors import one_sentence


@pytest.fixture
def line(monkeypatch):
    monkeypatch.setattr(queue, "PATIENCE", 0.2)
    line = Queue(most=2)
    monkeypatch.setattr(service, "queue", line)
    return line


def test_a_visitor_is_told_who_comes_first_and_then_served(visit, line):
    page = visit()
    page.settings(size=64, steps=2)
    with line.enter("a") as ahead:
        ahead()
        with line.enter("b"):
            page.stylize()
            page.until_true("/2 before yours/.test(document.querySelector('#status').innerText)")
        page.until_true("/1 before yours/.test(document.querySelector('#status').innerText)")
    assert "Done: 2 of 2" in page.until_over()


def test_a_visitor_can_give_up_waiting(visit, line):
    page = visit()
    page.settings(size=64, steps=2)
    with line.enter("a") as ahead:
        ahead()
        page.stylize()
        page.until_true("/1 before yours/.test(document.querySelector('#status').innerText)")
        page.stop()
        assert "Stopped before the first step" in page.until_over()
        assert line.state() == (1, 0)


def test_a_full_line_is_one_sentence_and_stylize_can_be_pressed_again(visit, line):
    page = visit()
    page.settings(size=64, steps=2)
    with line.enter("a") as ahead:
        ahead()
        with line.enter("b"), line.enter("c"):
            page.stylize()
            one_sentence(page.toast("runs are waiting"), "2 runs are waiting already: try again in")
    page.stylize()
    assert "Done: 2 of 2" in page.until_over()
