"""The comparison counts leads, calls and goals by variant, and says what chance would explain."""

from uuid import UUID

import pytest
from sqlalchemy import RowMapping

from dialer.clock import new_id
from dialer.pipeline.planning import variant_edits
from dialer.pipeline.planning.variant_edits import Variant
from dialer.pipeline.reports.comparison import MAX_GOAL, Comparison, compare
from dialer.rules.comparing import Count, difference, rate
from dialer.rules.errors import InvalidInputError, NotFoundError
from dialer.rules.outcomes.table import SUCCESSES
from tests.support.house import House

pytestmark = pytest.mark.asyncio


async def _variant(house: House, campaign: RowMapping, name: str, weight: int = 1) -> UUID:
    row = await variant_edits.add(
        house.context,
        organization_id=house.organization_id,
        campaign_id=campaign["id"],
        new=Variant(name=name, weight=weight),
        by=None,
    )
    found: UUID = row["id"]
    return found


async def _called(
    house: House, campaign: RowMapping, variant_id: UUID | None, *outcomes: str
) -> UUID:
    """A lead whose calls ended so, one after the other."""
    lead_id = await house.lead(campaign["id"])
    await house.run(
        "UPDATE leads SET variant_id = :v, last_outcome = :last, attempts = :n WHERE id = :id",
        v=variant_id,
        last=outcomes[-1] if outcomes else None,
        n=len(outcomes),
        id=lead_id,
    )
    for outcome in outcomes:
        await _call(house, lead_id, "ended", outcome)
    return lead_id


async def _call(house: House, lead_id: UUID, state: str, outcome: str | None) -> None:
    await house.run(
        """
        INSERT INTO calls (id, organization_id, business_id, agent_id, campaign_id, lead_id,
            variant_id, phone, state, outcome, place_at, claim_expires_at, window_until,
            armed_at, finished_at)
        SELECT :call, c.organization_id, c.business_id, c.agent_id, c.id, l.id, l.variant_id,
            l.phone, :state, :outcome, outdial_now(), outdial_now(), outdial_now(),
            CASE WHEN :state <> 'claimed' THEN outdial_now() END, outdial_now()
        FROM leads l JOIN campaigns c ON c.id = l.campaign_id WHERE l.id = :lead
        """,
        call=new_id(),
        lead=lead_id,
        state=state,
        outcome=outcome,
    )


async def _compare(house: House, campaign: RowMapping, *goal: str) -> Comparison:
    return await compare(
        house.context,
        organization_id=house.organization_id,
        campaign_id=campaign["id"],
        goal=goal,
    )


async def test_leads_calls_and_goals_are_counted_by_variant(house: House) -> None:
    campaign = await house.campaign(start=False)
    one, two = await _variant(house, campaign, "A"), await _variant(house, campaign, "B", 3)
    await _called(house, campaign, one, "no_answer", "completed")
    await _called(house, campaign, one, "callback_requested", "no_answer")
    await _called(house, campaign, one, "no_answer")
    await _called(house, campaign, one)
    refused = await _called(house, campaign, two, "busy")
    for state in ("refused", "absent", "released"):
        await _call(house, refused, state, None)
    await _call(house, refused, "claimed", None)
    await _called(house, campaign, None)
    await _called(house, campaign, None, "completed")
    found = await _compare(house, campaign)
    first, second = found.results
    assert (first.leads, first.called, first.calls, first.reached) == (4, 3, 5, 2)
    assert first.outcomes == {"completed": 1, "no_answer": 2}
    assert (second.leads, second.called, second.calls, second.reached) == (1, 1, 1, 0)
    assert (first.share, second.share) == (0.25, 0.75)
    assert first.rate == rate(Count(2, 3))
    assert second.difference == difference(Count(0, 1), Count(2, 3))
    assert first.difference is None
    assert (found.undrawn, found.outside) == (1, 1)
    assert found.goal == tuple(sorted(SUCCESSES))


async def test_the_goal_is_whatever_outcomes_are_asked_for(house: House) -> None:
    campaign = await house.campaign(start=False)
    one = await _variant(house, campaign, "A")
    await _called(house, campaign, one, "voicemail")
    await _called(house, campaign, one, "transferred")
    (voicemail,) = (await _compare(house, campaign, "voicemail")).results
    assert (voicemail.called, voicemail.reached) == (2, 1)
    (both,) = (await _compare(house, campaign, "voicemail", "transferred")).results
    assert both.reached == 2


async def test_an_unknown_goal_is_refused_with_the_nearest_name(house: House) -> None:
    campaign = await house.campaign(start=False)
    with pytest.raises(InvalidInputError) as raised:
        await _compare(house, campaign, "complted", "x" * 5_000)
    (near, far) = raised.value.faults
    assert (near.pointer, near.code, near.suggestion) == ("?goal", "unknown_outcome", "completed")
    assert len(far.message) < 500
    with pytest.raises(InvalidInputError) as raised:
        await _compare(house, campaign, *["completed"] * (MAX_GOAL + 1))
    assert raised.value.faults[0].code == "too_many"


async def test_nobody_called_is_no_rate_and_no_difference(house: House) -> None:
    campaign = await house.campaign(start=False)
    for name in "AB":
        await _variant(house, campaign, name)
    found = await _compare(house, campaign)
    assert [(r.rate, r.difference, r.leads) for r in found.results] == [(None, None, 0)] * 2


async def test_a_retired_variant_stays_in_the_comparison_without_a_share(house: House) -> None:
    campaign = await house.campaign(start=False)
    one, _ = await _variant(house, campaign, "A"), await _variant(house, campaign, "B")
    await _called(house, campaign, one, "completed")
    await variant_edits.retire(
        house.context,
        organization_id=house.organization_id,
        campaign_id=campaign["id"],
        variant_id=one,
        by=None,
    )
    found = await _compare(house, campaign)
    assert [(r.share, r.reached) for r in found.results] == [(0.0, 1), (1.0, 0)]


async def test_another_organizations_campaign_is_not_there(house: House) -> None:
    campaign = await house.campaign(start=False)
    neighbour = await house.neighbour()
    with pytest.raises(NotFoundError):
        await _compare(neighbour, campaign)
