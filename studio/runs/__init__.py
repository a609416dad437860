"""A run from its check to its finished picture.

Reading order: signals (stop and steering), results, jobs (what is asked for, checked), events
(what a run tells), memory, snapshot, fetching, training, variations, own_size.
"""
