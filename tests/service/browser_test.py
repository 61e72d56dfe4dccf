"""The pages in a real browser: nothing is blocked, figures move by themselves, switches work."""

import shutil
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Page, async_playwright, expect

from dialer import clock
from dialer.context import Context
from dialer.settings import Settings
from service.pages.session import login_token
from tests.service.program import Running, environment, service
from tests.service.tenants import Tenant

_CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")

pytestmark = [
    pytest.mark.browser,
    pytest.mark.asyncio,
    pytest.mark.skipif(_CHROMIUM is None, reason="needs Chromium"),
]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def running(settings: Settings) -> AsyncIterator[Running]:
    """A service of this module's database, on a free port."""
    async with service(environment(settings)) as found:
        yield found


@pytest_asyncio.fixture(loop_scope="session")
async def page(running: Running) -> AsyncIterator[Page]:
    """A tab that must end without a word in its console: no error, nothing that was blocked."""
    complaints: list[str] = []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=_CHROMIUM, args=["--no-sandbox"]
        )
        tab = await browser.new_page(base_url=running.url)
        tab.on("console", lambda message: complaints.append(message.text))
        tab.on("pageerror", lambda error: complaints.append(str(error)))
        yield tab
        await browser.close()
    assert complaints == []


async def _enter(page: Page, context: Context, tenant: Tenant) -> None:
    secret = context.settings.secret_key.get_secret_value()
    token = login_token(secret, tenant.organization_id, clock.wall())
    await page.goto(f"/login?token={token}")
    await page.wait_for_url("**/")


async def test_figures_move_without_reloading(
    page: Page, context: Context, tenant: Tenant
) -> None:
    await _enter(page, context, tenant)
    accepted = page.locator(".figure", has_text="accepted").locator("dd")
    await expect(accepted).to_have_text("0")
    await page.evaluate("window.notReloaded = true")
    await page.get_by_role("button", name="Start Spring").focus()
    await tenant.lead()
    await expect(accepted).to_have_text("1", timeout=60_000)
    assert await page.evaluate("window.notReloaded") is True
    # Morphing keeps the focus of whoever works with the keyboard.
    await expect(page.get_by_role("button", name="Start Spring")).to_be_focused()


async def test_a_switch_works(page: Page, context: Context, tenant: Tenant) -> None:
    await _enter(page, context, tenant)
    await page.get_by_role("button", name="Start Spring").click()
    await expect(page.get_by_role("button", name="Pause Spring")).to_be_visible()
    await expect(page.get_by_role("status")).to_contain_text("1 of 1 campaigns run")
    await page.get_by_role("button", name="Log out").click()
    await expect(page.get_by_label("API key")).to_be_visible()


async def test_the_api_documentation_is_drawn(page: Page) -> None:
    await page.goto("/docs")
    await expect(page.get_by_text("/v1/leads/bulk")).to_be_visible(timeout=60_000)
