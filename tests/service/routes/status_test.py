"""The status page: the way in, what it shows, its switches, and who may use them."""

import asyncio
import re
from collections.abc import AsyncIterator
from uuid import UUID

import httpx2
import pytest
import pytest_asyncio
from fastapi import FastAPI

from dialer import clock
from dialer.context import Context
from dialer.store.dialing import agents
from dialer.store.engine import run
from service.http.envelope import PAGE_POLICY
from service.pages.session import COOKIE, login_token
from tests.service.tenants import Tenant, dial, disbelieve, quarantine

pytestmark = pytest.mark.asyncio


@pytest_asyncio.fixture(loop_scope="session")
async def browser(app: FastAPI) -> AsyncIterator[httpx2.AsyncClient]:
    """A client that keeps cookies, as a browser does."""
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://outdial.test") as client:
        yield client


def _link(context: Context, organization_id: UUID) -> str:
    secret = context.settings.secret_key.get_secret_value()
    return f"/login?token={login_token(secret, organization_id, clock.wall())}"


async def _enter(browser: httpx2.AsyncClient, key: str) -> httpx2.Response:
    return await browser.post("/login", data={"key": key})


def _csrf(page: str) -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', page)
    assert found is not None
    return found[1]


async def test_without_a_session_the_page_shows_the_way_in(browser: httpx2.AsyncClient) -> None:
    answer = await browser.get("/")
    assert (answer.status_code, answer.headers["location"]) == (303, "/login")
    form = await browser.get("/login")
    assert 'name="key"' in form.text
    assert form.headers["content-security-policy"] == PAGE_POLICY
    stream = await browser.get("/status/stream")
    assert (stream.status_code, stream.json()["code"]) == (401, "unauthenticated")


async def test_the_printed_link_opens_the_page(
    browser: httpx2.AsyncClient, context: Context, tenant: Tenant
) -> None:
    entered = await browser.get(_link(context, tenant.organization_id))
    assert entered.status_code == 200
    flags = entered.headers["set-cookie"].lower()
    assert "httponly" in flags
    assert "samesite=strict" in flags
    page = await browser.get("/")
    assert page.status_code == 200
    assert "Example Roofing" in page.text
    assert ">Start<" in page.text


async def test_a_wrong_link_and_a_wrong_key_open_nothing(
    browser: httpx2.AsyncClient, context: Context, tenant: Tenant
) -> None:
    link = _link(context, tenant.organization_id)
    for answer in (
        await browser.get(link[:-1] + ("A" if link[-1] != "A" else "B")),
        await _enter(browser, "odk_00000000_no"),
        await _enter(browser, ""),
        await _enter(browser, await tenant.key_with("leads:write")),
        await _enter(browser, (await tenant.source())["key"]),
    ):
        assert answer.status_code == 401
        assert 'role="alert"' in answer.text
        assert "set-cookie" not in answer.headers


async def test_the_page_shows_the_ledger_and_escapes_what_people_wrote(
    browser: httpx2.AsyncClient, tenant: Tenant
) -> None:
    await tenant.lead(name="<script>alert(1)</script>")
    await tenant.post("/v1/leads", {"campaign_id": tenant.campaign_id, "phone": "911"})
    await tenant.call(
        "PATCH", f"/v1/campaigns/{tenant.campaign_id}", json={"name": "<img src=x onerror=a>"}
    )
    await _enter(browser, tenant.key)
    page = (await browser.get("/")).text
    assert "<dt>accepted</dt><dd>1</dd>" in page
    assert "The ledger balances." in page
    assert "service code" in page
    assert "&lt;img src=x onerror=a&gt;" in page
    assert "<img" not in page
    assert "lead.accepted" in page


async def test_a_campaign_says_that_its_agent_is_parked_while_it_runs(
    browser: httpx2.AsyncClient, context: Context, tenant: Tenant
) -> None:
    async with context.engine.begin() as conn:
        await agents.park(conn, UUID(tenant.agent_id), reason="off_duty", seconds=60)
    await _enter(browser, tenant.key)
    csrf = _csrf((await browser.get("/")).text)
    assert "agent parked" not in (await browser.get("/")).text
    where = f"/status/campaigns/{tenant.campaign_id}"
    resumed = await browser.post(f"{where}/resume", data={"csrf": csrf})
    assert resumed.status_code == 409
    await browser.post(f"{where}/start", data={"csrf": csrf})
    row = (await browser.get("/")).text.partition(f'id="campaign-{tenant.campaign_id}"')[2]
    assert ">running</span>" in row.partition("</tr>")[0]
    assert "agent parked: off duty" in row.partition("</tr>")[0]


@pytest.mark.parametrize(
    ("reason", "told"),
    [("breaker_open", "most calls went wrong"), ("forbidden", "credentials"), (None, None)],
)
async def test_what_keeps_everything_from_dialing_stands_at_the_top(
    browser: httpx2.AsyncClient,
    context: Context,
    tenant: Tenant,
    reason: str | None,
    told: str | None,
) -> None:
    async with context.engine.begin() as conn:
        await run(
            conn,
            "UPDATE organizations SET parked_reason = :reason WHERE id = :id",
            reason=reason,
            id=tenant.organization_id,
        )
    await _enter(browser, tenant.key)
    banner = (await browser.get("/")).text.partition("Nothing dials: ")[2].partition("</p>")[0]
    assert bool(banner) is (told is not None)
    assert (told or "") in banner


async def test_a_quarantine_and_an_answer_that_is_not_believed_are_told_in_plain_words(
    browser: httpx2.AsyncClient, context: Context, tenant: Tenant
) -> None:
    await _enter(browser, tenant.key)
    calm = (await browser.get("/")).text
    assert not {"Quarantine", "Not believed"} & set(re.findall(r"Quarantine|Not believed", calm))
    await quarantine(context, tenant.organization_id)
    await disbelieve(context, await dial(context, await tenant.lead(), state="unknown"))
    page = await _until_it_says(browser, "Quarantine")
    banner = page.partition('aria-labelledby="quarantine"')[2].partition('id="ledger"')[0]
    for said in (
        "Nothing dials: this database was put back to an older copy",
        "It ends by itself",
        "without them the platform&#39;s history",
        "UTC at the earliest",
        "refused a call and rang the phone all the same",
        "Calls go on.",
        'outdial believe bad_request --note "why"',
    ):
        assert said in banner, said
    assert "Nothing dials: quarantine." in page
    assert "Answers that are not believed: 1." in page
    await tenant.post("/v1/answers/bad_request/believe", {"note": "Mended."})
    assert "Not believed" not in (await browser.get("/")).text


async def _until_it_says(browser: httpx2.AsyncClient, word: str) -> str:
    """The page, once its last reading is too old to be shown."""
    async with asyncio.timeout(30):
        while word not in (text := (await browser.get("/")).text):  # noqa: ASYNC110 -- over HTTP there is no event
            await asyncio.sleep(0.1)
    return text


@pytest.mark.parametrize(("name", "shown"), [("Outdial", 0), ("Outdial Inc", 1)])
async def test_an_organization_is_named_unless_it_has_our_name(
    browser: httpx2.AsyncClient, context: Context, tenant: Tenant, name: str, shown: int
) -> None:
    async with context.engine.begin() as conn:
        await run(
            conn,
            "UPDATE organizations SET name = :name WHERE id = :id",
            name=name,
            id=tenant.organization_id,
        )
    await _enter(browser, tenant.key)
    assert (await browser.get("/")).text.count(f"<p>{name}</p>") == shown


async def test_pages_hold_nothing_inline_and_everything_they_load_is_here(
    browser: httpx2.AsyncClient, tenant: Tenant
) -> None:
    await _enter(browser, tenant.key)
    for path in ("/", "/docs", "/login"):
        page = (await browser.get(path)).text
        assert not re.search(r"<script(?![^>]*src=)|<style|\sstyle=|\son[a-z]+=|javascript:", page)
        for loaded in re.findall(r'(?:src|href)="(/static/[^"]+)"', page):
            found = await browser.get(loaded)
            assert found.status_code == 200, loaded
            assert found.headers["cache-control"] == "public, max-age=3600"
        assert not re.search(r'(?:src|href)="(?:https?:)?//', page)


async def test_a_campaign_is_switched_from_the_page(
    browser: httpx2.AsyncClient, tenant: Tenant
) -> None:
    await _enter(browser, tenant.key)
    csrf = _csrf((await browser.get("/")).text)
    where = f"/status/campaigns/{tenant.campaign_id}"
    for command, state, button in (("start", "running", "Pause"), ("pause", "paused", "Resume")):
        answer = await browser.post(f"{where}/{command}", data={"csrf": csrf})
        assert (answer.status_code, answer.headers["location"]) == (303, "/")
        shown = await tenant.get(f"/v1/campaigns/{tenant.campaign_id}")
        assert shown["state"] == state
        assert f">{button}<" in (await browser.get("/")).text


@pytest.mark.parametrize(
    ("csrf", "headers"),
    [
        ("", {}),
        ("wrong", {}),
        (None, {"Origin": "http://evil.example.com"}),
        (None, {"Sec-Fetch-Site": "cross-site"}),
    ],
)
async def test_a_form_of_another_site_does_nothing(
    browser: httpx2.AsyncClient, tenant: Tenant, csrf: str | None, headers: dict[str, str]
) -> None:
    await _enter(browser, tenant.key)
    good = _csrf((await browser.get("/")).text)
    answer = await browser.post(
        f"/status/campaigns/{tenant.campaign_id}/start",
        data={"csrf": good if csrf is None else csrf},
        headers=headers,
    )
    assert (answer.status_code, answer.json()["code"]) == (403, "missing_scope")
    assert (await tenant.get(f"/v1/campaigns/{tenant.campaign_id}"))["state"] == "draft"


async def test_one_who_may_only_read_gets_no_switches(
    browser: httpx2.AsyncClient, tenant: Tenant
) -> None:
    await _enter(browser, await tenant.key_with("campaigns:read"))
    page = (await browser.get("/")).text
    assert "/status/campaigns/" not in page
    answer = await browser.post(
        f"/status/campaigns/{tenant.campaign_id}/start", data={"csrf": _csrf(page)}
    )
    assert answer.status_code == 403


async def test_revoking_the_key_ends_the_session(
    browser: httpx2.AsyncClient, tenant: Tenant
) -> None:
    made = (await tenant.post("/v1/keys", {"name": "x", "scopes": ["campaigns:read"]})).json()
    await _enter(browser, made["secret"])
    assert (await browser.get("/")).status_code == 200
    await tenant.call("DELETE", f"/v1/keys/{made['id']}")
    assert (await browser.get("/")).status_code == 303


async def test_logging_out_drops_the_cookie(browser: httpx2.AsyncClient, tenant: Tenant) -> None:
    await _enter(browser, tenant.key)
    csrf = _csrf((await browser.get("/")).text)
    assert (await browser.post("/logout", data={"csrf": "no"})).status_code == 403
    assert COOKIE in browser.cookies
    assert (await browser.post("/logout", data={"csrf": csrf})).status_code == 303
    assert COOKIE not in browser.cookies
