"""A scope is found out by requests that can't do anything."""

import pytest

from partner import SCOPES, NotSent, Refused, Unknown
from tests.partner.clients import client_for
from tests.partner.endpoints import CASES
from tests.support.raw_server import RawServer, answer, in_turn


def test_every_scope_that_an_endpoint_needs_can_be_asked_for() -> None:
    assert set(SCOPES) == {case.scope for case in CASES}


@pytest.mark.asyncio
@pytest.mark.parametrize("scope", SCOPES)
async def test_a_probe_can_not_act(scope: str) -> None:
    async with RawServer(in_turn(answer(403, {}))) as server, client_for(server) as client:
        assert await client.holds_scope("biz", scope) is False
    (seen,) = server.requests
    kind = scope.partition(":")[2]
    methods = {"read": "GET", "create": "POST", "update": "PATCH", "delete": "DELETE"}
    assert seen.method == methods[kind]
    assert seen.body == (b"{}" if kind in {"create", "update"} else b"")
    assert seen.target.endswith("/scope-probe") is (kind in {"update", "delete"})


@pytest.mark.asyncio
@pytest.mark.parametrize("reply", [answer(200, {}), answer(400, {}), answer(404, {})])
async def test_any_other_refusal_comes_after_the_scope(reply: bytes) -> None:
    async with RawServer(in_turn(reply)) as server, client_for(server) as client:
        assert await client.holds_scope("biz", "tools:create") is True
        assert await client.holds_scope("biz", "integrations:read") is True


@pytest.mark.asyncio
@pytest.mark.parametrize("status", [401, 429])
async def test_a_refusal_of_anything_else_is_no_answer(status: int) -> None:
    async with RawServer(in_turn(answer(status, {}))) as server, client_for(server) as client:
        with pytest.raises(Refused):
            await client.holds_scope("biz", "tools:create")


@pytest.mark.asyncio
async def test_a_failure_is_no_answer() -> None:
    async with RawServer(in_turn(answer(500, {}))) as server, client_for(server) as client:
        with pytest.raises(Unknown, match="server_error"):
            await client.holds_scope("biz", "files:create")
        with pytest.raises(NotSent, match="invalid_request"):
            await client.holds_scope("biz", "files:update")
