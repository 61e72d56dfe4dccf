"""The status page in a real browser: live without a reload, usable, and quiet in the console."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Page, Route, expect

from service.pages.session import login_token
from tests.support.people import leads
from tests.support.processes import running
from tests.support.system import System, running_system

pytestmark = pytest.mark.browser


def _link(system: System, url: str) -> str:
    key = system.environment["OUTDIAL_SECRET_KEY"]
    return f"{url}/login?token={login_token(key, system.organization_id, time.time())}"


@asynccontextmanager
async def _served(
    database_url: str, redis_url: str, home: Path, *, speed: float = 1.0
) -> AsyncIterator[tuple[System, str]]:
    """A system with its API: the system, and the page's address."""
    async with running_system(
        database_url=database_url, redis_url=redis_url, home=home, speed=speed
    ) as system:
        with running(
            "service", "--host", "127.0.0.1", "--port", "0", environment=system.environment
        ) as service:
            yield system, service["url"]


@pytest.mark.asyncio
async def test_the_page_follows_a_campaign_without_a_reload(
    database_url: str, redis_url: str, tmp_path: Path, page: Page
) -> None:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    async with _served(database_url, redis_url, tmp_path, speed=60) as (system, url):
        campaign = await system.campaign(name="<b>Spring</b>", cadence={"max_attempts": 1})
        await page.goto(_link(system, url))
        await expect(page.get_by_text("<b>Spring</b>").first).to_be_visible()
        ledger = page.locator("dl.figures")
        await expect(ledger).to_contain_text("accepted")

        system.start_worker()
        hostile = {"name": "<script>document.title='taken'</script>"}
        await system.post(campaign, [{**lead, **hostile} for lead in leads(3)])
        done = ledger.locator("div", has=page.get_by_text("done", exact=True)).locator("dd")
        await expect(done).to_have_text("3", timeout=90_000)
        assert "taken" not in await page.title()

        await page.get_by_role("button", name="Pause <b>Spring</b>").click()
        await expect(page.get_by_text("paused").first).to_be_visible(timeout=10_000)
        states = await system.rows("SELECT state FROM campaigns")
        assert [row["state"] for row in states] == ["paused"]
        await page.close()
    assert said == []


@pytest.mark.asyncio
async def test_the_page_is_live_however_late_its_scripts_arrive(
    database_url: str, redis_url: str, tmp_path: Path, page: Page
) -> None:
    async def late(route: Route) -> None:
        await asyncio.sleep(1.0)
        await route.continue_()

    await page.route("**/hx-sse.min.js", late)
    async with _served(database_url, redis_url, tmp_path) as (system, url):
        async with page.expect_request("**/status/stream", timeout=30_000):
            await page.goto(_link(system, url))
        await page.close()


@pytest.mark.asyncio
async def test_a_stranger_sees_the_login_and_nothing_else(
    database_url: str, redis_url: str, tmp_path: Path, page: Page
) -> None:
    async with _served(database_url, redis_url, tmp_path) as (system, url):
        await system.campaign(name="Secret plan")
        await page.goto(url)
        await expect(page.get_by_label("API key")).to_be_visible()
        assert "Secret plan" not in await page.content()
        await page.close()
