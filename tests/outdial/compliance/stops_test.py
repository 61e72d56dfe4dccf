"""Stops from the command line: everything, a business, a state; and on again."""

import json
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

from tests.outdial.leads.rows import change
from tests.outdial.serving import Serving

RINGING = """
    INSERT INTO calls (id, organization_id, business_id, agent_id, campaign_id, lead_id, phone,
        state, place_at, claim_expires_at, window_until, armed_at)
    SELECT gen_random_uuid(), c.organization_id, c.business_id, c.agent_id, c.id, l.id, l.phone,
        'live', outdial_now(), outdial_now(), outdial_now(), '2026-03-03 17:30:00Z'
    FROM leads l JOIN campaigns c ON c.id = l.campaign_id WHERE l.id = :lead
"""


@pytest.fixture(autouse=True)
def going_on(service: Serving) -> Iterator[None]:
    """Whatever a test stops goes on after it."""
    yield
    assert service.run("resume").exit_code == 0


def _rules(service: Serving) -> Any:  # noqa: ANN401 -- JSON
    with service.client() as client:
        return client.get("/v1/rules")


def test_everything_stops_and_says_so(service: Serving) -> None:
    result = service.run("pause")
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("paused: everything; ")
    assert service.run("resume").stdout == "dials again: everything\n"


def test_what_still_flies_and_the_last_ring_are_told(service: Serving) -> None:
    campaign = service.campaign(f"stop {uuid4().hex}")
    with service.client() as client:
        lead = client.post("/v1/leads", {"campaign_id": campaign, "phone": "+14245550101"})
        business = client.get("/v1/businesses")["items"][0]["id"]
    change(service, RINGING, lead=lead["lead_id"])
    result = service.run("pause", "--business", business)
    flying = json.loads(service.run("pause", "--business", business, "--json").stdout)
    change(service, "DELETE FROM calls WHERE lead_id = :lead", lead=lead["lead_id"])
    first, second = result.stdout.splitlines()
    assert flying["paused"] is True
    assert flying["in_flight"] >= 1
    assert first.startswith(f"paused: the business {business}; ")
    assert first.endswith("in flight")
    assert second.startswith("The last phone rang at ")
    assert second.endswith("; none rings later.")
    assert service.run("resume", "--business", business).exit_code == 0


def test_a_state_stops_with_a_word_of_why_and_goes_on(service: Serving) -> None:
    result = service.run("pause", "--state", "ga", "--note", "A hurricane.")
    assert result.stdout.startswith("paused: the state GA; "), result.output
    assert "GA" in _rules(service)["limits"]["paused_states"]
    assert "GA" in service.run("rules", "show", "--state", "GA").stdout.partition("\n")[0]
    on = service.run("resume", "--state", "GA", "--note", "It is over.")
    assert on.stdout == "dials again: the state GA\n"
    assert "GA" not in _rules(service)["limits"]["paused_states"]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("--state", "FL"), 2, "say why"),
        (("--state", "FL", "--business", "x", "--note", "x"), 2, "not both"),
        (("--state", "ZZ", "--note", "x"), 1, "no US state"),
        (("--state", "../..", "--note", "x"), 1, "there is nothing"),
        (("--business", "nonsense"), 1, "there is nothing with this id"),
        (("--business", str(uuid4())), 1, "there is no such business"),
    ],
)
@pytest.mark.parametrize("command", ["pause", "resume"])
def test_what_cannot_be_stopped_is_told(
    service: Serving, command: str, arguments: tuple[str, ...], code: int, said: str
) -> None:
    result = service.run(command, *arguments)
    assert (result.exit_code, said in result.stderr) == (code, True), result.output
