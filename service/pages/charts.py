"""Small pictures drawn by the server as numbers for SVG: lines, bars, columns and intervals."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 300.0, 48.0
COLUMN_HEIGHT = 40.0
_PAD = 2.0


@dataclass(frozen=True, slots=True)
class Sparkline:
    """A line in a box of `WIDTH` by `HEIGHT`.

    Attributes:
        points: For `<polyline points>`.
        area: The same, closed along the bottom, for `<polygon points>`.
        label: What a screen reader says instead.
    """

    points: str
    area: str
    label: str


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of a stacked bar of width 100.

    Attributes:
        name: What it counts.
        count: How many.
        at: Where it begins.
        width: How wide it is.
    """

    name: str
    count: int
    at: float
    width: float


@dataclass(frozen=True, slots=True)
class Column:
    """An upright bar in a box of 100 by `COLUMN_HEIGHT`, standing on its bottom.

    Attributes:
        label: What it counts.
        count: How many.
        at: Where it begins.
        width: How wide it is.
        height: How high it is.
    """

    label: str
    count: int
    at: float
    width: float
    height: float

    @property
    def top(self) -> float:
        """Where it ends, from the top of the box."""
        return round(COLUMN_HEIGHT - self.height, 3)


@dataclass(frozen=True, slots=True)
class Whiskers:
    """A value with its interval on a line of width 100.

    Attributes:
        at: Where the value is.
        low: Where the interval begins.
        width: How wide the interval is.
        zero: Where nothing would be.
    """

    at: float
    low: float
    width: float
    zero: float


def sparkline(counts: Sequence[int]) -> Sparkline:
    """Draw counts a minute, oldest first."""
    top = max([*counts, 1])
    step = WIDTH / max(len(counts) - 1, 1)
    heights = [HEIGHT - _PAD - (HEIGHT - 2 * _PAD) * n / top for n in counts]
    points = " ".join(f"{i * step:.1f},{h:.1f}" for i, h in enumerate(heights))
    label = f"Calls a minute over the last {len(counts)} minutes; most {max([*counts, 0])}"
    return Sparkline(points, f"0,{HEIGHT} {points} {WIDTH},{HEIGHT}", label)


def stacked(counts: Mapping[str, int]) -> tuple[Segment, ...]:
    """Draw counts side by side, in the order given; those of nothing are left out."""
    whole = sum(counts.values()) or 1
    segments: list[Segment] = []
    at = 0.0
    for name, count in counts.items():
        width = round(100 * count / whole, 3)
        if count:
            segments.append(Segment(name, count, round(at, 3), width))
        at += width
    return tuple(segments)


def shares(counts: Mapping[str, int]) -> tuple[Segment, ...]:
    """Draw counts below each other, most first, the longest 100 wide."""
    most = max([*counts.values(), 1])
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return tuple(
        Segment(name, count, 0.0, round(100 * count / most, 3)) for name, count in ordered
    )


def columns(counts: Sequence[tuple[str, int]]) -> tuple[Column, ...]:
    """Draw labelled counts side by side, in their order, the largest as high as the box."""
    most = max([*(count for _, count in counts), 1])
    step = 100 / max(len(counts), 1)
    return tuple(
        Column(
            label,
            count,
            round(place * step + step / 10, 3),
            round(step * 0.8, 3),
            round(COLUMN_HEIGHT * count / most, 3),
        )
        for place, (label, count) in enumerate(counts)
    )


def whiskers(value: float, low: float, high: float, *, span: tuple[float, float]) -> Whiskers:
    """Draw a value between its bounds on a line of width 100 that stands for a span."""
    start, end = span

    def place(number: float) -> float:
        inside = min(max(number, start), end)
        return round(100 * (inside - start) / (end - start), 3)

    return Whiskers(place(value), place(low), round(place(high) - place(low), 3), place(0.0))
