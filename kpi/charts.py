"""Charts as numbers: where a template draws lines, dots and bars. Drawn on the server, without styles, so they print."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

WIDTH, LEFT, RIGHT, TOP = 760, 44, 12, 14
_PLOT, _ROW = 220, 26


@dataclass(frozen=True)
class Dot:
    """A point of a trend: where it stands and what it says."""

    x: float
    y: float
    words: str


@dataclass(frozen=True)
class Trend:
    """A line over months on a scale from `floor` to 100 per cent, broken where there is no data."""

    width: int
    height: int
    left: int
    bottom: float
    right: float
    runs: list[str]
    dots: list[Dot]
    labels: list[tuple[float, str]]
    ticks: list[tuple[float, str]]
    norm: float | None


def trend_chart(points: Sequence[tuple[date, float | None, str]], norm: float | None) -> Trend:
    """The chart of `points` (month, per cent or None, words for the reader) with the norm as a line."""
    values = [value for _day, value, _words in points if value is not None] + ([norm] if norm is not None else [])
    ceiling = _ceiling(max(values, default=100))
    floor = 0 if ceiling < 100 else int(min([90.0, *values]) // 10 * 10)
    span = max(ceiling - floor, 1)

    def height_of(value: float) -> float:
        return round(TOP + _PLOT * (1 - (value - floor) / span), 1)

    step = (WIDTH - LEFT - RIGHT) / max(1, len(points) - 1)
    dots: list[Dot] = []
    runs: list[list[str]] = []
    run: list[str] = []
    for place, (_day, value, words) in enumerate(points):
        x = round(LEFT + place * step, 1)
        if value is None:
            runs, run = [*runs, run], []
            continue
        run.append(f"{x},{height_of(value)}")
        dots.append(Dot(x, height_of(value), words))
    labels = [
        (round(LEFT + place * step, 1), f"{day:%m.%y}") for place, (day, *_) in enumerate(points) if place % 3 == 0
    ]
    ticks = [(height_of(floor + span * part / 4), f"{floor + span * part / 4:g}") for part in range(5)]
    lines = [" ".join(part) for part in [*runs, run] if len(part) > 1]
    line = None if norm is None else height_of(norm)
    return Trend(WIDTH, TOP + _PLOT + 30, LEFT, TOP + _PLOT, WIDTH - RIGHT, lines, dots, labels, ticks, line)


def _ceiling(highest: float) -> int:
    """The top of the scale: 100 for shares that are meant to be high, else a round number above the highest."""
    return next((top for top in (1, 5, 10, 25) if highest <= top), 100)


@dataclass(frozen=True)
class Bar:
    """A row of a comparison: its words, the dot of the value and the whisker of the interval."""

    y: float
    words: str
    x: float | None
    low: float
    high: float
    value: str


def bars(rows: Sequence[tuple[str, float | None, float, float, str]]) -> tuple[int, int, int, list[Bar]]:
    """Width, height, where the words end, and a bar for each (words, value, low, high, value in words), all in per cent."""
    left = 300

    def place(value: float) -> float:
        return round(left + (WIDTH - left - 70) * value / 100, 1)

    made = [
        Bar(TOP + _ROW * (number + 0.5), words, None if value is None else place(value), place(low), place(high), text)
        for number, (words, value, low, high, text) in enumerate(rows)
    ]
    return WIDTH, TOP + _ROW * len(rows) + 8, left, made
