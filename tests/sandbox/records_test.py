"""What a record shows when: lines as spoken, images from the start on, results at the end."""

import math
from dataclasses import replace

from sandbox.records import Recorder
from sandbox.script import Outcome
from sandbox.seed import plant
from sandbox.talk.snapshot import BriefBook
from sandbox.world import World
from tests.sandbox.listing_test import BASE
from tests.sandbox.worlds import forget

IMAGES = ("https://example.com/roof.jpg", "https://example.com/leak.jpg")


def _recorder() -> Recorder:
    world = World(keep=forget)
    plant(world, at="")
    return Recorder(world=world, briefs=BriefBook(world=world, keep=forget), seed=7)


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


def test_images_are_with_the_agent_from_the_calls_start_on() -> None:
    call = replace(BASE, image_urls=IMAGES)
    recorder = _recorder()
    assert "imageUrls" not in recorder.describe(call, call.started - 0.001)["leadContext"]
    for now in (call.started, call.ended):
        assert recorder.describe(call, now)["leadContext"]["imageUrls"] == list(IMAGES)


def test_a_result_that_is_shown_again_is_the_same() -> None:
    recorder = _recorder()
    call = replace(BASE, outcome=Outcome.ANSWERED_INTERESTED)
    assert recorder.describe(call, call.ended) == recorder.describe(call, 1e9)
