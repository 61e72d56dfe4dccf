"""Leads on pages: choosing one, and why it waits, with hostile text shown as text."""

from collections.abc import AsyncIterator
from uuid import uuid4

import httpx2
import pytest
import pytest_asyncio
from fastapi import FastAPI

from dialer.context import Context
from dialer.store.engine import run
from tests.service.conftest import MakeTenant
from tests.service.tenants import Tenant, dial, hold

pytestmark = pytest.mark.asyncio

HOSTILE = "<script>alert(1)</script>"
TOLD = "&lt;script&gt;alert(1)&lt;/script&gt;"


@pytest_asyncio.fixture(loop_scope="session")
async def browser(app: FastAPI) -> AsyncIterator[httpx2.AsyncClient]:
    """A client that keeps cookies, as a browser does."""
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://outdial.test") as client:
        yield client


async def _enter(browser: httpx2.AsyncClient, key: str) -> None:
    assert (await browser.post("/login", data={"key": key})).status_code == 200


async def _page(browser: httpx2.AsyncClient, path: str) -> str:
    answer = await browser.get(path)
    assert answer.status_code == 200, answer.text
    return answer.text


async def test_each_gate_is_told_and_the_one_that_blocks_is_marked(
    browser: httpx2.AsyncClient, tenant: Tenant
) -> None:
    await _enter(browser, tenant.key)
    later = "2031-06-02T15:00:00Z"
    lead = await tenant.lead(phone="+13125550140", timezone="America/Chicago", not_before=later)
    page = await _page(browser, f"/leads/{lead}")
    why = page.partition('id="why"')[2].partition('id="calls"')[0]
    assert why.count(">blocks<") == 1
    blocked = why.partition(">blocks<")[2].partition("</li>")[0]
    assert "<strong>Agent</strong>" in blocked
    shut = why.partition("<strong>Not before</strong>")[2].partition("</li>")[0]
    assert "Opens by itself at 2031-06-02 15:00 UTC (Mon 10:00 CDT)" in shut
    assert ">open<" in why
    assert "<dt>May ring from</dt><dd>2031-06-02 15:00 UTC (Mon 10:00 CDT)</dd>" in why
    assert "no due lead comes before it" in why
    assert "not before a person acts" in why


async def test_the_place_in_the_queue_is_told(browser: httpx2.AsyncClient, tenant: Tenant) -> None:
    await _enter(browser, tenant.key)
    await tenant.lead(priority=9)
    await tenant.lead(priority=8)
    lead = await tenant.lead()
    assert "2 due leads come before it" in await _page(browser, f"/leads/{lead}")


async def test_all_that_others_wrote_is_shown_as_text(
    browser: httpx2.AsyncClient, tenant: Tenant, context: Context
) -> None:
    lead = await tenant.lead(
        name=HOSTILE,
        external_id=HOSTILE,
        email=HOSTILE,
        context=HOSTILE * 100,
        attributes={HOSTILE: HOSTILE, "plain": True, "none": None, "number": 3},
    )
    call = await hold(context, lead)
    async with context.engine.begin() as conn:
        await run(
            conn,
            "UPDATE calls SET summary = :text, outcome = :text WHERE id = :id",
            text=HOSTILE,
            id=call,
        )
        await run(
            conn,
            """
            INSERT INTO events (organization_id, lead_id, name, body)
            VALUES (:org, :lead, 'lead.held', jsonb_build_object('note', CAST(:text AS text)))
            """,
            org=tenant.organization_id,
            lead=lead,
            text=HOSTILE,
        )
    await _enter(browser, tenant.key)
    for path in (f"/leads/{lead}", f"/campaigns/{tenant.campaign_id}/leads"):
        page = await _page(browser, path)
        assert "<script>alert" not in page
        assert TOLD in page
    page = await _page(browser, f"/leads/{lead}")
    assert page.count(HOSTILE[8:13]) < 60
    assert "Where it stands" in page
    assert f"note {TOLD}" in page


async def test_a_number_and_its_calls_are_shown_to_whom_may_see_leads(
    browser: httpx2.AsyncClient, tenant: Tenant, context: Context
) -> None:
    lead = await tenant.lead(phone="+12125550144", name="Ann Bee")
    await dial(context, lead, state="placed")
    await _enter(browser, await tenant.key_with("campaigns:read", "leads:read"))
    page = await _page(browser, f"/leads/{lead}")
    assert "<dd>+12125550144</dd>" in page
    assert "<td>placed</td>" in page
    assert "lead.accepted" in page
    await _enter(browser, await tenant.key_with("campaigns:read"))
    assert (await browser.get(f"/leads/{lead}")).status_code == 403


async def test_leads_are_narrowed_by_bucket_and_number(
    browser: httpx2.AsyncClient, tenant: Tenant
) -> None:
    await _enter(browser, tenant.key)
    kept = await tenant.lead(phone="+13125550145")
    gone = await tenant.lead(phone="+13125550146")
    await tenant.post(f"/v1/leads/{gone}/cancel")
    where = f"/campaigns/{tenant.campaign_id}/leads"
    for query, shown in (
        ("", {kept, gone}),
        ("?state=waiting", {kept}),
        ("?state=cancelled", {gone}),
        ("?phone=(312)+555-0146", {gone}),
        ("?state=waiting&phone=312-555-0146", set()),
        ("?state=nonsense", {kept, gone}),
    ):
        page = await _page(browser, where + query)
        assert {one for one in (kept, gone) if f'href="/leads/{one}"' in page} == shown, query
    page = await _page(browser, where + "?phone=%3Cb%3E555")
    assert 'role="alert"' in page
    assert "<b>555" not in page
    assert f'href="/leads/{kept}"' not in page


async def test_more_leads_are_a_page_further(browser: httpx2.AsyncClient, tenant: Tenant) -> None:
    rows = [{"phone": f"+1404555{n:04d}"} for n in range(100, 152)]
    sent = {"campaign_id": tenant.campaign_id, "leads": rows}
    assert (await tenant.post("/v1/leads/bulk", sent)).status_code == 200
    await _enter(browser, tenant.key)
    where = f"/campaigns/{tenant.campaign_id}/leads?state=waiting"
    page = await _page(browser, where)
    assert page.count('href="/leads/') == 50
    onward = page.partition(f'href="/campaigns/{tenant.campaign_id}/leads?')[2].partition('"')[0]
    page = await _page(browser, where.partition("?")[0] + "?" + onward.replace("&amp;", "&"))
    assert page.count('href="/leads/') == 2


async def test_another_organizations_lead_is_not_there(
    browser: httpx2.AsyncClient, tenant: Tenant, new_tenant: MakeTenant
) -> None:
    lead = await tenant.lead(name="Secret Person")
    assert (await browser.get(f"/leads/{lead}")).status_code == 303
    await _enter(browser, (await new_tenant()).key)
    for path in (f"/leads/{lead}", f"/leads/{uuid4()}", "/leads/none"):
        answer = await browser.get(path)
        assert answer.status_code == 404
        assert "Secret Person" not in answer.text
