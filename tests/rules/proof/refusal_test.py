"""A refused call rang only if nothing else explains what is listed."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest

from dialer.rules.proof.refusal import Refusal, rang

NOW = datetime(2026, 3, 3, 17, 30, tzinfo=UTC)
NO_SKEW = timedelta()
CALL = Refusal(
    phone="+12125550101",
    agent_id="agent_1",
    armed_at=NOW,
    closed_at=NOW + timedelta(seconds=2),
    next_at=None,
)


@dataclass(frozen=True)
class _Item:
    id: str = "call_1"
    type: str | None = "OUTBOUND"
    status: str | None = "COMPLETED"
    agent_id: str | None = "agent_1"
    customer_number: str | None = "+12125550101"
    started_at: datetime | None = NOW + timedelta(seconds=1)


def _at(seconds: float) -> _Item:
    return _Item(started_at=NOW + timedelta(seconds=seconds))


@pytest.mark.parametrize(
    ("item", "is_it"),
    [
        (_Item(), True),
        (_Item(type=None), True),
        (_Item(type="INBOUND"), False),
        (_Item(customer_number="+12125550102"), False),
        (_Item(agent_id="agent_2"), False),
        (_Item(agent_id=None), False),
        (_Item(started_at=None), False),
        (_at(-5), True),
        (_at(-5.1), False),
        (_at(62), True),
        (_at(62.1), False),
    ],
)
def test_number_agent_direction_and_time_must_all_say_so(item: _Item, is_it: object) -> None:
    assert rang(CALL, item, skew=NO_SKEW) is is_it


@pytest.mark.parametrize(("seconds", "is_it"), [(-10, True), (-10.1, False), (67, True)])
def test_the_upstreams_clock_may_be_off(seconds: float, is_it: object) -> None:
    assert rang(CALL, _at(seconds), skew=timedelta(seconds=5)) is is_it


@pytest.mark.parametrize(
    ("seconds", "skew", "is_it"), [(6.9, 0, True), (7, 0, False), (5, 1.9, True), (5, 2, False)]
)
def test_what_started_after_the_next_call_to_the_number_may_be_that_one(
    seconds: float, skew: float, is_it: object
) -> None:
    call = replace(CALL, next_at=NOW + timedelta(seconds=7))
    assert rang(call, _at(seconds), skew=timedelta(seconds=skew)) is is_it
