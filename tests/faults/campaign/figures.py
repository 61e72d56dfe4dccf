"""Adds up what many schedules came to, and says it."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from statistics import median

from tests.faults.campaign.draw import Kind
from tests.faults.campaign.play import Played

SHOWN = 40
SLOWEST = 5


@dataclass(eq=False)
class Figures:
    """The sum of the schedules that were played."""

    schedules: int = 0
    rings: int = 0
    kills: int = 0
    strikes: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    calls: Counter[str] = field(default_factory=Counter)
    leads: Counter[str] = field(default_factory=Counter)
    recoveries: list[tuple[float, int]] = field(default_factory=list)
    broken: list[tuple[int, str]] = field(default_factory=list)

    def add(self, played: Played) -> None:
        """Take one in."""
        self.schedules += 1
        self.rings += played.rings
        self.kills += played.kills
        self.strikes += played.strikes
        self.kinds.update(_names(played))
        self.calls.update(played.calls)
        self.leads.update(played.leads)
        self.recoveries += [(took, played.schedule.seed) for took in played.recoveries]
        self.broken += [(played.schedule.seed, violation) for violation in played.violations]

    def lines(self) -> Iterator[str]:
        """The report."""
        yield f"{self.schedules:,} schedules on real processes, {self.strikes:,} faults struck"
        yield f"{self.rings:,} rings, {self.kills:,} kills ({_each(self.rings, self.kills)})"
        yield f"leads: {_counted(self.leads)}"
        yield f"calls: {_counted(self.calls)}"
        yield from (f"  {count:>6,}  {kind}" for kind, count in self.kinds.most_common())
        yield f"from a kill to the next ring: {_spread([took for took, _ in self.recoveries])}"
        for took, seed in sorted(self.recoveries, reverse=True)[:SLOWEST]:
            yield f"  {took:.1f} s in seed {seed}"
        for name, what in (("I1", "double rings"), ("I3", "lost leads"), ("I9", "illegal edges")):
            yield f"{what}: {sum(text.startswith(name) for _, text in self.broken)}"
        yield f"violations of any invariant: {len(self.broken)}"
        for seed, text in sorted(self.broken)[:SHOWN]:
            yield f"  {text}   (python -m tests.faults.campaign.run --replay {seed})"


def _names(played: Played) -> Iterator[str]:
    for strike in played.schedule.strikes:
        named = strike.kind in (Kind.ANSWER, Kind.HISTORY)
        yield f"{strike.kind.value}: {strike.of}" if named else strike.kind.value


def _each(rings: int, kills: int) -> str:
    return f"one per {rings / kills:.1f} rings" if kills else "none"


def _counted(found: Counter[str]) -> str:
    return ", ".join(f"{count:,} {name}" for name, count in found.most_common())


def _spread(seconds: Sequence[float]) -> str:
    if not seconds:
        return "nobody was waiting at a kill"
    ordered = sorted(seconds)
    late = ordered[int(0.95 * (len(ordered) - 1))]
    return (
        f"median {median(ordered):.1f} s, 95 % {late:.1f} s, "
        f"worst {ordered[-1]:.1f} s, of {len(ordered):,}"
    )
