"""Agents from the command line: found by id or name, deployed, on and off duty."""

import pytest

from tests.outdial.upstream.beside import Beside

BIZ = ("--business", "biz_demo")


def test_agents_are_listed_with_their_duty(beside: Beside) -> None:
    told = beside.done("agents", "list", *BIZ)
    for agent in beside.json("agents", "list", *BIZ):
        assert agent["id"] in told
        assert agent["name"] in told


def test_an_agent_by_its_id_and_by_its_name(beside: Beside) -> None:
    by_id = beside.json("agents", "show", "agent_demo", *BIZ)
    assert beside.json("agents", "show", by_id["name"], *BIZ) == by_id
    told = beside.done("agents", "show", "agent_demo", *BIZ)
    voice = beside.json("voices", "show", by_id["voiceId"])
    assert f"{voice['name']} ({voice['id']})" in told
    assert "transferCall (tool_" in told
    assert "on duty" in told


@pytest.mark.parametrize("columns", ["80", "100"])
def test_a_narrow_terminal_breaks_no_id_number_or_type(beside: Beside, columns: str) -> None:
    told = beside.run("agents", "list", *BIZ, COLUMNS=columns).stdout
    assert max(len(line) for line in told.splitlines()) <= int(columns)
    for agent in beside.json("agents", "list", *BIZ):
        (line,) = [line for line in told.splitlines() if agent["id"] in line]
        assert agent["type"] in line
        assert (agent.get("phoneNumber") or "") in line


def test_a_personality_is_told_in_words(beside: Beside) -> None:
    personality = {"tone": "warm", "useEmpathy": True}
    made = beside.sandbox.add("agents", business_id="biz_demo", personality=personality)
    told = beside.done("agents", "show", made["id"], *BIZ)
    assert "tone: warm" in told
    assert "shows empathy: yes" in told
    assert "useEmpathy" not in told


def test_hours_are_told_day_by_day(beside: Beside) -> None:
    hours = beside.json("agents", "show", "agent_inbound", *BIZ)["activatedHours"]
    told = beside.done("agents", "show", "agent_inbound", *BIZ)
    for span in hours["hours"]:
        assert f"{span['day']} {span['startTime']}-{span['endTime']}" in told
    assert f"in {hours['timezone']}" in told


def test_off_and_on_duty(beside: Beside) -> None:
    assert "off duty" in beside.done("agents", "off", "agent_inbound", *BIZ)
    assert beside.json("agents", "show", "agent_inbound", *BIZ)["onDuty"] is False
    assert beside.json("agents", "on", "agent_inbound", *BIZ)["onDuty"] is True


def test_deploying(beside: Beside) -> None:
    made = beside.sandbox.add("agents", business_id="biz_demo", deployed=False)
    refused = beside.refused("agents", "on", made["id"], *BIZ)
    assert (refused["code"], refused["status"]) == ("bad_request", 400)
    deployed = beside.json("agents", "deploy", made["id"], *BIZ)
    assert deployed["onDuty"] is True
    assert deployed["phoneNumber"].startswith("+1")


def test_an_agent_that_does_not_exist(beside: Beside) -> None:
    error = beside.refused("agents", "show", "nobody", *BIZ)
    assert error["code"] == "agent_not_found"
    assert "outdial agents list --business biz_demo" in error["message"]


def test_a_name_that_several_have(beside: Beside) -> None:
    for _ in range(2):
        beside.sandbox.add("agents", business_id="biz_demo", name="Twin")
    error = beside.refused("agents", "off", "Twin", *BIZ)
    assert error["code"] == "agent_ambiguous"


def test_without_a_business_those_that_have_called_are_named(beside: Beside) -> None:
    beside.done("agents", "call", "agent_demo", "+12125550177", *BIZ, "--yes")
    error = beside.refused("agents", "list", code=2)
    assert (error["code"], error["known"]) == ("business_missing", ["biz_demo"])
    assert "--business biz_demo" in error["message"]
