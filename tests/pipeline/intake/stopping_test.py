"""A word from the CRM: leads end, calls are not armed, nothing follows one on its way."""

from uuid import UUID

import pytest

from dialer.clock import new_id
from dialer.pipeline.dialing import place
from dialer.pipeline.intake import stopping
from dialer.pipeline.intake.stopping import Named
from dialer.pipeline.settling import settle
from dialer.pipeline.upstream.partners import Partners
from dialer.rules.calling.stop_word import StopWord
from dialer.rules.errors import NotFoundError
from tests.pipeline.dialing.arming import rings, said
from tests.support.house import House
from tests.support.sandbox import SandboxProcess

WORDS = [(StopWord.WON, "done"), (StopWord.LOST, "done"), (StopWord.DO_NOT_CALL, "suppressed")]


async def _stop(house: House, word: StopWord = StopWord.WON, **names: object) -> stopping.Stopped:
    return await stopping.stop(
        house.context,
        organization_id=house.organization_id,
        named=Named(**names),  # type: ignore[arg-type]  # names of a lead
        word=word,
        by="crm",
    )


@pytest.mark.asyncio
@pytest.mark.parametrize(("word", "bucket"), WORDS)
async def test_a_waiting_lead_ends_at_once(house: House, word: StopWord, bucket: str) -> None:
    campaign = await house.campaign()
    lead_id = await house.lead(campaign["id"], external_id="row-7")
    done = await _stop(house, word, external_id="row-7")
    assert (done.ended, done.in_call, done.in_flight) == ((lead_id,), (), 0)
    lead = await house.lead_row(lead_id)
    assert (lead["state"], lead["reason"]) == (bucket, word.reason)
    assert (await house.claim(campaign["agent_id"])).call_ids == ()
    again = await _stop(house, word, external_id="row-7")
    assert (again.ended, again.finished) == ((), 1)
    await house.assert_balanced()


@pytest.mark.asyncio
async def test_every_lead_of_the_name_ends_and_no_other(house: House) -> None:
    one, two = await house.campaign(), await house.campaign()
    phone = house.phone()
    named = {
        await house.lead(campaign["id"], external_id="row-7", phone=phone)
        for campaign in (one, two)
    }
    other = await house.lead(one["id"], external_id="row-8")
    assert set((await _stop(house, external_id="row-7", campaign_id=one["id"])).ended) < named
    assert set((await _stop(house, phone=phone)).ended) < named
    assert {(await house.lead_row(lead))["state"] for lead in named} == {"done"}
    assert (await house.lead_row(other))["state"] == "waiting"


@pytest.mark.asyncio
async def test_nobody_elses_lead_is_found(house: House) -> None:
    campaign = await house.campaign()
    phone = house.phone()
    lead_id = await house.lead(campaign["id"], external_id="row-7", phone=phone)
    other = await house.neighbour()
    for names in ({"external_id": "row-7"}, {"lead_id": lead_id}, {"phone": phone}):
        with pytest.raises(NotFoundError):
            await _stop(other, **names)
    with pytest.raises(NotFoundError):
        await _stop(house, lead_id=new_id())
    with pytest.raises(NotFoundError):
        await _stop(house, external_id="row-7", source_id=new_id())
    # A number that nobody of the other organization may call is theirs alone.
    await _stop(other, StopWord.DO_NOT_CALL, phone=phone)
    assert (await house.lead_row(lead_id))["state"] == "waiting"
    assert len((await house.claim(campaign["agent_id"])).call_ids) == 1


@pytest.mark.asyncio
@pytest.mark.parametrize(("word", "bucket"), WORDS)
async def test_a_claimed_call_is_not_armed_and_its_lead_ends(
    house: House, upstream: Partners, sandbox: SandboxProcess, word: StopWord, bucket: str
) -> None:
    call = await house.claimed(await house.campaign())
    done = await _stop(house, word, lead_id=call["lead_id"])
    assert (done.ended, done.in_call) == ((), (call["lead_id"],))
    await place.place(house.context, upstream, call["id"])
    assert (rings(sandbox, call), await said(house, call)) == (0, ["lead_stopped"])
    lead = await house.lead_row(call["lead_id"])
    assert (lead["state"], lead["reason"]) == (bucket, word.reason)
    await house.assert_balanced()


async def _ends(house: House, call_id: UUID, *, reason: str = "no-answer") -> None:
    seen = settle.Seen(partner_call_id="call_1", status="ENDED", ended_reason=reason)
    async with house.context.engine.begin() as conn:
        row = await settle.place(conn, call_id, fence=1, partner_call_id="call_1")
        assert row is not None
        assert await settle.end(conn, row, seen) is not None


@pytest.mark.asyncio
@pytest.mark.parametrize(("word", "bucket"), WORDS)
async def test_nothing_follows_a_call_that_is_on_its_way(
    house: House, word: StopWord, bucket: str
) -> None:
    campaign = await house.campaign()
    call = await house.dialing(campaign)
    done = await _stop(house, word, lead_id=call["lead_id"])
    assert (done.in_call, done.in_flight) == ((call["lead_id"],), 1)
    await _ends(house, call["id"])
    lead = await house.lead_row(call["lead_id"])
    assert (lead["state"], lead["reason"]) == (bucket, word.reason)
    assert lead["last_outcome"] is not None
    assert "lead.stopped" in await house.names()
    await house.assert_balanced()


@pytest.mark.asyncio
async def test_without_a_word_the_same_end_is_followed_by_another_attempt(house: House) -> None:
    call = await house.dialing(await house.campaign())
    await _ends(house, call["id"])
    assert (await house.lead_row(call["lead_id"]))["state"] == "waiting"


@pytest.mark.asyncio
async def test_a_held_lead_ends_and_its_call_stays_for_a_person(house: House) -> None:
    call = await house.dialing(await house.campaign())
    async with house.context.engine.begin() as conn:
        row = await settle.doubt(conn, call["id"], fence=1, why="conflict", by="sender")
        assert row is not None
        await settle.hold(conn, row, why="conflict")
    assert (await _stop(house, lead_id=call["lead_id"])).ended == (call["lead_id"],)
    assert (await house.call(call["id"]))["state"] == "held"
    await house.assert_balanced()


@pytest.mark.asyncio
async def test_do_not_call_bars_the_number_everywhere_and_is_not_taken_back(
    house: House,
) -> None:
    one, two = await house.campaign(), await house.campaign(agent="agent_2")
    phone = house.phone()
    lead_id = await house.lead(one["id"], external_id="row-7", phone=phone)
    elsewhere = await house.lead(two["id"], phone=phone)
    done = await _stop(house, StopWord.DO_NOT_CALL, external_id="row-7")
    assert done.suppressed == (phone,)
    assert (await house.lead_row(lead_id))["reason"] == "crm_do_not_call"
    assert (await house.lead_row(elsewhere))["state"] == "suppressed"
    later = await house.lead(two["id"], phone=phone)
    assert (await house.claim(two["agent_id"])).call_ids == ()
    assert (await house.lead_row(later))["state"] == "suppressed"
    await _stop(house, StopWord.DO_NOT_CALL, phone=phone)
    assert len(await house.rows("SELECT id FROM suppressions")) == 1
    await house.assert_balanced()


@pytest.mark.asyncio
async def test_do_not_call_outlasts_a_later_word(house: House) -> None:
    call = await house.claimed(await house.campaign())
    await _stop(house, StopWord.DO_NOT_CALL, lead_id=call["lead_id"])
    await _stop(house, StopWord.WON, lead_id=call["lead_id"])
    assert (await house.lead_row(call["lead_id"]))["stop_word"] == "do_not_call"


@pytest.mark.asyncio
async def test_a_number_without_a_lead_can_be_barred_but_not_won(house: House) -> None:
    phone = house.phone()
    with pytest.raises(NotFoundError):
        await _stop(house, StopWord.WON, phone=phone)
    assert (await _stop(house, StopWord.DO_NOT_CALL, phone=phone)).suppressed == (phone,)
