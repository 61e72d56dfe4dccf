"""One reading for all who look, and a bound on how many look."""

from contextlib import ExitStack

import pytest

from dialer.context import Context
from dialer.rules.errors import UnavailableError
from service.pages.board import MAX_WATCHERS, Board
from service.refusals import Refusals
from tests.service.tenants import Tenant


def _board(context: Context, refusals: Refusals | None = None) -> Board:
    return Board(engine=context.engine, refusals=refusals or Refusals())


@pytest.mark.asyncio
async def test_a_reading_is_shared_until_it_is_forgotten(context: Context, tenant: Tenant) -> None:
    board = _board(context)
    first = await board.read(tenant.organization_id)
    assert await board.read(tenant.organization_id) is first
    board.forget(tenant.organization_id)
    second = await board.read(tenant.organization_id)
    assert second is not first
    assert not second.differs(first)


@pytest.mark.asyncio
async def test_a_reading_tells_what_happens(context: Context, tenant: Tenant) -> None:
    refusals = Refusals()
    before = await _board(context, refusals).read(tenant.organization_id)
    await tenant.lead()
    await tenant.source()
    await tenant.post("/v1/hooks/crm", {"nothing": 1})
    refusals.add(tenant.organization_id, ["phone.toll_free", "phone.toll_free", "required"])
    after = await _board(context, refusals).read(tenant.organization_id)
    assert after.differs(before)
    assert [(b.name, b.count) for b in after.buckets] == [("waiting", 1)]
    assert [(b.name, b.count) for b in after.refused] == [("phone.toll_free", 2), ("required", 1)]
    assert [(b.name, b.count) for b in after.deliveries] == [("not_mapped", 1)]
    assert (
        after.news
        == "0 of 1 campaigns run. The ledger balances. Deliveries that need attention: 1."
    )
    assert (after.pace, after.flying, after.speed) == (0, 0, None)


@pytest.mark.asyncio
async def test_there_are_only_so_many_places(context: Context) -> None:
    board = _board(context)
    with ExitStack() as places:
        for _ in range(MAX_WATCHERS):
            places.enter_context(board.watching())
        with pytest.raises(UnavailableError), board.watching():
            pass
    with board.watching():
        pass
