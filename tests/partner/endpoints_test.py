"""Every endpoint is asked for as the guide says, and fails as its kind may."""

import asyncio
from pathlib import Path

import pytest

from partner import ClientCredentials, PartnerError, Refused, Unknown
from tests.partner.clients import SECRET, client_for
from tests.partner.endpoints import CASES, GOOGLE_TOKEN, Case
from tests.support.raw_server import Peer, RawServer, answer, drop, in_turn

each = pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
each_write = pytest.mark.parametrize(
    "case", [case for case in CASES if not case.reads], ids=lambda case: case.name
)
each_read = pytest.mark.parametrize(
    "case", [case for case in CASES if case.reads], ids=lambda case: case.name
)
# The call's retries, and those of what follows its 401, are the call protocol's.
each_plain_write = pytest.mark.parametrize(
    "case",
    [case for case in CASES if not case.reads and case.name != "call"],
    ids=lambda case: case.name,
)


@pytest.fixture
def note(tmp_path: Path) -> Path:
    path = tmp_path / "note.txt"
    path.write_text("We open at nine.", "utf-8")
    return path


def test_there_are_28_beside_the_token() -> None:
    assert [case.number for case in CASES] == list(range(2, 30))


@each
@pytest.mark.asyncio
async def test_method_path_and_the_scope_that_a_403_names(case: Case, note: Path) -> None:
    async with (
        RawServer(in_turn(answer(403, {"message": "no"}))) as server,
        client_for(server) as client,
    ):
        with pytest.raises(Refused, match=f"needs? the scope {case.scope}: no") as caught:
            await case.ask(client, note)
    assert (caught.value.code, caught.value.scope) == ("forbidden", case.scope)
    (seen,) = server.requests
    path, _, query = seen.target.partition("?")
    assert (seen.method, path) == (case.method, f"/api/partner/v1{case.path}")
    lists = case.name.startswith("list_") and case.name != "list_voices"
    assert query == ("page=1&page_size=100" if lists else "")
    assert seen.headers["authorization"].startswith("Bearer ")


@each_write
@pytest.mark.asyncio
@pytest.mark.parametrize("fault", [answer(500, {}), drop], ids=["500", "drop"])
async def test_a_write_is_sent_once_and_may_have_acted(
    case: Case, fault: bytes, note: Path
) -> None:
    async with RawServer(in_turn(fault)) as server, client_for(server) as client:
        with pytest.raises(Unknown):
            await case.ask(client, note)
    assert len(server.requests) == 1


@each_plain_write
@pytest.mark.asyncio
async def test_a_write_is_sent_again_only_with_a_new_token(case: Case, note: Path) -> None:
    grants = [answer(200, {"access_token": f"token-{n}"}) for n in (1, 2)]
    script = in_turn(grants[0], answer(401, {}), grants[1], answer(409, {"message": "busy"}))
    credentials = ClientCredentials("client", SECRET)
    async with (
        RawServer(script) as server,
        client_for(server, credentials=credentials) as client,
    ):
        with pytest.raises(Refused, match="rejected") as caught:
            await case.ask(client, note)
    assert (caught.value.status, caught.value.partner_message) == (409, "busy")
    _, first, _, second = server.requests
    assert first.headers["authorization"] == "Bearer token-1"
    assert second.headers["authorization"] == "Bearer token-2"
    assert len(first.body) == len(second.body)


@each_read
@pytest.mark.asyncio
async def test_a_read_is_tried_again(case: Case, note: Path) -> None:
    script = in_turn(answer(503, {}), answer(401, {}))
    async with RawServer(script) as server, client_for(server) as client:
        with pytest.raises(Refused, match="unauthorized"):
            await case.ask(client, note)
    assert len(server.requests) == 2


@each
@pytest.mark.asyncio
async def test_an_answer_that_is_no_object_never_passes_for_one(case: Case, note: Path) -> None:
    async with RawServer(in_turn(answer(200, "text"))) as server, client_for(server) as client:
        if case.name.startswith("delete_"):
            assert await case.ask(client, note) is None
            return
        with pytest.raises(Unknown):
            await case.ask(client, note)


@each
@pytest.mark.asyncio
async def test_secrets_that_the_upstream_echoes_leave_no_trace(case: Case, note: Path) -> None:
    key = "key-that-must-not-leak"
    echo = answer(400, {"message": f"bad {GOOGLE_TOKEN} and {key}"}, {"Server": GOOGLE_TOKEN})
    async with RawServer(in_turn(echo)) as server, client_for(server) as client:
        with pytest.raises(PartnerError) as caught:
            await case.ask(client, note)
    error = caught.value
    assert error.evidence is not None
    shown = f"{error!r} {error} {error.message} {error.evidence.as_dict()}"
    assert key not in shown
    if "google_calendar" in case.name and not case.reads:
        assert GOOGLE_TOKEN not in shown
        assert GOOGLE_TOKEN.encode() in server.requests[0].body


@pytest.mark.asyncio
async def test_all_endpoints_wait_for_one_token(note: Path) -> None:
    async def slowly(peer: Peer) -> None:
        while (seen := await peer.request()) is not None:
            if seen.target.endswith("/oauth/token"):
                await asyncio.sleep(0.2)
                await peer.send(answer(200, {"access_token": "token-1"}))
            else:
                await peer.send(answer(403, {}))

    credentials = ClientCredentials("client", SECRET)
    async with (
        RawServer(slowly) as server,
        client_for(server, credentials=credentials) as client,
    ):
        ends = await asyncio.gather(
            *(case.ask(client, note) for case in CASES), return_exceptions=True
        )
    assert {type(end) for end in ends} == {Refused}
    tokens = [seen for seen in server.requests if seen.target.endswith("/oauth/token")]
    assert (len(tokens), len(server.requests)) == (1, 1 + len(CASES))
