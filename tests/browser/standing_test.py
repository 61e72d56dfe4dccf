"""A quarantine in a real browser: it comes and goes by itself, and nothing rings meanwhile."""

import time
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from dialer.store.engine import run
from service.pages.session import login_token
from tests.support.people import leads
from tests.support.processes import running
from tests.support.system import System, running_system

pytestmark = pytest.mark.browser


def _link(system: System, url: str) -> str:
    key = system.environment["OUTDIAL_SECRET_KEY"]
    return f"{url}/login?token={login_token(key, system.organization_id, time.time())}"


@pytest.mark.asyncio
async def test_a_quarantine_is_told_while_it_lasts_and_ends_by_itself(
    database_url: str, redis_url: str, tmp_path: Path, page: Page
) -> None:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    async with running_system(
        database_url=database_url, redis_url=redis_url, home=tmp_path, speed=240
    ) as system:
        with running(
            "service", "--host", "127.0.0.1", "--port", "0", environment=system.environment
        ) as service:
            await page.goto(_link(system, service["url"]))
            campaign = await system.campaign(cadence={"max_attempts": 1})
            system.start_worker()

            async def counts() -> bool:
                rows = await system.rows("SELECT beat FROM witness WHERE beat > 2")
                return bool(rows)

            await system.eventually("the worker counts", counts)
            async with system.context.engine.begin() as conn:
                await run(conn, "UPDATE witness SET beat = 0")
            heading = page.get_by_role("heading", name="put back to an older copy")
            await expect(heading).to_be_visible(timeout=20_000)
            banner = page.locator("section[aria-labelledby=quarantine]").first
            await expect(banner).to_contain_text("It ends by itself")
            assert await banner.get_by_role("button").count() == 0
            await system.post(campaign, leads(1))
            rings_meanwhile = len(system.sandbox.rings())

            await expect(heading).to_have_count(0, timeout=60_000)

            async def rang() -> bool:
                return len(system.sandbox.rings()) == 1

            await system.eventually("the lead is called", rang)
            assert rings_meanwhile == 0
            names = [row["name"] for row in await system.rows("SELECT name FROM events")]
            order = ("organization.restored", "organization.recovered", "call.dialing")
            assert sorted(order, key=names.index) == list(order)
            await page.close()
    assert said == []
