"""The question before a call: a clear yes rings, anything else keeps the phone still."""

import asyncio
import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import RowMapping

from dialer.pipeline.dialing import place
from dialer.pipeline.upstream.partners import Partners
from dialer.rules.pacing import LATEST
from dialer.rules.precall import MAX_ANSWER, PATIENCE_SECONDS
from tests.pipeline.dialing.arming import rings, said
from tests.support.house import House
from tests.support.raw_server import (
    Peer,
    RawServer,
    Reply,
    answer,
    cut,
    drop,
    hang,
    in_turn,
    reset,
)
from tests.support.sandbox import SandboxProcess

SECRET = "invented-secret-of-the-crm"
YES = answer(body={"allow": True})


async def _claimed(house: House, server: RawServer, **fields: object) -> RowMapping:
    campaign = await _campaign(house, f"http://127.0.0.1:{server.port}/may-call")
    return await house.claimed(campaign, **fields)


async def _campaign(house: House, url: str, **plan: Any) -> RowMapping:  # noqa: ANN401 -- any part of a plan
    return await house.campaign(precall_url=url, precall_secret=SecretStr(SECRET), **plan)


async def _told(house: House, call: RowMapping) -> Mapping[str, Any]:
    row = await house.row(
        "SELECT body FROM events WHERE call_id = :id AND name = 'call.released'", id=call["id"]
    )
    body: Mapping[str, Any] = row["body"]
    return body


@pytest.mark.asyncio
async def test_a_yes_lets_the_phone_ring_and_the_question_proves_who_asks(
    house: House, upstream: Partners, sandbox: SandboxProcess
) -> None:
    async with RawServer(in_turn(YES)) as server:
        call = await _claimed(house, server, external_id="row-7", attributes={"stage": "new"})
        await place.place(house.context, upstream, call["id"])
    assert rings(sandbox, call) == 1
    (asked,) = server.requests
    assert asked.json() == {
        "call_id": str(call["id"]),
        "campaign_id": str(call["campaign_id"]),
        "lead_id": str(call["lead_id"]),
        "external_id": "row-7",
        "phone": call["phone"],
        "attempt": 1,
        "attributes": {"stage": "new"},
    }
    at, _, proof = asked.headers["x-outdial-signature"].partition(",v1=")
    signed = at.removeprefix("t=").encode() + b"." + asked.body
    assert proof == hmac.new(SECRET.encode(), signed, hashlib.sha256).hexdigest()
    assert (asked.method, asked.target) == ("POST", "/may-call")


@pytest.mark.asyncio
async def test_a_no_puts_the_lead_off_for_as_long_as_it_says(
    house: House, upstream: Partners, sandbox: SandboxProcess
) -> None:
    no = answer(body={"allow": False, "reason": "Signed today", "retry_after_minutes": 90})
    async with RawServer(in_turn(no)) as server:
        call = await _claimed(house, server)
        await place.place(house.context, upstream, call["id"])
    assert rings(sandbox, call) == 0
    assert await _told(house, call) == {"why": "precall_refused", "said": "Signed today"}
    lead = await house.lead_row(call["lead_id"])
    assert (lead["state"], lead["reason"], lead["attempts"]) == ("waiting", "precall_refused", 0)
    wait = lead["due_at"] - await house.now()
    assert timedelta(minutes=89) < wait <= timedelta(minutes=90)
    # It is the lead's gate that shut, and no failure of ours to send.
    assert (await house.call(call["id"]))["answer"] is None
    await house.assert_balanced()


async def _endless(peer: Peer) -> None:
    await peer.send(b"HTTP/1.1 200 OK\r\n\r\n")
    while not peer.writer.is_closing():
        await peer.send(b'{"allow": true} ' * 512)


UNREADABLE: Mapping[str, Reply] = {
    "never": hang,
    "closed": drop,
    "reset": reset,
    "cut": cut(YES, at=len(YES) - 3),
    "not HTTP": b"yes, do\r\n\r\n",
    "not JSON": answer(body=b"yes"),
    "no allow": answer(body={}),
    "another status": answer(202, {"allow": True}),
    "unauthorized": answer(401, {"allow": True}),
    "broken": answer(500, {"allow": True}),
    "redirect": answer(307, {"allow": True}, {"Location": "/yes"}),
    "too long": answer(body=b'{"allow": true}' + b" " * MAX_ANSWER),
    "endless": _endless,
    "coded": answer(body=b"\x1f\x8b\x08\x00", headers={"Content-Encoding": "gzip"}),
}


@pytest.mark.asyncio
@pytest.mark.parametrize("what", UNREADABLE)
async def test_whatever_is_no_clear_answer_keeps_the_phone_still(
    house: House, upstream: Partners, sandbox: SandboxProcess, what: str
) -> None:
    async with RawServer(in_turn(UNREADABLE[what])) as server:
        call = await _claimed(house, server)
        await place.place(house.context, upstream, call["id"])
    # It is asked once: no redirect is followed, nothing tried again.
    assert len(server.requests) == 1
    assert (rings(sandbox, call), await said(house, call)) == (0, ["precall_unreadable"])
    lead = await house.lead_row(call["lead_id"])
    assert (lead["state"], lead["reason"]) == ("waiting", "precall_unreadable")
    assert lead["due_at"] - await house.now() <= timedelta(minutes=1)
    assert lead["due_at"] > await house.now()


@pytest.mark.asyncio
async def test_nobody_who_answers_keeps_the_phone_still(
    house: House, upstream: Partners, sandbox: SandboxProcess
) -> None:
    async with RawServer(hang) as server:
        url = f"http://127.0.0.1:{server.port}/"
    call = await house.claimed(await _campaign(house, url))
    await place.place(house.context, upstream, call["id"])
    assert (rings(sandbox, call), await said(house, call)) == (0, ["precall_unreadable"])


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("sql", "says"),
    [
        ("UPDATE campaigns SET precall_secret = NULL", "no secret is stored"),
        ("UPDATE campaigns SET precall_secret = 'junk'", "sealed with another"),
        ("UPDATE campaigns SET precall_url = 'http://169.254.169.254/'", "use https"),
        ("UPDATE campaigns SET precall_url = 'https://169.254.169.254/'", "link-local"),
        ("UPDATE campaigns SET precall_url = 'nonsense'", "begins with https"),
    ],
)
async def test_what_is_stored_but_can_not_be_asked_keeps_the_phone_still(
    house: House, upstream: Partners, sandbox: SandboxProcess, sql: str, says: str
) -> None:
    async with RawServer(in_turn(YES)) as server:
        call = await _claimed(house, server)
        await house.run(sql)
        await place.place(house.context, upstream, call["id"])
    assert server.requests == []
    assert (rings(sandbox, call), await said(house, call)) == (0, ["precall_unreadable"])
    assert says in (await _told(house, call))["said"]


@pytest.mark.asyncio
async def test_a_server_without_a_certificate_to_trust_is_told_nothing(
    house: House, upstream: Partners, sandbox: SandboxProcess
) -> None:
    async with RawServer(in_turn(YES)) as server:
        campaign = await _campaign(house, f"https://127.0.0.1:{server.port}/")
        call = await house.claimed(campaign)
        await place.place(house.context, upstream, call["id"])
    assert (server.connections, server.requests) == (1, [])
    assert (rings(sandbox, call), await said(house, call)) == (0, ["precall_unreadable"])


@pytest.mark.asyncio
async def test_a_yes_opens_no_other_gate(
    house: House, upstream: Partners, sandbox: SandboxProcess
) -> None:
    async def pause_and_allow(peer: Peer) -> None:
        await house.run("UPDATE campaigns SET state = 'paused'")
        await peer.send(YES)

    async with RawServer(in_turn(pause_and_allow)) as server:
        call = await _claimed(house, server)
        await place.place(house.context, upstream, call["id"])
    assert (rings(sandbox, call), await said(house, call)) == (0, ["campaign_paused"])


@pytest.mark.asyncio
async def test_of_many_runs_that_are_all_allowed_one_rings(
    house: House, upstream: Partners, sandbox: SandboxProcess
) -> None:
    async with RawServer(in_turn(YES)) as server:
        call = await _claimed(house, server)
        for _ in range(3):
            await place.place(house.context, upstream, call["id"])
    assert (rings(sandbox, call), len(server.requests)) == (1, 1)


@pytest.mark.asyncio
async def test_a_paced_call_is_given_a_slot_that_leaves_time_to_ask(house: House) -> None:
    campaign = await _campaign(house, "http://127.0.0.1:9/", calls_per_minute=60)
    before = await house.now()
    call = await house.claimed(campaign)
    assert call["place_at"] >= before + timedelta(seconds=PATIENCE_SECONDS)


@pytest.mark.asyncio
async def test_an_answer_that_comes_after_the_slot_is_not_asked_for_again_at_once(
    house: House, upstream: Partners, sandbox: SandboxProcess
) -> None:
    async def slow(peer: Peer) -> None:
        await asyncio.sleep(LATEST.total_seconds() + 0.2)
        await peer.send(YES)

    async with RawServer(in_turn(slow)) as server:
        call = await _claimed(house, server)
        await house.run("UPDATE calls SET paced = true")
        await place.place(house.context, upstream, call["id"])
    assert (rings(sandbox, call), await said(house, call)) == (0, ["precall_unreadable"])
    assert "too late" in (await _told(house, call))["said"]
    assert (await house.lead_row(call["lead_id"]))["due_at"] > await house.now()


@pytest.mark.asyncio
async def test_the_secret_is_kept_sealed_and_told_nowhere(
    house: House, upstream: Partners, sandbox: SandboxProcess
) -> None:
    async with RawServer(in_turn(answer(body={"allow": False, "reason": SECRET}))) as server:
        call = await _claimed(house, server)
        await place.place(house.context, upstream, call["id"])
    campaign = await house.row("SELECT * FROM campaigns")
    assert SECRET.encode() not in campaign["precall_secret"]
    rows = await house.rows("SELECT name, body FROM events WHERE name LIKE 'campaign.%'")
    assert SECRET not in json.dumps([dict(row) for row in rows])
    plans = await house.rows("SELECT plan FROM campaign_versions")
    assert SECRET not in json.dumps([dict(row) for row in plans])
    assert rings(sandbox, call) == 0
