"""Posting, listing, following and cancelling leads."""

import asyncio

import pytest

from tests.service.conftest import MakeTenant
from tests.service.tenants import Tenant, fresh_phone

pytestmark = pytest.mark.asyncio


async def test_a_messy_lead_is_repaired_and_accepted(tenant: Tenant) -> None:
    answer = await tenant.post(
        "/v1/leads",
        {"campaign_id": tenant.campaign_id, "phone": " (412) 555-0151 ", "name": "Owen Castillo"},
    )
    assert answer.status_code == 202
    assert answer.json() == {
        "lead_id": answer.json()["lead_id"],
        "status": "accepted",
        "phone": "+14125550151",
        "phone_code": answer.json()["phone_code"],
    }
    lead = await tenant.get(f"/v1/leads/{answer.json()['lead_id']}")
    assert (lead["state"], lead["name"], lead["raw_phone"]) == (
        "waiting",
        "Owen Castillo",
        " (412) 555-0151 ",
    )
    assert [entry["name"] for entry in lead["timeline"]] == ["lead.accepted"]
    assert lead["calls"] == []


async def test_a_number_that_waits_already_is_a_duplicate(tenant: Tenant) -> None:
    phone = fresh_phone()
    first = await tenant.lead(phone=phone)
    again = await tenant.post("/v1/leads", {"campaign_id": tenant.campaign_id, "phone": phone})
    assert again.status_code == 200
    assert (again.json()["status"], again.json()["lead_id"]) == ("duplicate", first)


@pytest.mark.parametrize(
    ("phone", "code"),
    [
        ("911", "phone.service_code"),
        ("1-800-555-0100", "phone.toll_free"),
        ("", "phone.empty"),
        ("call me", "phone.no_digits"),
    ],
)
async def test_a_bad_number_is_refused_with_its_reason(
    tenant: Tenant, phone: str, code: str
) -> None:
    answer = await tenant.post("/v1/leads", {"campaign_id": tenant.campaign_id, "phone": phone})
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["code"] == "invalid_input"
    assert problem["instance"] == answer.headers["x-request-id"]
    assert (problem["errors"][0]["pointer"], problem["errors"][0]["code"]) == ("/phone", code)


async def test_unknown_fields_are_refused_by_name(tenant: Tenant) -> None:
    answer = await tenant.post(
        "/v1/leads",
        {"campaign_id": tenant.campaign_id, "phone": fresh_phone(), "externalid": "x", "a/b": 1},
    )
    assert answer.status_code == 422
    errors = {e["pointer"]: e for e in answer.json()["errors"]}
    assert errors["/externalid"]["code"] == "unknown_field"
    assert errors["/externalid"]["suggestion"] == "external_id"
    assert errors["/a~1b"]["code"] == "unknown_field"


async def test_the_same_external_id_is_accepted_once(tenant: Tenant) -> None:
    phone = fresh_phone()
    body = {"campaign_id": tenant.campaign_id, "phone": phone, "external_id": "row-1"}
    first = await tenant.post("/v1/leads", body)
    again = await tenant.post("/v1/leads", body | {"phone": fresh_phone()})
    assert (first.status_code, again.status_code) == (202, 202)
    note = again.json()["note"]
    assert "another number" in note
    assert again.json() == first.json() | {"repeated": True, "note": note}
    assert again.headers["idempotent-replayed"] == "true"
    assert "idempotent-replayed" not in first.headers


async def test_a_repeated_row_says_so_and_is_counted_apart(tenant: Tenant) -> None:
    phone = fresh_phone()
    rows = [
        {"phone": phone, "external_id": "a"},
        {"phone": phone, "external_id": "a"},
        {"phone": fresh_phone(), "external_id": "a"},
        {"phone": fresh_phone(), "external_id": "b"},
    ]
    body = {"campaign_id": tenant.campaign_id, "leads": rows}
    first = (await tenant.post("/v1/leads/bulk", body)).json()
    assert {n: first[n] for n in ("accepted", "repeated", "duplicates", "rejected")} == {
        "accepted": 2,
        "repeated": 2,
        "duplicates": 0,
        "rejected": 0,
    }
    assert [row.get("repeated", False) for row in first["rows"]] == [False, True, True, False]
    assert ["note" in row for row in first["rows"]] == [False, False, True, False]
    again = (await tenant.post("/v1/leads/bulk", body)).json()
    assert (again["accepted"], again["repeated"]) == (0, 4)
    assert [row["status"] for row in again["rows"]] == ["accepted"] * 4
    source = await tenant.source()
    lead = {"phone": phone, "external_id": "c"}
    shown = [(await tenant.post(source["hook"], lead)).json()["leads"][0] for _ in range(2)]
    assert [row["status"] for row in shown] == ["duplicate", "duplicate"]
    fresh = {"phone": fresh_phone(), "external_id": "d"}
    shown = [(await tenant.post(source["hook"], fresh)).json()["leads"][0] for _ in range(2)]
    assert shown[1] == shown[0] | {"repeated": True}


async def test_leads_and_entries_are_found_by_a_number_as_typed(tenant: Tenant) -> None:
    phone = fresh_phone()
    lead = await tenant.lead(phone=phone)
    typed = f"({phone[2:5]}) {phone[5:8]}-{phone[8:]}"
    assert [one["id"] for one in (await tenant.get("/v1/leads", phone=typed))["items"]] == [lead]
    await tenant.post("/v1/suppressions", {"phone": phone, "reason": "asked"})
    entries = (await tenant.get("/v1/suppressions", phone=typed))["items"]
    assert [entry["phone"] for entry in entries] == [phone]
    for path in ("leads", "suppressions"):
        answer = await tenant.call("GET", f"/v1/{path}", params={"phone": "911"})
        assert answer.status_code == 422
        [error] = answer.json()["errors"]
        assert (error["pointer"], error["code"]) == ("?phone", "phone.service_code")


async def test_the_same_idempotency_key_is_answered_once(tenant: Tenant) -> None:
    body = {"campaign_id": tenant.campaign_id, "phone": fresh_phone()}
    first = await tenant.post("/v1/leads", body, idempotency_key="k-1")
    again = await tenant.post("/v1/leads", body, idempotency_key="k-1")
    assert (again.status_code, again.json()) == (202, first.json())
    assert again.headers["idempotent-replayed"] == "true"
    other = await tenant.post("/v1/leads", body | {"phone": fresh_phone()}, idempotency_key="k-1")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


async def test_a_refusal_is_repeated_under_its_idempotency_key(tenant: Tenant) -> None:
    body = {"campaign_id": tenant.campaign_id, "phone": "911"}
    first = await tenant.post("/v1/leads", body, idempotency_key="k-2")
    again = await tenant.post("/v1/leads", body, idempotency_key="k-2")
    assert (first.status_code, again.status_code) == (422, 422)
    assert first.json()["errors"] == again.json()["errors"]


async def test_fifty_identical_posts_at_once_make_one_lead(tenant: Tenant) -> None:
    body = {"campaign_id": tenant.campaign_id, "phone": fresh_phone()}
    answers = await asyncio.gather(
        *(tenant.post("/v1/leads", body, idempotency_key="fifty") for _ in range(50))
    )
    assert {a.status_code for a in answers} == {202}
    assert len({a.json()["lead_id"] for a in answers}) == 1
    assert sum("idempotent-replayed" not in a.headers for a in answers) == 1
    assert len((await tenant.get("/v1/leads"))["items"]) == 1


async def test_bulk_with_good_rows_only_is_200(tenant: Tenant) -> None:
    phone = fresh_phone()
    rows = [{"phone": phone, "external_id": "a"}, {"phone": fresh_phone()}, {"phone": phone}]
    answer = await tenant.post(
        "/v1/leads/bulk", {"campaign_id": tenant.campaign_id, "leads": rows}
    )
    assert answer.status_code == 200
    body = answer.json()
    assert (body["accepted"], body["duplicates"], body["rejected"]) == (2, 1, 0)
    assert [row["index"] for row in body["rows"]] == [0, 1, 2]
    assert body["rows"][2]["lead_id"] == body["rows"][0]["lead_id"]


async def test_bulk_accepts_the_good_rows_and_names_the_bad_ones(tenant: Tenant) -> None:
    rows: list[object] = [
        {"phone": fresh_phone()},
        {"phone": "911"},
        "not a lead",
        {"phone": fresh_phone(), "colour": "red"},
        {"name": "No Phone"},
        {"phone": fresh_phone()},
    ]
    answer = await tenant.post(
        "/v1/leads/bulk", {"campaign_id": tenant.campaign_id, "leads": rows}
    )
    assert answer.status_code == 207
    shown = answer.json()["rows"]
    assert [row["status"] for row in shown] == [
        "accepted",
        *["rejected"] * 4,
        "accepted",
    ]
    assert [row["errors"][0]["code"] for row in shown[1:5]] == [
        "phone.service_code",
        "not_an_object",
        "unknown_field",
        "required",
    ]
    assert len((await tenant.get("/v1/leads"))["items"]) == 2


async def test_bulk_with_bad_rows_only_is_207(tenant: Tenant) -> None:
    answer = await tenant.post(
        "/v1/leads/bulk", {"campaign_id": tenant.campaign_id, "leads": ["a", {"phone": "1"}]}
    )
    assert (answer.status_code, answer.json()["rejected"]) == (207, 2)


@pytest.mark.parametrize("count", [0, 1_001])
async def test_bulk_takes_1_to_1000_rows(tenant: Tenant, count: int) -> None:
    answer = await tenant.post(
        "/v1/leads/bulk",
        {"campaign_id": tenant.campaign_id, "leads": [{"phone": "911"}] * count},
    )
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/leads"


async def test_bulk_is_replayed_whole_and_its_source_is_part_of_the_request(
    tenant: Tenant,
) -> None:
    body = {"campaign_id": tenant.campaign_id, "leads": [{"phone": fresh_phone()}, 7]}
    first = await tenant.post("/v1/leads/bulk", body, idempotency_key="b")
    again = await tenant.post("/v1/leads/bulk", body, idempotency_key="b")
    assert (again.status_code, again.json()) == (207, first.json())
    other = await tenant.post("/v1/leads/bulk?source=file", body, idempotency_key="b")
    assert other.json()["code"] == "idempotency_key_reused"


async def test_rows_of_a_file_belong_to_the_file_source(tenant: Tenant) -> None:
    body = {"campaign_id": tenant.campaign_id, "leads": [{"phone": fresh_phone()}]}
    await tenant.post("/v1/leads/bulk?source=file", body)
    sources = {s["id"]: s["name"] for s in (await tenant.get("/v1/sources"))["items"]}
    [lead] = (await tenant.get("/v1/leads"))["items"]
    assert sources[lead["source_id"]] == "file"


async def test_a_finished_campaign_takes_no_leads(tenant: Tenant) -> None:
    await tenant.post(f"/v1/campaigns/{tenant.campaign_id}/cancel")
    answer = await tenant.post(
        "/v1/leads", {"campaign_id": tenant.campaign_id, "phone": fresh_phone()}
    )
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")


async def test_another_organizations_campaign_is_not_there(
    tenant: Tenant, new_tenant: MakeTenant
) -> None:
    other = await new_tenant()
    body = {"campaign_id": other.campaign_id, "phone": fresh_phone()}
    bulk = {"campaign_id": other.campaign_id, "leads": [{"phone": fresh_phone()}]}
    assert (await tenant.post("/v1/leads", body)).status_code == 404
    assert (await tenant.post("/v1/leads/bulk", bulk)).status_code == 404
    assert (await other.get("/v1/leads"))["items"] == []


async def test_lists_page_through_everything_once(tenant: Tenant) -> None:
    made = {await tenant.lead() for _ in range(5)}
    seen: list[str] = []
    query: dict[str, str | int] = {"limit": 2}
    for _ in range(3):
        page = await tenant.get("/v1/leads", **query)
        seen += [lead["id"] for lead in page["items"]]
        if page["next_cursor"] is None:
            break
        query["cursor"] = page["next_cursor"]
    assert (len(seen), set(seen)) == (5, made)


async def test_lists_are_narrowed(tenant: Tenant) -> None:
    phone = fresh_phone()
    await tenant.lead(phone=phone, external_id="x-1")
    await tenant.lead()
    for query in (
        {"phone": phone},
        {"external_id": "x-1"},
        {"state": "waiting", "phone": phone, "campaign_id": tenant.campaign_id},
    ):
        assert len((await tenant.get("/v1/leads", **query))["items"]) == 1
    assert (await tenant.get("/v1/leads", state="done"))["items"] == []


@pytest.mark.parametrize("cursor", ["!", "AAAA", "x" * 90])
async def test_a_made_up_cursor_is_refused(tenant: Tenant, cursor: str) -> None:
    answer = await tenant.call("GET", "/v1/leads", params={"cursor": cursor})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "?cursor")


async def test_cancelling_ends_a_lead_and_repeats_well(tenant: Tenant) -> None:
    lead = await tenant.lead()
    for _ in range(2):
        answer = await tenant.post(f"/v1/leads/{lead}/cancel")
        assert (answer.status_code, answer.json()["lead"]["state"]) == (200, "cancelled")
        assert answer.json()["in_flight"] == 0
    names = [e["name"] for e in (await tenant.get(f"/v1/leads/{lead}"))["timeline"]]
    assert names == ["lead.accepted", "lead.cancelled"]


async def test_a_lead_that_ended_otherwise_can_not_be_cancelled(tenant: Tenant) -> None:
    phone = fresh_phone()
    lead = await tenant.lead(phone=phone)
    await tenant.post("/v1/suppressions", {"phone": phone, "reason": "asked"})
    answer = await tenant.post(f"/v1/leads/{lead}/cancel")
    assert (answer.status_code, answer.json()["detail"]) == (409, "the lead is suppressed already")
