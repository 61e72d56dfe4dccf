"""The tables: what the database itself refuses, whatever the code does."""

import pytest
from sqlalchemy.exc import IntegrityError

from dialer.rules.call import OPEN, CallState
from dialer.rules.campaign import CampaignState
from dialer.rules.lead import LeadState
from dialer.store import schema
from tests.support.house import House

TWIN = """
    INSERT INTO calls (id, organization_id, business_id, agent_id, campaign_id, lead_id, phone,
        state, place_at, claim_expires_at, window_until)
    SELECT gen_random_uuid(), organization_id, business_id, agent_id, campaign_id, lead_id, phone,
        :state, place_at, claim_expires_at, window_until FROM calls WHERE id = :id
"""


@pytest.mark.asyncio
async def test_a_number_has_one_open_call_in_any_two_states(house: House) -> None:
    first = await house.claimed(await house.campaign())
    for held in CallState:
        await house.run("UPDATE calls SET state = :s WHERE id = :id", s=held, id=first["id"])
        for other in CallState:
            if {held, other} <= OPEN:
                with pytest.raises(IntegrityError, match="uq_calls_one_open_per_number"):
                    await house.run(TWIN, state=other, id=first["id"])
            else:
                assert await house.run(TWIN, state=other, id=first["id"]) == 1
                await house.run("DELETE FROM calls WHERE id <> :id", id=first["id"])


@pytest.mark.asyncio
async def test_another_organization_may_call_the_same_number(house: House) -> None:
    call = await house.claimed(await house.campaign())
    other = await house.neighbour()
    theirs = await other.claimed(await other.campaign(), phone=call["phone"])
    assert theirs["phone"] == call["phone"]
    assert theirs["state"] == "claimed"


@pytest.mark.asyncio
async def test_an_upstream_call_belongs_to_one_call_of_ours(house: House) -> None:
    campaign = await house.campaign()
    first, second = await house.claimed(campaign), await house.claimed(campaign)
    link = "UPDATE calls SET partner_call_id = 'call_1' WHERE id = :id"
    await house.run(link, id=first["id"])
    with pytest.raises(IntegrityError, match="uq_calls_partner_call_id"):
        await house.run(link, id=second["id"])


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("table", "states"),
    [("calls", CallState), ("leads", LeadState), ("campaigns", CampaignState)],
)
async def test_a_state_is_one_of_the_rules(
    house: House, table: str, states: type[CallState | LeadState | CampaignState]
) -> None:
    await house.claimed(await house.campaign())
    change = f"UPDATE {table} SET state = :state"  # noqa: S608 -- a test names its table
    for state in states:
        assert await house.run(change, state=state.value) == 1
    with pytest.raises(IntegrityError, match=f"ck_{table}_state"):
        await house.run(change, state="elsewhere")


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("sql", "constraint"),
    [
        ("UPDATE clock SET speed = 0", "ck_clock_forward"),
        ("INSERT INTO clock VALUES (false, now(), now(), 1)", "ck_clock_one_row"),
        ("UPDATE campaigns SET absence_proof = 'hope'", "ck_campaigns_absence_proof"),
        ("UPDATE campaigns SET same_number = 'never'", "ck_campaigns_same_number"),
        ("UPDATE pacers SET level = 'world'", "ck_pacers_level"),
        ("UPDATE sources SET kind = 'fax'", "ck_sources_kind"),
        ("UPDATE sources SET state = 'gone'", "ck_sources_state"),
    ],
)
async def test_a_word_is_one_of_its_list(house: House, sql: str, constraint: str) -> None:
    await house.campaign()
    with pytest.raises(IntegrityError, match=constraint):
        await house.run(sql)


@pytest.mark.asyncio
async def test_the_sets_of_states_in_statements_are_the_rules(house: House) -> None:
    row = await house.row(
        "SELECT indexdef FROM pg_indexes WHERE indexname = 'uq_calls_one_open_per_number'"
    )
    for state in CallState:
        assert (f"'{state}'" in row["indexdef"]) is (state in OPEN)


def test_every_table_but_the_clock_and_the_witness_belongs_to_an_organization() -> None:
    for name, table in schema.metadata.tables.items():
        if name not in ("clock", "witness", "organizations"):
            column = table.columns["organization_id"]
            assert not column.nullable
            assert {key.target_fullname for key in column.foreign_keys} == {"organizations.id"}
