"""An answer counts as a refusal again: with a note, once, after a question that tells the risk."""

import json
from itertools import count
from uuid import uuid4

import pytest

from tests.outdial.leads.rows import change
from tests.outdial.serving import Serving

_LINES = count()
_RANG = """
    WITH rang AS (
        INSERT INTO calls (id, organization_id, business_id, agent_id, campaign_id, lead_id, phone,
            state, place_at, claim_expires_at, window_until)
        SELECT gen_random_uuid(), c.organization_id, c.business_id, c.agent_id, c.id, l.id,
            l.phone, 'refused', outdial_now(), outdial_now(), outdial_now()
        FROM leads l JOIN campaigns c ON c.id = l.campaign_id WHERE l.id = :lead RETURNING *
    )
    INSERT INTO disbelieved (organization_id, answer, call_id)
    SELECT organization_id, :answer, id FROM rang
"""


@pytest.fixture
def answer(service: Serving) -> str:
    """An answer that is not believed, which no other test has."""
    found = f"answer_{uuid4().hex}"
    campaign = service.campaign(f"believe {uuid4().hex}")
    with service.client() as client:
        body = {"campaign_id": campaign, "phone": f"+13035550{100 + next(_LINES)}"}
        lead = client.post("/v1/leads", body)["lead_id"]
    change(service, _RANG, lead=lead, answer=found)
    return found


def test_status_shows_it_and_it_is_believed_with_a_note(service: Serving, answer: str) -> None:
    said = service.run("status").stdout
    assert f'outdial believe {answer} --note "why"' in " ".join(said.split())
    kept = json.loads(service.run("status", "--json").stdout)["status"]
    assert answer in [one["answer"] for one in kept["disbelieved"]]
    done = service.run("believe", answer, "--note", "They mended it.", "--yes")
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith(f"believed: {answer}; still not believed: ")
    assert answer not in service.run("status").stdout
    again = service.run("believe", answer, "--note", "Twice.", "--yes", "--json")
    assert again.exit_code == 1
    assert json.loads(again.stdout)["error"]["code"] == "not_found"


def test_json_is_the_status_after_it(service: Serving, answer: str) -> None:
    done = service.run("believe", answer, "--note", "Mended.", "--yes", "--json")
    assert answer not in [one["answer"] for one in json.loads(done.stdout)["disbelieved"]]


def test_without_a_note_or_a_yes_nothing_is_believed(service: Serving, answer: str) -> None:
    assert service.run("believe", answer, "--yes").exit_code == 2
    unasked = service.run("believe", answer, "--note", "Mended.")
    assert (unasked.exit_code, "--yes" in unasked.stderr) == (2, True)
    assert answer in service.run("status").stdout


def test_an_odd_answer_goes_nowhere_else(service: Serving) -> None:
    odd = service.run("believe", "../../campaigns", "--note", "x", "--yes", "--json")
    assert json.loads(odd.stdout)["error"]["code"] == "not_found"
