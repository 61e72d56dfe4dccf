"""Calling windows agree, to the minute, with an oracle that reads every clock itself.

The cases: 300 random campaigns, laws and leads at 40 instants each around daylight saving and
holidays; every state's zone at each change of two years; whole years, window by window.
"""

import csv
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import available_timezones

import pytest

from dialer.rules.calling.day_parts import Part
from dialer.rules.calling.hours import ALWAYS, DAYS, WeeklyHours
from dialer.rules.calling.window import (
    WHY_CLOSED,
    CallingRules,
    Closed,
    Open,
    Profile,
    next_opening,
    window,
)
from dialer.rules.law.law import Law
from dialer.rules.law.row import Purpose
from dialer.rules.where.zones import STATES
from tests.support.slow_window import MINUTE, SlowWindow

SEEDS, SCENARIOS, INSTANTS = 20, 15, 40
HORIZON = 10
YEAR = 400
SHIPPED = Law.shipped().as_csv()
STATE_ZONES = sorted({zone for zones in STATES.values() for zone in zones})
ALL_ZONES = sorted(available_timezones())

CHANGES = (date(2026, 3, 8), date(2026, 11, 1), date(2027, 3, 14), date(2027, 11, 7))
ANCHORS = (
    *CHANGES,
    *(date(2026, 4, 5), date(2026, 10, 4), date(2027, 3, 28), date(2027, 10, 31)),
    *(date(2026, 2, 17), date(2026, 7, 4), date(2026, 11, 26), date(2026, 12, 31)),
    *(date(2027, 5, 31), date(2027, 12, 25)),
)

Week = dict[str, list[list[str]]]


@dataclass(frozen=True)
class Case:
    """The same question for the rules and for the oracle."""

    rules: CallingRules
    profile: Profile
    part: Part | None
    slow: SlowWindow


def test_there_are_enough_cases() -> None:
    assert SEEDS * SCENARIOS * INSTANTS >= 10_000


@pytest.mark.parametrize("seed", range(SEEDS))
def test_random_campaigns_laws_and_leads(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 -- reproducible scenarios
    for _ in range(SCENARIOS):
        start = _midnight(chance.choice(ANCHORS) - timedelta(days=2))
        case = _case(chance, start)
        _compare(case, start, HORIZON, _instants(chance, HORIZON - 2))


@pytest.mark.parametrize("zone", STATE_ZONES)
def test_every_zone_of_a_state_at_each_change_of_two_years(zone: str) -> None:
    chance = random.Random(zone)  # noqa: S311 -- reproducible scenarios
    states = tuple(state for state, zones in STATES.items() if zone in zones)[:2]
    for change in CHANGES:
        plain = replace(_case(chance, _midnight(change)), part=None)
        case = _moved(plain, (zone,), states)
        _compare(case, _midnight(change - timedelta(days=2)), 6, _instants(chance, 4))


@pytest.mark.parametrize(
    ("states", "zones", "purpose", "start"),
    [
        (("AZ",), ("America/Phoenix", "America/Denver"), "ai_voice", date(2026, 1, 1)),
        (("FL", "GA"), ("America/New_York", "America/Chicago"), "sales", date(2026, 11, 20)),
        (("AL", "LA"), ("America/Chicago",), "ai_voice", date(2027, 1, 1)),
        (("PA", "RI"), ("America/New_York",), "sales", date(2026, 2, 1)),
        (("UT",), ("America/Denver", "Australia/Lord_Howe"), "sales", date(2026, 9, 1)),
        (("NY", "GU"), ("America/New_York", "Pacific/Guam"), "sales", date(2026, 6, 1)),
        (("NY",), ("America/New_York", "Pacific/Guam", "Europe/Athens"), "debt", date(2026, 6, 1)),
    ],
)
def test_a_whole_year_window_by_window(
    states: tuple[str, ...], zones: tuple[str, ...], purpose: str, start: date
) -> None:
    week: Week = {day: [["08:30", "12:15"], ["12:45", "20:30"]] for day in DAYS}
    slow = SlowWindow(SHIPPED, week, purpose, zones, states, holidays="AZ" in states)
    found = list(_windows(_as_case(slow, frozenset()), _midnight(start)))
    assert found == list(_runs(slow.startable(_midnight(start), YEAR), _midnight(start)))
    assert len(found) > 200 or (len(zones) > 2 and not found)


def _compare(case: Case, start: datetime, days: int, instants: Sequence[timedelta]) -> None:
    startable = case.slow.startable(start, days)
    for instant in instants:
        now = start + instant
        expected = _expected(case, startable, start, now)
        found = window(case.rules, case.profile, now, case.part)
        if (
            isinstance(found, Closed)
            and found.opens
            and found.opens >= start + days * 24 * 60 * MINUTE
        ):
            # Later than the oracle looked: it must have seen nothing up to there.
            found = replace(found, opens=None)
            expected = (
                replace(expected, why=found.why) if isinstance(expected, Closed) else expected
            )
        assert found == expected, (case, now)
        if expected != Closed(None, getattr(expected, "why", "")):
            upcoming = now if isinstance(expected, Open) else expected.opens
            assert next_opening(case.rules, case.profile, now, case.part) == upcoming, (case, now)


def _expected(case: Case, startable: bytes, start: datetime, now: datetime) -> Open | Closed:
    if case.rules.paused_states & set(case.profile.states):
        return Closed(None, "state_paused")
    minute = (now - start) // MINUTE
    if startable[minute]:
        return Open(start + startable.index(0, minute) * MINUTE)
    later = startable.find(1, minute)
    opens = None if later < 0 else start + later * MINUTE
    return Closed(opens, _why(case, opens, now))


def _why(case: Case, opens: datetime | None, now: datetime) -> str:
    slow = case.slow
    if opens is None:
        past = slow.ends_at is not None and (slow.ends_at <= now or _opens_without_end(case, now))
        return "campaign_ended" if past else "no_common_window"
    if slow.starts_at and now < slow.starts_at:
        return "campaign_not_started"
    return slow.closed_day(now) or "outside_calling_hours"


def _opens_without_end(case: Case, now: datetime) -> bool:
    endless = replace(case.slow, ends_at=None, starts_at=None)
    return (
        1
        in endless.startable(_midnight(now.date()), 21)[(now - _midnight(now.date())) // MINUTE :]
    )


def _windows(case: Case, start: datetime) -> Iterator[tuple[datetime, datetime]]:
    now, end = start, start + timedelta(days=YEAR)
    while True:
        match window(case.rules, case.profile, now, case.part):
            case Open(until=until):
                yield now, until
                now = until
            case Closed(opens=None):
                return
            case Closed(opens=opens, why=why):
                assert why in WHY_CLOSED
                assert opens is not None
                if opens >= end - timedelta(days=1):
                    return
                now = opens


def _runs(startable: bytes, start: datetime) -> Iterator[tuple[datetime, datetime]]:
    first = startable.find(1)
    while 0 <= first < (YEAR - 1) * 24 * 60:
        last = startable.index(0, first)
        yield start + first * MINUTE, start + last * MINUTE
        first = startable.find(1, last)


def _case(chance: random.Random, start: datetime) -> Case:
    states = tuple(sorted(chance.sample(sorted(STATES), chance.choice((1, 1, 2, 3)))))
    instant = start + timedelta(minutes=chance.randrange(HORIZON * 24 * 60))
    slow = SlowWindow(
        table=chance.choice((SHIPPED, _table(chance, states))),
        week=_week(chance),
        purpose=chance.choice(tuple(Purpose)).value,
        zones=_zones(chance, states),
        states=states,
        consented=chance.random() < 1 / 3,
        closed_dates=frozenset(
            start.date() + timedelta(days=chance.randrange(HORIZON))
            for _ in range(chance.randrange(3))
        ),
        holidays=chance.random() < 1 / 3,
        starts_at=instant if chance.random() < 1 / 8 else None,
        ends_at=instant + timedelta(days=2) if chance.random() < 1 / 8 else None,
        part=chance.choice((None, None, *(part.value for part in Part))),
    )
    paused = chance.sample(sorted(STATES), 2) if chance.random() < 1 / 10 else []
    return _as_case(
        slow, frozenset((*paused, *states[:1]) if chance.random() < 1 / 20 else paused)
    )


def _as_case(slow: SlowWindow, paused: frozenset[str]) -> Case:
    rules = CallingRules(
        hours=WeeklyHours(slow.week),
        law=Law.parse(slow.table),
        purpose=Purpose(slow.purpose),
        closed_dates=slow.closed_dates,
        holidays=slow.holidays,
        paused_states=paused,
        starts_at=slow.starts_at,
        ends_at=slow.ends_at,
    )
    part = Part(slow.part) if slow.part else None
    return Case(rules, Profile(slow.zones, slow.states, slow.consented), part, slow)


def _moved(case: Case, zones: tuple[str, ...], states: tuple[str, ...]) -> Case:
    slow = replace(case.slow, zones=zones, states=states, part=None, _days={})
    slow = replace(slow, starts_at=None, ends_at=None)
    return _as_case(slow, frozenset())


def _zones(chance: random.Random, states: Sequence[str]) -> tuple[str, ...]:
    if chance.random() < 1 / 4:
        return tuple(chance.sample(ALL_ZONES, chance.choice((1, 2))))
    own = sorted({zone for state in states for zone in STATES[state]})
    return tuple(chance.sample(own, chance.randint(1, min(3, len(own)))))


def _week(chance: random.Random) -> Week:
    if chance.random() < 1 / 5:
        return {day: [list(span) for span in spans] for day, spans in ALWAYS.items()}
    days = chance.sample(DAYS, chance.choice((1, 3, 5, 6, 7, 7)))
    return {day: _spans(chance) for day in days}


def _spans(chance: random.Random) -> list[list[str]]:
    step = chance.choice((1, 5, 30))
    cuts = sorted(chance.sample(range(8 * 60, 21 * 60 + 1, step), 4))
    wide = [["00:00", "24:00"]]
    pairs = [[_reading(cuts[0]), _reading(cuts[1])], [_reading(cuts[2]), _reading(cuts[3])]]
    met = [[_reading(cuts[0]), _reading(cuts[1])], [_reading(cuts[1]), _reading(cuts[3])]]
    return chance.choice((wide, pairs, met, pairs[:1]))


def _table(chance: random.Random, states: Sequence[str]) -> str:
    """The shipped table with other hours for the country and for these states."""
    table = list(csv.DictReader(SHIPPED.splitlines()))
    extra = [dict(table[0], state=s, profile=p) for s in ("*", *states) for p in Purpose]
    known = {(row["state"], row["profile"]) for row in table}
    table += [
        row
        for row in extra
        if (row["state"], row["profile"]) not in known and chance.random() < 1 / 2
    ]
    for row in table:
        if row["state"] in states or (row["state"] == "*" and chance.random() < 1 / 4):
            _disturb(chance, row)
    names = list(table[0])
    lines = [names, *([row[name].replace(",", ";") for name in names] for row in table)]
    return "\n".join(",".join(cells) for cells in lines)


def _disturb(chance: random.Random, row: dict[str, str]) -> None:
    for day in ("weekday", "sat", "sun"):
        cuts = sorted(chance.sample(range(8 * 60, 21 * 60 + 1), 2))
        row[f"{day}_start"], row[f"{day}_end"] = (
            _reading(min(cuts[0], 720)),
            _reading(max(cuts[1], 800)),
        )
        if chance.random() < 1 / 6:
            row[f"{day}_start"] = row[f"{day}_end"] = "closed"
    row["holiday_ban"] = chance.choice(("yes", "no"))
    row["holiday_set"] = chance.choice(("US", "LA", "VI")) if row["holiday_ban"] == "yes" else ""
    row["lifted_by_consent"] = "no" if row["state"] == "*" else chance.choice(("yes", "no", ""))


def _reading(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _instants(chance: random.Random, days: int) -> list[timedelta]:
    return [timedelta(milliseconds=chance.randrange(days * 86_400_000)) for _ in range(INSTANTS)]


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
