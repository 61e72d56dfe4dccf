"""When to call again: limits that always hold, parts of the day, callbacks, and every end."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialer.rules.calling.day_parts import Part, part_of
from dialer.rules.outcomes.cadence import ALWAYS_STOP, DEFAULT_STEPS, Cadence, Step
from dialer.rules.outcomes.outcome import OUTCOMES, Outcome
from dialer.rules.outcomes.retry import CallAgain, Finish, Opening, Tried, plan

ZONE = "America/New_York"
NOON = datetime(2026, 3, 3, 17, tzinfo=UTC)
"""A Tuesday, 12:00 in New York."""

EVERY_DAY = frozenset(range(7))
WORKDAYS = frozenset(range(5))


def opening_of(
    zone: str = ZONE, *, days: frozenset[int] = EVERY_DAY, hours: tuple[int, int] = (8, 21)
) -> Opening:
    """The openings of a lead in `zone` on these weekdays between these hours."""

    def opening(after: datetime, part: Part | None) -> datetime | None:
        local = after.astimezone(ZoneInfo(zone))
        first, last = part.span if part else (0, 24 * 60)
        start, end = max(first, hours[0] * 60), min(last, hours[1] * 60)
        for ahead in range(9):
            day = local.date() + timedelta(days=ahead)
            if start >= end or day.weekday() not in days:
                continue
            midnight = datetime.combine(day, time(), ZoneInfo(zone))
            opens = midnight.replace(hour=start // 60, minute=start % 60).astimezone(UTC)
            closes = midnight.replace(hour=end // 60, minute=end % 60).astimezone(UTC)
            if max(opens, after) < closes:
                return max(opens, after).astimezone(UTC)
        return None

    return opening


def outcome(name: str, *, counts: bool = True) -> Outcome:
    final = Cadence().stop_on
    return Outcome(name, retryable=name not in final, counts=counts)


def run(
    cadence: Cadence,
    names: Sequence[str],
    *,
    at: datetime = NOON,
    callback_at: datetime | None = None,
    opening: Opening | None = None,
    zones: Sequence[str] = (ZONE,),
) -> CallAgain | Finish:
    """What follows calls that ended so, an hour apart, the last one at `at`."""
    tried = [
        Tried(at - timedelta(hours=len(names) - 1 - place), name, counts=True)
        for place, name in enumerate(names)
    ]
    return plan(
        cadence,
        reading_outcome=outcome(names[-1]),
        callback_at=callback_at,
        tried=tried,
        ended_at=at,
        zones=zones,
        opening=opening or opening_of(),
    )


def life(
    cadence: Cadence,
    endings: Sequence[tuple[str, bool, float | None]],
    *,
    start: datetime,
    opening: Opening,
    zone: str = ZONE,
) -> tuple[list[Tried], list[CallAgain], Finish]:
    """A lead's calls until its end: the n-th ends as the n-th ending says, over and over."""
    first = opening(start, None)
    assert first is not None
    at, tried, planned = first, list[Tried](), list[CallAgain]()
    for turn in range(100):
        name, counts, wanted = endings[turn % len(endings)]
        ended_at = at + timedelta(seconds=30)
        tried.append(Tried(at, name, counts=counts))
        found = plan(
            cadence,
            reading_outcome=outcome(name, counts=counts),
            callback_at=None if wanted is None else ended_at + timedelta(minutes=wanted),
            tried=tried,
            ended_at=ended_at,
            zones=(zone,),
            opening=opening,
        )
        if isinstance(found, Finish):
            return tried, planned, found
        planned.append(found)
        assert found.at > ended_at
        at = found.at
    raise AssertionError("a lead that is called for ever")


@st.composite
def cadences(draw: st.DrawFn) -> Cadence:
    parts = st.sampled_from(["any", "other", "morning", "afternoon", "evening"])
    steps = st.builds(Step, st.integers(1, 60 * 24 * 4), parts)
    names = st.sampled_from(sorted(OUTCOMES - ALWAYS_STOP))
    return Cadence(
        max_attempts=draw(st.integers(1, 20)),
        per_day=draw(st.integers(1, 10)),
        max_voicemails=draw(st.integers(1, 20)),
        max_technical=draw(st.integers(1, 20)),
        by_outcome=draw(
            st.dictionaries(names, st.lists(steps, max_size=20).map(tuple), max_size=6)
        ),
        stop_on=ALWAYS_STOP,
    )


ENDINGS = st.lists(
    st.tuples(
        st.sampled_from(sorted(OUTCOMES)),
        st.booleans(),
        st.none() | st.floats(1, 60 * 24 * 60),
    ),
    min_size=1,
    max_size=8,
)
_FIRST = datetime(2026, 1, 1, tzinfo=UTC)
STARTS = st.integers(0, 2 * 365 * 24 * 60).map(lambda minutes: _FIRST + timedelta(minutes=minutes))
ZONES = st.sampled_from([ZONE, "America/Los_Angeles", "Pacific/Honolulu", "America/Phoenix"])
DAYS = st.sampled_from([EVERY_DAY, WORKDAYS, frozenset({6})])
HOURS = st.sampled_from([(8, 21), (9, 17), (8, 11), (18, 20)])


@settings(deadline=None, max_examples=300)
@given(cadence=cadences(), endings=ENDINGS, start=STARTS, zone=ZONES, days=DAYS, hours=HOURS)
def test_no_lead_is_called_more_than_any_limit_allows(
    *,
    cadence: Cadence,
    endings: list[tuple[str, bool, float | None]],
    start: datetime,
    zone: str,
    days: frozenset[int],
    hours: tuple[int, int],
) -> None:
    opening = opening_of(zone, days=days, hours=hours)
    tried, planned, _ = life(cadence, endings, start=start, opening=opening, zone=zone)
    attempts = [t for t in tried if t.counts and t.outcome not in cadence.technical]
    assert len(attempts) <= cadence.max_attempts
    assert sum(t.outcome == "voicemail" for t in tried) <= cadence.max_voicemails
    assert len(tried) <= cadence.max_attempts + cadence.max_technical
    for again in planned:
        assert again.at == opening(again.at, None), "outside the hours"
    asked = {again.at for again in planned if again.why in ("callback", "callback_moved")}
    day_of = Counter(t.at.astimezone(ZoneInfo(zone)).date() for t in attempts if t.at not in asked)
    assert max(day_of.values(), default=0) <= cadence.per_day


@settings(deadline=None, max_examples=200)
@given(start=STARTS, zone=ZONES, minutes=st.floats(1, 60 * 24 * 60))
def test_a_callback_comes_at_its_time_or_at_the_next_opening(
    start: datetime, zone: str, minutes: float
) -> None:
    opening, asked = opening_of(zone), start + timedelta(minutes=minutes)
    found = run(
        Cadence(per_day=1),
        ["callback_requested"],
        at=start,
        callback_at=asked,
        opening=opening,
        zones=(zone,),
    )
    lawful = opening(asked, None)
    assert lawful is not None
    assert found == CallAgain(
        lawful, exact=lawful == asked, why="callback" if lawful == asked else "callback_moved"
    )


@settings(deadline=None, max_examples=200)
@given(start=STARTS, zone=ZONES, name=st.sampled_from(["no_answer", "busy", "declined", "silent"]))
def test_six_calls_in_ten_days_reach_every_part_of_the_day(
    start: datetime, zone: str, name: str
) -> None:
    opening = opening_of(zone)
    tried, _, end = life(Cadence(), [(name, True, None)], start=start, opening=opening, zone=zone)
    assert end == Finish("attempts_exhausted")
    assert len(tried) == 6
    assert timedelta(days=3) <= tried[-1].at - tried[0].at <= timedelta(days=10)
    parts = Counter(part_of(t.at, (zone,)) for t in tried)
    assert set(parts) == set(Part)
    days = Counter(t.at.astimezone(ZoneInfo(zone)).date() for t in tried)
    assert max(days.values()) <= 2


@settings(deadline=None, max_examples=100)
@given(start=STARTS)
def test_on_workdays_alone_the_same_plan_takes_two_weeks_at_most(start: datetime) -> None:
    opening = opening_of(days=WORKDAYS, hours=(9, 18))
    tried, _, _ = life(Cadence(), [("no_answer", True, None)], start=start, opening=opening)
    assert len(tried) == 6
    assert tried[-1].at - tried[0].at <= timedelta(days=14)


def test_the_other_part_is_the_one_tried_least_then_the_next() -> None:
    cadence = Cadence(by_outcome={"no_answer": (Step(60, "other"),) * 5}, per_day=10)
    found = run(cadence, ["no_answer"])
    assert found == CallAgain(datetime(2026, 3, 3, 22, tzinfo=UTC)), "this evening"
    second = plan(
        cadence,
        reading_outcome=outcome("no_answer"),
        callback_at=None,
        tried=[Tried(NOON, "no_answer", counts=True), Tried(found.at, "no_answer", counts=True)],
        ended_at=found.at,
        zones=(ZONE,),
        opening=opening_of(),
    )
    assert second == CallAgain(datetime(2026, 3, 4, 13, tzinfo=UTC)), "tomorrow morning"


def test_the_other_part_is_whichever_opens_where_only_one_does() -> None:
    cadence = Cadence(by_outcome={"no_answer": (Step(60, "other"),)})
    found = run(cadence, ["no_answer"], opening=opening_of(hours=(12, 16)))
    assert found == CallAgain(datetime(2026, 3, 3, 18, tzinfo=UTC))


@pytest.mark.parametrize(("days", "taken"), [(7, "evening"), (8, "afternoon")])
def test_a_part_tried_less_is_worth_a_week_and_no_more(days: int, taken: str) -> None:
    in_an_hour = NOON + timedelta(hours=1)
    evening = in_an_hour + timedelta(days=days)

    def opening(after: datetime, part: Part | None) -> datetime | None:
        assert after == in_an_hour
        return {Part.AFTERNOON: in_an_hour, Part.EVENING: evening}.get(part or Part.AFTERNOON)

    cadence = Cadence(by_outcome={"no_answer": (Step(60, "other"),)})
    at = {"afternoon": in_an_hour, "evening": evening}[taken]
    assert run(cadence, ["no_answer"], opening=opening) == CallAgain(at)


def test_the_other_part_of_a_lead_that_no_part_opens_for_is_the_end() -> None:
    cadence = Cadence(by_outcome={"no_answer": (Step(60, "other"),)})
    closed = opening_of(days=frozenset())
    assert run(cadence, ["no_answer"], opening=closed) == Finish("no_common_window")


def test_a_named_part_waits_for_it() -> None:
    cadence = Cadence(by_outcome={"busy": (Step(10, "morning"),)})
    assert run(cadence, ["busy"]) == CallAgain(datetime(2026, 3, 4, 13, tzinfo=UTC))


def test_a_full_day_moves_the_retry_to_the_next() -> None:
    cadence = Cadence(by_outcome={"busy": (Step(10),) * 5}, per_day=2)
    found = run(cadence, ["busy", "busy"])
    assert found == CallAgain(datetime(2026, 3, 4, 13, tzinfo=UTC), why="per_day")


def test_a_day_is_the_leads_own() -> None:
    honolulu = "Pacific/Honolulu"
    at = datetime(2026, 3, 4, 4, tzinfo=UTC)  # 18:00 of March 3 there, March 4 in UTC
    cadence = Cadence(by_outcome={"busy": (Step(10),) * 5}, per_day=2)
    found = run(cadence, ["busy", "busy"], at=at, zones=(honolulu,), opening=opening_of(honolulu))
    assert found == CallAgain(datetime(2026, 3, 4, 18, tzinfo=UTC), why="per_day")


def test_technical_failures_neither_spend_attempts_nor_days() -> None:
    cadence = Cadence(
        max_attempts=2,
        per_day=1,
        by_outcome={"failed": (Step(15),) * 5, "no_answer": (Step(60),) * 5},
    )
    assert run(cadence, ["failed", "failed"]) == CallAgain(NOON + timedelta(minutes=15))
    assert run(cadence, ["failed"] * 3) == Finish("technical_failures")
    assert isinstance(run(cadence, ["failed", "failed", "no_answer"]), CallAgain)
    assert run(cadence, ["no_answer", "failed", "no_answer"]) == Finish("attempts_exhausted")


def test_one_voicemail_is_enough() -> None:
    assert run(Cadence(), ["voicemail"]) == Finish("voicemail_limit")
    assert run(Cadence(), ["voicemail", "no_answer"]) == Finish("voicemail_limit")
    assert isinstance(run(Cadence(max_voicemails=2), ["voicemail"]), CallAgain)


@pytest.mark.parametrize("name", sorted(Cadence().stop_on))
def test_a_conversation_or_a_refusal_ends_it(name: str) -> None:
    assert run(Cadence(), [name], callback_at=NOON + timedelta(hours=1)) == Finish(name)


@pytest.mark.parametrize("name", sorted(ALWAYS_STOP))
def test_no_cadence_calls_somebody_who_must_not_be_called(name: str) -> None:
    cadence = Cadence(by_outcome={name: (Step(1),)}, stop_on=frozenset())
    found = plan(
        cadence,
        reading_outcome=Outcome(name, retryable=True, counts=True),
        callback_at=None,
        tried=[Tried(NOON, name, counts=True)],
        ended_at=NOON,
        zones=(ZONE,),
        opening=opening_of(),
    )
    assert found == Finish(name)


def test_the_lists_end_is_the_end() -> None:
    cadence = Cadence(by_outcome={"busy": (Step(10),)})
    assert run(cadence, ["busy", "busy"]) == Finish("attempts_exhausted")
    assert run(cadence, ["no_answer"]) == Finish("no_answer")


def test_a_callback_in_the_past_follows_the_steps() -> None:
    found = run(Cadence(), ["callback_requested"], callback_at=NOON - timedelta(hours=1))
    assert found == CallAgain(NOON + timedelta(hours=2))


def test_the_last_attempt_is_the_last_even_with_a_callback() -> None:
    asked = NOON + timedelta(hours=1)
    names = ["no_answer"] * 5 + ["callback_requested"]
    assert run(Cadence(), names, callback_at=asked) == Finish("attempts_exhausted")


@pytest.mark.parametrize("callback_at", [None, NOON + timedelta(hours=1)])
def test_where_it_never_opens_the_lead_is_finished(callback_at: datetime | None) -> None:
    found = run(
        Cadence(), ["callback_requested"], callback_at=callback_at, opening=lambda _at, _part: None
    )
    assert found == Finish("no_common_window")


def test_every_default_step_belongs_to_an_outcome() -> None:
    assert set(DEFAULT_STEPS) <= OUTCOMES
