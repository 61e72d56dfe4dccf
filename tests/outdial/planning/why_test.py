"""Why a lead waits or a campaign is idle, from the command line."""

import json
from itertools import count
from uuid import uuid4

import pytest

from tests.outdial.leads.rows import change
from tests.outdial.serving import Serving

_LINES = count()


@pytest.fixture
def campaign(service: Serving) -> str:
    """A draft of the test's own."""
    return service.campaign(f"why {uuid4().hex}")


def _lead(service: Serving, campaign: str, **fields: object) -> str:
    phone = f"+13235550{100 + next(_LINES)}"
    with service.client() as client:
        made = client.post("/v1/leads", {"campaign_id": campaign, "phone": phone, **fields})
    return str(made["lead_id"])


def test_a_lead_is_explained_gate_by_gate(service: Serving, campaign: str) -> None:
    lead = _lead(service, campaign, not_before="2099-01-05T18:00:00Z")
    result = service.run("why", lead)
    assert result.exit_code == 0, result.output
    first, *rest = result.stdout.splitlines()
    # Duty was never read here: of all gates that are shut it comes first.
    assert first == "The agent is not known to be deployed and on duty."
    shut = [line.split()[1] for line in rest if line.split()[0] == "SHUT"]
    # By night the calling hours are shut, too.
    assert [gate for gate in shut if gate != "calling_hours"] == [
        "agent",
        "campaign",
        "not_before",
    ]
    assert any("(until 2099-01-05 18:00:00Z)" in line for line in rest)
    assert "Every gate that time opens is open at 2099-01-05 18:00:00Z." in rest
    assert not any("The phone rings" in line for line in rest)


def test_programs_get_the_answer_as_it_is(service: Serving, campaign: str) -> None:
    lead = _lead(service, campaign)
    found = json.loads(service.run("why", lead, "--json").stdout)
    with service.client() as client:
        asked = client.get(f"/v1/leads/{lead}/why")
    assert found["state"] == "waiting"
    assert found.keys() == asked.keys()
    assert found["blocks"] == asked["blocks"]


def test_a_campaign_is_explained_by_name_with_what_its_leads_wait_for(service: Serving) -> None:
    name = f"why {uuid4().hex}"
    campaign = service.campaign(name)
    for _ in range(3):
        _lead(service, campaign)
    change(
        service,
        "UPDATE leads SET reason = 'no_consent', due_at = outdial_now() + '1 day'::interval "
        "WHERE campaign_id = :id",
        id=campaign,
    )
    for wanted in (name, campaign):
        lines = service.run("why", "--campaign", wanted).stdout.splitlines()
        assert lines[0] == "The agent is not known to be deployed and on duty."
        [waiting] = [line.split() for line in lines if line.split()[:1] == ["no_consent"]]
        assert waiting[1:3] == ["3", "0"]
    found = json.loads(service.run("why", "--campaign", name, "--json").stdout)
    assert found["waiting"][0]["reason"] == "no_consent"


def test_a_campaign_without_leads_says_no_more_than_its_gates(
    service: Serving, campaign: str
) -> None:
    result = service.run("why", "--campaign", campaign)
    assert result.exit_code == 0
    assert "waits for" not in result.stdout


@pytest.mark.parametrize("arguments", [(), ("a", "--campaign", "b")])
def test_either_a_lead_or_a_campaign_is_named(
    service: Serving, arguments: tuple[str, ...]
) -> None:
    result = service.run("why", *arguments)
    assert (result.exit_code, "name either" in result.stderr) == (2, True)


@pytest.mark.parametrize("lead", ["nonsense", "../keys", "0192f0c1-7a3e-7c52-9d1b-3f5a2f8e4b10"])
def test_a_lead_that_is_not_there_is_told(service: Serving, lead: str) -> None:
    result = service.run("why", lead, "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["error"]["code"] == "not_found"


def test_what_came_from_outside_moves_no_cursor(service: Serving, campaign: str) -> None:
    lead = _lead(service, campaign)
    change(
        service,
        "UPDATE leads SET due_at = outdial_now() + '1 day'::interval, reason = :odd "
        "WHERE id = :id",
        odd="no\x1b[2Janswer",
        id=lead,
    )
    for arguments in (("why", lead), ("why", "--campaign", campaign)):
        assert "\x1b" not in service.run(*arguments).stdout
