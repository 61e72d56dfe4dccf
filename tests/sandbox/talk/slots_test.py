"""Slots lie within the hours of the business's clocks, after the notice, where nothing stands."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.clock import instant_of, iso
from sandbox.draw import Draw
from sandbox.model.tools import WEEKDAYS, OpenHours
from sandbox.talk.slots import SlotPlan

NEW_YORK = "America/New_York"
MONDAY = instant_of("2026-03-02T15:00:00Z")
MORNINGS = {"tuesday": (OpenHours(open_time="09:00", close_time="12:00"),)}


def _plan(**changes: object) -> SlotPlan:
    usual: dict[str, object] = {
        "zone": NEW_YORK,
        "slot_minutes": 60,
        "buffer_minutes": 0,
        "notice_minutes": 0,
        "hours": MORNINGS,
    }
    return SlotPlan(**(usual | changes))  # type: ignore[arg-type]  # changes are of the right types


def _always(low: float, high: float) -> bool:
    return low < high


def _chosen(plan: SlotPlan, subject: int = 0, booked: float = MONDAY) -> float:
    found = plan.choose(Draw(seed=7, subject=(subject,)), booked=booked, free=_always)
    assert found is not None
    assert found[1] - found[0] == plan.seconds
    return found[0]


def test_slots_follow_each_other_with_the_buffer_between() -> None:
    plan = _plan(slot_minutes=45, buffer_minutes=15)
    times = {iso(_chosen(plan, n))[11:16] for n in range(300)}
    # 9:00, 10:00 and 11:00 in New York, before and after its clocks change on March 8.
    assert times == {"14:00", "15:00", "16:00", "13:00"}


@given(
    subject=st.integers(),
    notice=st.integers(min_value=0, max_value=14_400),
    length=st.integers(min_value=10, max_value=180),
    zone=st.sampled_from([NEW_YORK, "America/Los_Angeles", "UTC", "Australia/Lord_Howe"]),
    booked=st.floats(min_value=MONDAY, max_value=MONDAY + 400 * 86_400),
)
def test_every_slot_is_open_and_leaves_the_notice(
    subject: int, notice: int, length: int, zone: str, booked: float
) -> None:
    plan = _plan(zone=zone, slot_minutes=length, notice_minutes=notice)
    start = _chosen(plan, subject, booked)
    local = datetime.fromtimestamp(start, ZoneInfo(zone))
    minute = local.hour * 60 + local.minute
    assert start >= booked + notice * 60
    assert WEEKDAYS[local.weekday()] == "tuesday"
    assert 9 * 60 <= minute <= 12 * 60 - length


def test_no_slot_is_offered_at_a_time_that_the_clocks_skip() -> None:
    skipped = {"sunday": (OpenHours(open_time="02:00", close_time="03:00"),)}
    booked = instant_of("2026-03-07T12:00:00Z")
    start = _chosen(_plan(hours=skipped), booked=booked)
    assert datetime.fromtimestamp(start, ZoneInfo(NEW_YORK)).hour == 2
    assert start > instant_of("2026-03-09T00:00:00Z")


@pytest.mark.parametrize(
    "hours", [{}, {"monday": ()}, {"monday": (OpenHours(open_time="09:00", close_time="09:30"),)}]
)
def test_hours_too_short_for_a_slot_have_none(hours: dict[str, tuple[OpenHours, ...]]) -> None:
    assert _plan(hours=hours).choose(Draw(seed=7, subject=()), booked=MONDAY, free=_always) is None


def test_the_last_free_one_of_the_near_slots_is_found() -> None:
    tuesday = instant_of("2026-03-17T13:00:00Z")

    def only_one(low: float, high: float) -> bool:
        return low == tuesday < high

    for subject in range(20):
        draw = Draw(seed=7, subject=(subject,))
        assert _plan().choose(draw, booked=MONDAY, free=only_one) == (tuesday, tuesday + 3600)


def test_a_full_calendar_is_given_up_after_few_looks() -> None:
    looks = 0

    def never(low: float, high: float) -> bool:
        nonlocal looks
        looks += 1
        return low > high

    hours = dict.fromkeys(WEEKDAYS, (OpenHours(open_time="00:00", close_time="24:00"),))
    plan = _plan(slot_minutes=10, hours=hours)
    assert plan.choose(Draw(seed=7, subject=()), booked=MONDAY, free=never) is None
    assert 24 < looks < 100
