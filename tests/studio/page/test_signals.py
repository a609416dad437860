"""The files by which a run is told of changes and of its end."""

import threading

import numpy as np

from studio.runs.signals import Signals, new_run


def test_a_change_is_taken_once_and_a_later_one_replaces_it(root, change):
    run = new_run()
    assert run.take_change() is None
    run.change(change("a", "b"))
    run.change(change("c", "d | ü"))
    taken = run.take_change()
    assert (taken.foreground, taken.background) == ("c", "d | ü")
    np.testing.assert_array_equal(taken.mask, change("", "").mask)
    assert run.take_change() is None
    run.change(change("a", "b"))
    run.begin()  # one more part of the run: what was meant for the last one is gone
    assert run.take_change() is None


def test_changes_written_while_they_are_read_come_whole_and_in_order(root, change):
    run, seen = new_run(), []
    writer = threading.Thread(
        target=lambda: [run.change(change("fire", str(n))) for n in range(60)]
    )
    writer.start()
    while writer.is_alive() or not seen or seen[-1] < 59:
        taken = run.take_change()
        if taken is not None:
            seen.append(int(taken.background))
    writer.join()
    assert seen == sorted(set(seen))


def test_marks_of_a_run_and_of_one_that_is_gone(root):
    run = new_run()
    assert (run.folder.stat().st_mode & 0o777) == 0o700
    assert not run.running()
    run.begin()
    run.ask_stop()
    assert run.running()
    assert run.stop_asked()
    assert Signals(run.folder).stop_asked()  # as another process has it
    run.begin()
    assert not run.stop_asked()
    run.end()
    assert not run.running()
    run.remove()
    run.remove()
    run.begin()
    run.ask_stop()
    assert not run.running()
    assert not run.folder.exists()
