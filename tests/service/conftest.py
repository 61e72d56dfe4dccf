"""A real database per module, an app over it, and organizations of one's own per test."""

import itertools
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

import httpx2
import pytest
import pytest_asyncio
from cryptography.fernet import Fernet
from fastapi import FastAPI
from pydantic import SecretStr

from dialer.context import Context
from dialer.settings import Settings
from dialer.store.engine import create_engine
from dialer.vault import Vault
from dialer.wakeups import QueueWakeups, connect
from service.app import create_app
from tests.service.tenants import Tenant, make_tenant
from tests.support import servers

_numbers = itertools.count(1)

MakeTenant = Callable[[], Awaitable[Tenant]]


@pytest.fixture(scope="module")
def database_url(template: str) -> Iterator[str]:
    """A module's own database."""
    with servers.database(template, name=f"service_{next(_numbers)}") as url:
        yield url


@pytest.fixture(scope="module")
def settings(database_url: str) -> Settings:
    """What a process of this module's database is told."""
    return Settings(
        database_url=SecretStr(database_url),
        redis_url=SecretStr(servers.valkey_url()),
        secret_key=SecretStr(Fernet.generate_key().decode()),
    )


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def app(settings: Settings) -> AsyncIterator[FastAPI]:
    """The application over the module's database and a real queue."""
    engine = create_engine(settings.database_url.get_secret_value(), pool=10, name="tests")
    queue = connect(settings.redis_url.get_secret_value())
    context = Context(
        settings=settings,
        engine=engine,
        wakeups=QueueWakeups(redis=queue),
        vault=Vault(key=settings.secret_key.get_secret_value()),
    )
    yield create_app(context, queue=queue)
    await queue.aclose(close_connection_pool=True)
    await engine.dispose()


@pytest.fixture(scope="module")
def context(app: FastAPI) -> Context:
    """The application's context, to look at rows with."""
    found: Context = app.state.shell.context
    return found


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def api(app: FastAPI) -> AsyncIterator[httpx2.AsyncClient]:
    """A client of the application, without a key."""
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://outdial.test") as client:
        yield client


@pytest.fixture
def new_tenant(api: httpx2.AsyncClient, context: Context) -> MakeTenant:
    """Makes organizations with a key for everything and a campaign."""

    async def make() -> Tenant:
        return await make_tenant(api, context)

    return make


@pytest_asyncio.fixture(loop_scope="session")
async def tenant(new_tenant: MakeTenant) -> Tenant:
    """An organization that no other test touches."""
    return await new_tenant()
