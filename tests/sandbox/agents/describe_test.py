"""How an agent is shown: forms that are being generated, and hours by default."""

from tests.sandbox.agents.graph_test import sample
from tests.sandbox.desk import FLOW, Desk
from tests.sandbox.worlds import until


def test_the_workflow_of_a_prose_agent_is_null_until_it_is_generated(
    still: Desk, desk: Desk
) -> None:
    assert still.read(still.made())["workflow"] is None
    made = desk.made()
    assert made["workflow"] is None
    later = until(lambda: desk.read(made), lambda agent: agent["workflow"] is not None)
    assert later["conversationFlow"] == FLOW
    prompts = [node["prompt"] for node in later["workflow"]["nodes"]]
    assert "scheduleAppointment" in prompts
    assert "endCall" in prompts


def test_the_prose_of_a_workflow_agent_is_null_until_it_is_generated(
    still: Desk, desk: Desk
) -> None:
    assert still.read(still.made(workflow=sample()))["conversationFlow"] is None
    made = desk.made(workflow=sample(), conversationFlow=None)
    assert made["conversationFlow"] is None
    later = until(lambda: desk.read(made), lambda agent: agent["conversationFlow"] is not None)
    assert later["conversationFlow"].startswith("Greet them. If they want a visit, use the")
    assert later["workflow"] == made["workflow"]


def test_an_inbound_agent_is_always_on_by_default(desk: Desk) -> None:
    shown = desk.made(type="INBOUND")["activatedHours"]
    assert shown["timezone"] == "UTC"
    assert len(shown["hours"]) == 7
    assert {(span["startTime"], span["endTime"]) for span in shown["hours"]} == {
        ("00:00", "24:00")
    }
