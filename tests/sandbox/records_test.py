"""What has been said so far, while a call goes on."""

import math
from dataclasses import replace

from sandbox.records import Recorder
from sandbox.script import Outcome
from sandbox.seed import plant
from sandbox.world import World
from tests.sandbox.listing_test import BASE
from tests.sandbox.worlds import forget


def _recorder() -> Recorder:
    world = World(keep=forget)
    plant(world, at="")
    return Recorder(world=world, seed=7)


def test_lines_come_one_after_the_other() -> None:
    call = replace(BASE, started=100.0, ended=200.0, outcome=Outcome.ANSWERED_INTERESTED)
    recorder = _recorder()
    lengths = [len(recorder.said_so_far(call, now)) for now in (0, 99, 100, 130, 160, 200, 999)]
    assert lengths == sorted(lengths)
    assert lengths[:3] == [0, 0, 1]
    whole = recorder.describe(call, 200.0)["transcript"].split("\n")
    assert lengths[-1] == len(whole)


def test_a_stuck_call_has_begun_to_speak() -> None:
    call = replace(BASE, ended=math.inf)
    assert len(_recorder().said_so_far(call, 1e9)) == 1


def test_a_call_of_an_agent_that_is_gone_is_still_described() -> None:
    call = replace(BASE, agent_id="gone", business_id="gone")
    record = _recorder().describe(call, 1e9)
    assert record["structuredData"] == {}
    assert "the business" in record["transcript"]
