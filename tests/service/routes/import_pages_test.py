"""A list brought in on a page: each row answered, none twice, and nothing of a bad file taken."""

import base64
import csv
import io
import re
from collections.abc import AsyncIterator

import httpx2
import pytest
import pytest_asyncio
from fastapi import FastAPI

from service.table_import import MAX_BYTES
from tests.service.conftest import MakeTenant
from tests.service.tenants import Tenant

pytestmark = pytest.mark.asyncio

HOSTILE = "<script>alert(1)</script>"
HEADER = "CRM ID,Name,Phone Number,State,Time Zone\n"


@pytest_asyncio.fixture(loop_scope="session")
async def browser(app: FastAPI) -> AsyncIterator[httpx2.AsyncClient]:
    """A client that keeps cookies, as a browser does."""
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://outdial.test") as client:
        yield client


async def _enter(browser: httpx2.AsyncClient, key: str) -> None:
    assert (await browser.post("/login", data={"key": key})).status_code == 200


async def _send(
    browser: httpx2.AsyncClient,
    tenant: Tenant,
    content: str | bytes,
    *,
    how: str = "import",
    choices: str = "",
    name: str = "leads.csv",
) -> httpx2.Response:
    where = f"/campaigns/{tenant.campaign_id}/import"
    found = re.search(r'name="csrf" value="([^"]+)"', (await browser.get(where)).text)
    assert found is not None
    raw = content if isinstance(content, bytes) else content.encode()
    data = {"csrf": found[1], "how": how, "choices": choices}
    return await browser.post(where, data=data, files={"file": (name, raw)})


def _counts(page: str) -> dict[str, int]:
    figures = page.partition('class="figures"')[2].partition("</dl>")[0]
    found = re.findall(r"<dt>([a-z]+)</dt><dd>([\d,]+)</dd>", figures)
    return {name: int(count.replace(",", "")) for name, count in found}


async def _leads(tenant: Tenant) -> list[dict[str, object]]:
    found = await tenant.get("/v1/leads", campaign_id=tenant.campaign_id, limit=200)
    listed: list[dict[str, object]] = found["items"]
    return listed


MIXED = HEADER + "".join(
    f"{row}\n"
    for row in (
        "7,Ada Example,(212) 555-0142,new york,ET",
        "7,Ada Example,212-555-0149,,",
        "8,Ben Example,+1 212 555 0142,,",
        f"9,{HOSTILE},800-555-0142,,",
        "10,Cy Example,303-555-0143,,Mountain",
        "11,Di Example,404-555-0144,,,and more",
    )
)


async def test_every_row_is_answered_and_the_bad_ones_go_back_with_their_reasons(
    browser: httpx2.AsyncClient, tenant: Tenant
) -> None:
    await _enter(browser, tenant.key)
    answer = await _send(browser, tenant, MIXED)
    assert answer.status_code == 200
    page = answer.text
    assert _counts(page) == {
        "rows": 6, "accepted": 1, "repeated": 1, "duplicate": 1, "rejected": 3,
    }  # fmt: skip
    (lead,) = await _leads(tenant)
    assert (lead["phone"], lead["us_state"]) == ("+12125550142", "NY")
    assert lead["timezone"] == "America/New_York"
    assert HOSTILE not in page
    receipts = page.partition('id="receipts"')[2].partition("</table>")[0]
    for said in ("phone.toll_free", "timezone.invalid", "row.too_many_cells", "&lt;script&gt;"):
        assert said in receipts, said
    assert "came first with another number" in receipts
    encoded = re.search(r'href="data:text/csv;charset=utf-8;base64,([^"]+)"', page)
    assert encoded is not None
    refused = base64.b64decode(encoded[1]).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(refused)))
    assert [row["outdial_row"] for row in rows] == ["5", "6", "7"]
    assert rows[0]["Name"] == HOSTILE
    again = await _send(browser, tenant, refused.replace("800-555", "212-555"))
    assert _counts(again.text)["rejected"] == 2


async def test_the_same_file_again_adds_nothing(
    browser: httpx2.AsyncClient, tenant: Tenant
) -> None:
    await _enter(browser, tenant.key)
    rows = HEADER + "".join(f",P{n},212-555-01{n:02d},,\n" for n in range(20))
    first = _counts((await _send(browser, tenant, rows)).text)
    gone = (await _leads(tenant))[0]["id"]
    await tenant.post(f"/v1/leads/{gone}/cancel")
    second = await _send(browser, tenant, rows, name="copy.csv")
    assert _counts(second.text) == first
    assert "20 of these rows had come in before" in second.text
    assert len(await _leads(tenant)) == 20
    other = await _send(browser, tenant, rows, choices="name=")
    assert "had come in before" not in other.text
    assert len(await _leads(tenant)) == 21


async def test_a_check_keeps_nothing_and_says_the_same(
    browser: httpx2.AsyncClient, tenant: Tenant
) -> None:
    await _enter(browser, tenant.key)
    checked = await _send(browser, tenant, MIXED, how="check")
    assert "Nothing was kept" in checked.text
    assert await _leads(tenant) == []
    assert _counts(checked.text) == _counts((await _send(browser, tenant, MIXED)).text)


async def test_more_than_one_chunk_is_taken(browser: httpx2.AsyncClient, tenant: Tenant) -> None:
    await _enter(browser, tenant.key)
    rows = [f"{n},P,212-555-01{n % 100:02d},," for n in range(600)]
    page = (await _send(browser, tenant, HEADER + "\n".join(rows))).text
    assert _counts(page) == {
        "rows": 600, "accepted": 100, "repeated": 0, "duplicate": 500, "rejected": 0,
    }  # fmt: skip


async def test_columns_are_chosen_as_with_the_command(
    browser: httpx2.AsyncClient, tenant: Tenant
) -> None:
    await _enter(browser, tenant.key)
    table = "Contact Phone 1;Contact Phone 2;Größe\n1;212-555-0147;XL\n".encode("cp1252")
    answer = await _send(browser, tenant, table)
    assert answer.status_code == 422
    assert "everal columns look like a phone" in answer.text
    answer = await _send(browser, tenant, table, choices="phone=Contact Phone 2\r\n\r\nname=")
    assert _counts(answer.text)["accepted"] == 1
    (lead,) = await _leads(tenant)
    assert lead["attributes"] == {"contact_phone_1": "1", "groe": "XL"}


@pytest.mark.parametrize(
    ("content", "choices", "said"),
    [
        ("", "", "the table is empty"),
        ("Phone\n", "", "has a header and no rows"),
        ("Name,City\nAda,Rome\n", "", "no column looks like a phone"),
        ("Phone\n1\n", "phnoe=Phone", "did you mean phone"),
        ("Phone\n1\n", "phone", "write FIELD=COLUMN"),
        (f'{HEADER}1,A,212-555-0142,,\n2,"B,212-555-0143,,\n3,C",212-555-0144,,\n', "", "line 3"),
        (b"\x00\xff" * 50, "", "no column looks like a phone"),
        ("a," * 1_001 + "\n1\n", "", "1,002 columns"),
    ],
)
async def test_a_file_that_makes_no_sense_is_told_and_nothing_of_it_taken(
    browser: httpx2.AsyncClient,
    tenant: Tenant,
    *,
    content: str | bytes,
    choices: str,
    said: str,
) -> None:
    await _enter(browser, tenant.key)
    answer = await _send(browser, tenant, content, choices=choices)
    assert answer.status_code == 422
    alert = answer.text.partition('role="alert">')[2].partition("</p>")[0]
    assert said.lower() in alert.lower()
    assert await _leads(tenant) == []


async def test_a_form_without_a_file_is_told(browser: httpx2.AsyncClient, tenant: Tenant) -> None:
    await _enter(browser, tenant.key)
    answer = await _send(browser, tenant, "", name="")
    assert answer.status_code == 422
    assert "hoose a CSV file first" in answer.text


async def test_a_file_over_the_limit_is_refused_and_other_addresses_stay_small(
    browser: httpx2.AsyncClient, tenant: Tenant
) -> None:
    await _enter(browser, tenant.key)
    assert (await _send(browser, tenant, b"x" * MAX_BYTES)).status_code == 413
    large = HEADER + "".join(f"{n},{'x' * 200},nobody,,\n" for n in range(10_000))
    assert 1_048_576 < len(large) < MAX_BYTES
    assert _counts((await _send(browser, tenant, large, how="check")).text)["rejected"] == 10_000
    answer = await browser.post(f"/campaigns/{tenant.campaign_id}/plan", content=b"x" * 1_100_000)
    assert answer.status_code == 413


async def test_a_finished_campaign_takes_no_list(
    browser: httpx2.AsyncClient, tenant: Tenant
) -> None:
    await _enter(browser, tenant.key)
    await tenant.post(f"/v1/campaigns/{tenant.campaign_id}/cancel")
    answer = await _send(browser, tenant, MIXED)
    assert answer.status_code == 409
    assert "takes no more leads" in answer.text


async def test_only_who_may_bring_leads_imports_and_only_into_their_own(
    browser: httpx2.AsyncClient, tenant: Tenant, new_tenant: MakeTenant
) -> None:
    where = f"/campaigns/{tenant.campaign_id}/import"
    await _enter(browser, await tenant.key_with("campaigns:read", "campaigns:write"))
    assert (await browser.get(where)).status_code == 403
    other = await new_tenant()
    await _enter(browser, other.key)
    page = (await browser.get(f"/campaigns/{other.campaign_id}/import")).text
    found = re.search(r'name="csrf" value="([^"]+)"', page)
    assert found is not None
    answer = await browser.post(
        where,
        data={"csrf": found[1], "how": "import"},
        files={"file": ("a.csv", MIXED.encode())},
    )
    assert answer.status_code == 404
    assert await _leads(tenant) == []
