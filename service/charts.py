"""Small pictures drawn by the server as numbers for SVG: a sparkline and a stacked bar."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 300.0, 48.0
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
