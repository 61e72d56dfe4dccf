"""Duty: what was set by hand holds until the hours open or close, in every zone and over DST."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.agents.duty import on_duty
from sandbox.agents.hours import last_change
from sandbox.clock import iso
from sandbox.model.agents import ActivatedHours, Agent, AgentType, OnDutySpan
from tests.sandbox.agents.hours_test import NEW_YORK, at, hours

ZONES = (
    "UTC",
    NEW_YORK,
    "Europe/London",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Pacific/Kiritimati",
    "America/St_Johns",
)
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
DST_WEEKS = ("2026-03-08", "2026-03-29", "2026-04-05", "2026-10-04", "2026-10-25", "2026-11-01")
OPENED = at("2026-03-02T09:00:00-05:00")
CLOSED = at("2026-03-02T17:00:00-05:00")


def _agent(
    set_at: float,
    *,
    manual: bool | None,
    kind: AgentType = AgentType.INBOUND,
    when: ActivatedHours | None = None,
) -> Agent:
    office = hours(NEW_YORK, ("monday", "09:00", "17:00"))
    return Agent(
        id="a",
        business_id="b",
        name="Reception",
        type=kind,
        activated_hours=when or office,
        phone_number=None if manual is None else "+12125550100",
        on_duty=manual,
        duty_set_at=iso(set_at),
    )


@pytest.mark.parametrize("manual", [True, False])
def test_what_was_set_by_hand_holds_until_the_hours_change(manual: bool) -> None:  # noqa: FBT001 -- a parameter of the test
    agent = _agent(OPENED + 3600, manual=manual)
    assert on_duty(agent, OPENED + 3600) is manual
    assert on_duty(agent, CLOSED - 1) is manual
    assert on_duty(agent, CLOSED) is False
    assert on_duty(agent, OPENED + 7 * 86_400 - 3601) is False
    assert on_duty(agent, OPENED + 7 * 86_400 + 1) is True


@pytest.mark.parametrize("manual", [True, False])
def test_outbound_agents_are_never_toggled(manual: bool) -> None:  # noqa: FBT001 -- a parameter of the test
    agent = _agent(OPENED, manual=manual, kind=AgentType.OUTBOUND)
    assert on_duty(agent, CLOSED + 60) is manual


@pytest.mark.parametrize("manual", [True, False])
def test_agents_without_hours_are_never_toggled(manual: bool) -> None:  # noqa: FBT001 -- a parameter of the test
    agent = _agent(OPENED, manual=manual).model_copy(update={"activated_hours": None})
    assert on_duty(agent, CLOSED + 60) is manual


def test_an_agent_that_is_not_deployed_has_no_duty() -> None:
    assert on_duty(_agent(OPENED, manual=None), CLOSED + 60) is None


def test_an_agent_kept_without_an_instant_follows_its_hours() -> None:
    agent = _agent(OPENED, manual=True).model_copy(update={"duty_set_at": ""})
    assert on_duty(agent, OPENED + 60) is True
    assert on_duty(agent, CLOSED + 60) is False


@st.composite
def _some_hours(draw: st.DrawFn) -> ActivatedHours:
    spans = []
    for day in draw(st.lists(st.sampled_from(DAYS), unique=True, max_size=7)):
        count = draw(st.sampled_from((2, 4)))
        marks = draw(st.lists(st.integers(0, 96), min_size=count, max_size=count, unique=True))
        clocks = [f"{mark // 4:02}:{mark % 4 * 15:02}" for mark in sorted(marks)]
        spans += [
            OnDutySpan(day=day, start_time=start, end_time=end)
            for start, end in zip(clocks[::2], clocks[1::2], strict=True)
        ]
    return ActivatedHours(timezone=draw(st.sampled_from(ZONES)), hours=tuple(spans))


@settings(max_examples=60, deadline=None)
@given(
    when=_some_hours(),
    week=st.sampled_from(DST_WEEKS),
    before=st.integers(0, 2 * 1440),
    length=st.integers(1, 3 * 1440),
    manual=st.booleans(),
)
def test_duty_is_what_a_job_that_looks_each_minute_would_make_it(
    when: ActivatedHours,
    week: str,
    before: int,
    length: int,
    manual: bool,  # noqa: FBT001 -- a parameter of the test
) -> None:
    start = at(f"{week}T12:00:00Z") - before * 60
    agent = _agent(start, manual=manual, when=when)
    duty, changed = manual, None
    was_open = _shows_open(when, start)
    for minute in range(1, length + 1):
        now = start + minute * 60
        opens = _shows_open(when, now)
        if opens is not was_open:
            duty = was_open = opens
            changed = now
        if minute % 97 == 0 or minute == length:
            assert on_duty(agent, now) is duty
            assert last_change(when, start, now) == changed


def _shows_open(when: ActivatedHours, instant: float) -> bool:
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=instant)
    local = moment.astimezone(ZoneInfo(when.timezone))
    clock, day = f"{local:%H:%M}", DAYS[local.weekday()]
    return any(s.day == day and s.start_time <= clock < s.end_time for s in when.hours)
