"""An upstream whose history shows exactly what a test says, well formed or not."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

from dialer.pipeline.access import setup
from dialer.pipeline.upstream.partners import Partners
from tests.support.house import House
from tests.support.raw_server import Peer, RawServer, answer


@asynccontextmanager
async def listing(house: House, items: Sequence[Mapping[str, object]]) -> AsyncIterator[Partners]:
    """Clients of an upstream that answers every request with one page of these items."""
    page = answer(200, {"items": list(items), "total": len(items), "page": 1, "page_size": 100})

    async def show(peer: Peer) -> None:
        while await peer.request() is not None:
            await peer.send(page)

    async with RawServer(show) as server:
        await setup.connect_partner(
            house.context,
            organization_id=house.organization_id,
            base_url=server.base_url,
            api_key="any-key",
        )
        partners = Partners(context=house.context)
        try:
            yield partners
        finally:
            await partners.aclose()
