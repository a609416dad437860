"""Visit that goes on while its last result is looked at."""

import threading
import time

import pytest

from studio.runs.background import latest
from studio.runs.training import StepLock

SOON = 10.0  # seconds that nothing here takes


def until(true):
    deadline = time.monotonic() + SOON
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_what_is_not_taken_in_time_is_left_out_but_for_the_last():
    finished = threading.Event()

    def count():
        yield from range(1000)
        finished.set()

    going = latest(count())
    seen = [next(going)]
    assert finished.wait(SOON)  # nobody has asked for another one meanwhile
    seen += going
    assert seen[-1] == 999
    assert len(seen) <= 3
    assert seen == sorted(set(seen))


def test_an_error_comes_after_the_last_item():
    def breaking():
        yield 1
        raise ValueError("broken")

    going = latest(breaking())
    assert next(going) == 1
    with pytest.raises(ValueError, match="broken"):
        next(going)
    with pytest.raises(ValueError, match="begun badly"):
        list(latest(int("begun badly") for _ in range(1)))


@pytest.mark.parametrize("later", [1, None])
def test_closing_ends_the_work_within_an_item(later):
    begun, ended = [], []

    def endless():
        try:
            while True:
                begun.append(time.monotonic())
                time.sleep(0.01)
                yield 1 if len(begun) == 1 else later
        finally:
            ended.append(threading.current_thread())

    going = latest(endless())
    next(going)
    going.close()
    count = len(begun)
    until(lambda: ended)
    ended[0].join(SOON)
    assert not ended[0].is_alive()
    assert len(begun) <= count + 1


def test_a_loop_leaves_the_lock_to_whoever_waits_for_it():
    lock, over, had = StepLock(), threading.Event(), []

    def loop():
        while not over.is_set():
            with lock:
                time.sleep(0.01)

    def take():
        for _ in range(5):
            with lock:
                had.append(time.monotonic())

    looping = threading.Thread(target=loop, daemon=True)
    looping.start()
    others = [threading.Thread(target=take, daemon=True) for _ in range(2)]
    for other in others:
        other.start()
    for other in others:
        other.join(SOON)
    over.set()
    looping.join(SOON)
    assert len(had) == 10
    assert not lock._lock.locked()
