"""A run from its check to its finished picture.

Reading order: mask_layer, signals (stop and steering), visit, results, jobs (what is asked for,
checked), events (what a run tells), downloads, memory, snapshot, background, training, own_size.
"""
