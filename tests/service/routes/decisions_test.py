"""Deciding a held call on the page: the list, the plain words, the form, who may, and the race."""

import re
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
import pytest_asyncio
from fastapi import FastAPI

from dialer import clock
from dialer.context import Context
from dialer.pipeline.settling import settle
from dialer.pipeline.settling.settle import Seen
from dialer.rules.proof.decision import DECISIONS, EFFECTS
from dialer.store.dialing import calls
from service.http.envelope import PAGE_POLICY
from service.pages.session import login_token
from tests.service.conftest import MakeTenant
from tests.service.tenants import Tenant, hold

pytestmark = pytest.mark.asyncio

HOSTILE = "<script>alert(1)</script>"


@pytest_asyncio.fixture(loop_scope="session")
async def browser(app: FastAPI) -> AsyncIterator[httpx2.AsyncClient]:
    """A client that keeps cookies, as a browser does."""
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://outdial.test") as client:
        yield client


async def _enter(browser: httpx2.AsyncClient, key: str) -> None:
    assert (await browser.post("/login", data={"key": key})).status_code == 200


async def _csrf(browser: httpx2.AsyncClient, where: str = "/") -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', (await browser.get(where)).text)
    assert found is not None
    return found[1]


async def _decided(tenant: Tenant, lead: str) -> dict[str, Any]:
    timeline = (await tenant.get(f"/v1/leads/{lead}"))["timeline"]
    (found,) = [entry["body"] for entry in timeline if entry["name"] == "call.decided"]
    body: dict[str, Any] = found
    return body


async def test_the_status_page_lists_what_needs_a_decision(
    browser: httpx2.AsyncClient, tenant: Tenant, context: Context
) -> None:
    await _enter(browser, tenant.key)
    assert "Needs a decision" not in (await browser.get("/")).text
    lead = await tenant.lead(name=HOSTILE, phone="+12125550142")
    call = await hold(context, lead, status=500)
    page = await _fresh(browser, tenant)
    row = page.partition(f'id="held-{call}"')[2].partition("</tr>")[0]
    assert "+1212***0142" in row
    assert "+12125550142" not in page
    assert "&lt;script&gt;" in row
    assert HOSTILE not in page
    assert "within 24 hours" in row
    assert "HTTP 500" in row
    for decision in DECISIONS:
        assert f'href="/status/held/{call}/{decision}"' in row
    assert "Calls that need a decision: 1." in page


async def _fresh(browser: httpx2.AsyncClient, tenant: Tenant) -> str:
    # A switch on the page makes the next reading a new one.
    csrf = await _csrf(browser)
    where = f"/status/campaigns/{tenant.campaign_id}/start"
    await browser.post(where, data={"csrf": csrf})
    return (await browser.get("/")).text


@pytest.mark.parametrize("decision", DECISIONS)
async def test_the_confirmation_says_plainly_what_it_does(
    browser: httpx2.AsyncClient, tenant: Tenant, context: Context, decision: str
) -> None:
    lead = await tenant.lead(name=HOSTILE, phone="+12125550143")
    call = await hold(context, lead)
    await _enter(browser, tenant.key)
    answer = await browser.get(f"/status/held/{call}/{decision}")
    assert answer.status_code == 200
    assert answer.headers["content-security-policy"] == PAGE_POLICY
    assert EFFECTS[decision] in answer.text  # type: ignore[index]  # one of them
    assert ("may ring a second time" in answer.text) is (decision == "call_again")
    assert "+1212***0143" in answer.text
    assert "+12125550143" not in answer.text
    assert HOSTILE not in answer.text
    assert "HTTP 409" in answer.text
    assert "agent_1" in answer.text
    # Looking decides nothing.
    assert (await tenant.get(f"/v1/leads/{lead}"))["state"] == "held"


@pytest.mark.parametrize(
    ("decision", "lead_is"),
    [("reached", "done"), ("call_again", "waiting"), ("drop", "cancelled")],
)
async def test_it_is_decided_on_the_page_under_the_keys_name(
    browser: httpx2.AsyncClient, tenant: Tenant, context: Context, *, decision: str, lead_is: str
) -> None:
    lead = await tenant.lead()
    where = f"/status/held/{await hold(context, lead)}/{decision}"
    made = await tenant.post(
        "/v1/keys", {"name": "Front desk", "scopes": ["campaigns:read", "campaigns:write"]}
    )
    await _enter(browser, made.json()["secret"])
    form = {"csrf": await _csrf(browser, where), "note": f" {HOSTILE} "}
    answer = await browser.post(where, data=form)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert (await tenant.get(f"/v1/leads/{lead}"))["state"] == lead_is
    told = await _decided(tenant, lead)
    assert (told["decision"], told["by"]) == (decision, "Front desk")
    assert (told["through"], told["note"]) == ("page", HOSTILE)
    page = (await browser.get("/")).text
    assert "call.decided" in page
    assert "&lt;script&gt;" in page
    assert HOSTILE not in page
    assert "Needs a decision" not in page


async def test_who_came_by_the_printed_link_decides_as_that(
    browser: httpx2.AsyncClient, tenant: Tenant, context: Context
) -> None:
    secret = context.settings.secret_key.get_secret_value()
    token = login_token(secret, tenant.organization_id, clock.wall())
    await browser.get(f"/login?token={token}")
    lead = await tenant.lead()
    where = f"/status/held/{await hold(context, lead)}/reached"
    await browser.post(where, data={"csrf": await _csrf(browser, where)})
    told = await _decided(tenant, lead)
    assert (told["by"], told["through"], "note" in told) == ("printed link", "page", False)


async def test_a_second_decision_and_a_call_found_meanwhile_are_told_on_the_page(
    browser: httpx2.AsyncClient, tenant: Tenant, context: Context
) -> None:
    await _enter(browser, tenant.key)
    lead = await tenant.lead()
    call = await hold(context, lead)
    where = f"/status/held/{call}/call_again"
    csrf = await _csrf(browser, where)
    async with context.engine.begin() as conn:
        row = await calls.get(conn, organization_id=tenant.organization_id, call_id=call)  # type: ignore[arg-type]  # text will do
        assert row is not None
        await settle.end(conn, row, Seen(partner_call_id=call, status="COMPLETED"))
    for found in (await browser.post(where, data={"csrf": csrf}), await browser.get(where)):
        assert found.status_code == 409
        assert "found in the history meanwhile" in found.text
        assert "<form" not in found.text.partition("<main")[2]
    second = f"/status/held/{await hold(context, await tenant.lead())}/drop"
    assert (await browser.post(second, data={"csrf": csrf})).status_code == 303
    for found in (await browser.post(second, data={"csrf": csrf}), await browser.get(second)):
        assert found.status_code == 409
        assert "decided already: drop, by all" in found.text


async def test_a_note_that_is_too_long_decides_nothing_and_is_kept_in_the_form(
    browser: httpx2.AsyncClient, tenant: Tenant, context: Context
) -> None:
    await _enter(browser, tenant.key)
    lead = await tenant.lead()
    where = f"/status/held/{await hold(context, lead)}/drop"
    note = '"><b>' + "x" * 500
    answer = await browser.post(where, data={"csrf": await _csrf(browser, where), "note": note})
    assert answer.status_code == 422
    assert "at most 500 characters" in answer.text
    assert "x" * 500 in answer.text
    assert '"><b>' not in answer.text
    assert (await tenant.get(f"/v1/leads/{lead}"))["state"] == "held"


@pytest.mark.parametrize(
    ("csrf", "headers"),
    [
        ("", {}),
        ("wrong", {}),
        (None, {"Origin": "http://evil.example.com"}),
        (None, {"Sec-Fetch-Site": "cross-site"}),
    ],
)
async def test_a_form_of_another_site_decides_nothing(
    browser: httpx2.AsyncClient,
    tenant: Tenant,
    context: Context,
    *,
    csrf: str | None,
    headers: dict[str, str],
) -> None:
    await _enter(browser, tenant.key)
    lead = await tenant.lead()
    where = f"/status/held/{await hold(context, lead)}/call_again"
    good = await _csrf(browser, where)
    sent = {"csrf": good if csrf is None else csrf}
    answer = await browser.post(where, data=sent, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "missing_scope")
    assert (await tenant.get(f"/v1/leads/{lead}"))["state"] == "held"


async def test_one_who_may_only_read_is_offered_no_decision(
    browser: httpx2.AsyncClient, tenant: Tenant, context: Context
) -> None:
    lead = await tenant.lead()
    call = await hold(context, lead)
    await _enter(browser, await tenant.key_with("campaigns:read"))
    page = (await browser.get("/")).text
    assert f'id="held-{call}"' in page
    assert "/status/held/" not in page
    where = f"/status/held/{call}/drop"
    assert (await browser.get(where)).status_code == 403
    csrf = await _csrf(browser)
    assert (await browser.post(where, data={"csrf": csrf})).status_code == 403
    assert (await tenant.get(f"/v1/leads/{lead}"))["state"] == "held"


async def test_another_tenants_call_and_no_session_open_nothing(
    browser: httpx2.AsyncClient, tenant: Tenant, context: Context, new_tenant: MakeTenant
) -> None:
    call = await hold(context, await tenant.lead(name="Secret Person"))
    where = f"/status/held/{call}/drop"
    assert (await browser.get(where)).status_code == 401
    await _enter(browser, (await new_tenant()).key)
    page = await browser.get(where)
    assert page.status_code == 404
    assert "Secret Person" not in page.text
    answer = await browser.post(where, data={"csrf": await _csrf(browser)})
    assert answer.status_code == 404
    assert len((await tenant.get("/v1/held"))["items"]) == 1
    assert (await browser.get(f"/status/held/{call}/maybe")).status_code in {404, 422}
