"""The preflight from the command line: counts, ranges, bars, warnings."""

import json
from itertools import count
from uuid import uuid4

import pytest
from rich.console import Console

from outdial.planning.preflight import BAR, bars
from tests.outdial.leads.rows import change
from tests.outdial.serving import Serving

_LINES = count()


def _leads(service: Serving, campaign: str, area: str, number: int) -> None:
    with service.client() as client:
        for _ in range(number):
            phone = f"+1{area}5550{100 + next(_LINES)}"
            client.post("/v1/leads", {"campaign_id": campaign, "phone": phone})


def test_a_list_is_told_before_anybody_is_rung(service: Serving) -> None:
    name = f"preflight {uuid4().hex}"
    campaign = service.campaign(name)
    _leads(service, campaign, "212", 4)
    _leads(service, campaign, "312", 1)
    change(
        service,
        "UPDATE campaigns SET price_per_minute = 0.5, consent = 'required' WHERE id = :id",
        id=campaign,
    )
    refused = service.run("campaigns", "preflight", name)
    assert "5 leads: 0 can be called now, 0 later, 5 never" in refused.stdout
    assert "  never: 5 no_consent" in refused.stdout
    assert "  !  no_consent: 5 leads have no consent on record" in refused.stdout
    assert "zone" not in refused.stdout
    change(service, "UPDATE campaigns SET consent = 'not_needed' WHERE id = :id", id=campaign)
    result = service.run("campaigns", "preflight", campaign)
    assert result.exit_code == 0, result.output
    lines = [line.split() for line in result.stdout.splitlines()]
    assert ["America/New_York", "4", "#" * BAR] in lines
    assert ["America/Chicago", "1", "#" * round(BAR / 4)] in lines
    assert "calls: 6 to 15; minutes: 1.8 to 30.0; cost: 0.90 to 15.00" in result.stdout
    assert "pace: 60 calls a minute" in result.stdout
    assert "all are called by: 20" in result.stdout


def test_programs_get_the_answer_as_it_is(service: Serving) -> None:
    campaign = service.campaign(f"preflight {uuid4().hex}")
    _leads(service, campaign, "212", 2)
    found = json.loads(service.run("campaigns", "preflight", campaign, "--json").stdout)
    assert (found["leads"], found["cost"]) == (2, None)
    assert found["by_zone"] == [{"zone": "America/New_York", "leads": 2}]


def test_a_list_without_leads_has_no_bars(service: Serving) -> None:
    campaign = service.campaign(f"preflight {uuid4().hex}")
    result = service.run("campaigns", "preflight", campaign)
    assert "0 leads: 0 can be called now, 0 later, 0 never" in result.stdout
    assert "!  nobody: Nobody of the list can be called." in result.stdout
    assert "#" not in result.stdout


def test_a_campaign_that_is_not_there_is_told(service: Serving) -> None:
    named = service.run("campaigns", "preflight", "no such campaign")
    assert (named.exit_code, "no campaign is named" in named.stderr) == (1, True)
    unknown = service.run("campaigns", "preflight", str(uuid4()), "--json")
    assert json.loads(unknown.stdout)["error"]["code"] == "not_found"


@pytest.mark.parametrize(
    ("rows", "lengths"),
    [
        ([("a", 1_000_000), ("b", 1), ("c", 0)], [BAR, 1, 0]),
        ([("a", 2), ("b", 1)], [BAR, BAR // 2]),
        ([("a", 0)], [0]),
    ],
)
def test_a_bar_is_as_long_as_its_count(rows: list[tuple[str, int]], lengths: list[int]) -> None:
    console = Console(width=100)
    with console.capture() as shown:
        console.print(bars("what", rows))
    lines = shown.get().splitlines()[-len(rows) - 1 :]
    counted = [line.count("#") for line in lines if line.strip()][-len(rows) :]
    assert counted == lengths
