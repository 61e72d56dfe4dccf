"""Call records: where they stand by the clock, and how they are kept."""

import json
import math
from dataclasses import replace

from sandbox.calls import Call, CallBook, CallStatus, CallType
from tests.sandbox.listing_test import BASE


def test_status_follows_from_the_clock_alone() -> None:
    call = replace(BASE, started=10.0, ended=20.0)
    assert call.status(9.999) is CallStatus.SCHEDULED
    assert call.status(10.0) is CallStatus.IN_PROGRESS
    assert call.status(19.999) is CallStatus.IN_PROGRESS
    assert call.status(20.0) is CallStatus.COMPLETED


def test_a_status_before_is_the_one_before_or_the_first() -> None:
    call = replace(BASE, created=8.0, started=10.0, ended=20.0)
    assert call.status(call.status_before(9.0)) is CallStatus.SCHEDULED
    assert call.status(call.status_before(15.0)) is CallStatus.SCHEDULED
    assert call.status(call.status_before(25.0)) is CallStatus.IN_PROGRESS


def test_a_stuck_call_survives_its_journal_entry() -> None:
    stuck = replace(BASE, ended=math.inf, image_urls=("https://example.com/a.jpg",))
    entry = json.loads(json.dumps(stuck.as_entry()))
    assert Call.from_entry(entry) == stuck
    assert stuck.status(1e12) is CallStatus.IN_PROGRESS


def test_attempts_are_counted_by_number() -> None:
    book = CallBook()
    book.add(BASE)
    book.add(replace(BASE, id="call_1", seq=1))
    assert book.attempts("+12125550123") == 2
    assert book.attempts("+12125550199") == 0
    book.add(replace(BASE, id="call_2", seq=2, type=CallType.INBOUND))
    assert book.attempts("+12125550123") == 2
    assert book.attempts("+12125550123", CallType.INBOUND) == 1
    assert [call.id for call in book] == ["call_0", "call_1", "call_2"]
    assert book.get("call_1") is not None


def test_calls_in_progress_are_found_among_the_old_too() -> None:
    book = CallBook()
    book.add(BASE)
    book.add(replace(BASE, id="stuck", seq=1, ended=math.inf))
    book.add(replace(BASE, id="new", seq=2, created=9_990.0, started=9_992.0, ended=10_050.0))
    assert [call.id for call in book.in_progress(10_000.0)] == ["new", "stuck"]
