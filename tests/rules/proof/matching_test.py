"""Which listed call an unknown one became: number, agent, direction and time must allow it."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest

from dialer.rules.proof.absence import UNCLOSED_SETTLE
from dialer.rules.proof.matching import BEFORE_ARM, Sought, can_only_be, fits, latest_start, pair

ARMED = datetime(2026, 3, 3, 17, tzinfo=UTC)
CLOSED = ARMED + timedelta(seconds=30)
TICK = timedelta(milliseconds=1)
NO_SKEW = timedelta()


@dataclass(frozen=True)
class _Listed:
    id: str = "call_1"
    type: str | None = "OUTBOUND"
    status: str | None = "COMPLETED"
    agent_id: str | None = "agent_1"
    customer_number: str | None = "+12125550101"
    started_at: datetime | None = ARMED + TICK


SOUGHT = Sought(phone="+12125550101", agent_id="agent_1", armed_at=ARMED, closed_at=CLOSED)
LISTED = _Listed()


@pytest.mark.parametrize(
    ("listed", "matches"),
    [
        (LISTED, True),
        (replace(LISTED, type=None), True),
        (replace(LISTED, type="INBOUND"), False),
        (replace(LISTED, agent_id=None), True),
        (replace(LISTED, agent_id="agent_2"), False),
        (replace(LISTED, customer_number="+12125550102"), False),
        (replace(LISTED, customer_number=None), False),
        (replace(LISTED, started_at=None), False),
        (replace(LISTED, started_at=None, status="SCHEDULED"), True),
        (replace(LISTED, started_at=None, status="IN_PROGRESS"), True),
        (replace(LISTED, started_at=None, status="FAILED"), False),
        (replace(LISTED, started_at=ARMED - BEFORE_ARM), True),
        (replace(LISTED, started_at=ARMED - BEFORE_ARM - TICK), False),
        (replace(LISTED, started_at=CLOSED + UNCLOSED_SETTLE), True),
        (replace(LISTED, started_at=CLOSED + UNCLOSED_SETTLE + TICK), False),
    ],
)
def test_a_listed_call_fits(listed: _Listed, matches: object) -> None:
    assert fits(SOUGHT, listed, skew=NO_SKEW) is matches


def test_the_upstreams_clock_may_be_off_by_the_skew_either_way() -> None:
    skew = timedelta(minutes=5)
    early = replace(LISTED, started_at=ARMED - BEFORE_ARM - skew)
    late = replace(LISTED, started_at=CLOSED + UNCLOSED_SETTLE + skew)
    assert fits(SOUGHT, early, skew=skew)
    assert fits(SOUGHT, late, skew=skew)
    assert not fits(SOUGHT, early, skew=skew - TICK)
    assert not fits(SOUGHT, late, skew=skew - TICK)


def test_a_sender_that_was_never_closed_may_have_sent_for_three_hours_more() -> None:
    assert latest_start(replace(SOUGHT, closed_at=None)) == ARMED + 2 * UNCLOSED_SETTLE
    assert latest_start(SOUGHT) == CLOSED + UNCLOSED_SETTLE


def test_a_call_that_is_ours_already_is_no_match() -> None:
    assert pair({"a": SOUGHT}, [LISTED], taken={"call_1"}, skew=NO_SKEW) == {}


def test_a_call_is_found_by_its_own_id_though_that_is_taken_and_nothing_else_fits() -> None:
    own = replace(SOUGHT, partner_call_id="call_1")
    odd = replace(LISTED, customer_number=None, agent_id="agent_2")
    found = pair({"b": SOUGHT, "a": own}, [LISTED], taken={"call_1"}, skew=NO_SKEW)
    assert found == {"a": LISTED}
    assert pair({"a": own}, [odd], taken={"call_1"}, skew=NO_SKEW) == {"a": odd}


def test_one_listed_call_explains_one_unknown_call() -> None:
    found = pair({"a": SOUGHT, "b": SOUGHT}, [LISTED], taken=(), skew=NO_SKEW)
    assert found == {"a": LISTED}


def test_two_unknown_calls_take_one_listed_call_each_in_order() -> None:
    second = replace(LISTED, id="call_2")
    found = pair({"b": SOUGHT, "a": SOUGHT}, [LISTED, second], taken=(), skew=NO_SKEW)
    assert found == {"b": LISTED, "a": second}


NEXT = ARMED + timedelta(hours=1)


@pytest.mark.parametrize(
    ("listed", "next_at", "only"),
    [
        (LISTED, None, True),
        (LISTED, NEXT, True),
        (replace(LISTED, started_at=NEXT - BEFORE_ARM - TICK), NEXT, True),
        (replace(LISTED, started_at=NEXT - BEFORE_ARM), NEXT, False),
        (replace(LISTED, started_at=NEXT - BEFORE_ARM), None, True),
        (replace(LISTED, started_at=None, status="IN_PROGRESS"), None, False),
        (replace(LISTED, customer_number="+12125550102"), None, False),
    ],
)
def test_what_may_be_a_later_call_is_never_a_decided_ones(
    listed: _Listed, next_at: datetime | None, only: object
) -> None:
    assert can_only_be(SOUGHT, listed, skew=NO_SKEW, next_at=next_at) is only


def test_the_skew_widens_what_may_be_a_later_call() -> None:
    skew = timedelta(minutes=5)
    listed = replace(LISTED, started_at=NEXT - BEFORE_ARM - skew)
    assert not can_only_be(SOUGHT, listed, skew=skew, next_at=NEXT)
    assert can_only_be(SOUGHT, listed, skew=skew - TICK, next_at=NEXT)
