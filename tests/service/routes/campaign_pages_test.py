"""The campaign manager's pages: lists, progress, switches with proof, the preflight, the plan."""

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
from service.http.envelope import PAGE_POLICY
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


async def _page(browser: httpx2.AsyncClient, path: str) -> str:
    answer = await browser.get(path)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-security-policy"] == PAGE_POLICY
    return answer.text


def _csrf(page: str) -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', page)
    assert found is not None
    return found[1]


async def _rename(tenant: Tenant, name: str) -> None:
    answer = await tenant.call("PATCH", f"/v1/campaigns/{tenant.campaign_id}", json={"name": name})
    assert answer.status_code == 200, answer.text


async def _sees(context: Context, tenant: Tenant) -> None:
    """Let the tenant's agent have been read as deployed and on duty."""
    async with context.engine.begin() as conn:
        await run(
            conn,
            """
            UPDATE agents SET deployed = true, on_duty = true, checked_at = outdial_now()
            WHERE id = :id
            """,
            id=tenant.agent_id,
        )


def _where(tenant: Tenant, more: str = "") -> str:
    return f"/campaigns/{tenant.campaign_id}{more}"


async def test_campaigns_are_listed_with_progress_and_why_they_are_idle(
    browser: httpx2.AsyncClient, tenant: Tenant
) -> None:
    await _enter(browser, tenant.key)
    await _rename(tenant, HOSTILE)
    await tenant.lead()
    await tenant.post(f"/v1/campaigns/{tenant.campaign_id}/start")
    page = await _page(browser, "/campaigns")
    assert HOSTILE not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert f'href="{_where(tenant)}"' in page
    assert '<rect class="bucket-waiting" x="0.0" width="100.0"' in page
    assert "not known to be deployed" in page


async def test_older_campaigns_are_a_page_further(
    browser: httpx2.AsyncClient, tenant: Tenant
) -> None:
    for n in range(51):
        body = {"name": f"C{n:02d}", "partner_business_id": "b", "partner_agent_id": "a"}
        assert (await tenant.post("/v1/campaigns", body)).status_code == 201
    await _enter(browser, tenant.key)
    first = await _page(browser, "/campaigns")
    assert ">C50</a>" in first
    assert ">Spring</a>" not in first
    onward = re.search(r'href="(/campaigns\?cursor=[^"]+)"', first)
    assert onward is not None
    second = await _page(browser, onward[1])
    assert ">Spring</a>" in second
    assert ">C50</a>" not in second
    assert (await browser.get("/campaigns?cursor=junk!")).status_code == 422


@pytest.mark.parametrize("more", ["", "/preflight", "/leads", "/import", "/plan", "/stream"])
async def test_nobody_sees_another_organizations_campaign(
    browser: httpx2.AsyncClient, tenant: Tenant, new_tenant: MakeTenant, more: str
) -> None:
    await _rename(tenant, "Secret plan")
    where = _where(tenant, more)
    stranger = await browser.get(where)
    assert stranger.status_code == (401 if more == "/stream" else 303)
    await _enter(browser, (await new_tenant()).key)
    for path in (where, f"/campaigns/{uuid4()}{more}", f"/campaigns/none{more}"):
        answer = await browser.get(path)
        assert answer.status_code == 404, path
        assert "Secret plan" not in answer.text
    assert "Secret plan" not in await _page(browser, "/campaigns")


async def test_a_pause_shows_what_flies_and_when_the_last_phone_rang(
    browser: httpx2.AsyncClient, tenant: Tenant, context: Context
) -> None:
    await _enter(browser, tenant.key)
    csrf = _csrf(await _page(browser, _where(tenant)))
    answer = await browser.post(_where(tenant, "/switch/start"), data={"csrf": csrf})
    assert (answer.status_code, answer.headers["location"]) == (303, _where(tenant))
    lead = await tenant.lead(name=HOSTILE, phone="+12125550142")
    await dial(context, lead, state="placed")
    await browser.post(_where(tenant, "/switch/pause"), data={"csrf": csrf})
    page = await _page(browser, _where(tenant))
    proof = page.partition('id="proof"')[2].partition("</section>")[0]
    assert "nothing can stop: <strong>1</strong>" in proof
    assert re.search(r"rang at <strong>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d</strong> UTC", proof)
    assert "The campaign is paused" in page
    assert f'href="/leads/{lead}"' in page
    assert "+12125550142" not in page
    assert HOSTILE not in page
    await browser.post(_where(tenant, "/switch/resume"), data={"csrf": csrf})
    assert 'id="proof"' not in await _page(browser, _where(tenant))


async def test_todays_calls_and_outcomes_are_drawn(
    browser: httpx2.AsyncClient, tenant: Tenant, context: Context
) -> None:
    await dial(context, await tenant.lead(), state="placed")
    await dial(context, await tenant.lead(), state="refused")
    await _enter(browser, tenant.key)
    page = await _page(browser, _where(tenant))
    today = page.partition('id="today"')[2].partition("</section>")[0]
    assert '<p class="big">1</p>' in today
    assert today.count('<rect class="ground"') == 24
    assert today.count('height="40.0"') == 1


@pytest.mark.parametrize(
    ("csrf", "headers"),
    [("", {}), ("wrong", {}), (None, {"Origin": "http://evil.example.com"})],
)
@pytest.mark.parametrize("where", ["/switch/start", "/plan", "/import"])
async def test_a_form_of_another_site_does_nothing(
    browser: httpx2.AsyncClient,
    tenant: Tenant,
    csrf: str | None,
    headers: dict[str, str],
    where: str,
) -> None:
    await _enter(browser, tenant.key)
    good = _csrf(await _page(browser, _where(tenant)))
    sent: dict[str, Any] = {"data": {"csrf": good if csrf is None else csrf, "name": "Taken"}}
    if where == "/import":
        sent["files"] = {"file": ("a.csv", b"Phone\n2125550142\n")}
    answer = await browser.post(_where(tenant, where), headers=headers, **sent)
    assert answer.status_code == 403
    assert "did not come from our own page" in answer.text
    found = await tenant.get(f"/v1/campaigns/{tenant.campaign_id}")
    assert (found["state"], found["name"], found["version"]) == ("draft", "Spring", 1)
    assert (await tenant.get("/v1/leads"))["items"] == []


async def test_one_who_may_only_read_campaigns_gets_no_switches_and_no_people(
    browser: httpx2.AsyncClient, tenant: Tenant, context: Context
) -> None:
    lead = await tenant.lead(name="Ann Bee", phone="+12125550143")
    await dial(context, lead, state="placed")
    await _enter(browser, await tenant.key_with("campaigns:read"))
    page = await _page(browser, _where(tenant))
    assert "/switch/" not in page
    assert "/leads" not in page
    assert "Save as version" not in await _page(browser, _where(tenant, "/plan"))
    csrf = _csrf(page)
    for path in (f"/leads/{lead}", _where(tenant, "/leads"), _where(tenant, "/import")):
        answer = await browser.get(path)
        assert answer.status_code == 403
        assert "lacks the scope" in answer.text
    for path in ("/switch/start", "/plan"):
        answer = await browser.post(_where(tenant, path), data={"csrf": csrf, "version": "1"})
        assert answer.status_code == 403
    assert (await browser.post("/status/everything/pause", data={"csrf": csrf})).status_code == 403


async def test_a_command_that_cant_be_is_told_on_a_page(
    browser: httpx2.AsyncClient, tenant: Tenant
) -> None:
    await _enter(browser, tenant.key)
    csrf = _csrf(await _page(browser, _where(tenant)))
    answer = await browser.post(_where(tenant, "/switch/resume"), data={"csrf": csrf})
    assert answer.status_code == 409
    assert "start it instead" in answer.text
    assert (
        await browser.post(_where(tenant, "/switch/explode"), data={"csrf": csrf})
    ).status_code == 404


async def test_the_preflight_says_who_can_be_called_when_and_what_to_look_at(
    browser: httpx2.AsyncClient, tenant: Tenant, context: Context
) -> None:
    await _enter(browser, tenant.key)
    await tenant.lead(phone="+12125550171", timezone="America/Chicago")
    await tenant.lead(phone="+12125550172", timezone="Pacific/Honolulu")
    barred = await tenant.lead(phone="+12125550177")
    await tenant.post("/v1/suppressions", {"phone": "+13105550188", "reason": "asked"})
    async with context.engine.begin() as conn:
        await run(conn, "UPDATE leads SET phone = '+13105550188' WHERE id = :id", id=barred)
    page = await _page(browser, _where(tenant, "/preflight"))
    assert "<dt>waiting leads</dt><dd>3</dd>" in page
    assert "<dt>never</dt><dd>1</dd>" in page
    assert "America/Chicago" in page
    assert "America/New York" in page
    assert "do-not-call list" in page
    assert "never read from the platform" in page
    assert "set the price of a minute" in page
    hours = page.partition('id="hours"')[2].partition("</section>")[0]
    assert hours.count('<rect class="ground"') >= 24
    assert "/switch/start" in page


async def test_the_plan_is_edited_while_it_runs_and_its_versions_stand_below(
    browser: httpx2.AsyncClient, tenant: Tenant
) -> None:
    await tenant.post(f"/v1/campaigns/{tenant.campaign_id}/start")
    await _enter(browser, tenant.key)
    form = _form(await _page(browser, _where(tenant, "/plan")))
    assert form["calls_per_minute"] == "60"
    assert form["monday"] == "00:00-24:00"
    form |= {
        "calls_per_minute": "30",
        "concurrency": "",
        "monday": "9:00-12:00, 13:00-17:00",
        "sunday": "",
        "closed_dates": "2026-07-03, 2026-11-27",
        "ends_at": "2027-01-31T17:00",
        "weight": "3",
        "holidays": "on",
    }
    answer = await browser.post(_where(tenant, "/plan"), data=form)
    assert answer.status_code == 303, answer.text
    found = await tenant.get(f"/v1/campaigns/{tenant.campaign_id}")
    assert (found["calls_per_minute"], found["concurrency"], found["version"]) == (30, None, 2)
    assert found["hours"]["monday"] == [["09:00", "12:00"], ["13:00", "17:00"]]
    assert found["hours"]["tuesday"] == [["00:00", "24:00"]]
    assert "sunday" not in found["hours"]
    assert found["closed_dates"] == ["2026-07-03", "2026-11-27"]
    assert found["ends_at"] == "2027-01-31T17:00:00Z"
    assert (found["holidays"], found["weight"], found["state"]) == (True, 3, "running")
    page = await _page(browser, _where(tenant, "/plan"))
    versions = page.partition('id="versions"')[2]
    assert "calls per minute: 30" in versions
    assert "<td>all</td>" in versions
    assert "The campaign was created." in versions
    assert form | {"version": "2", "monday": "09:00-12:00, 13:00-17:00"} == _form(page) | {
        "closed_dates": "2026-07-03, 2026-11-27"
    }


async def test_saving_what_is_there_already_makes_no_version(
    browser: httpx2.AsyncClient, tenant: Tenant
) -> None:
    await _enter(browser, tenant.key)
    form = _form(await _page(browser, _where(tenant, "/plan")))
    assert (await browser.post(_where(tenant, "/plan"), data=form)).status_code == 303
    assert (await tenant.get(f"/v1/campaigns/{tenant.campaign_id}"))["version"] == 1


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"calls_per_minute": "lots"}, "whole number"),
        ({"calls_per_minute": "0"}, "greater than or equal to 1"),
        ({"name": ""}, "at least 1 character"),
        ({"weight": ""}, "whole number"),
        ({"monday": "nine to five"}, "are no hours"),
        ({"monday": "12:00-09:00"}, "monday"),
        ({"closed_dates": "2026-02-30"}, "date"),
        ({"starts_at": "2027-01-01T00:00", "ends_at": "2026-01-01T00:00"}, "before it starts"),
        ({"budget": "100"}, "price_per_minute"),
        ({"ends_at": "tomorrow"}, "date"),
    ],
)
async def test_a_plan_that_cant_be_is_told_beside_its_field_and_kept_in_the_form(
    browser: httpx2.AsyncClient, tenant: Tenant, changed: dict[str, str], said: str
) -> None:
    await _enter(browser, tenant.key)
    form = _form(await _page(browser, _where(tenant, "/plan"))) | changed
    answer = await browser.post(_where(tenant, "/plan"), data=form)
    assert answer.status_code == 422
    problems = " ".join(
        re.findall(r'class="problem"[^>]*>(.*?)</(?:p|div)>', answer.text, re.DOTALL)
    )
    assert said in problems, problems
    assert _form(answer.text) == form
    assert (await tenant.get(f"/v1/campaigns/{tenant.campaign_id}"))["version"] == 1


async def test_an_edit_on_an_old_version_saves_nothing_and_is_kept(
    browser: httpx2.AsyncClient, tenant: Tenant
) -> None:
    await _enter(browser, tenant.key)
    form = _form(await _page(browser, _where(tenant, "/plan"))) | {"name": '"><b>Mine'}
    await _rename(tenant, "Theirs")
    answer = await browser.post(_where(tenant, "/plan"), data=form)
    assert answer.status_code == 409
    assert "Somebody else changed the plan" in answer.text
    assert "<b>Mine" not in answer.text
    assert (await tenant.get(f"/v1/campaigns/{tenant.campaign_id}"))["name"] == "Theirs"
    again = _form(answer.text)
    assert (again["name"], again["version"]) == ("&#34;&gt;&lt;b&gt;Mine", "2")


async def test_a_finished_campaigns_plan_is_history(
    browser: httpx2.AsyncClient, tenant: Tenant
) -> None:
    await _enter(browser, tenant.key)
    form = _form(await _page(browser, _where(tenant, "/plan"))) | {"name": "Late"}
    await tenant.post(f"/v1/campaigns/{tenant.campaign_id}/cancel")
    assert "Save as version" not in await _page(browser, _where(tenant, "/plan"))
    answer = await browser.post(_where(tenant, "/plan"), data=form)
    assert answer.status_code == 409
    assert "its plan is history" in answer.text


async def test_everything_is_paused_with_its_proof_and_resumed(
    browser: httpx2.AsyncClient, tenant: Tenant, context: Context
) -> None:
    await _enter(browser, tenant.key)
    await dial(context, await tenant.lead(), state="placed")
    page = await _page(browser, "/")
    assert "Pause everything" in page
    answer = await browser.post("/status/everything/pause", data={"csrf": _csrf(page)})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    page = await _page(browser, "/")
    proof = page.partition('id="everything"')[2].partition("</section>")[0]
    assert "nothing can stop: <strong>1</strong>" in proof
    assert re.search(r"rang at <strong>\d{4}-", proof)
    assert "Everything is paused; calls still in flight: 1." in page
    assert "paused by a person" in await _page(browser, _where(tenant))
    await browser.post("/status/everything/resume", data={"csrf": _csrf(page)})
    page = await _page(browser, "/")
    assert "Resume everything" not in page
    assert "Pause everything" in page


async def test_pages_hold_nothing_inline(browser: httpx2.AsyncClient, tenant: Tenant) -> None:
    lead = await tenant.lead(name=HOSTILE)
    await _enter(browser, tenant.key)
    paths = ["/campaigns", f"/leads/{lead}"]
    paths += [_where(tenant, m) for m in ("", "/preflight", "/leads", "/import", "/plan")]
    for path in paths:
        page = await _page(browser, path)
        assert not re.search(r"<script(?![^>]*src=)|<style|\sstyle=|\son[a-z]+=|javascript:", page)
        for loaded in re.findall(r'(?:src|href)="(/static/[^"]+)"', page):
            assert (await browser.get(loaded)).status_code == 200, loaded
        assert not re.search(r'(?:src|href)="(?:https?:)?//', page)
        ids = re.findall(r'\sid="([^"]+)"', page)
        assert len(ids) == len(set(ids)), path


def _form(page: str) -> dict[str, str]:
    """The plan form's fields, as a browser would send them."""
    form = page.partition('class="grid-form"')[2].partition("</form>")[0]
    found: dict[str, str] = {}
    for tag in re.findall(r"<input[^>]*>", form):
        name = re.search(r'name="([^"]+)"', tag)
        value = re.search(r'value="([^"]*)"', tag)
        assert name is not None
        if 'type="checkbox"' in tag:
            found |= {name[1]: "on"} if " checked" in tag else {}
        else:
            found[name[1]] = value[1] if value else ""
    for name, text in re.findall(
        r'<textarea[^>]*name="([^"]+)"[^>]*>(.*?)</textarea>', form, re.DOTALL
    ):
        found[name] = text.replace("\n", ", ")
    return found
