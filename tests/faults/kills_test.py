"""A worker is killed at each step between the decision to ring and its record."""

from pathlib import Path

import pytest

from tests.faults.promises import promises
from tests.faults.rig.moment import When
from tests.faults.rig.rig import ARM, CALL, CLAIM, HISTORY, RECORD, Rig, rigged
from tests.faults.rig.servers import Servers
from tests.support.people import leads

STEPS = [
    pytest.param(CLAIM, When.HEARD, id="claimed"),
    pytest.param(ARM, When.HEARD, id="armed"),
    pytest.param(CALL, When.SENT, id="after the bytes are written"),
    pytest.param(CALL, When.ANSWERED, id="after the answer, before the record"),
    pytest.param(RECORD, When.COMMIT, id="during the record's commit, which is lost"),
    pytest.param(RECORD, When.COMMITTED, id="during the record's commit, which stands"),
    pytest.param(HISTORY, When.ANSWER, id="in reconcile"),
]


@pytest.mark.parametrize(("of", "when"), STEPS)
@pytest.mark.asyncio
async def test_a_worker_killed_at_a_step_rings_nobody_twice_and_loses_nobody(
    of: str, when: When, own_servers: Servers, tmp_path: Path
) -> None:
    async with rigged(own_servers, home=tmp_path / "home", speed=240) as rig:
        campaign = await rig.system.campaign(absence_proof="balanced")
        await rig.start(rig.worker)
        struck = rig.at(of, when, rig.worker.kill)
        await rig.system.post(campaign, leads(5))
        await rig.reached(struck)
        await rig.start(rig.workers[1])
        await rig.done(5)
        await promises(rig.system)
        assert sorted(_rings(rig)) == [1] * 5


def _rings(rig: Rig) -> list[int]:
    return [rig.rings_of(str(lead["phone"])) for lead in leads(5)]
