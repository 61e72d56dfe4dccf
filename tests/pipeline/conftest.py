"""A house for each test: an organization alone in its database."""

from collections.abc import AsyncIterator, Iterator
from uuid import uuid4

import pytest
import pytest_asyncio

from dialer.context import Context
from dialer.pipeline.access import setup
from dialer.pipeline.upstream.partners import Partners
from tests.support.house import NOON, House, build_house, clear, open_context
from tests.support.sandbox import SandboxProcess
from tests.support.servers import database


@pytest.fixture(scope="package")
def package_database(template: str) -> Iterator[str]:
    """A migrated database that the tests of this folder use one after the other."""
    with database(template, name=f"house_{uuid4().hex}") as url:
        yield url


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def context(package_database: str, redis_url: str) -> AsyncIterator[Context]:
    """What a process holds."""
    async with open_context(package_database, redis_url) as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="session")
async def house(context: Context) -> AsyncIterator[House]:
    """An organization with nothing in it, at noon."""
    yield await build_house(context)
    await clear(context)


@pytest.fixture(scope="package")
def sandbox() -> Iterator[SandboxProcess]:
    """The Partner API, simulated, as a process of its own."""
    with SandboxProcess(clock_start=NOON.isoformat()) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="session")
async def upstream(house: House, sandbox: SandboxProcess) -> AsyncIterator[Partners]:
    """Clients of the sandbox, with the house's credentials stored."""
    await setup.connect_partner(
        house.context,
        organization_id=house.organization_id,
        base_url=sandbox.base_url,
        api_key="sandbox-key",
    )
    partners = Partners(context=house.context)
    yield partners
    await partners.aclose()
    sandbox.clear_faults()
    sandbox.set_agent("agent_demo", type="OUTBOUND", deployed=True, on_duty=True)
