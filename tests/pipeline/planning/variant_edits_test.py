"""Variants are added, changed and retired, and what can't be is refused by part."""

import asyncio
from uuid import UUID

import pytest
from sqlalchemy import RowMapping

from dialer.clock import new_id
from dialer.pipeline.planning import variant_edits
from dialer.pipeline.planning.variant_edits import Variant
from dialer.rules.campaign import CampaignState
from dialer.rules.errors import ConflictError, InvalidInputError, NotFoundError
from dialer.rules.variants import MAX_ACTIVE
from tests.support.house import House

pytestmark = pytest.mark.asyncio


async def _add(house: House, campaign_id: UUID, name: str, **more: object) -> RowMapping:
    return await variant_edits.add(
        house.context,
        organization_id=house.organization_id,
        campaign_id=campaign_id,
        new=Variant(name=name, **more),  # type: ignore[arg-type]  # a test names its parts
        by="test",
    )


async def _change(
    house: House, campaign_id: UUID, variant_id: UUID, **values: object
) -> RowMapping:
    return await variant_edits.change(
        house.context,
        organization_id=house.organization_id,
        campaign_id=campaign_id,
        variant_id=variant_id,
        values=values,
        by="test",
    )


async def _retire(house: House, campaign_id: UUID, variant_id: UUID) -> variant_edits.Retired:
    return await variant_edits.retire(
        house.context,
        organization_id=house.organization_id,
        campaign_id=campaign_id,
        variant_id=variant_id,
        by="test",
    )


def _codes(raised: pytest.ExceptionInfo[InvalidInputError]) -> list[tuple[str, str]]:
    return [(fault.pointer, fault.code) for fault in raised.value.faults]


async def test_a_variant_is_added_changed_and_retired_and_told(house: House) -> None:
    campaign = await house.campaign()
    made = await _add(house, campaign["id"], "A", weight=2, context_template="Hi {{ name }}")
    assert (made["agent_id"], made["partner_agent_id"]) == (None, "agent_demo")
    changed = await _change(
        house, campaign["id"], made["id"], name="B", weight=5, context_template=None
    )
    assert (changed["name"], changed["weight"], changed["context_template"]) == ("B", 5, None)
    retired = await _retire(house, campaign["id"], made["id"])
    assert (retired.freed, retired.variant["retired_at"] is not None) == (0, True)
    again = await _retire(house, campaign["id"], made["id"])
    assert again.variant["retired_at"] == retired.variant["retired_at"]
    told = await house.rows(
        "SELECT name, campaign_id, body FROM events WHERE name LIKE 'variant.%' ORDER BY id"
    )
    assert [row["name"] for row in told] == [
        "variant.added",
        "variant.changed",
        "variant.retired",
    ]
    assert {row["body"]["variant_id"] for row in told} == {str(made["id"])}
    assert told[0]["body"]["context_template"] == "Hi {{ name }}"
    assert {row["campaign_id"] for row in told} == {campaign["id"]}
    versions = await house.rows("SELECT version FROM campaign_versions")
    assert [row["version"] for row in versions] == [1]


@pytest.mark.parametrize(
    ("more", "fault"),
    [
        ({"name": "A"}, ("/name", "name_taken")),
        ({"weight": 1_001}, ("/weight", "out_of_range")),
        ({"weight": -1}, ("/weight", "out_of_range")),
        ({"context_template": "{{ secret }}"}, ("/context_template", "invalid_template")),
        (
            {"additional_info_template": "{{ open"},
            ("/additional_info_template", "invalid_template"),
        ),
        ({"agent_id": UUID(int=1)}, ("/agent_id", "unknown_agent")),
        (
            {"agent_id": UUID(int=1), "partner_agent_id": "agent_x"},
            ("/agent_id", "agent_twice"),
        ),
    ],
)
async def test_what_can_not_be_is_refused_by_part(
    house: House, more: dict[str, object], fault: tuple[str, str]
) -> None:
    campaign = await house.campaign()
    await _add(house, campaign["id"], "A")
    with pytest.raises(InvalidInputError) as raised:
        await _add(house, campaign["id"], **{"name": "B", **more})  # type: ignore[arg-type]  # a test names its parts
    assert _codes(raised) == [fault]
    assert len(await house.rows("SELECT id FROM variants")) == 1
    assert len(await house.rows("SELECT id FROM agents")) == 1


async def test_an_agent_is_known_by_either_id_and_the_campaigns_own_is_no_other(
    house: House,
) -> None:
    campaign = await house.campaign()
    named = await _add(house, campaign["id"], "A", partner_agent_id="agent_new")
    known = await _add(house, campaign["id"], "B", agent_id=named["agent_id"])
    own = await _add(house, campaign["id"], "C", partner_agent_id="agent_demo")
    assert known["agent_id"] == named["agent_id"] != campaign["agent_id"]
    assert own["agent_id"] is None
    pacers = await house.rows("SELECT subject_id FROM pacers WHERE level = 'agent'")
    assert {row["subject_id"] for row in pacers} == {campaign["agent_id"], named["agent_id"]}


async def test_an_agent_of_another_business_or_organization_is_refused(house: House) -> None:
    campaign = await house.campaign()
    elsewhere = await house.campaign(business="biz_other", agent="agent_other")
    neighbour = await house.neighbour()
    strange = await neighbour.campaign(agent="agent_strange")
    for agent_id, code in (
        (elsewhere["agent_id"], "other_business"),
        (strange["agent_id"], "unknown_agent"),
    ):
        with pytest.raises(InvalidInputError) as raised:
            await _add(house, campaign["id"], "A", agent_id=agent_id)
        assert _codes(raised) == [("/agent_id", code)]


async def test_some_weight_is_left_whatever_is_done(house: House) -> None:
    campaign = await house.campaign()
    with pytest.raises(InvalidInputError) as raised:
        await _add(house, campaign["id"], "A", weight=0)
    assert _codes(raised) == [("/weight", "no_weight")]
    one = await _add(house, campaign["id"], "A")
    idle = await _add(house, campaign["id"], "B", weight=0)
    with pytest.raises(InvalidInputError) as raised:
        await _change(house, campaign["id"], one["id"], weight=0)
    assert _codes(raised) == [("/weight", "no_weight")]
    with pytest.raises(ConflictError, match="no weight"):
        await _retire(house, campaign["id"], one["id"])
    await _retire(house, campaign["id"], idle["id"])
    await _retire(house, campaign["id"], one["id"])
    with pytest.raises(ConflictError, match="retired"):
        await _change(house, campaign["id"], one["id"], weight=1)
    assert (await _change(house, campaign["id"], one["id"], name="Z"))["name"] == "Z"


async def test_ten_are_drawn_at_once_and_no_more_even_when_asked_at_once(house: House) -> None:
    campaign = await house.campaign()
    asked = [_add(house, campaign["id"], f"v{number}") for number in range(MAX_ACTIVE + 3)]
    done = await asyncio.gather(*asked, return_exceptions=True)
    refused = [one for one in done if isinstance(one, InvalidInputError)]
    assert len(done) - len(refused) == MAX_ACTIVE
    assert {one.faults[0].code for one in refused} == {"too_many_variants"}
    first = next(one for one in done if not isinstance(one, BaseException))
    await _retire(house, campaign["id"], first["id"])
    await _add(house, campaign["id"], "one more")


async def test_a_finished_campaigns_variants_are_history(house: House) -> None:
    campaign = await house.campaign()
    made = await _add(house, campaign["id"], "A")
    await house.move(campaign["id"], CampaignState.CANCELLED)
    for attempt in (
        _add(house, campaign["id"], "B"),
        _change(house, campaign["id"], made["id"], name="C"),
        _retire(house, campaign["id"], made["id"]),
    ):
        with pytest.raises(ConflictError, match="cancelled"):
            await attempt


async def test_nobody_sees_or_moves_another_organizations_variants(house: House) -> None:
    campaign = await house.campaign()
    other = await house.campaign()
    made = await _add(house, campaign["id"], "A")
    neighbour = await house.neighbour()
    theirs = await neighbour.campaign(agent="agent_theirs")
    for attempt in (
        _add(neighbour, campaign["id"], "B"),
        _change(neighbour, campaign["id"], made["id"], name="C"),
        _change(neighbour, theirs["id"], made["id"], name="C"),
        _retire(neighbour, campaign["id"], made["id"]),
        _change(house, other["id"], made["id"], name="C"),
        _retire(house, campaign["id"], new_id()),
    ):
        with pytest.raises(NotFoundError):
            await attempt
    (row,) = await house.rows("SELECT name, retired_at FROM variants")
    assert (row["name"], row["retired_at"]) == ("A", None)


async def test_many_leads_are_given_back_batch_by_batch(house: House) -> None:
    campaign = await house.campaign(same_number="each")
    gone = await _add(house, campaign["id"], "A")
    lead_id = await house.lead(campaign["id"])
    await house.run(
        """
        INSERT INTO leads (id, organization_id, campaign_id, source_id, phone, raw_phone,
            phone_code, variant_id)
        SELECT gen_random_uuid(), organization_id, campaign_id, source_id, phone, raw_phone,
            phone_code, :variant FROM leads, generate_series(1, 5001)
        WHERE id = :id
        """,
        id=lead_id,
        variant=gone["id"],
    )
    assert (await _retire(house, campaign["id"], gone["id"])).freed == 5_001
    left = await house.row("SELECT count(*) AS n FROM leads WHERE variant_id IS NOT NULL")
    assert left["n"] == 0
