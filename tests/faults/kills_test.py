"""Processes are killed at each step between a lead's coming in and the record of its call."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path

import httpx2
import pytest

from tests.faults.promises import promises
from tests.faults.rig.moment import When
from tests.faults.rig.proxy import Do
from tests.faults.rig.rig import (
    ANSWER_SECONDS,
    ARM,
    CALL,
    CLAIM,
    HISTORY,
    INTAKE,
    RECORD,
    Rig,
    rigged,
)
from tests.faults.rig.servers import Servers
from tests.faults.stage import MORNING
from tests.support.people import leads
from tests.support.system import balanced

SPEED = 960
"""The balanced proof's hour passes in four seconds, and a day of calling in three quarters of a
minute: no scenario lasts until the evening."""

OUTCOME = "ended_reason=$"
"""Of the statement with which a call's end is recorded."""

RANG = ["ended"]
RELEASED = ["released", "ended"]
ABSENT = ["absent", "ended"]
"""What the calls of the struck lead come to, in their order."""


@dataclass(frozen=True, kw_only=True)
class Step:
    """Where the worker is killed, and what its lead's calls come to.

    Attributes:
        of: The statement or the request.
        when: Where in its life.
        then: What becomes of what was just being said.
        path: The last states of the lead's calls, in their order.
    """

    of: str
    when: When
    then: Do = Do.PASS
    path: Sequence[str] = field(default_factory=lambda: RANG)


STEPS = {
    "in the claim's commit, which is lost": Step(of=CLAIM, when=When.COMMIT, then=Do.CUT),
    "claimed": Step(of=CLAIM, when=When.COMMITTED, path=RELEASED),
    "in the arm's commit, which is lost": Step(
        of=ARM, when=When.COMMIT, then=Do.CUT, path=RELEASED
    ),
    "armed": Step(of=ARM, when=When.COMMITTED, path=ABSENT),
    "at the first byte, which is lost": Step(of=CALL, when=When.REQUEST, then=Do.CUT, path=ABSENT),
    "after the bytes are written": Step(of=CALL, when=When.SENT),
    "after the answer, before the record": Step(of=RECORD, when=When.STATEMENT, then=Do.CUT),
    "in the record's commit, which is lost": Step(of=RECORD, when=When.COMMIT, then=Do.CUT),
    "in the record's commit, which stands": Step(of=RECORD, when=When.COMMITTED),
    "in reconcile": Step(of=HISTORY, when=When.ANSWER),
    "in the outcome's commit, which is lost": Step(of=OUTCOME, when=When.COMMIT, then=Do.CUT),
    "in the outcome's commit, which stands": Step(of=OUTCOME, when=When.COMMITTED),
}


@pytest.mark.parametrize("step", STEPS.values(), ids=STEPS.keys())
@pytest.mark.asyncio
async def test_a_worker_killed_at_a_step_rings_nobody_twice_and_loses_nobody(
    step: Step, own_servers: Servers, tmp_path: Path
) -> None:
    """The guards: states that say how far a call came, and the kernel's proof of a death."""
    async with rigged(own_servers, home=tmp_path, speed=SPEED, start=MORNING) as rig:
        campaign = await rig.system.campaign(absence_proof="balanced")
        await rig.start(rig.worker)
        struck, *others = leads(4)
        strike = rig.at(step.of, step.when, rig.worker.kill, then=step.then)
        await rig.system.post(campaign, [struck])
        await rig.reached(strike)
        await rig.system.post(campaign, others)
        await rig.start(rig.workers[1])
        await _each_rang_once(rig, [struck, *others])
        assert await _path(rig, struck) == step.path


@pytest.mark.asyncio
async def test_both_workers_killed_at_once_ring_nobody_twice_and_lose_nobody(
    own_servers: Servers, tmp_path: Path
) -> None:
    """The guard: who takes a dead worker's slot frees and closes what it left, and only that."""
    async with rigged(own_servers, home=tmp_path, speed=SPEED, start=MORNING) as rig:
        campaign = await rig.system.campaign(absence_proof="balanced")
        await rig.start(*rig.workers)
        people = leads(24)
        strike = rig.at(CALL, When.SENT, lambda: _kill_all(rig), skip=6)
        for first in range(0, len(people), 4):
            await rig.system.post(campaign, people[first : first + 4])
        await rig.reached(strike)
        assert (await rig.system.states("leads")).get("done", 0) < len(people)
        await rig.start(*rig.workers)
        await _each_rang_once(rig, people)
        assert set(await rig.system.states("calls")) <= {*RELEASED, *ABSENT, "refused"}


def _kill_all(rig: Rig) -> None:
    for worker in rig.workers:
        worker.kill()


@dataclass(frozen=True, kw_only=True)
class Retry:
    """How a client sends again what was not answered.

    Attributes:
        key: Its Idempotency-Key, if any.
        external_id: Its own id of the row, if any.
        said: The answer if the first was kept.
    """

    key: str | None = None
    external_id: str | None = None
    said: tuple[int, str] = (202, "accepted")


RETRIES = [Retry(key="form-1"), Retry(external_id="row-1"), Retry(said=(200, "duplicate"))]
INTAKES = {When.COMMITTED: Do.PASS, When.COMMIT: Do.CUT}
"""The commit stands and nobody has heard of it, or it is lost."""


@pytest.mark.asyncio
async def test_the_api_killed_between_commit_and_202_takes_nobody_in_twice_and_loses_nobody(
    own_servers: Servers, tmp_path: Path
) -> None:
    """The guards: the key kept with the leads, the external id, the number's own index."""
    async with rigged(own_servers, home=tmp_path, speed=SPEED, start=MORNING) as rig:
        campaign = await rig.system.campaign(absence_proof="balanced")
        ways = list(product(INTAKES, RETRIES))
        people = leads(len(ways))
        promised = set()
        for lead, (when, retry) in zip(people, ways, strict=True):
            given = {"campaign_id": str(campaign), "phone": lead["phone"]}
            code, body = await _sent_twice(rig, given, when=when, retry=retry)
            kept = retry.said if when is When.COMMITTED else (202, "accepted")
            assert (code, body["status"]) == kept
            promised.add(body["lead_id"])
        known = await rig.system.rows("SELECT id FROM leads")
        assert promised == {str(row["id"]) for row in known}
        await rig.start(rig.worker)
        await _each_rang_once(rig, people)
        assert [row["accepted"] for row in await rig.system.ledger()] == [len(people)]


async def _sent_twice(
    rig: Rig, lead: Mapping[str, object], *, when: When, retry: Retry
) -> tuple[int, Mapping[str, str]]:
    """Have the API killed as it takes a lead in, and start it again; the second answer."""
    # The key and the id are as good as a client's own: new for each lead.
    number = str(lead["phone"])
    headers = {"Idempotency-Key": retry.key + number} if retry.key else {}
    row = {"external_id": retry.external_id + number} if retry.external_id else {}
    await rig.start(rig.api)
    strike = rig.at(INTAKE, when, rig.api.kill, then=INTAKES[when])
    with pytest.raises(httpx2.TransportError):
        await _post(rig, {**lead, **row}, headers)
    await rig.reached(strike)
    await rig.start(rig.api)
    answer = await _post(rig, {**lead, **row}, headers)
    await asyncio.to_thread(rig.api.kill)
    return answer.status_code, answer.json()


async def _post(
    rig: Rig, lead: Mapping[str, object], headers: Mapping[str, str]
) -> httpx2.Response:
    async with httpx2.AsyncClient(trust_env=False, timeout=ANSWER_SECONDS) as client:
        return await client.post(
            f"{rig.api.ready['url']}/v1/leads",
            json=lead,
            headers={"Authorization": f"Bearer {rig.key}", **headers},
        )


async def _each_rang_once(rig: Rig, people: Sequence[Mapping[str, object]]) -> None:
    """Every lead is done, by one ring and one attempt; all promises are kept."""
    await rig.done(len(people))
    assert [rig.rings_of(str(lead["phone"])) for lead in people] == [1] * len(people)
    spent = await rig.system.rows("SELECT attempts FROM leads")
    assert [row["attempts"] for row in spent] == [1] * len(people)
    assert all(balanced(row) for row in await rig.system.ledger())
    await promises(rig.system)


async def _path(rig: Rig, lead: Mapping[str, object]) -> Sequence[str]:
    # On a starved machine a call may be given back before it is sent; the next one tells.
    found = await rig.system.rows(
        """
        SELECT state FROM calls WHERE phone = :phone AND answer IS DISTINCT FROM 'not_sent'
        ORDER BY claimed_at, id
        """,
        phone=lead["phone"],
    )
    return [row["state"] for row in found]
