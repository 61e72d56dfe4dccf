"""Segments, schedules and redials from the command line."""

import json
from typing import Any
from uuid import uuid4

import pytest

from outdial.planning.schedules import when
from outdial.planning.segments import parse_attributes
from outdial.speaking.speech import CommandError
from tests.outdial.serving import Serving


@pytest.fixture
def name() -> str:
    """A name of the test's own."""
    return f"own {uuid4().hex}"


def _json(service: Serving, *arguments: str) -> Any:  # noqa: ANN401 -- whatever a command says
    result = service.run(*arguments, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_a_segment_is_saved_listed_counted_and_removed(service: Serving, name: str) -> None:
    service.campaign(name)
    options = (
        "--campaign",
        name,
        "--outcome",
        "no_answer",
        "--us-state",
        "TX",
        "--us-state",
        "FL",
    )
    more = ("--attribute", "plan=gold", "--attribute", "score=5", "--not-called-for", "30")
    made = _json(service, "segments", "add", name, *options, *more)
    assert made["filter"]["attributes"] == {"plan": "gold", "score": 5}
    assert made["filter"]["us_states"] == ["FL", "TX"]
    assert made["now"] == {"count": 0, "at_least": False}
    listed = service.run("segments", "list")
    assert made["id"] in listed.stdout
    assert "not_called_for_days: 30" in listed.stdout.replace("\n", " ")
    assert service.run("segments", "count", name).stdout == "0 leads\n"
    assert service.run("segments", "remove", name).stdout == "removed\n"
    gone = service.run("segments", "count", name)
    assert gone.exit_code == 1
    assert "outdial segments list" in gone.stderr


def test_a_schedule_is_planned_listed_paused_resumed_and_removed(
    service: Serving, name: str
) -> None:
    service.campaign(name)
    _json(service, "segments", "add", name)
    parts = ("--campaign", name, "--segment", name, "--at", "09:00")
    weekly = (
        "--every",
        "week",
        "--day",
        "mon",
        "--day",
        "Friday",
        "--timezone",
        "America/Chicago",
    )
    made = _json(service, "schedules", "add", name, *parts, *weekly, "--blackout", "2026-12-25")
    assert made["rule"]["days"] == ["monday", "friday"]
    assert made["blackout_dates"] == ["2026-12-25"]
    listed = service.run("schedules", "list")
    assert made["id"] in listed.stdout
    paused = service.run("schedules", "pause", name)
    assert "paused  every week on monday, friday at 09:00 America/Chicago" in paused.stdout
    assert "next: none" in paused.stdout
    resumed = service.run("schedules", "resume", name)
    assert "next: 20" in resumed.stdout
    assert service.run("schedules", "runs", name).stdout == "No runs.\n"
    assert service.run("segments", "remove", name).exit_code == 1
    assert service.run("schedules", "remove", made["id"]).stdout == "removed\n"


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        (("--every", "day", "--at", "9", "--timezone", "UTC"), "/rule/at"),
        (("--every", "day", "--at", "09:00", "--timezone", "Mars"), "IANA"),
        (("--every", "month", "--at", "09:00", "--timezone", "UTC"), "/rule/day_of_month"),
        (
            ("--every", "month", "--day", "32", "--at", "09:00", "--timezone", "UTC"),
            "from 1 to 31",
        ),
        (("--every", "week", "--day", "moon", "--at", "09:00", "--timezone", "UTC"), "'moon'"),
        (
            ("--every", "month", "--day", "1", "--day", "2", "--at", "09:00", "--timezone", "UTC"),
            "one --day",
        ),
    ],
)
def test_a_rule_that_can_not_be_is_told_in_a_line(
    service: Serving, name: str, rule: tuple[str, ...], said: str
) -> None:
    service.campaign(name)
    _json(service, "segments", "add", name)
    result = service.run("schedules", "add", name, "--campaign", name, "--segment", name, *rule)
    assert result.exit_code in {1, 2}
    assert said in result.stderr
    assert name not in service.run("schedules", "list").stdout


def test_a_campaign_is_redialed_and_its_run_is_listed(service: Serving, name: str) -> None:
    campaign = service.campaign(name)
    made = _json(service, "campaigns", "redial", name, "--outcome", "no_answer", "--start")
    assert (made["parent_id"], made["start"]) == (campaign, True)
    assert made["campaign_name"].startswith(f"{name} (redial ")
    assert [run["id"] for run in _json(service, "campaigns", "runs", "--campaign", name)] == [
        made["id"]
    ]
    listed = service.run("campaigns", "runs", "--campaign", campaign)
    assert made["campaign_id"] in listed.stdout
    assert "filling" in listed.stdout
    wrong = service.run("campaigns", "redial", name, "--outcome", "no_anser")
    assert wrong.exit_code == 1
    assert "/outcomes/0" in wrong.stderr


def test_an_attribute_is_a_text_unless_it_reads_as_a_value() -> None:
    given = ["plan=gold", "score=5", 'code="5"', "vip=true", "none=null", "list=[1]", "empty="]
    assert parse_attributes(given) == {
        "plan": "gold",
        "score": 5,
        "code": "5",
        "vip": True,
        "none": "null",
        "list": "[1]",
        "empty": "",
    }
    for wrong in ("plan", "=gold"):
        with pytest.raises(CommandError, match="NAME=VALUE"):
            parse_attributes([wrong])


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ({"every": "weekday"}, "every weekday at 09:00 UTC"),
        ({"every": "week", "days": ["monday"]}, "every week on monday at 09:00 UTC"),
        ({"every": "month", "day_of_month": "last"}, "every month, day last, at 09:00 UTC"),
        (
            {"every": "day", "starts_on": "2026-01-01", "ends_on": "2026-02-01"},
            "every day at 09:00 UTC from 2026-01-01 to 2026-02-01",
        ),
    ],
)
def test_a_rule_is_said_in_a_few_words(rule: dict[str, Any], said: str) -> None:
    assert when({"at": "09:00", "timezone": "UTC", **rule}) == said
