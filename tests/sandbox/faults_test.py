"""Faults: for whom, how often, how likely; and orders that make no sense."""

from typing import Any

import pytest
from pydantic import ValidationError

from sandbox.faults import FAULTS, FaultBook, FaultName, FaultOrder, Target

PHONE = "+12125550123"


def _book(*orders: dict[str, Any]) -> FaultBook:
    book = FaultBook(seed=7, now=lambda: 5.0)
    for order in orders:
        book.set(FaultOrder.model_validate(order))
    return book


def _hits(book: FaultBook, times: int, **request: Any) -> int:  # noqa: ANN401 -- phone and agent
    struck = [book.strike(FaultName, Target.CALL, **request) for _ in range(times)]
    return sum(fault is not None for fault in struck)


def test_every_fault_has_a_kind_and_can_be_set_with_its_name_alone() -> None:
    assert set(FAULTS) == set(FaultName)
    for name in FaultName:
        order = FaultOrder(name=name)
        assert order.route in FAULTS[name].targets


def test_a_count_runs_out() -> None:
    book = _book({"name": "drop", "count": 2})
    assert _hits(book, 5) == 2
    (fault,) = book
    assert (fault.hits, fault.remaining) == (2, 0)


def test_without_a_count_it_goes_on() -> None:
    assert _hits(_book({"name": "drop"}), 50) == 50


def test_phone_and_agent_narrow_it() -> None:
    book = _book({"name": "drop", "phone": PHONE, "agent_id": "agent_demo"})
    assert _hits(book, 1, phone=PHONE, agent_id="agent_demo") == 1
    assert _hits(book, 1, phone=PHONE, agent_id="agent_draft") == 0
    assert _hits(book, 1, phone="+12125550199", agent_id="agent_demo") == 0
    assert _hits(book, 1) == 0


def test_probability_is_met_and_reproducible() -> None:
    order = {"name": "drop", "probability": 0.25}
    hits = _hits(_book(order), 4_000)
    assert 900 < hits < 1_100
    assert hits == _hits(_book(order), 4_000)
    assert _hits(_book({"name": "drop", "probability": 0}), 100) == 0


def test_the_oldest_that_strikes_decides() -> None:
    book = _book({"name": "hang", "count": 1}, {"name": "drop"})
    struck = [book.strike(FaultName, Target.CALL) for _ in range(2)]
    assert [fault.name for fault in struck if fault] == [FaultName.HANG, FaultName.DROP]


def test_a_route_is_another_unless_it_is_any() -> None:
    assert _hits(_book({"name": "rate_limit", "route": "history"}), 1) == 0
    assert _hits(_book({"name": "rate_limit", "route": "any"}), 1) == 1


def test_faults_are_lifted_one_by_one_or_all() -> None:
    book = _book({"name": "hang"}, {"name": "drop"})
    first = next(iter(book))
    assert book.remove(first.id)
    assert not book.remove(first.id)
    assert book.clear() == 1
    assert book.strike(FaultName, Target.CALL) is None


def test_at_most_a_thousand_are_set() -> None:
    book = _book(*[{"name": "drop"}] * 1_000)
    with pytest.raises(ValueError, match="at most"):
        book.set(FaultOrder(name=FaultName.DROP))


@pytest.mark.parametrize(
    ("order", "says"),
    [
        ({"name": "explode"}, "name"),
        ({"name": "drop", "seconds": 5}, "drop has no seconds"),
        ({"name": "drop", "status": 500}, "drop has no status"),
        ({"name": "hang", "rang": True}, "hang has no rang"),
        ({"name": "hang", "retry_after": "7"}, "hang has no retry_after"),
        ({"name": "drop", "route": "history"}, "drop can be set on call"),
        ({"name": "history_error", "route": "call"}, "can be set on history"),
        ({"name": "rate_limit", "route": "any", "phone": PHONE}, "phone does not narrow"),
        ({"name": "history_error", "agent_id": "agent_demo"}, "agent_id does not narrow"),
        ({"name": "token_rejected", "route": "call", "phone": PHONE}, "does not narrow"),
        ({"name": "drop", "count": 0}, "count"),
        ({"name": "drop", "probability": 1.5}, "probability"),
        ({"name": "drop", "phone": "212"}, "phone"),
        ({"name": "slow", "seconds": -1}, "seconds"),
        ({"name": "fail_after_ring", "status": 200}, "status"),
        ({"name": "rate_limit", "retry_after": "7\r\nX: y"}, "retry_after"),
        ({"name": "drop", "often": True}, "often"),
    ],
)
def test_an_order_that_makes_no_sense_is_refused(order: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        FaultOrder.model_validate(order)


def test_defaults_are_filled_in_and_can_be_turned_off() -> None:
    assert FaultOrder(name=FaultName.RATE_LIMIT).retry_after == "5"
    assert FaultOrder(name=FaultName.RATE_LIMIT, retry_after=None).retry_after is None
    assert FaultOrder(name=FaultName.SUCCESS_FALSE).rang is True
    assert FaultOrder(name=FaultName.FAIL_AFTER_RING).status == 500
