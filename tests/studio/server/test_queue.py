"""The queue of the runs: one at a time, of bounded length, and everyone is told who comes first."""

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest

from semcs_core.errors import UserError
from studio.server import queue
from studio.server.queue import Queue


@pytest.fixture(autouse=True)
def _impatient(monkeypatch):
    monkeypatch.setattr(queue, "PATIENCE", 0.01)


def test_one_at_a_time_in_the_order_of_their_coming():
    line = Queue()
    first = ExitStack()
    ahead = first.enter_context(line.enter("a"))
    with line.enter("b") as second, line.enter("c") as third:
        assert [ahead(), second(), third()] == [0, 1, 2]
        assert line.state() == (1, 2)
        first.close()
        assert [second(), third()] == [0, 1]
        assert line.state() == (1, 1)
    assert line.state() == (0, 0)


def test_the_time_to_come_back_after_is_what_the_last_runs_took(monkeypatch):
    line, now = Queue(most=1), [0.0]
    monkeypatch.setattr(queue.time, "monotonic", lambda: now[0])
    assert line.expected(1) is None
    with line.enter("a") as ahead:
        ahead()
        now[0] = 150.0
    monkeypatch.undo()
    assert line.expected(2) == 300
    with line.enter("a") as ahead:
        ahead()
        with line.enter("b"), pytest.raises(UserError, match="try again in 3 min"):
            line.check("c")


def test_a_visitor_has_at_most_two():
    line = Queue()
    with line.enter("a"), line.enter("a"):
        with pytest.raises(UserError, match="has not begun yet"):
            line.check("a")
        line.check("b")
    line.check("a")


def test_many_threads_at_once_never_run_two():
    line, going, most, order = Queue(most=40), [0], [0], []

    def visit(name):
        with line.enter(name) as ahead:
            while ahead():
                pass
            going[0] += 1
            most[0] = max(most[0], going[0])
            order.append(name)
            time.sleep(0.001)
            going[0] -= 1

    with ThreadPoolExecutor(20) as pool:
        list(pool.map(visit, map(str, range(20))))
    assert most == [1]
    assert sorted(order, key=int) == [str(n) for n in range(20)]
    assert line.state() == (0, 0)
    assert line.expected(3) > 0
