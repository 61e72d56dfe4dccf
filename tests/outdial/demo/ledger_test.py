"""The closing ledger balances only where our books and the sandbox's say the same."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from dialer.rules.call import CallState
from dialer.store.reports import ledger
from outdial.demo.ledger import BUCKETS, RANG, SILENT, Books, faults


def call(number: int, state: str = "ended", **more: object) -> dict[str, Any]:
    """A call of ours."""
    return {
        "id": f"call-{number}",
        "state": state,
        "phone": f"+1212555010{number}",
        "partner_call_id": f"upstream-{number}",
        **more,
    }


def ring(number: int, **more: object) -> dict[str, Any]:
    """The ring that the sandbox wrote down for it."""
    return {
        "seq": number,
        "request_id": f"call-{number}",
        "phone": f"+1212555010{number}",
        "call_id": f"upstream-{number}",
        **more,
    }


def buckets(**counts: int) -> Mapping[str, int]:
    """The ledger's total."""
    return {"accepted": 3, **dict.fromkeys(BUCKETS, 0), **(counts or {"done": 3})}


GOOD = Books(
    accepted=3,
    buckets=buckets(),
    calls=[call(1), call(2), call(3, "refused", partner_call_id=None)],
    rings=[ring(1), ring(2)],
)


def test_good_books_balance() -> None:
    assert faults(GOOD) == []
    assert GOOD.rang == 2


def test_a_call_in_doubt_may_have_rung_or_not() -> None:
    doubt = call(3, "unknown", partner_call_id=None)
    for rings in ([ring(1), ring(2)], [ring(1), ring(2), ring(3)]):
        assert faults(replace(GOOD, calls=[*GOOD.calls[:2], doubt], rings=rings)) == []


@pytest.mark.parametrize(
    ("books", "said"),
    [
        (replace(GOOD, buckets=buckets(done=2)), "3 leads were accepted, and the buckets hold 2"),
        (replace(GOOD, accepted=4), "the import had 4 rows accepted"),
        (replace(GOOD, rings=[ring(1)]), "call call-2 is ended, and no phone rang"),
        (replace(GOOD, rings=[*GOOD.rings, ring(3)]), "call call-3 is refused, and a phone rang"),
        (replace(GOOD, rings=[*GOOD.rings, ring(2, seq=9)]), "call call-2 rang 2 times"),
        (replace(GOOD, rings=[*GOOD.rings, ring(9)]), "ring 9 belongs to no call of ours"),
        (
            replace(GOOD, rings=[*GOOD.rings, ring(9, request_id=None)]),
            "ring 9 belongs to no call of ours",
        ),
        (
            replace(GOOD, rings=[ring(1, phone="+12125550199"), ring(2)]),
            "ring 1 reached another number",
        ),
        (replace(GOOD, rings=[ring(1, call_id="other"), ring(2)]), "ring 1 is another call"),
    ],
)
def test_whatever_does_not_agree_is_named(books: Books, said: str) -> None:
    assert [said in sentence for sentence in faults(books)] == [True]


def test_it_knows_every_state_and_bucket() -> None:
    in_doubt = {"dialing", "unknown", "held"}
    assert RANG | SILENT | in_doubt == {state.value for state in CallState}
    assert BUCKETS == ledger.BUCKETS
