"""The weight files of the full models: what there is, what is cached, and fetching the rest.

Reading order:

    table       every file: source, size, licence, what is known of its SHA-256
    store       where files lie, and whether they are still what was received
    download    one verified, resumable download, however many ask for it

The files are safetensors, and one `.pth` that a loader opens with `weights_only=True`; nothing here
opens any of them.
"""

from models.weights.download import Progress, fetch, reachable
from models.weights.store import Condition, Row, cached, checked, describe, verify
from models.weights.table import FILES, WeightFile, find, megabytes

__all__ = [
    "FILES",
    "Condition",
    "Progress",
    "Row",
    "WeightFile",
    "cached",
    "checked",
    "describe",
    "fetch",
    "find",
    "megabytes",
    "reachable",
    "verify",
]
