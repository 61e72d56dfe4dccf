"""Many numbers for the do-not-call list: each judged by itself, none listed twice, none lost."""

import asyncio
from datetime import timedelta

import pytest

from dialer.clock import new_id
from dialer.pipeline.compliance.suppress_bulk import MAX_ROWS, Receipt, suppress_all
from dialer.rules.errors import InvalidInputError
from tests.support.house import House


async def _send(house: House, *rows: object) -> tuple[Receipt, ...]:
    return await suppress_all(house.context, organization_id=house.organization_id, given=[*rows])


def _row(phone: object = "(212) 555-0142", **more: object) -> dict[str, object]:
    return {"phone": phone, "reason": "asked", **more}


async def _entries(house: House) -> int:
    return len(await house.rows("SELECT id FROM suppressions"))


@pytest.mark.asyncio
async def test_each_row_has_its_receipt(house: House) -> None:
    campaign = await house.campaign()
    told = await _send(
        house,
        _row(),
        _row("+12125550142"),
        _row("911"),
        _row(2125550143, campaign_id=str(campaign["id"])),
        {"phone": "2125550144"},
        "2125550145",
        _row("2125550146", until="2020-01-01T00:00:00Z"),
        _row("2125550147", campaign_id=str(new_id())),
        _row("2125550148", untill="x"),
        _row("2125550149", reason=" \x00 "),
    )
    assert [one.status for one in told] == ["listed", "known", "rejected", "listed"] + [
        "rejected"
    ] * 6
    assert [one.index for one in told] == list(range(10))
    assert told[0].id == told[1].id
    pointers = [one.faults[0].pointer for one in told if one.faults]
    assert pointers == ["/phone", "/reason", "", "/until", "/campaign_id", "/untill", "/reason"]
    assert told[8].faults[0].suggestion == "until"
    assert await _entries(house) == 2


@pytest.mark.asyncio
async def test_the_same_rows_again_add_nothing(house: House) -> None:
    rows = [_row(f"+1212555{n:04d}") for n in range(100, 200)] * 2
    first, again = await _send(house, *rows), await _send(house, *rows)
    assert [one.status for one in first].count("listed") == 100
    assert {one.status for one in again} == {"known"}
    assert await _entries(house) == 100
    assert (await house.names()).count("number.suppressed") == 100


@pytest.mark.asyncio
async def test_a_wish_for_good_is_not_lost_behind_one_that_lapses(house: House) -> None:
    now = await house.now()
    soon, late = ((now + timedelta(days=days)).isoformat() for days in (1, 9))
    statuses = [
        (await _send(house, _row(until=until)))[0].status for until in (late, soon, None, late)
    ]
    assert statuses == ["listed", "known", "listed", "known"]
    campaign = await house.campaign()
    # One campaign's entry says nothing of the others; all campaigns' is a scope of its own.
    (own,) = await _send(house, _row("2125550155", campaign_id=str(campaign["id"])))
    (every,) = await _send(house, _row("2125550155"))
    assert (own.status, every.status) == ("listed", "listed")


@pytest.mark.asyncio
async def test_waiting_leads_end_and_are_told_of_once(house: House) -> None:
    one, two = await house.campaign(), await house.campaign()
    phone = house.phone()
    here, there = (
        await house.lead(one["id"], phone=phone),
        await house.lead(two["id"], phone=phone),
    )
    await _send(house, _row(phone, campaign_id=str(one["id"])))
    assert (await house.lead_row(here))["state"] == "suppressed"
    assert (await house.lead_row(there))["state"] == "waiting"
    await _send(house, _row(phone), _row(phone))
    assert (await house.lead_row(there))["state"] == "suppressed"
    assert (await house.names()).count("lead.suppressed") == 2
    await house.assert_balanced()


@pytest.mark.asyncio
async def test_lists_that_overlap_are_taken_at_once(house: House) -> None:
    campaign = await house.campaign()
    phones = [house.phone() for _ in range(60)]
    await house.post(campaign["id"], [{"phone": phone} for phone in phones])
    lists = [phones, phones[::-1], phones[30:] + phones[:30]]
    await asyncio.gather(*(_send(house, *map(_row, one)) for one in lists))
    assert await _entries(house) == 60
    states = await house.rows("SELECT DISTINCT state FROM leads")
    assert [row["state"] for row in states] == ["suppressed"]


@pytest.mark.asyncio
async def test_another_organizations_campaign_is_not_found(house: House) -> None:
    campaign = await house.campaign()
    other = await house.neighbour()
    (told,) = await _send(other, _row(campaign_id=str(campaign["id"])))
    assert [fault.code for fault in told.faults] == ["not_found"]
    assert await _entries(house) == 0


@pytest.mark.asyncio
@pytest.mark.parametrize("count", [0, MAX_ROWS + 1])
async def test_a_list_has_a_size(house: House, count: int) -> None:
    with pytest.raises(InvalidInputError):
        await _send(house, *[_row()] * count)
