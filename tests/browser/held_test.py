"""A held call decided in a real browser: listed, confirmed, decided, and called again once."""

import time
from pathlib import Path

import pytest
from playwright.async_api import Page, expect
from sqlalchemy import RowMapping

from dialer.pipeline.settling import settle
from service.pages.session import login_token
from tests.support.people import leads
from tests.support.processes import running
from tests.support.system import System, running_system

HOSTILE = "<script>document.title='taken'</script>"

pytestmark = pytest.mark.browser


def _link(system: System, url: str) -> str:
    key = system.environment["OUTDIAL_SECRET_KEY"]
    return f"{url}/login?token={login_token(key, system.organization_id, time.time())}"


async def _doubts(system: System) -> list[RowMapping]:
    return list(await system.rows("SELECT * FROM calls WHERE state = 'unknown' ORDER BY id"))


async def _hold_three(system: System) -> None:
    """Three calls are answered 409, and are held as after 24 hours."""
    fault = system.sandbox.fault("conflict_before_ring")
    campaign = await system.campaign(cadence={"max_attempts": 1})
    await system.post(campaign, [{**lead, "name": HOSTILE} for lead in leads(3)])
    system.start_worker()

    async def all_in_doubt() -> bool:
        return len(await _doubts(system)) == 3

    await system.eventually("the calls are unknown", all_in_doubt)
    async with system.context.engine.begin() as conn:
        for call in await _doubts(system):
            assert await settle.hold(conn, call, why="conflict")
    system.sandbox.control("DELETE", f"faults/{fault}")


@pytest.mark.asyncio
async def test_each_decision_is_made_with_its_button_and_stands_in_the_timeline(
    database_url: str, redis_url: str, tmp_path: Path, page: Page
) -> None:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    async with running_system(
        database_url=database_url, redis_url=redis_url, home=tmp_path, speed=60
    ) as system:
        with running(
            "service", "--host", "127.0.0.1", "--port", "0", environment=system.environment
        ) as service:
            await page.goto(_link(system, service["url"]))
            await expect(page.get_by_text("accepted").first).to_be_visible()
            await _hold_three(system)
            # The list comes by itself, with no reload.
            rows = page.locator("tr[id^='held-']")
            await expect(rows).to_have_count(3, timeout=20_000)
            await expect(rows.first).to_contain_text("***")
            assert system.sandbox.rings() == []

            # Whoever goes back has decided nothing.
            await rows.first.get_by_role("link", name="Drop").click()
            await page.get_by_role("link", name="Go back").click()
            await expect(rows).to_have_count(3)

            await rows.nth(0).get_by_role("link", name="Reached").click()
            await expect(page.get_by_text("nobody calls again")).to_be_visible()
            await page.get_by_role("button", name="Reached").click()
            await expect(rows).to_have_count(2)

            await rows.nth(0).get_by_role("link", name="Drop").click()
            await expect(page.get_by_text("stays unknown")).to_be_visible()
            await page.get_by_role("button", name="Drop").click()
            await expect(rows).to_have_count(1)

            await rows.nth(0).get_by_role("link", name="Call again").click()
            await expect(page.get_by_text("may ring a second time")).to_be_visible()
            await page.get_by_label("Note").fill(HOSTILE)
            await page.get_by_role("button", name="Call again").click()
            await expect(page.get_by_role("heading", name="Needs a decision")).to_have_count(0)

            async def rang() -> bool:
                return len(system.sandbox.rings()) > 0

            await system.eventually("the third lead is called again", rang)
            decided = await system.rows(
                "SELECT lead_id, body FROM events WHERE name = 'call.decided' ORDER BY id"
            )
            told = [(row["body"]["decision"], row["body"].get("note")) for row in decided]
            assert told == [("reached", None), ("drop", None), ("call_again", HOSTILE)]
            assert {row["body"]["by"] for row in decided} == {"printed link"}
            lead = await system.rows(
                "SELECT phone FROM leads WHERE id = :id", id=decided[2]["lead_id"]
            )
            assert [ring["phone"] for ring in system.sandbox.rings()] == [lead[0]["phone"]]
            assert "taken" not in await page.title()
            await page.close()
    assert said == []
