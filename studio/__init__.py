"""The product around the method: command line, page, runs, server, and what they save."""

import os

# Torch asks for it with its first tensor: large ones in pages of 2 MiB where the system has them.
# Each step makes and drops gigabytes, and with pages of 4 KiB a seventh of it was spent on them.
os.environ.setdefault("THP_MEM_ALLOC_ENABLE", "1")
