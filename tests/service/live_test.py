"""The service as a program: real HTTP, chunked bodies, streams, start and stop."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator

import httpx2
import pytest
import pytest_asyncio

from dialer import clock
from dialer.context import Context
from dialer.settings import Settings
from service.pages.session import login_token
from tests.service.program import Running, environment, service
from tests.service.tenants import Tenant, fresh_phone
from tests.support import servers

pytestmark = pytest.mark.asyncio


async def _refusal(told: dict[str, str]) -> tuple[int | None, str]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", "service", "--port", "0"),
        env=told,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    _, said = await asyncio.wait_for(process.communicate(), 60)
    return process.returncode, said.decode()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def running(settings: Settings) -> AsyncIterator[Running]:
    """A service of this module's database, on a free port."""
    async with service(environment(settings)) as found:
        yield found
        assert await found.stop() == 0


async def test_a_lead_goes_in_over_real_http(running: Running, tenant: Tenant) -> None:
    async with httpx2.AsyncClient(base_url=running.url) as client:
        answer = await client.post(
            "/v1/leads",
            json={"campaign_id": tenant.campaign_id, "phone": fresh_phone()},
            headers={"X-API-Key": tenant.key},
        )
    assert answer.status_code == 202
    assert "server" not in answer.headers


async def test_a_chunked_body_over_the_limit_is_413(running: Running, tenant: Tenant) -> None:
    host, port = running.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(
        b"POST /v1/leads HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        b"X-API-Key: " + tenant.key.encode() + b"\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    chunk = b"10000\r\n" + b"x" * 65_536 + b"\r\n"
    for _ in range(16):
        writer.write(chunk)
    # No byte is left unread when the service closes, or the reset could overtake the answer.
    writer.write(b"1\r\nx\r\n")
    answer = await asyncio.wait_for(reader.read(), 30)
    writer.close()
    await writer.wait_closed()
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b'"code": "too_large"' in answer


async def test_a_declared_length_over_the_limit_is_refused_before_the_body(
    running: Running,
) -> None:
    host, port = running.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(b"POST /v1/leads HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n")
    answer = await asyncio.wait_for(reader.read(), 30)
    writer.close()
    await writer.wait_closed()
    assert answer.startswith(b"HTTP/1.1 413 ")


async def test_the_stream_shows_a_change_and_ends_when_the_service_stops(
    settings: Settings, context: Context, tenant: Tenant
) -> None:
    secret = context.settings.secret_key.get_secret_value()
    token = login_token(secret, tenant.organization_id, clock.wall())
    async with (
        service(environment(settings)) as started,
        httpx2.AsyncClient(base_url=started.url, timeout=30) as browser,
    ):
        await browser.get("/login", params={"token": token})
        async with browser.stream("GET", "/status/stream") as stream:
            assert stream.headers["content-type"].startswith("text/event-stream")
            lines = stream.aiter_lines()
            await _until(lines, "<dt>accepted</dt><dd>0</dd>")
            await tenant.lead()
            await _until(lines, "<dt>accepted</dt><dd>1</dd>")
            started.process.send_signal(signal.SIGTERM)
            async for _ in lines:
                pass
        assert await started.stop() == 0


async def _until(lines: AsyncIterator[str], wanted: str) -> None:
    async with asyncio.timeout(30):
        async for line in lines:
            if wanted in line:
                return
    pytest.fail(f"the stream ended before {wanted!r}")


async def test_it_does_not_start_on_a_schema_that_is_not_its_own(settings: Settings) -> None:
    with servers.database(name="service_empty") as url:
        code, said = await _refusal(environment(settings, OUTDIAL_DATABASE_URL=url))
    assert code == 4
    assert said.count("\n") == 1
    assert "outdial migrate" in said


async def test_it_says_which_setting_is_wrong_and_never_its_value(settings: Settings) -> None:
    code, said = await _refusal(environment(settings, OUTDIAL_SECRET_KEY="not-a-key-at-all"))
    assert code == 2
    assert "OUTDIAL_SECRET_KEY" in said
    assert "not-a-key-at-all" not in said
    code, said = await _refusal(environment(settings, OUTDIAL_BODY_LIMIT_BYTES="1"))
    assert (code, "OUTDIAL_BODY_LIMIT_BYTES" in said) == (2, True)


async def test_it_says_when_the_database_is_away(settings: Settings) -> None:
    url = "postgresql+asyncpg://nobody:hidden@127.0.0.1:1/none"
    code, said = await _refusal(environment(settings, OUTDIAL_DATABASE_URL=url))
    assert (code, said.count("\n")) == (5, 1)
    assert "hidden" not in said
