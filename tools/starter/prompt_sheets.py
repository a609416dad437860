"""Contact sheets of an evaluation: for each prompt, all pictures that it is in."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from semcs_core.image import open_photo
from tools.showcase import captioned, stack
from tools.starter.judgement import SIDES, Record

COLUMNS = 6


def draw_sheets(records: Sequence[Record], folder: Path) -> None:
    """Write `folder`/sheets/PROMPT.png; under each picture's name the two prompts' ranks."""
    (folder / "sheets").mkdir(exist_ok=True)
    prompts = dict.fromkeys(record[side]["prompt"] for side in SIDES for record in records)
    for prompt in prompts:
        own = [r for r in records if prompt in {r[side]["prompt"] for side in SIDES}]
        cells = [captioned(open_photo(folder / r["file"]).rgb, _caption(r)) for r in own]
        rows = [cells[start : start + COLUMNS] for start in range(0, len(cells), COLUMNS)]
        name = re.sub(r"[^\w]+", "-", prompt.lower())
        stack(rows).save(folder / "sheets" / f"{name}.png")


def _caption(record: Record) -> str:
    return " | ".join(f"{record[side]['prompt']} {record[side]['rank']}" for side in SIDES)
