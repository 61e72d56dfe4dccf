"""A COMMIT is lost on its way to PostgreSQL, or stands and its acknowledgement is lost.

At each step both happen, one after the other, in the middle of a run. Nobody can tell one from
the other at that moment: what was decided must come right either way.
"""

from collections import Counter
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.faults.rig.moment import When
from tests.faults.rig.proxy import Do
from tests.faults.rig.rig import ARM, CLAIM, INTAKE, RECORD, Rig
from tests.faults.rig.servers import Servers
from tests.faults.stage import Lane, all_kept
from tests.faults.traffic import ACCEPTED, UNAVAILABLE, Client, at_work, not_sent, rang_once
from tests.support.people import leads

SPEED = 120.0
SETTLE = "transcript="
"""Only the end of a call writes that column."""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def rig(
    own_servers: Servers, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Rig]:
    """API and two workers."""
    async with at_work(own_servers, home=tmp_path_factory.mktemp("commits"), speed=SPEED) as made:
        yield made


async def _both_go_wrong(rig: Rig, of: str, code: str) -> tuple[Lane, Client]:
    """Post four leads, let both go wrong for the first two such transactions, see all called."""
    lane, people = await Lane.open(rig.system), leads(4, codes=(code,))
    lost = rig.at(of, When.COMMIT, then=Do.CUT)
    unheard = rig.at(of, When.COMMITTED, then=Do.CUT)
    client = Client(rig=rig, lane=lane)
    await client.post(people)
    await rig.reached(lost)
    await rig.reached(unheard)
    await rang_once(lane, people)
    assert client.answers[ACCEPTED] == len(people)
    await all_kept(rig.system)
    return lane, client


async def _released(lane: Lane) -> list[str]:
    found = await lane.system.rows(
        """
        SELECT body->>'why' AS why FROM events
        WHERE campaign_id = :id AND name = 'call.released'
        """,
        id=lane.campaign_id,
    )
    return [row["why"] for row in found]


@pytest.mark.asyncio
async def test_a_commit_at_the_claim_is_lost_or_unheard_of(rig: Rig) -> None:
    """The worker takes up the claims that it never heard of, before they expire."""
    lane, _ = await _both_go_wrong(rig, CLAIM, "201")
    assert "claim_expired" not in await _released(lane)


@pytest.mark.asyncio
async def test_a_commit_at_the_arm_is_lost_or_unheard_of(rig: Rig) -> None:
    """Either way nothing is sent, and the lead is called by another call."""
    lane, _ = await _both_go_wrong(rig, ARM, "202")
    assert [call["state"] for call in await not_sent(lane)] == ["refused", "released"]


@pytest.mark.asyncio
async def test_a_commit_at_the_record_is_lost_or_unheard_of(rig: Rig) -> None:
    """The answer is written until it is known to stand, and stands once."""
    lane, _ = await _both_go_wrong(rig, RECORD, "203")
    kept = await rig.system.rows("SELECT call_id FROM evidence")
    times = Counter(row["call_id"] for row in kept)
    assert [times[call["id"]] for call in await lane.calls()] == [1, 1, 1, 1]
    assert len(await lane.told("call.placed")) == 4


@pytest.mark.asyncio
async def test_a_commit_at_the_settling_is_lost_or_unheard_of(rig: Rig) -> None:
    lane, _ = await _both_go_wrong(rig, SETTLE, "207")
    assert len(await lane.told("call.ended")) == 4
    spent = await rig.system.rows(
        "SELECT attempts FROM leads WHERE campaign_id = :id", id=lane.campaign_id
    )
    assert [row["attempts"] for row in spent] == [1, 1, 1, 1]


@pytest.mark.asyncio
async def test_a_commit_at_the_intake_is_lost_or_unheard_of(rig: Rig) -> None:
    """The client is told to try again, and its Idempotency-Key makes that safe."""
    lane, client = await _both_go_wrong(rig, INTAKE, "212")
    assert client.answers == {ACCEPTED: 4, UNAVAILABLE: 2}
    assert len(await lane.told("lead.accepted")) == 4
