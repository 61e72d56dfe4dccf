"""Holds our books against the sandbox's own record of the phones that rang."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

RANG = frozenset({"placed", "live", "ended", "stale"})
"""Calls that the upstream accepted: one ring each."""

SILENT = frozenset({"claimed", "released", "refused", "absent"})
"""Calls that reached no phone: no ring at all."""

BUCKETS = ("waiting", "calling", "held", "done", "suppressed", "expired", "cancelled")


@dataclass(frozen=True, kw_only=True)
class Books:
    """Three independent records of one rehearsal.

    Attributes:
        accepted: Rows of the file that were answered as accepted, one lead each.
        buckets: `total` of `/v1/ledger`: accepted, and where those leads are.
        calls: Our calls, as `/v1/calls` lists them.
        rings: The sandbox's ring ledger.
    """

    accepted: int
    buckets: Mapping[str, Any]
    calls: Sequence[Mapping[str, Any]]
    rings: Sequence[Mapping[str, Any]]

    @property
    def rang(self) -> int:
        """Our calls that rang, by our own books."""
        return sum(call["state"] in RANG for call in self.calls)


def faults(books: Books) -> list[str]:
    """Names everything that doesn't agree.

    Args:
        books: The records.

    Returns:
        One sentence each; empty where the ledger balances.
    """
    return [*_bucket_faults(books), *_ring_faults(books), *_call_faults(books)]


def _bucket_faults(books: Books) -> Iterable[str]:
    accepted, buckets = books.buckets["accepted"], books.buckets
    added = sum(buckets[name] for name in BUCKETS)
    if accepted != added:
        yield f"{accepted} leads were accepted, and the buckets hold {added}"
    if accepted != books.accepted:
        yield f"the import had {books.accepted} rows accepted, and the ledger has {accepted}"


def _ring_faults(books: Books) -> Iterable[str]:
    calls = {call["id"]: call for call in books.calls}
    for ring in books.rings:
        call = calls.get(ring["request_id"])
        if call is None:
            yield f"ring {ring['seq']} belongs to no call of ours"
        elif call["phone"] != ring["phone"]:
            yield f"ring {ring['seq']} reached another number than its call {call['id']}"
        elif call["partner_call_id"] not in {None, ring["call_id"]}:
            yield f"ring {ring['seq']} is another call than {call['id']} is linked to"


def _call_faults(books: Books) -> Iterable[str]:
    rings: dict[str, int] = defaultdict(int, Counter(r["request_id"] for r in books.rings))
    for call in books.calls:
        count, state = rings[call["id"]], call["state"]
        if count > 1:
            yield f"call {call['id']} rang {count} times"
        if state in RANG and not count:
            yield f"call {call['id']} is {state}, and no phone rang"
        if state in SILENT and count:
            yield f"call {call['id']} is {state}, and a phone rang"
