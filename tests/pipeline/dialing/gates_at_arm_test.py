"""Each gate at the arm: what shuts between the claim and the first byte releases the call."""

from collections.abc import Mapping

import pytest

from dialer.pipeline.dialing import place
from dialer.pipeline.upstream.partners import Partners
from dialer.rules.lead import LeadState
from tests.pipeline.dialing import gate_reasons
from tests.pipeline.dialing.arming import about_to_arm, rings, said
from tests.pipeline.dialing.gates_at_claim_test import LISTED, RANG, SCRUBBED, SUPPRESSED
from tests.support.house import House
from tests.support.sandbox import SandboxProcess

_NEEDS_REGISTRY = "UPDATE campaigns SET dnc = 'required'"

SHUT: Mapping[str, tuple[str, ...]] = {
    "not_ours": ("UPDATE calls SET fence = fence + 1",),
    "claim_expired": ("UPDATE calls SET claim_expires_at = outdial_now()",),
    "restored": ("UPDATE organizations SET restored_at = outdial_now()",),
    **{
        f"lead_{state}": (f"UPDATE leads SET state = '{state}'",)  # noqa: S608 -- of our own table
        for state in LeadState
        if state is not LeadState.CALLING
    },
    "lead_stopped": ("UPDATE leads SET stop_word = 'won'",),
    **{
        f"campaign_{state}": (f"UPDATE campaigns SET state = '{state}'",)  # noqa: S608 -- of our own table
        for state in ("draft", "paused", "completed", "cancelled")
    },
    "campaign_parked": ("UPDATE campaigns SET parked_reason = 'config_error'",),
    "plan_changed": ("UPDATE campaigns SET version = version + 1",),
    "rules_changed": ("UPDATE organizations SET rulebook = rulebook + 1",),
    "no_consent": ("UPDATE campaigns SET consent = 'required'",),
    "dnc_stale": (_NEEDS_REGISTRY, SCRUBBED.format(31 * 24)),
    "dnc_listed": (_NEEDS_REGISTRY, SCRUBBED.format(1), LISTED),
    "paused": ("UPDATE agents SET paused_at = outdial_now()",),
    "agent_parked": ("UPDATE agents SET parked_reason = 'off_duty'",),
    "organization_parked": (
        "UPDATE organizations SET parked_until = outdial_now() + interval '1 h'",
    ),
    "window_closed": ("UPDATE calls SET window_until = outdial_now()",),
    "late": ("UPDATE calls SET paced = true, place_at = outdial_now() - interval '1 s'",),
    "suppressed": (SUPPRESSED,),
    "number_gap": (RANG.format(state="ended", ago="4 minutes 30 seconds", times=1),),
    "number_cap_24h": (RANG.format(state="ended", ago="23 hours", times=3),),
    "number_cap_7d": (RANG.format(state="ended", ago="6 days 23 hours", times=10),),
}


def test_the_table_has_every_reason_of_the_source() -> None:
    assert SHUT.keys() == gate_reasons.at_arm()


@pytest.mark.asyncio
@pytest.mark.parametrize("why", SHUT)
async def test_a_gate_that_shuts_before_the_first_byte_releases_the_call(
    house: House, upstream: Partners, sandbox: SandboxProcess, why: str
) -> None:
    call = await house.claimed(await house.campaign())
    async with about_to_arm(house, upstream, call):
        for sql in SHUT[why]:
            await house.run(sql)
    assert rings(sandbox, call) == 0
    row = await house.call(call["id"])
    assert row["armed_at"] is None
    if why == "not_ours":
        assert (row["state"], await said(house, call)) == ("claimed", [])
        return
    assert (row["state"], await said(house, call)) == ("released", [why])
    # A closed gate is no failure to send: the breaker doesn't count it.
    assert row["answer"] is None


@pytest.mark.asyncio
async def test_with_every_gate_open_it_rings(
    house: House, upstream: Partners, sandbox: SandboxProcess
) -> None:
    call = await house.claimed(await house.campaign())
    async with about_to_arm(house, upstream, call):
        await house.run("UPDATE campaigns SET dnc = 'required'")
        await house.run(SCRUBBED.format(31 * 24 - 1))
    assert (await house.call(call["id"]))["state"] == "placed"
    assert rings(sandbox, call) == 1


@pytest.mark.asyncio
async def test_a_number_that_is_loaded_while_a_call_arms_is_not_called(
    house: House, upstream: Partners, sandbox: SandboxProcess
) -> None:
    campaign = await house.campaign(dnc="required")
    await house.run(SCRUBBED.format(1))
    call = await house.claimed(campaign)
    await house.run(LISTED)
    await place.place(house.context, upstream, call["id"])
    assert (rings(sandbox, call), await said(house, call)) == (0, ["dnc_listed"])
    assert (await house.lead_row(call["lead_id"]))["state"] == "waiting"
    assert (await house.claim(campaign["agent_id"])).call_ids == ()
    assert (await house.lead_row(call["lead_id"]))["state"] == "suppressed"
    await house.assert_balanced()
