"""A walk gives every item once, however the list moves, and ends whatever the upstream does."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from partner import (
    CallQuery,
    Evidence,
    KnowledgeFile,
    Page,
    PartnerClient,
    Refused,
    Unknown,
    Walk,
)
from tests.partner.clients import client_for
from tests.support.raw_server import Peer, RawServer, answer, in_turn

EVIDENCE = Evidence(status=200, headers={}, body="", elapsed_ms=0, server_date=None)
Numbers = Sequence[int]
Answerer = Callable[[int, int, int], bytes]


def page_of(numbers: Numbers, page: int, size: int) -> bytes:
    """A page as an upstream that keeps its word would give it."""
    items = [{"id": f"file-{n}"} for n in numbers[(page - 1) * size : page * size]]
    body = {"items": items, "total": len(numbers), "page": page, "page_size": size}
    return answer(200, body)


def lister(answerer: Answerer) -> Callable[[Peer], Awaitable[None]]:
    """A script that answers the n-th request (from 1) for a page of a size."""

    async def script(peer: Peer) -> None:
        while (seen := await peer.request()) is not None:
            query = parse_qs(urlsplit(seen.target).query)
            page, size = int(query["page"][0]), int(query["page_size"][0])
            await peer.send(answerer(len(peer.server.requests), page, size))

    return script


async def ids(client: PartnerClient, size: int) -> list[int]:
    """The numbers of the files that a walk gave."""
    walk = client.iter_files("biz", page_size=size)
    return [int(file.id.removeprefix("file-")) async for file in walk]


@pytest.mark.asyncio
@pytest.mark.parametrize(("count", "pages"), [(0, 1), (1, 1), (3, 1), (4, 2), (6, 2), (7, 3)])
async def test_no_page_is_asked_for_in_vain(count: int, pages: int) -> None:
    script = lister(lambda _, page, size: page_of(range(count), page, size))
    async with RawServer(script) as server, client_for(server) as client:
        assert await ids(client, 3) == list(range(count))
    assert len(server.requests) == pages


@pytest.mark.asyncio
async def test_items_that_come_push_others_down_and_are_given_once() -> None:
    def grows(turn: int, page: int, size: int) -> bytes:
        return page_of([*range(100, 100 + turn - 1), *range(6)], page, size)

    async with RawServer(lister(grows)) as server, client_for(server) as client:
        found = await ids(client, 3)
    assert sorted(found) == [*range(6)]
    assert len(server.requests) < 8


@pytest.mark.asyncio
async def test_items_that_go_hide_none() -> None:
    def shrinks(turn: int, page: int, size: int) -> bytes:
        return page_of(range(0 if turn == 1 else 2, 9), page, size)

    async with RawServer(lister(shrinks)) as server, client_for(server) as client:
        found = await ids(client, 3)
    assert sorted(found) == [*range(9)]
    assert len(found) == len(set(found))


@pytest.mark.asyncio
async def test_a_lower_page_size_is_followed_from_the_first_page() -> None:
    script = lister(lambda _, page, size: page_of(range(7), page, min(size, 3)))
    async with RawServer(script) as server, client_for(server) as client:
        assert await ids(client, 100) == [*range(7)]
    assert [seen.target.split("?")[1] for seen in server.requests] == [
        "page=1&page_size=100",
        "page=2&page_size=3",
        "page=3&page_size=3",
    ]


@pytest.mark.asyncio
async def test_a_page_size_lowered_midway_loses_nothing() -> None:
    def lowers(turn: int, page: int, size: int) -> bytes:
        return page_of(range(10), page, size if turn == 1 else min(size, 2))

    async with RawServer(lister(lowers)) as server, client_for(server) as client:
        assert sorted(await ids(client, 4)) == [*range(10)]


@pytest.mark.asyncio
async def test_a_page_size_that_is_not_admitted_loses_nothing() -> None:
    def sly(_turn: int, page: int, size: int) -> bytes:
        items = [{"id": f"file-{n}"} for n in range(7)[(page - 1) * 2 : page * 2]]
        return answer(200, {"items": items, "total": 7, "page": page, "page_size": size})

    async with RawServer(lister(sly)) as server, client_for(server) as client:
        assert await ids(client, 100) == [*range(7)]


@pytest.mark.asyncio
async def test_a_list_that_repeats_itself_ends_in_an_error() -> None:
    one = answer(200, {"items": [{"id": "file-1"}], "total": 1_000_000, "page_size": 1})
    async with RawServer(in_turn(one)) as server, client_for(server) as client:
        with pytest.raises(Unknown, match="list_repeats") as caught:
            await ids(client, 1)
    assert len(server.requests) == 4
    assert caught.value.evidence is not None


@pytest.mark.asyncio
async def test_a_list_that_goes_on_for_ever_ends_in_an_error() -> None:
    async def ask(number: int, page_size: int) -> Page[KnowledgeFile]:
        return Page(
            items=(KnowledgeFile(id=f"file-{number}"),),
            total=2**52,
            page=number,
            page_size=page_size,
            malformed=0,
            evidence=EVIDENCE,
        )

    walk = Walk(ask, page_size=1)
    found = 0
    with pytest.raises(Unknown, match="list_repeats"):  # noqa: PT012 - the end of the loop is what raises
        async for _ in walk:
            found += 1
    assert found == 10_000


@pytest.mark.asyncio
async def test_a_list_that_never_holds_still_ends_in_an_error() -> None:
    def restless(turn: int, page: int, size: int) -> bytes:
        return page_of(range(9 if turn % 2 else 4), page, size)

    async with RawServer(lister(restless)) as server, client_for(server) as client:
        with pytest.raises(Unknown, match="list_unsteady"):
            await ids(client, 3)
    assert len(server.requests) == 10


@pytest.mark.asyncio
async def test_an_empty_page_ends_the_walk_whatever_the_total_says() -> None:
    empty = answer(200, {"items": [], "total": 50})
    async with RawServer(in_turn(empty)) as server, client_for(server) as client:
        assert await ids(client, 3) == []
    assert len(server.requests) == 1


@pytest.mark.asyncio
async def test_what_can_not_be_read_is_counted_and_hides_nothing() -> None:
    first = {"items": [{"id": 5}, {"no": "id"}], "total": 4, "page_size": 2}
    second = {"items": ["?", {"id": "file-4"}], "total": 4, "page_size": 2}
    script = in_turn(answer(200, first), answer(200, second))
    async with RawServer(script) as server, client_for(server) as client:
        walk = client.iter_files("biz", page_size=2)
        assert [file.id async for file in walk] == ["file-4"]
    assert (walk.malformed, walk.total) == (3, 4)


@given(
    count=st.integers(0, 30),
    size=st.integers(1, 9),
    moves=st.lists(
        st.one_of(
            st.none(),
            st.tuples(st.booleans(), st.lists(st.floats(0, 1, exclude_max=True), max_size=4)),
        ),
        max_size=12,
    ),
)
def test_whatever_stays_is_given_exactly_once(
    count: int, size: int, moves: list[tuple[bool, list[float]] | None]
) -> None:
    """Between two requests items come or go, anywhere; what is there throughout is given."""
    there = [f"file-{number}" for number in range(count)]
    throughout, left = set(there), iter(moves)

    async def ask(number: int, page_size: int) -> Page[KnowledgeFile]:
        part = there[(number - 1) * page_size : number * page_size]
        page = Page(
            items=tuple(KnowledgeFile(id=name) for name in part),
            total=len(there),
            page=number,
            page_size=page_size,
            malformed=0,
            evidence=EVIDENCE,
        )
        come, places = next(left, None) or (True, [])
        for place in places:
            at = int(place * (len(there) + come))
            if come:
                there.insert(at, f"new-{len(throughout)}-{place}-{len(there)}")
            elif there:
                throughout.discard(there.pop(at))
        return page

    async def walk() -> list[str]:
        return [file.id async for file in Walk(ask, page_size=size)]

    try:
        given_ids = asyncio.run(walk())
    except Unknown as error:
        event(error.code)
        return
    assert throughout <= set(given_ids)
    assert len(given_ids) == len(set(given_ids))


@pytest.mark.asyncio
async def test_a_refusal_midway_reaches_the_caller() -> None:
    page = page_of(range(4), 1, 2)
    async with (
        RawServer(in_turn(page, answer(403, {}))) as server,
        client_for(server) as client,
    ):
        walk = client.iter_files("biz", page_size=2)
        given = [(await anext(walk)).id, (await anext(walk)).id]
        with pytest.raises(Refused, match="files:read"):
            await anext(walk)
    assert given == ["file-0", "file-1"]


@pytest.mark.asyncio
async def test_every_list_can_be_walked() -> None:
    one = answer(200, {"items": [{"id": "one"}], "total": 1})
    async with RawServer(in_turn(one)) as server, client_for(server) as client:
        query = CallQuery(type="OUTBOUND", page_size=50)
        found = [
            [item.id async for item in client.iter_tool_templates(page_size=50)],
            [item.id async for item in client.iter_tool_instances("biz", page_size=50)],
            [item.id async for item in client.iter_files("biz", page_size=50)],
            [item.id async for item in client.iter_voice_agents("biz", page_size=50)],
            [item.id async for item in client.iter_business_calls("biz", query)],
            [item.id async for item in client.iter_organization_calls(query)],
        ]
    assert found == [["one"]] * 6
    assert [seen.target.removeprefix("/api/partner/v1") for seen in server.requests] == [
        "/tools?page=1&page_size=50",
        "/businesses/biz/tools?page=1&page_size=50",
        "/businesses/biz/files?page=1&page_size=50",
        "/businesses/biz/voice-agents?page=1&page_size=50",
        "/businesses/biz/calls?page=1&page_size=50&type=OUTBOUND",
        "/organizations/calls?page=1&page_size=50&type=OUTBOUND",
    ]
