"""A blind look: can someone who was not told choose each style's name out of eight?

python -m tools.starter.blind --evaluation build/evaluation --output build/blind
python -m tools.starter.blind --evaluation build/evaluation --output build/blind --answers FILE

The first call draws sheets of numbered pictures and writes `questions.txt`; the second marks a file
with one line `number: name` for each.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from random import Random

import numpy as np
from PIL import Image

from tools.starter.evaluate import PROMPTS, read_records
from tools.starter.judgement import SIDES
from tools.starter.prompt_sheets import captioned, stack

OPTIONS = 8
A_SHEET, A_ROW = 8, 4


@dataclass(frozen=True)
class Question:
    """Which of the names is the style of one side of a picture?

    Attributes:
        file: the picture.
        side: "foreground" or "background".
        options: eight names in any order.
        answer: the right one.
    """

    file: str
    side: str
    options: tuple[str, ...]
    answer: str


def ask(evaluation: Path, seed: int = 0) -> list[Question]:
    """One question for each prompt of the evaluation, about a picture taken by chance."""
    random = Random(seed)  # noqa: S311 - an order, no secret
    records = sorted(read_records(evaluation / "records.jsonl").values(), key=lambda r: r["file"])
    questions = []
    for prompt in PROMPTS:
        places = [(r, side) for r in records for side in SIDES if r[side]["prompt"] == prompt]
        if places:
            record, side = random.choice(places)
            # The other side's style is no distractor: it is there to be seen.
            others = {record[s]["prompt"] for s in SIDES}
            wrong = random.sample([p for p in PROMPTS if p not in others], OPTIONS - 1)
            options = random.sample([prompt, *wrong], OPTIONS)
            questions.append(Question(record["file"], side, tuple(options), prompt))
    random.shuffle(questions)
    return questions


def mark(questions: list[Question], answers: str) -> list[str]:
    """Wrong answers, a sentence each."""
    given = dict(line.split(":", 1) for line in answers.splitlines() if ":" in line)
    said = {int(number): name.strip().lower() for number, name in given.items()}
    return [
        f"{number}: {question.answer} was taken for {said.get(number, 'nothing')} ({question.file})"
        for number, question in enumerate(questions, start=1)
        if said.get(number) != question.answer.lower()
    ]


def main() -> None:
    """Parse the command line, draw the sheets or mark the answers."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--evaluation", type=Path, default=Path("build/evaluation"))
    parser.add_argument("--output", type=Path, default=Path("build/blind"))
    parser.add_argument("--answers", type=Path)
    options = parser.parse_args()
    questions = ask(options.evaluation)
    if options.answers is not None:
        wrong = mark(questions, options.answers.read_text("utf-8"))
        print(f"{len(questions) - len(wrong)} of {len(questions)} right", *wrong, sep="\n")
        return
    options.output.mkdir(parents=True, exist_ok=True)
    lines = []
    for start in range(0, len(questions), A_SHEET):
        cells = []
        for number, question in enumerate(questions[start : start + A_SHEET], start=start + 1):
            rgb = np.asarray(Image.open(options.evaluation / question.file))
            where = "the object" if question.side == "foreground" else "what is around the object"
            cells.append(captioned(rgb, f"{number}: {question.side}"))
            lines.append(f"{number}. The style of {where}: {'; '.join(question.options)}")
        rows = [cells[row : row + A_ROW] for row in range(0, len(cells), A_ROW)]
        stack(rows).save(options.output / f"sheet-{start // A_SHEET + 1}.png")
    (options.output / "questions.txt").write_text("\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    main()
