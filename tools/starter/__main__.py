"""The starter models from scratch: render, train, judge and show: `python -m tools.starter`.

An hour or two on two cores; what is there already is taken up. `python -m tools.starter.train`,
`.evaluate`, `.gallery` and `.ablate` do one part each.
"""

import subprocess
import sys

PARTS = (
    ("train",),
    ("bank",),
    ("evaluate", "--photos", "tools/starter/photos/judged", "--output", "build/evaluation"),
    ("gallery", "--output", "build/gallery"),
    ("ablate", "--output", "build/ablations"),
)

if __name__ == "__main__":
    for name, *options in PARTS:
        print(f"== {name}", flush=True)
        subprocess.run([sys.executable, "-m", f"tools.starter.{name}", *options], check=True)  # noqa: S603
