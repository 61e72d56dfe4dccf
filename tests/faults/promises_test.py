"""The judge itself: each promise that is broken in the books is named, and whole books are not."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from dialer.store.reports.ledger import BUCKETS
from tests.faults.books import Books
from tests.faults.promises import broken

CALL, OTHER = (str(UUID(int=n)) for n in (1, 2))
LEAD, CAMPAIGN, ORGANIZATION, AGENT = (str(UUID(int=n)) for n in (11, 12, 13, 14))
NOON = datetime(2026, 3, 3, 17, tzinfo=UTC)
PHONE = "+12125550142"

Row = dict[str, Any]


def _line(kind: str, name: str, was: str | None, now: str, second: float) -> Row:
    at = NOON + timedelta(seconds=second)
    return {"kind": kind, "id": name, "was": was, "now": now, "at": at, "real": second}


def _call(name: str = CALL, **other: object) -> Row:
    return {
        "id": name,
        "organization_id": ORGANIZATION,
        "business_id": ORGANIZATION,
        "agent_id": AGENT,
        "partner_agent_id": "agent_demo",
        "campaign_id": CAMPAIGN,
        "lead_id": LEAD,
        "phone": PHONE,
        "state": "ended",
        "armed_at": NOON,
        "armed": 2.0,
        "place": 1.5,
        "paced": True,
        "partner_call_id": "call_1",
        **other,
    }


def _ring(name: str = CALL, **other: object) -> Row:
    return {
        "request_id": name,
        "call_id": "call_1",
        "phone": PHONE,
        "agent_id": "agent_demo",
        "real": 2.5,
        **other,
    }


def _whole(**other: object) -> Books:
    """One campaign, one lead, one call that rang once."""
    told: dict[str, Any] = {
        "rings": [_ring()],
        "audit": [
            _line("campaigns", CAMPAIGN, None, "draft", 0),
            _line("campaigns", CAMPAIGN, "draft", "running", 0),
            _line("leads", LEAD, None, "waiting", 1),
            _line("leads", LEAD, "waiting", "calling", 1),
            _line("calls", CALL, None, "claimed", 1),
            _line("calls", CALL, "claimed", "dialing", 2),
            _line("calls", CALL, "dialing", "placed", 3),
            _line("calls", CALL, "placed", "ended", 4),
            _line("leads", LEAD, "calling", "done", 4),
        ],
        "calls": [_call()],
        "leads": [{"id": LEAD, "state": "done"}],
        "caps": {CAMPAIGN: 1},
        "decided": frozenset(),
        "ledger": [{"id": CAMPAIGN, "accepted": 1, **dict.fromkeys(BUCKETS, 0), "done": 1}],
        **other,
    }
    return Books(**told)


def _in_state(books: Books, **calls: Any) -> Books:  # noqa: ANN401 -- any column
    return replace(books, calls=[_call(**calls)], audit=[])


def _second_call(books: Books, **other: Any) -> Books:  # noqa: ANN401 -- any column
    """The same number is claimed again while the first call is open."""
    audit = list(books.audit)
    audit.insert(6, _line("calls", OTHER, None, "claimed", 2.6))
    called = _call(OTHER, state="claimed", armed_at=None, armed=None, **other)
    return replace(books, audit=audit, calls=[*books.calls, called])


def _audit(books: Books, at: int, **other: object) -> Books:
    audit: list[Mapping[str, Any]] = list(books.audit)
    audit[at] = {**audit[at], **other}
    return replace(books, audit=audit)


_BREAKS: dict[str, tuple[str, Callable[[Books], Books]]] = {
    "a second ring": ("I1", lambda b: replace(b, rings=[_ring(), _ring(call_id="call_2")])),
    "two open calls to a number": ("I2", _second_call),
    "a lead that is in no bucket": (
        "I3",
        lambda b: replace(b, ledger=[{**b.ledger[0], "done": 0}]),
    ),
    "a lead that is in two": (
        "I3",
        lambda b: replace(b, ledger=[{**b.ledger[0], "waiting": 1}]),
    ),
    "a ring without an arm": ("I4", lambda b: _in_state(b, armed_at=None)),
    "a ring before its arm": ("I4", lambda b: _audit(b, 5, real=2.6)),
    "a ring that nobody knows": (
        "I5",
        lambda b: replace(b, rings=[*b.rings, _ring(OTHER, call_id="call_2")]),
    ),
    "a ring that is linked to nothing": ("I5", lambda b: _in_state(b, partner_call_id=None)),
    "a ring that is linked to another": ("I5", lambda b: _in_state(b, partner_call_id="call_9")),
    "one call too many at once": ("I6", lambda b: _second_call(b, phone="+12125550143")),
    "a call before its slot": ("I6", lambda b: replace(b, calls=[_call(place=2.1)])),
    "an arm in a pause": ("I7", lambda b: _audit(b, 1, was="running", now="paused")),
    "a ring that was denied": ("I8", lambda b: _in_state(b, state="absent")),
    "an edge that no table has": ("I9", lambda b: _audit(b, 7, was="placed", now="absent")),
    "a state that nobody left": ("I9", lambda b: _audit(b, 7, was="live")),
    "a row that the audit contradicts": ("I9", lambda b: replace(b, calls=[_call(state="live")])),
    "somebody else's phone": ("I10", lambda b: _in_state(b, phone="+12125550143")),
    "another agent's call": ("I10", lambda b: _in_state(b, partner_agent_id="agent_other")),
}


def test_whole_books_break_no_promise() -> None:
    assert broken(_whole()) == []


@pytest.mark.parametrize("what", _BREAKS)
def test_a_broken_promise_is_found_by_its_name(what: str) -> None:
    invariant, damage = _BREAKS[what]
    found = broken(damage(_whole()))
    assert any(text.split()[0] == invariant for text in found), found


def test_what_a_person_decided_may_have_rung() -> None:
    absent = _in_state(_whole(), state="absent", partner_call_id=None)
    assert broken(absent)
    assert broken(replace(absent, decided=frozenset({CALL}))) == []


def test_a_ring_of_a_strangers_request_is_not_ours() -> None:
    stranger = _ring("", call_id="call_2", request_id=None)
    assert broken(_whole(rings=[_ring(), stranger])) == []
