"""A forecast: each lead is counted once, and the finish follows windows and pace."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from dialer.rules.calling.hours import ALWAYS, DAYS, WeeklyHours
from dialer.rules.calling.preflight import HORIZON, HOUR, Forecast, Kind, forecast
from dialer.rules.calling.window import CallingRules, Profile
from dialer.rules.law.law import Law
from dialer.rules.law.row import Purpose

NOON = datetime(2026, 3, 3, 17, 30, tzinfo=UTC)
NEW_YORK = Profile(("America/New_York",), ("NY",))
ALABAMA = Profile(("America/Chicago",), ("AL",))
TOKYO = Profile(("America/New_York", "Asia/Tokyo"), ("NY",))
RULES = CallingRules(hours=WeeklyHours(ALWAYS), law=Law.shipped(), purpose=Purpose.AI_VOICE)
SUNDAYS = replace(RULES, hours=WeeklyHours({"sunday": [["09:00", "17:00"]]}))
SHORT = replace(RULES, hours=WeeklyHours({day: [["09:00", "09:10"]] for day in DAYS}))


def _look(*kinds: Kind, rules: CallingRules = RULES, pace: float | None = None) -> Forecast:
    return forecast(kinds, rules, NOON, per_minute=pace)


def _kind(profile: Profile | None = NEW_YORK, leads: int = 10, barred: int = 0) -> Kind:
    return Kind(profile, leads, barred, agreed=True)


@st.composite
def _kinds(draw: st.DrawFn) -> Kind:
    leads = draw(st.integers(1, 50))
    barred = draw(st.integers(0, leads))
    listed = draw(st.integers(0, leads - barred))
    profile = draw(st.sampled_from((NEW_YORK, ALABAMA, TOKYO, None)))
    return Kind(profile, leads, barred, draw(st.booleans()), listed)


@given(kinds=st.lists(_kinds(), max_size=6), rules=st.sampled_from((RULES, SUNDAYS)))
def test_every_lead_is_counted_now_later_or_never(kinds: list[Kind], rules: CallingRules) -> None:
    seen = _look(*kinds, rules=rules, pace=60)
    callable_ = seen.now + seen.later.total()
    assert callable_ + seen.never.total() == sum(kind.leads for kind in kinds)
    assert seen.by_zone.total() == seen.opens.total() == callable_
    assert min(seen.opens, default=NOON) >= NOON - HOUR
    assert seen.calls[0] <= seen.calls[1]


def test_why_leads_are_never_called_is_told_by_the_first_reason() -> None:
    seen = _look(
        Kind(NEW_YORK, 10, 2, agreed=False, listed=3),
        Kind(None, 4, 1, agreed=True),
        _kind(ALABAMA, 5),
        rules=SUNDAYS,
    )
    assert seen.never == Counter(
        suppressed=2, dnc_listed=3, no_consent=5, gate_unreadable=4, no_common_window=5
    )
    assert (seen.now, seen.later.total()) == (0, 0)


def test_leads_that_are_never_called_keep_no_list_from_its_end() -> None:
    alone = _look(_kind(), pace=60)
    beside = _look(
        _kind(), _kind(ALABAMA), pace=60, rules=replace(RULES, closed_dates=frozenset())
    )
    assert alone.finish[1] is not None
    paused = _look(
        _kind(), _kind(ALABAMA), pace=60, rules=replace(RULES, paused_states=frozenset({"AL"}))
    )
    assert paused.finish == alone.finish
    assert beside.finish[1] is not None


def test_a_slower_pace_ends_later_and_one_too_slow_not_within_the_horizon() -> None:
    finishes = [_look(_kind(leads=2_000), pace=pace).finish[0] for pace in (60.0, 6.0, 1.0)]
    assert all(one is not None for one in finishes)
    assert finishes == sorted(finishes)  # type: ignore[type-var]  # none is None
    assert len(set(finishes)) == len(finishes)
    assert _look(_kind(leads=1_000_000), pace=1).finish == (None, None)


def test_calls_of_one_lead_take_days() -> None:
    first, last = _look(_kind(leads=1)).finish
    assert first is not None
    assert last is not None
    assert last - first >= timedelta(days=1)


def test_a_window_of_minutes_is_not_missed_between_two_hours() -> None:
    assert _look(_kind(leads=1), rules=SHORT).finish[1] is not None


def test_the_campaigns_end_ends_the_forecast() -> None:
    ends = replace(RULES, ends_at=NOON + timedelta(hours=3))
    assert _look(_kind(leads=1_000), rules=ends, pace=1).finish == (None, None)
    assert _look(rules=ends).finish == (NOON, NOON)


def test_a_finish_lies_within_the_horizon() -> None:
    for pace in (0.5, 1.0, 2.0):
        for one in _look(_kind(leads=9_000), pace=pace).finish:
            assert one is None or NOON <= one <= NOON + HORIZON
