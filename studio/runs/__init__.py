"""A run from its check to its finished picture.

Reading order: signals (stop and steering), visit, results, jobs (what is asked for, checked),
events (what a run tells), downloads, memory, snapshot, training, own_size.
"""
