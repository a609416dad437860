"""The line of the runs: one at a time, bounded, fair, and told where one stands."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from semcs_core.errors import UserError
from studio.server import turns
from studio.server.turns import Line, minutes


@pytest.fixture(autouse=True)
def _impatient(monkeypatch):
    monkeypatch.setattr(turns, "PATIENCE", 0.01)


def test_one_at_a_time_in_the_order_of_their_coming():
    line = Line()
    first, second, third = (line.enter(name) for name in "abc")
    assert [first.wait(), second.wait(), third.wait()] == [0, 1, 2]
    line.leave(first)
    assert [second.wait(), third.wait()] == [0, 1]
    assert line.state() == (1, 1)


def test_every_visitors_first_run_comes_before_anybodys_second():
    line = Line()
    going, own_second, other = line.enter("a"), line.enter("a"), line.enter("b")
    assert going.wait() == 0
    assert (own_second.wait(), other.wait()) == (2, 1)
    line.leave(going)
    # Its first is over: it is now the one that has waited longest.
    assert (own_second.wait(), other.wait()) == (0, 1)


def test_a_run_that_has_begun_is_never_overtaken():
    line = Line(each=3)
    first = line.enter("a")
    assert first.wait() == 0
    with line.enter("a"), line.enter("b") as other:
        assert other.wait() == 1
        assert first.wait() == 0


def test_a_full_line_says_when_to_come_back():
    line = Line(waiting=2)
    line.enter("a").wait()
    line.enter("b")
    line.enter("c")
    for refused in line.check, line.enter:
        with pytest.raises(UserError, match="2 runs are waiting already: try again in a minute"):
            refused("d")
    assert line.state() == (1, 2)


def test_a_visitor_has_at_most_two():
    line = Line()
    line.enter("a").wait()
    line.enter("a")
    with pytest.raises(UserError, match="has not begun yet"):
        line.enter("a")
    line.enter("b")


def test_who_leaves_while_waiting_gives_the_place_back():
    line = Line()
    going, waiting, last = (line.enter(name) for name in "abc")
    going.wait()
    line.leave(waiting)
    assert last.wait() == 1


def test_a_waiting_run_hears_of_a_change_at_once(monkeypatch):
    monkeypatch.setattr(turns, "PATIENCE", 60)
    line = Line()
    going, next_one = line.enter("a"), line.enter("b")
    going.wait()
    heard = []
    thread = threading.Thread(target=lambda: heard.append(next_one.wait()))
    thread.start()
    line.leave(going)
    thread.join(30)
    assert heard == [0]


def test_many_threads_at_once_never_run_two():
    line, going, most, order = Line(waiting=40), [0], [0], []

    def visit(name):
        with line.enter(name) as turn:
            while turn.wait():
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


@pytest.mark.parametrize(
    ("seconds", "words"), [(None, "a minute"), (20, "a minute"), (90, "3 min")]
)
def test_a_time_to_come_back_after(seconds, words):
    assert minutes(seconds).startswith(words)
