"""Agents from the command line: found by id or name, deployed, on and off duty."""

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
    assert by_id["voiceId"] in told
    assert "on duty" in told


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
