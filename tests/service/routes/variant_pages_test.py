"""Variants compared on a page, with their intervals drawn, and redials made from one."""

import re
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import httpx2
import pytest
import pytest_asyncio
from fastapi import FastAPI

from dialer.context import Context
from dialer.store.engine import run
from tests.service.conftest import MakeTenant
from tests.service.tenants import Tenant, dial

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


def _where(tenant: Tenant, more: str = "/variants") -> str:
    return f"/campaigns/{tenant.campaign_id}{more}"


async def _fields(browser: httpx2.AsyncClient, path: str) -> dict[str, Any]:
    page = (await browser.get(path)).text
    found = dict(re.findall(r'name="(csrf|once)" value="([^"]+)"', page))
    assert "csrf" in found
    return found


async def _add(browser: httpx2.AsyncClient, tenant: Tenant, **fields: str) -> httpx2.Response:
    csrf = await _fields(browser, _where(tenant))
    return await browser.post(_where(tenant), data={"weight": "1", **csrf, **fields})


async def _ended(
    context: Context, tenant: Tenant, variant: str | None, outcome: str, **fields: object
) -> str:
    """A lead of a variant whose only call ended so; its id."""
    lead = await tenant.lead(**fields)
    call = await dial(context, lead, state="placed")
    async with context.engine.begin() as conn:
        await run(
            conn,
            """
            UPDATE calls SET state = 'ended', outcome = :outcome, counted = true, variant_id = :v,
                finished_at = outdial_now() WHERE id = :id
            """,
            id=call,
            outcome=outcome,
            v=variant,
        )
        await run(
            conn,
            """
            UPDATE leads SET state = 'done', last_outcome = :outcome, attempts = 1,
                variant_id = :v WHERE id = :id
            """,
            id=lead,
            outcome=outcome,
            v=variant,
        )
    return lead


async def _variants(tenant: Tenant) -> list[dict[str, Any]]:
    found = await tenant.get(f"/v1/campaigns/{tenant.campaign_id}/variants")
    listed: list[dict[str, Any]] = found["items"]
    return listed


async def test_variants_are_added_and_compared_with_intervals_drawn(
    browser: httpx2.AsyncClient, tenant: Tenant, context: Context
) -> None:
    await _enter(browser, tenant.key)
    assert "compares nothing yet" in (await browser.get(_where(tenant))).text
    assert (await _add(browser, tenant, name="As planned")).status_code == 303
    more = {"weight": "3", "partner_agent_id": "agent_2", "context_template": "Call {{ name }}."}
    assert (await _add(browser, tenant, name=HOSTILE, **more)).status_code == 303
    first, second = await _variants(tenant)
    assert first["variant"]["context_template"] is None
    assert second["variant"]["partner_agent_id"] == "agent_2"
    for outcome in ("completed", "no_answer", "no_answer", "no_answer"):
        await _ended(context, tenant, first["variant"]["id"], outcome)
    for outcome in ("completed", "completed", "completed", "no_answer"):
        await _ended(context, tenant, second["variant"]["id"], outcome)
    page = (await browser.get(_where(tenant))).text
    assert HOSTILE not in page
    rows = [page.partition(f'id="variant-{v["variant"]["id"]}"')[2] for v in (first, second)]
    one, two = (row.partition("</tr>")[0] for row in rows)
    assert '<rect class="value" x="25.0"' in one
    assert '<rect class="value" x="75.0"' in two
    # Wilson's interval of 1 in 4, and Newcombe's of the difference, as the rules' own tests know.
    assert "25.0 % (4.6 % to 69.9 %)" in one
    assert "undecided" in two
    assert "+50.0" in two
    by_silence = (await browser.get(_where(tenant) + "?goal=no_answer")).text
    one = by_silence.partition(f'id="variant-{first["variant"]["id"]}"')[2].partition("</tr>")[0]
    assert "75.0 %" in one
    assert 'name="goal" value="no_answer" checked' in by_silence
    assert (await browser.get(_where(tenant) + "?goal=%3Cb%3E")).status_code == 422


async def test_a_variant_is_weighed_and_retired(
    browser: httpx2.AsyncClient, tenant: Tenant
) -> None:
    await _enter(browser, tenant.key)
    for name in ("A", "B"):
        await _add(browser, tenant, name=name)
    first, second = (one["variant"]["id"] for one in await _variants(tenant))
    csrf = await _fields(browser, _where(tenant))
    answer = await browser.post(f"{_where(tenant)}/{first}/weight", data={**csrf, "weight": "9"})
    assert answer.status_code == 303
    answer = await browser.post(f"{_where(tenant)}/{first}/weight", data={**csrf, "weight": "x"})
    assert answer.status_code == 422
    assert "whole number" in answer.text
    answer = await browser.post(f"{_where(tenant)}/{second}/retire", data=csrf)
    assert answer.status_code == 303
    kept, gone = await _variants(tenant)
    assert (kept["variant"]["weight"], kept["share"]) == (9, 1.0)
    assert gone["variant"]["retired_at"] is not None
    page = (await browser.get(_where(tenant))).text
    assert f"{second}/retire" not in page
    assert (await browser.post(f"{_where(tenant)}/{uuid4()}/retire", data=csrf)).status_code == 404


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"name": ""}, "name"),
        ({"name": "B", "weight": "1001"}, "weight"),
        ({"name": "B", "context_template": "{{ nonsense }}"}, "context template"),
        ({"name": "As planned"}, "take another name"),
    ],
)
async def test_a_variant_that_cant_be_is_told_and_kept_in_the_form(
    browser: httpx2.AsyncClient, tenant: Tenant, fields: dict[str, str], said: str
) -> None:
    await _enter(browser, tenant.key)
    await _add(browser, tenant, name="As planned")
    answer = await _add(browser, tenant, **fields)
    assert answer.status_code == 422
    alerts = " ".join(re.findall(r'role="alert">(.*?)</p>', answer.text))
    assert said in alerts
    assert f'value="{fields["name"]}"' in answer.text
    assert len(await _variants(tenant)) == 1


async def test_a_redial_takes_the_outcomes_that_were_ticked_once(
    browser: httpx2.AsyncClient, tenant: Tenant, context: Context
) -> None:
    for outcome in ("no_answer", "no_answer", "busy", "completed", "opted_out"):
        await _ended(context, tenant, None, outcome)
    await _enter(browser, tenant.key)
    where = _where(tenant, "/redial")
    page = (await browser.get(where)).text
    assert "no answer (2)" in page
    assert "opted out" not in page.partition("<fieldset")[2].partition("</fieldset>")[0]
    form = await _fields(browser, where)
    sent = {**form, "outcome": ["no_answer", "busy"], "name": HOSTILE}
    first = await browser.post(where, data=sent)
    again = await browser.post(where, data=sent)
    assert first.status_code == again.status_code == 303
    assert first.headers["location"] == again.headers["location"]
    (made,) = (await tenant.get("/v1/runs", parent_id=tenant.campaign_id))["items"]
    assert first.headers["location"] == f"/campaigns/{made['campaign_id']}"
    assert sorted(made["filter"]["last_outcomes"]) == ["busy", "no_answer"]
    assert made["start"] is False
    page = (await browser.get(where)).text
    assert HOSTILE not in page
    assert f'href="/campaigns/{made["campaign_id"]}"' in page
    assert (await browser.get(first.headers["location"])).status_code == 200


@pytest.mark.parametrize("outcomes", [[], ["no_answr"], ["opted_out"]])
async def test_a_redial_of_nothing_sensible_is_told(
    browser: httpx2.AsyncClient, tenant: Tenant, context: Context, outcomes: list[str]
) -> None:
    await _ended(context, tenant, None, "no_answer")
    await _enter(browser, tenant.key)
    where = _where(tenant, "/redial")
    answer = await browser.post(where, data={**await _fields(browser, where), "outcome": outcomes})
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert (await tenant.get("/v1/runs"))["items"] == []


@pytest.mark.parametrize("more", ["/variants", "/redial"])
async def test_only_ones_own_and_only_by_ones_own_form(
    browser: httpx2.AsyncClient,
    tenant: Tenant,
    context: Context,
    new_tenant: MakeTenant,
    more: str,
) -> None:
    await _rows(context, tenant)
    where = _where(tenant, more)
    assert (await browser.get(where)).status_code == 303
    await _enter(browser, tenant.key)
    sent = {"name": "C", "weight": "1", "outcome": "no_answer", "once": "x", "csrf": "wrong"}
    assert (await browser.post(where, data=sent)).status_code == 403
    await _enter(browser, await tenant.key_with("campaigns:read"))
    page = (await browser.get(where)).text
    csrf = re.search(r'name="csrf" value="([^"]+)"', page)
    assert csrf is not None
    assert f'action="{where}"' not in page.replace('method="get" action', "")
    assert (await browser.post(where, data={**sent, "csrf": csrf[1]})).status_code == 403
    other = await new_tenant()
    await _enter(browser, other.key)
    assert (await browser.get(where)).status_code == 404
    csrf = re.search(r'name="csrf" value="([^"]+)"', (await browser.get("/campaigns")).text)
    assert csrf is not None
    assert (await browser.post(where, data={**sent, "csrf": csrf[1]})).status_code == 404
    assert await _variants(tenant) == []
    assert (await tenant.get("/v1/runs"))["items"] == []


async def _rows(context: Context, tenant: Tenant) -> None:
    await _ended(context, tenant, None, "no_answer")


async def test_pages_hold_nothing_inline(
    browser: httpx2.AsyncClient, tenant: Tenant, context: Context
) -> None:
    await _enter(browser, tenant.key)
    await _add(browser, tenant, name=HOSTILE)
    await _ended(context, tenant, None, "no_answer")
    for more in ("/variants", "/redial"):
        page = (await browser.get(_where(tenant, more))).text
        assert not re.search(r"<script(?![^>]*src=)|<style|\sstyle=|\son[a-z]+=|javascript:", page)
        ids = re.findall(r'\sid="([^"]+)"', page)
        assert len(ids) == len(set(ids))
