"""Plots as PNG, drawn by Pillow: what was measured as dots, what is said of it as lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

Point = tuple[float, float, float]
"""x, what was measured there, and what the line says."""

SCALE = 2  # pixels a unit, for sharp screens
WIDTH, HEIGHT = 460, 330
LEFT, TOP, RIGHT, BOTTOM = 56, 40, 16, 96
INK, PALE, PAPER = "#27272a", "#d4d4d8", "#ffffff"
COLOURS = ("#6d28d9", "#c2410c", "#047857")
TICKS = 5
ROWS = 3  # of the legend


@dataclass(frozen=True)
class Panel:
    """One plot.

    Attributes:
        title: above it.
        across: what the x axis is.
        lines: points by the line's name. Lines come in pairs of one colour, the second one dashed.
    """

    title: str
    across: str
    lines: Mapping[str, Sequence[Point]]


def draw(panels: Sequence[Panel], path: Path) -> None:
    """Save the plots side by side."""
    image = Image.new("RGB", (SCALE * WIDTH * len(panels), SCALE * HEIGHT), PAPER)
    for number, panel in enumerate(panels):
        picture = Image.new("RGB", (SCALE * WIDTH, SCALE * HEIGHT), PAPER)
        _draw(panel, ImageDraw.Draw(picture))
        image.paste(picture, (SCALE * WIDTH * number, 0))
    image.quantize(64).save(path, optimize=True)


def _draw(panel: Panel, pen: ImageDraw.ImageDraw) -> None:
    points = [point for line in panel.lines.values() for point in line]
    columns = sorted({x for x, _, _ in points})
    high = max(max(seen, said) for _, seen, said in points)
    step = _round_up(high / TICKS)
    top = step * -(-high // step)

    def place(x: float, y: float) -> tuple[float, float]:
        along = (x - columns[0]) / ((columns[-1] - columns[0]) or 1)
        return (
            SCALE * (LEFT + 12 + along * (WIDTH - LEFT - RIGHT - 24)),
            SCALE * (HEIGHT - BOTTOM - y / top * (HEIGHT - TOP - BOTTOM)),
        )

    _write(pen, (LEFT, 10), panel.title, 14, "la")
    for n in range(round(top / step) + 1):
        _, y = place(columns[0], n * step)
        pen.line((SCALE * LEFT, y, SCALE * (WIDTH - RIGHT), y), PALE, SCALE)
        _write(pen, (LEFT - 6, y / SCALE), f"{n * step:g}", 11, "rm")
    for column in columns:
        x, y = place(column, 0)
        _write(pen, (x / SCALE, y / SCALE + 5), f"{column:g}", 11, "ma")
    _write(pen, ((LEFT + WIDTH - RIGHT) / 2, HEIGHT - BOTTOM + 20), panel.across, 11, "ma")
    for n, (name, line) in enumerate(panel.lines.items()):
        colour, dashed = COLOURS[n // 2 % len(COLOURS)], n % 2 == 1
        ordered = sorted(line)
        said = [place(x, y) for x, _, y in ordered]
        for start, end in pairwise(said):
            _line(pen, start, end, colour, dashed)
        for x, seen, _ in ordered:
            pen.circle(place(x, seen), 3 * SCALE, PAPER if dashed else colour, colour, SCALE)
        x, y = LEFT + n % 2 * 190, HEIGHT - 52 + n // 2 % ROWS * 16
        _line(pen, (SCALE * x, SCALE * y), (SCALE * (x + 24), SCALE * y), colour, dashed)
        middle = (SCALE * (x + 12), SCALE * y)
        pen.circle(middle, 3 * SCALE, PAPER if dashed else colour, colour, SCALE)
        _write(pen, (x + 30, y), name, 11, "lm")


def _line(
    pen: ImageDraw.ImageDraw,
    start: tuple[float, float],
    end: tuple[float, float],
    colour: str,
    dashed: bool,
) -> None:
    length = ((end[0] - start[0]) ** 2 + (end[1] - start[1]) ** 2) ** 0.5
    parts = max(1, round(length / (4 * SCALE))) if dashed else 1
    for n in range(0, parts, 2):
        a, b = n / parts, min(1.0, (n + 1) / parts)
        ends = [(start[i] + t * (end[i] - start[i])) for t in (a, b) for i in (0, 1)]
        pen.line(ends, colour, 2 * SCALE)


def _write(
    pen: ImageDraw.ImageDraw, place: tuple[float, float], text: str, size: int, anchor: str
) -> None:
    font = ImageFont.load_default(SCALE * size)
    pen.text((SCALE * place[0], SCALE * place[1]), text, INK, font, anchor)


def _round_up(value: float) -> float:
    """The next of 1, 2 and 5 with zeros."""
    magnitude = 10.0 ** len(str(int(value))) if value >= 1 else 1.0
    while magnitude / 10 >= value:
        magnitude /= 10
    return next(f * magnitude for f in (0.1, 0.2, 0.5, 1.0) if f * magnitude >= value)
