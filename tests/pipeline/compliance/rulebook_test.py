"""The rules over all campaigns: versions, conflicts, bad tables, leads looked at anew."""

import asyncio
from datetime import timedelta

import pytest

from dialer.pipeline.compliance import rulebook
from dialer.pipeline.compliance.rulebook import Edit
from dialer.pipeline.dialing import place
from dialer.pipeline.upstream.partners import Partners
from dialer.rules.errors import ConflictError, InvalidInputError, NotFoundError
from dialer.rules.law.law import Law
from dialer.rules.outcomes.meaning import OutcomeMap
from dialer.rules.rulebook import Limits, Rulebook
from dialer.store.compliance import rulebooks
from tests.support.house import House
from tests.support.past import rang
from tests.support.sandbox import SandboxProcess

pytestmark = pytest.mark.asyncio

BUSY = OutcomeMap.shipped().as_csv().replace("customer-busy,busy", "customer-busy,no_answer")


async def _change(house: House, **parts: object) -> Rulebook:
    edit = Edit(**{"note": "why", "by": "key", **parts})  # type: ignore[arg-type]  # parts of an edit
    return await rulebook.change(house.context, organization_id=house.organization_id, edit=edit)


async def _now(house: House) -> Rulebook:
    async with house.context.engine.connect() as conn:
        return await rulebook.of(conn, house.organization_id)


async def test_whoever_never_changed_them_has_the_shipped_rules(house: House) -> None:
    book = await _now(house)
    assert (book.version, book.limits) == (0, Limits())
    assert book.law == Law.shipped()
    assert book.outcomes == OutcomeMap.shipped()


async def test_an_edit_is_a_version_that_leaves_the_rest_as_it_was(house: House) -> None:
    first = await _change(house, limits={"per_number_24h": 2})
    second = await _change(house, outcomes=BUSY)
    third = await _change(house, limits={"gap_minutes": 0, "per_number_7d": None})
    assert [book.version for book in (first, second, third)] == [1, 2, 3]
    assert (second.limits, second.outcomes) == (first.limits, OutcomeMap.parse(BUSY))
    assert third.outcomes == second.outcomes
    assert third.limits == Limits(per_number_24h=2, per_number_7d=None, gap_minutes=0)
    assert await _now(house) == third
    back = await _change(house, outcomes="")
    assert (back.version, back.outcomes) == (4, OutcomeMap.shipped())
    assert back.limits == third.limits


async def test_every_version_can_be_read_again_and_says_who_made_it(house: House) -> None:
    await _change(house, limits={"per_number_24h": 2}, note="Fewer.", by="legal")
    await _change(house, limits={"per_number_24h": None}, note="None.", by=None)
    async with house.context.engine.connect() as conn:
        shown = [
            (await rulebook.show(conn, house.organization_id, number)).limits.per_number_24h
            for number in (0, 1, 2, None)
        ]
        with pytest.raises(NotFoundError, match="no version 3"):
            await rulebook.show(conn, house.organization_id, 3)
        kept = await rulebooks.versions(
            conn, organization_id=house.organization_id, before=None, limit=1
        )
        older = await rulebooks.versions(
            conn, organization_id=house.organization_id, before=2, limit=9
        )
    assert shown == [3, 2, None, None]
    assert [(row["version"], row["by"], row["note"]) for row in (*kept, *older)] == [
        (2, None, "None."),
        (1, "legal", "Fewer."),
    ]
    told = await house.rows("SELECT body FROM events WHERE name = 'rules.changed' ORDER BY id")
    assert [row["body"]["version"] for row in told] == [1, 2]
    assert told[0]["body"]["changed"] == ["per_number_24h"]


async def test_a_version_is_never_changed_or_taken_away(house: House) -> None:
    await _change(house, limits={"per_number_24h": 2})
    for sql in ("UPDATE rulebooks SET note = 'x'", "DELETE FROM rulebooks"):
        with pytest.raises(Exception, match="only ever added"):
            await house.run(sql)


async def test_an_edit_of_a_version_that_is_past_is_a_conflict(house: House) -> None:
    await _change(house, limits={"per_number_24h": 2}, version=0)
    with pytest.raises(ConflictError, match="at version 1 by now, not 0"):
        await _change(house, limits={"per_number_24h": 9}, version=0)
    assert (await _now(house)).limits.per_number_24h == 2


async def test_of_edits_at_once_on_one_version_one_wins(house: House) -> None:
    done = await asyncio.gather(
        *(_change(house, limits={"per_number_24h": n}, version=0) for n in range(1, 9)),
        return_exceptions=True,
    )
    made = [one for one in done if isinstance(one, Rulebook)]
    assert len(made) == 1
    assert sum(isinstance(one, ConflictError) for one in done) == 7
    assert (await _now(house)).limits == made[0].limits


async def test_edits_at_once_on_whatever_is_there_are_versions_in_a_row(house: House) -> None:
    made = await asyncio.gather(
        *(_change(house, limits={"gap_minutes": n}) for n in range(6)),
    )
    assert sorted(book.version for book in made) == [1, 2, 3, 4, 5, 6]


LAW = Law.shipped().as_csv()


@pytest.mark.parametrize(
    ("parts", "pointers"),
    [
        ({"outcomes": "nonsense"}, {"/outcomes/1"}),
        ({"outcomes": BUSY.replace(",busy,", ",bussy,", 1)}, {"/outcomes"}),
        ({"calling_hours": "state\nFL\n"}, {"/calling_hours/1"}),
        ({"calling_hours": "\n".join(LAW.splitlines()[:-1])}, {"/calling_hours"}),
        ({"calling_hours": LAW.replace("08:00", "25:00", 1)}, {"/calling_hours"}),
        ({"limits": {"per_number_24h": 0}}, {"/limits"}),
        ({"limits": {"per_number_24h": True}}, {"/limits"}),
        ({"limits": {"gap_minutes": None}}, {"/limits"}),
        ({"limits": {"paused_states": ["ZZ"]}}, {"/limits"}),
        ({"limits": {"paused_states": None}}, {"/limits"}),
        ({"limits": {"per_numbre_24h": 1}}, {"/limits"}),
        (
            {"outcomes": "x", "calling_hours": "y", "limits": {"gap_minutes": -1}},
            {"/outcomes/1", "/calling_hours/1", "/limits"},
        ),
    ],
)
async def test_what_cannot_be_is_refused_with_its_place_and_nothing_changes(
    house: House, parts: dict[str, object], pointers: set[str]
) -> None:
    with pytest.raises(InvalidInputError) as refused:
        await _change(house, **parts)
    faults = refused.value.faults
    assert faults
    for pointer in pointers:
        assert any(fault.pointer.startswith(pointer) for fault in faults), faults
    assert all(fault.message and len(fault.message) < 1_000 for fault in faults)
    assert (await _now(house)).version == 0
    assert "rules.changed" not in await house.names()


async def test_a_misspelt_word_of_a_table_comes_with_the_right_one(house: House) -> None:
    with pytest.raises(InvalidInputError) as refused:
        await _change(house, outcomes=BUSY.replace(",voicemail,", ",voicemial,", 1))
    (fault,) = refused.value.faults
    assert fault.pointer.endswith("/outcome")
    assert "did you mean voicemail?" in fault.message
    with pytest.raises(InvalidInputError) as odd:
        await _change(house, limits={"per_numbre_24h": 1})
    assert "did you mean per_number_24h?" in odd.value.faults[0].message


async def test_a_call_that_was_claimed_under_older_rules_does_not_ring(
    house: House, upstream: Partners, sandbox: SandboxProcess
) -> None:
    campaign = await house.campaign()
    claimed = await house.claimed(campaign)
    assert claimed["rulebook"] == 0
    await _change(house, limits={"per_number_24h": 2})
    await place.place(house.context, upstream, claimed["id"])
    assert (await house.call(claimed["id"]))["state"] == "released"
    assert str(claimed["id"]) not in {ring["request_id"] for ring in sandbox.rings()}
    lead = await house.lead_row(claimed["lead_id"])
    assert (lead["state"], lead["reason"], lead["attempts"]) == ("waiting", "rules_changed", 0)
    await house.run("UPDATE leads SET due_at = outdial_now()")
    (call_id,) = (await house.claim(campaign["agent_id"])).call_ids
    assert (await house.call(call_id))["rulebook"] == 1
    await place.place(house.context, upstream, call_id)
    assert (await house.call(call_id))["state"] == "placed"


async def test_an_edit_lets_leads_that_a_gate_put_off_be_looked_at_at_once(house: House) -> None:
    campaign = await house.campaign()
    lead_id = await house.lead(campaign["id"])
    for hours in (9, 6, 3):
        await rang(house, lead_id, ago=timedelta(hours=hours))
    called = await house.lead(campaign["id"])
    await house.run(
        "UPDATE leads SET due_at = outdial_now() + '1 h'::interval, reason = 'no_answer' "
        "WHERE id = :id",
        id=called,
    )
    await house.claim(campaign["agent_id"])
    assert (await house.lead_row(lead_id))["reason"] == "number_cap_24h"
    await _change(house, limits={"per_number_24h": None})
    found = await house.claim(campaign["agent_id"])
    assert [(await house.call(one))["lead_id"] for one in found.call_ids] == [lead_id]
    # The cadence's own waits are no gate: an edit of the rules hurries nobody.
    assert (await house.lead_row(called))["state"] == "waiting"


async def test_another_organizations_rules_are_its_own(house: House) -> None:
    stranger = await house.neighbour()
    await _change(stranger, limits={"per_number_24h": 1})
    assert (await _now(house)).version == 0
    async with house.context.engine.connect() as conn:
        with pytest.raises(NotFoundError):
            await rulebook.show(conn, house.organization_id, 1)


async def test_stored_rules_that_nobody_can_read_are_told_and_replaced(house: House) -> None:
    await house.run(
        """
        INSERT INTO rulebooks (organization_id, version, outcomes, limits)
        VALUES (:org, 1, 'damaged', '{}')
        """,
        org=house.organization_id,
    )
    await house.run("UPDATE organizations SET rulebook = 1")
    async with house.context.engine.connect() as conn:
        with pytest.raises(ConflictError, match="can't be read"):
            await rulebook.show(conn, house.organization_id, None)
    with pytest.raises(ConflictError, match="send the table anew"):
        await _change(house, limits={"gap_minutes": 1})
    mended = await _change(house, outcomes="", limits={"gap_minutes": 1})
    assert (mended.version, mended.limits.gap_minutes) == (2, 1)
