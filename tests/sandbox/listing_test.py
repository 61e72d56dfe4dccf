"""Lists found through the index are those that a plain scan finds, whatever is asked when."""

import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.calls import Call, CallBook, CallStatus, CallType, business_scope, organization_scope
from sandbox.listing import OrderField, Query, matches, page_of
from sandbox.script import Outcome

BASE = Call(
    id="call_0",
    seq=0,
    organization_id="org_demo",
    business_id="biz_demo",
    agent_id="agent_demo",
    type=CallType.OUTBOUND,
    agent_number="+12125550100",
    customer_number="+12125550123",
    attempt=1,
    created=0.0,
    started=2.0,
    ended=100.0,
    visible=0.0,
    outcome=Outcome.CALLBACK,
    reason="assistant-ended-call",
    context="",
)

instants = st.integers(min_value=0, max_value=900).map(float)
calls = st.builds(
    lambda created, setup, length, lag, kind, outcome, lead, business: replace(
        BASE,
        created=created,
        started=created + setup,
        ended=created + setup + length,
        visible=created + lag,
        type=kind,
        outcome=outcome,
        lead_id=lead,
        business_id=business,
    ),
    instants,
    st.sampled_from([1.0, 2.0, 3.5]),
    st.sampled_from([1.0, 30.0, 180.0, 180.0, 500.0, math.inf]),
    st.sampled_from([0.0, 0.0, 0.0, 20.0, 400.0]),
    st.sampled_from(CallType),
    st.sampled_from([Outcome.CALLBACK, Outcome.BUSY]),
    st.sampled_from([None, None, "lead_1", "lead_2"]),
    st.sampled_from(["biz_demo", "biz_two"]),
)
maybe_instants = st.none() | instants
queries = st.builds(
    Query,
    scope=st.sampled_from(
        [organization_scope("org_demo"), business_scope("biz_demo"), business_scope("org_demo")]
    ),
    page=st.integers(min_value=1, max_value=4),
    page_size=st.integers(min_value=1, max_value=7),
    type=st.none() | st.sampled_from(CallType),
    status=st.none() | st.sampled_from(CallStatus),
    start=maybe_instants,
    end=maybe_instants,
    lead_id=st.sampled_from([None, None, None, "lead_1", "lead_9"]),
    order_field=st.sampled_from(OrderField),
    descending=st.booleans(),
)


def _wanted(call: Call, query: Query, now: float) -> bool:
    started = call.started if call.started <= now else None
    return (
        query.scope in call.scopes
        and call.visible <= now
        and query.type in (None, call.type)
        and query.status in (None, call.status(now))
        and query.lead_id in (None, call.lead_id)
        and (query.start is None or (started is not None and started > query.start))
        and (query.end is None or (started is not None and started < query.end))
    )


def _rank(call: Call, query: Query, now: float) -> float:
    match query.order_field:
        case OrderField.STARTED_AT:
            return call.started
        case OrderField.ENDED_AT:
            return call.ended if call.ended <= now else math.inf
        case OrderField.DURATION_MS:
            return call.ended - call.started if call.ended <= now else math.inf


@settings(max_examples=400, deadline=None)
@given(made=st.lists(calls, max_size=40), query=queries, now=instants)
def test_the_index_agrees_with_a_plain_scan(made: list[Call], query: Query, now: float) -> None:
    book = CallBook()
    numbered = [
        replace(call, seq=seq, id=f"call_{seq}")
        for seq, call in enumerate(sorted(made, key=lambda call: call.created), start=1)
    ]
    for call in numbered:
        book.add(call)
    expected = [call for call in numbered if _wanted(call, query, now)]
    found = matches(book, query, now)
    assert found.total == len(expected)
    assert {call.id for call in found.all()} == {call.id for call in expected}
    page = page_of(found, query, now)
    ranks = sorted((_rank(call, query, now) for call in expected), reverse=query.descending)
    wanted_ranks = ranks[query.offset : query.offset + query.page_size]
    assert [_rank(call, query, now) for call in page] == wanted_ranks


@settings(deadline=None)
@given(made=st.lists(calls, max_size=30), descending=st.booleans(), now=instants)
def test_pages_together_hold_every_call_once(
    made: list[Call], now: float, *, descending: bool
) -> None:
    book = CallBook()
    for seq, call in enumerate(made, start=1):
        book.add(replace(call, seq=seq, id=f"call_{seq}"))
    query = Query(scope=organization_scope("org_demo"), page_size=4, descending=descending)
    found = matches(book, query, now)
    pages = [page_of(found, replace(query, page=page), now) for page in range(1, 10)]
    seen = [call.id for page in pages for call in page]
    assert len(seen) == len(set(seen)) == found.total


def test_many_calls_are_listed_without_reading_them_all() -> None:
    book = CallBook()
    for seq in range(1, 20_001):
        created = seq / 300
        book.add(
            replace(
                BASE,
                seq=seq,
                id=f"call_{seq}",
                created=created,
                started=created + 2,
                ended=created + 90,
                visible=created,
            )
        )
    query = Query(scope=organization_scope("org_demo"), page_size=100)
    found = matches(book, query, 400.0)
    assert found.total == 20_000
    assert len(found.tail) == 0
    assert [call.seq for call in page_of(found, query, 400.0)][:2] == [20_000, 19_999]


@pytest.mark.parametrize("now", [0.0, 1e9])
def test_an_empty_book_has_no_matches(now: float) -> None:
    query = Query(scope=organization_scope("org_demo"))
    found = matches(CallBook(), query, now)
    assert (found.total, page_of(found, query, now)) == (0, [])
