"""Leads on the command line: listed, narrowed, and one of them with its story."""

import json
from uuid import uuid4

from tests.outdial.serving import Serving


def _lead(service: Serving, phone: str, **fields: object) -> tuple[str, str]:
    name = f"campaign {uuid4().hex}"
    campaign_id = service.campaign(name)
    with service.client() as client:
        made = client.post("/v1/leads", {"campaign_id": campaign_id, "phone": phone, **fields})
    return name, str(made["lead_id"])


def test_leads_are_listed_with_their_numbers_masked(service: Serving) -> None:
    name, lead_id = _lead(service, "(212) 555-0171", name="[red]Ada[/red] Example")
    told = service.run("leads", "list", "--campaign", name)
    assert told.exit_code == 0, told.output
    assert lead_id in told.output
    assert "[red]Ada[/red] Example" in told.output
    assert "5550171" not in told.output.replace("-", "")


def test_leads_are_narrowed_by_number_id_and_bucket(service: Serving) -> None:
    name, lead_id = _lead(service, "(212) 555-0172", external_id="row-1187")
    for narrowed in (("--phone", "212.555.0172"), ("--external-id", "row-1187")):
        told = service.run("leads", "list", "--campaign", name, *narrowed, "--json")
        assert [one["id"] for one in json.loads(told.stdout)] == [lead_id]
    none = service.run("leads", "list", "--campaign", name, "--state", "done")
    assert "No such lead." in none.output


def test_one_lead_is_shown_with_its_story(service: Serving) -> None:
    _, lead_id = _lead(service, "(212) 555-0173")
    told = service.run("leads", "show", lead_id)
    assert told.exit_code == 0, told.output
    assert "lead.accepted" in told.output


def test_a_lead_that_does_not_exist_is_an_error_with_a_code(service: Serving) -> None:
    told = service.run("leads", "show", str(uuid4()), "--json")
    assert told.exit_code != 0
    assert json.loads(told.stdout)["error"]["code"] == "not_found"
