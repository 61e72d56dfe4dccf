"""Leads that are held for a wrong id: listed, released without it or with another, cancelled."""

import json
from itertools import count
from uuid import uuid4

import pytest

from tests.outdial.leads.rows import change
from tests.outdial.serving import Serving

_LINES = count()


def _lead(service: Serving, *, held: bool = True) -> str:
    campaign = service.campaign(f"mistaken {uuid4().hex}")
    with service.client() as client:
        body = {
            "campaign_id": campaign,
            "phone": f"+17205550{100 + next(_LINES)}",
            "name": "Ada\x1b[2J [red]Example",
            "partner_lead_id": "lead_wrong",
        }
        lead = str(client.post("/v1/leads", body)["lead_id"])
    if held:
        change(
            service,
            "UPDATE leads SET state = 'held', reason = 'partner_lead_unknown' WHERE id = :id",
            id=lead,
        )
    return lead


def _shown(service: Serving, lead: str) -> dict[str, object]:
    with service.client() as client:
        found: dict[str, object] = client.get(f"/v1/leads/{lead}")
    return found


def test_they_are_listed_with_the_number_masked(service: Serving) -> None:
    lead = _lead(service)
    said = service.run("leads", "held").stdout
    assert lead in said
    assert "lead_wrong" in said
    assert "+17205550" not in said
    assert "\x1b" not in said
    items = json.loads(service.run("leads", "held", "--json").stdout)
    assert lead in [item["id"] for item in items]


def test_some_are_released_without_the_id(service: Serving) -> None:
    leads = [_lead(service), _lead(service)]
    done = service.run("leads", "release", *leads, "--note", "The CRM was moved.")
    assert done.exit_code == 0, done.output
    assert [line.split(",")[0] for line in done.stdout.splitlines()] == [
        f"released: {lead}" for lead in leads
    ]
    shown = _shown(service, leads[0])
    assert (shown["state"], shown["partner_lead_id"]) == ("waiting", None)
    timeline = shown["timeline"]
    assert isinstance(timeline, list)
    assert timeline[-1]["body"]["note"] == "The CRM was moved."


def test_one_is_released_with_another_id(service: Serving) -> None:
    lead = _lead(service)
    done = service.run("leads", "release", lead, "--partner-lead-id", "lead_right", "--json")
    assert [one["partner_lead_id"] for one in json.loads(done.stdout)] == ["lead_right"]
    two = service.run("leads", "release", lead, lead, "--partner-lead-id", "x")
    assert two.exit_code == 2


def test_they_are_cancelled(service: Serving) -> None:
    lead = _lead(service)
    done = service.run("leads", "cancel", lead)
    assert done.stdout == f"cancelled: {lead}, calls in flight: 0\n"
    assert _shown(service, lead)["state"] == "cancelled"
    assert json.loads(service.run("leads", "cancel", lead, "--json").stdout)[0]["in_flight"] == 0


@pytest.mark.parametrize("lead", [None, "x"])
def test_what_is_not_held_so_is_told(service: Serving, lead: str | None) -> None:
    result = service.run("leads", "release", lead or _lead(service, held=False), "--json")
    if lead is None:
        assert json.loads(result.stdout)["error"]["code"] == "conflict"
    else:
        assert result.exit_code == 2
