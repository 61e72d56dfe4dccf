"""Intake: a receipt for every row, each lead once, whatever comes twice and at the same time."""

import asyncio
from collections import Counter

import pytest

from dialer.clock import new_id
from dialer.pipeline.intake.intake import MAX_BULK, Door, Once, Receipt, accept
from dialer.rules.campaign import CampaignState
from dialer.rules.errors import (
    ConflictError,
    IdempotencyMismatchError,
    InvalidInputError,
    NotFoundError,
)
from dialer.store.planning import campaigns
from tests.support.house import House


def _once(key: str, body: bytes = b"{}") -> Once:
    return Once(scope="leads", key=key, body=body)


@pytest.mark.asyncio
async def test_a_row_is_kept_as_it_came_and_as_it_was_read(house: House) -> None:
    campaign = await house.campaign(start=False)
    given = {
        "phone": "(212) 555-0142",
        "name": "Ada Example",
        "state": "ny",
        "attributes": {"roof": 1},
        "image_urls": ["https://example.com/a.jpg"],
        "consent": {"given": True, "at": "2026-03-01T00:00:00Z"},
        "priority": 3,
    }
    (receipt,) = await house.post(campaign["id"], [given])
    row = await house.row("SELECT * FROM leads")
    assert receipt.as_dict() == {
        "index": 0,
        "status": "accepted",
        "lead_id": str(row["id"]),
        "phone": "+12125550142",
        "phone_code": "ok_555_exchange",
    }
    assert (row["phone"], row["raw_phone"]) == ("+12125550142", "(212) 555-0142")
    assert (row["us_state"], row["priority"], row["state"]) == ("NY", 3, "waiting")
    assert row["attributes"] == {"roof": 1}
    assert row["consent"]["given"] is True
    assert row["due_at"] <= await house.now()
    assert await house.names() == ["campaign.created", "lead.accepted"]


@pytest.mark.asyncio
async def test_good_rows_are_taken_beside_bad_ones(house: House) -> None:
    campaign = await house.campaign()
    good = house.phone()
    receipts = await house.post(
        campaign["id"],
        [{"phone": good}, {"phone": "call me"}, {"phone": good}, {"fone": good}, {}],
    )
    assert [r.status for r in receipts] == [
        *("accepted", "rejected", "duplicate", "rejected", "rejected")
    ]
    assert [r.index for r in receipts] == [0, 1, 2, 3, 4]
    assert receipts[2].lead_id == receipts[0].lead_id
    assert receipts[1].faults[0].code == "phone.no_digits"
    assert "errors" in receipts[3].as_dict()
    await house.assert_balanced()


@pytest.mark.asyncio
async def test_fifty_posts_of_one_external_id_at_once_make_one_lead(house: House) -> None:
    campaign = await house.campaign(start=False)
    lead = {"phone": house.phone(), "external_id": "crm-1"}
    found = await asyncio.gather(*(house.post(campaign["id"], [lead]) for _ in range(50)))
    receipts = [receipt for (receipt,) in found]
    assert {r.status for r in receipts} == {"accepted"}
    assert len({r.lead_id for r in receipts}) == 1
    assert Counter(r.replayed for r in receipts) == {False: 1, True: 49}
    assert Counter(r.repeated for r in receipts) == {False: 1, True: 49}
    assert len(await house.rows("SELECT id FROM leads")) == 1
    await house.assert_balanced()


@pytest.mark.asyncio
async def test_a_repeat_with_another_number_keeps_the_first_and_says_so(house: House) -> None:
    campaign = await house.campaign(start=False)
    first, other = house.phone(), house.phone()
    rows = [{"phone": p, "external_id": "crm-1"} for p in (first, first, other)]
    receipts = await house.post(campaign["id"], rows, once=_once("k-1"))
    assert [r.repeated for r in receipts] == [False, True, True]
    assert [r.note is not None for r in receipts] == [False, False, True]
    assert {r.phone for r in receipts} == {first}
    again = await house.post(campaign["id"], rows, once=_once("k-1"))
    assert [r.as_dict() for r in again] == [r.as_dict() for r in receipts]


@pytest.mark.asyncio
async def test_fifty_posts_of_one_idempotency_key_at_once_are_answered_alike(
    house: House,
) -> None:
    campaign = await house.campaign(start=False)
    given = [{"phone": house.phone()}, {"phone": "call me"}]
    found = await asyncio.gather(
        *(house.post(campaign["id"], given, once=_once("k-1")) for _ in range(50))
    )
    answers = [[r.as_dict() for r in receipts] for receipts in found]
    assert all(answer == answers[0] for answer in answers)
    assert sum(not receipts[0].replayed for receipts in found) == 1
    assert len(await house.rows("SELECT id FROM leads")) == 1
    await house.assert_balanced()


@pytest.mark.asyncio
async def test_fifty_posts_of_one_number_at_once_make_one_lead(house: House) -> None:
    campaign = await house.campaign(start=False)
    phone = house.phone()
    found = await asyncio.gather(
        *(
            house.post(campaign["id"], [{"phone": phone, "external_id": f"crm-{i}"}])
            for i in range(50)
        )
    )
    assert Counter(receipt.status for (receipt,) in found) == {"accepted": 1, "duplicate": 49}
    assert len({receipt.lead_id for (receipt,) in found}) == 1


@pytest.mark.asyncio
async def test_bulk_posts_of_the_same_rows_in_other_orders_all_succeed(house: House) -> None:
    campaign = await house.campaign(start=False)
    rows = [{"phone": house.phone(), "external_id": f"crm-{i}"} for i in range(80)]
    orders = [rows, rows[::-1], rows[40:] + rows[:40], rows[::2] + rows[1::2]] * 3
    found = await asyncio.gather(*(house.post(campaign["id"], order) for order in orders))
    assert {r.status for receipts in found for r in receipts} == {"accepted"}
    assert len(await house.rows("SELECT id FROM leads")) == 80
    await house.assert_balanced()


@pytest.mark.asyncio
async def test_a_key_is_bound_to_its_request(house: House) -> None:
    campaign = await house.campaign(start=False)
    lead = [{"phone": house.phone()}]
    await house.post(campaign["id"], lead, once=_once("k-1", b"one"))
    with pytest.raises(IdempotencyMismatchError):
        await house.post(campaign["id"], lead, once=_once("k-1", b"two"))


@pytest.mark.asyncio
async def test_a_failed_request_leaves_its_key_free(house: House) -> None:
    campaign = await house.campaign(start=False)
    lead = [{"phone": house.phone()}]
    await house.move(campaign["id"], CampaignState.CANCELLED)
    with pytest.raises(ConflictError):
        await house.post(campaign["id"], lead, once=_once("k-1", b"one"))
    other = await house.campaign(start=False)
    (receipt,) = await house.post(other["id"], lead, once=_once("k-1", b"two"))
    assert not receipt.replayed


@pytest.mark.asyncio
async def test_an_external_id_is_once_a_source_and_campaign(house: House) -> None:
    first, second = await house.campaign(), await house.campaign()
    phone = house.phone()
    lead = {"phone": phone, "external_id": "crm-1"}
    made = [(await house.post(c["id"], [lead]))[0].lead_id for c in (first, second, first)]
    assert made[0] == made[2] != made[1]


@pytest.mark.asyncio
async def test_the_same_external_id_with_another_number_is_answered_as_the_first_time(
    house: House,
) -> None:
    campaign = await house.campaign()
    first, second = house.phone(), house.phone()
    one = (await house.post(campaign["id"], [{"phone": first, "external_id": "x"}]))[0]
    two = (await house.post(campaign["id"], [{"phone": second, "external_id": "x"}]))[0]
    assert (two.status, two.phone, two.lead_id, two.replayed) == (
        *("accepted", first, one.lead_id),
        True,
    )


@pytest.mark.asyncio
async def test_a_number_may_come_again_once_its_lead_is_finished(house: House) -> None:
    campaign = await house.campaign()
    phone = house.phone()
    first = await house.lead(campaign["id"], phone=phone)
    await house.run("UPDATE leads SET state = 'done'")
    assert await house.lead(campaign["id"], phone=phone) != first


@pytest.mark.asyncio
async def test_a_campaign_may_take_a_number_each_time(house: House) -> None:
    campaign = await house.campaign(same_number="each")
    phone = house.phone()
    receipts = await house.post(campaign["id"], [{"phone": phone}] * 3)
    assert [r.status for r in receipts] == ["accepted"] * 3
    assert len({r.lead_id for r in receipts}) == 3


@pytest.mark.asyncio
async def test_a_finished_campaign_and_a_strangers_take_nothing(house: House) -> None:
    campaign = await house.campaign()
    lead = [{"phone": house.phone()}]
    stranger = await house.neighbour()
    door = await stranger.door(campaign["id"])
    with pytest.raises(NotFoundError):
        await accept(house.context, door=door, given=lead)
    with pytest.raises(NotFoundError):
        await house.post(new_id(), lead)
    await house.move(campaign["id"], CampaignState.CANCELLED)
    with pytest.raises(ConflictError, match="cancelled and takes no more leads"):
        await house.post(campaign["id"], lead)
    assert await house.rows("SELECT id FROM leads") == []


@pytest.mark.asyncio
@pytest.mark.parametrize("rows", [0, MAX_BULK + 1])
async def test_a_post_has_one_to_a_thousand_rows(house: House, rows: int) -> None:
    campaign = await house.campaign()
    with pytest.raises(InvalidInputError, match="send 1 to 1000 leads"):
        await house.post(campaign["id"], [{"phone": "x"}] * rows)


@pytest.mark.asyncio
async def test_a_thousand_rows_are_taken(house: House) -> None:
    campaign = await house.campaign(same_number="each", start=False)
    receipts = await house.post(campaign["id"], [{"phone": house.phone()}] * MAX_BULK)
    assert Counter(r.status for r in receipts) == {"accepted": MAX_BULK}
    await house.assert_balanced()


@pytest.mark.asyncio
async def test_hostile_text_is_kept_or_refused_and_never_breaks_a_statement(house: House) -> None:
    campaign = await house.campaign()
    hostile = "'; DROP TABLE leads; -- \x00 \\ :name %s {{x}} \u202e 🏠"
    receipts = await house.post(
        campaign["id"],
        [
            {
                "phone": house.phone(),
                "name": hostile,
                "context": hostile,
                "external_id": hostile,
                "attributes": {hostile[:40]: hostile},
            },
            {"phone": "212\x005550199"},
            {"phone": house.phone(), "attributes": {"x": float("nan")}},
            {"phone": house.phone(), "name": "\ud800"},
        ],
    )
    assert receipts[0].status == "accepted"
    assert [r.status for r in receipts[2:]] == ["rejected", "rejected"]
    row = await house.row("SELECT name FROM leads WHERE name IS NOT NULL")
    assert row["name"] == hostile.replace("\x00", "")


@pytest.mark.asyncio
async def test_a_cancellation_waits_for_the_intake_and_closes_what_it_brought(
    house: House,
) -> None:
    campaign = await house.campaign()
    given = [{"phone": house.phone()}]
    work = [house.post(campaign["id"], given), house.move(campaign["id"], CampaignState.CANCELLED)]
    await asyncio.gather(*work, return_exceptions=True)
    leads = await house.rows("SELECT state FROM leads")
    accepted = await house.rows("SELECT id FROM events WHERE name = 'lead.accepted'")
    assert len(leads) == len(accepted)


@pytest.mark.asyncio
async def test_no_command_ends_a_campaign_whose_intake_is_under_way(house: House) -> None:
    campaign = await house.campaign()
    org = house.organization_id
    async with house.context.engine.begin() as conn:
        await campaigns.hold(conn, organization_id=org, campaign_id=campaign["id"])
        ending = asyncio.create_task(house.move(campaign["id"], CampaignState.CANCELLED))
        done, _ = await asyncio.wait([ending], timeout=0.5)
        assert not done
    assert (await ending).campaign["state"] == "cancelled"


def test_a_receipt_leaves_out_what_it_does_not_have() -> None:
    assert Receipt(index=3, status="rejected").as_dict() == {"index": 3, "status": "rejected"}


def test_a_door_is_a_value() -> None:
    ids = [new_id() for _ in range(3)]
    one, two = (
        Door(organization_id=ids[0], campaign_id=ids[1], source_id=ids[2]) for _ in range(2)
    )
    assert one == two
