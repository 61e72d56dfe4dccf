"""Campaigns from the command line: planned, listed, moved, found by id or name."""

import json
from pathlib import Path
from uuid import uuid4

import pytest

from outdial.planning.campaigns import parse_hours, state_of
from outdial.speaking.speech import CommandError
from tests.outdial.serving import Serving


@pytest.fixture
def name() -> str:
    """A name of the test's own."""
    return f"campaign {uuid4().hex}"


def create(service: Serving, name: str, *more: str) -> dict[str, object]:
    """Creates a campaign and returns what `--json` says."""
    ids = ("--business", "biz_demo", "--agent", "agent_demo")
    result = service.run("campaigns", "create", name, *ids, "--json", *more)
    assert result.exit_code == 0, result.output
    made: dict[str, object] = json.loads(result.stdout)
    return made


def test_a_campaign_is_planned(service: Serving, name: str, tmp_path: Path) -> None:
    plan = tmp_path / "plan.json"
    plan.write_text('{"priority": 7, "calls_per_minute": 1}', encoding="utf-8")
    hours = ("--hours", "mon-wed 09:00-12:00", "--hours", "Mon 13:00-18:00")
    made = create(service, name, *hours, "--pace", "30", "--plan", str(plan))
    assert made["state"] == "draft"
    assert made["calls_per_minute"] == 30
    assert made["priority"] == 7
    assert made["hours"] == {
        "monday": [["09:00", "12:00"], ["13:00", "18:00"]],
        "tuesday": [["09:00", "12:00"]],
        "wednesday": [["09:00", "12:00"]],
    }


@pytest.mark.parametrize(
    ("options", "plan", "said"),
    [
        (
            (),
            "{}",
            "pace 60 calls/min, 20 at once (defaults; --pace and --concurrency change them)",
        ),
        (("--pace", "30"), "{}", "pace 30 calls/min, 20 at once (the default of --concurrency"),
        (("--pace", "30", "--concurrency", "5"), "{}", "pace 30 calls/min, 5 at once\n"),
        (
            (),
            '{"calls_per_minute": null, "concurrency": null}',
            "no limit of its own on calls a minute, no limit on calls at once\n",
        ),
    ],
)
def test_the_limits_that_hold_are_told(
    service: Serving,
    name: str,
    tmp_path: Path,
    *,
    options: tuple[str, ...],
    plan: str,
    said: str,
) -> None:
    file = tmp_path / "plan.json"
    file.write_text(plan, encoding="utf-8")
    ids = ("--business", "biz_demo", "--agent", "agent_demo", "--plan", str(file))
    result = service.run("campaigns", "create", name, *ids, *options)
    assert said in result.stdout


@pytest.mark.parametrize(
    ("campaign", "said"),
    [
        ({"state": "running"}, "running"),
        ({"state": "running", "agent_parked_reason": "x"}, "running, agent parked: x"),
        ({"state": "running", "parked_reason": "y"}, "running, parked: y"),
    ],
)
def test_what_keeps_a_campaign_from_dialing_stands_beside_its_state(
    campaign: dict[str, str], said: str
) -> None:
    assert state_of(campaign) == said


def test_it_moves_by_name_and_by_id(service: Serving, name: str) -> None:
    made = create(service, name, "--start")
    assert made["state"] == "running"
    assert service.run("campaigns", "pause", name).stdout == "paused\n"
    assert service.run("campaigns", "resume", str(made["id"])).stdout == "running\n"
    moved = json.loads(service.run("campaigns", "cancel", name, "--json").stdout)
    assert (moved["campaign"]["state"], moved["in_flight"]) == ("cancelled", 0)
    refused = service.run("campaigns", "start", name)
    assert refused.exit_code == 1
    assert "the campaign is cancelled" in refused.stderr


def test_a_name_of_none_or_of_two_is_told(service: Serving, name: str) -> None:
    assert f'no campaign is named "{name}"' in service.run("campaigns", "pause", name).stderr
    create(service, name)
    create(service, name)
    assert "several campaigns are named" in service.run("campaigns", "pause", name).stderr


def test_they_are_listed_with_their_leads(service: Serving, name: str) -> None:
    made = create(service, name)
    with service.client() as client:
        client.post("/v1/leads", {"campaign_id": made["id"], "phone": "212-555-0142"})
    listed = json.loads(service.run("campaigns", "list", "--json").stdout)
    mine = next(item for item in listed if item["id"] == made["id"])
    assert mine["buckets"]["waiting"] == 1
    line = next(x for x in service.run("campaigns", "list").stdout.splitlines() if name in x)
    assert str(made["id"]) in line
    assert "draft" in line


@pytest.mark.parametrize(
    "text", ["", "mon", "mon 9-17", "mon 09:00-17:00 x", "mo 09:00-17:00", "foo-fri 09:00-10:00"]
)
def test_hours_that_cannot_be_read_are_told(text: str) -> None:
    with pytest.raises(CommandError, match="write it as"):
        parse_hours([text])


def test_hours_may_go_over_the_weekend() -> None:
    assert list(parse_hours(["sat-mon 10:00-11:00"])) == ["saturday", "sunday", "monday"]


@pytest.mark.parametrize("content", [None, "{", "[]", "\xff"])
def test_a_plan_that_cannot_be_read_is_told(
    service: Serving, tmp_path: Path, content: str | None
) -> None:
    plan = tmp_path / "plan.json"
    if content is not None:
        plan.write_text(content, encoding="latin-1")
    ids = ("--business", "b", "--agent", "a")
    result = service.run("campaigns", "create", "x", *ids, "--plan", str(plan))
    assert (result.exit_code, str(plan) in result.stderr) == (2, True)
