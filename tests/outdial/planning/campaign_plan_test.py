"""A plan on the command line: shown, edited by parts, and its versions told apart."""

import json
from uuid import uuid4

import pytest

from outdial.planning.campaign_plan import read_parts
from outdial.speaking.speech import CommandError
from tests.outdial.serving import Serving


@pytest.fixture
def name(service: Serving) -> str:
    """A draft of the test's own, by its name."""
    made = f"campaign {uuid4().hex}"
    service.campaign(made)
    return made


def test_parts_are_read_as_json_or_as_text() -> None:
    given = ["calls-per-minute=20", "budget=null", "name=A = B", 'hours={"monday": []}']
    assert read_parts(given) == {
        "calls_per_minute": 20,
        "budget": None,
        "name": "A = B",
        "hours": {"monday": []},
    }


@pytest.mark.parametrize(
    ("given", "says"),
    [(["pace"], "write PART=VALUE"), (["=3"], "write PART=VALUE"), (["a=1", "a=2"], "twice")],
)
def test_parts_that_can_not_be_read_are_refused(given: list[str], says: str) -> None:
    with pytest.raises(CommandError, match=says):
        read_parts(given)


def test_an_edit_is_a_version_with_what_it_changed(service: Serving, name: str) -> None:
    edited = service.run("campaigns", "edit", name, "calls_per_minute=20", "weight=3")
    assert edited.exit_code == 0, edited.output
    assert "version 2" in edited.output
    told = service.run("campaigns", "versions", name)
    assert "calls_per_minute: 60 -> 20" in told.output
    assert "weight: 1 -> 3" in told.output
    versions = json.loads(service.run("campaigns", "versions", name, "--json").stdout)
    assert [one["version"] for one in versions] == [2, 1]


def test_a_plan_is_shown_as_it_is_now(service: Serving, name: str) -> None:
    service.run("campaigns", "edit", name, "max_calls_per_day=500", "priority=7")
    shown = service.run("campaigns", "show", name)
    assert "version 2" in shown.output
    assert "max_calls_per_day" in shown.output
    assert "500" in shown.output
    found = json.loads(service.run("campaigns", "show", name, "--json").stdout)
    assert (found["max_calls_per_day"], found["priority"]) == (500, 7)


def test_a_limit_is_lifted_by_null(service: Serving, name: str) -> None:
    service.run("campaigns", "edit", name, "max_calls=9")
    lifted = service.run("campaigns", "edit", name, "max_calls=null", "--json")
    assert json.loads(lifted.stdout)["max_calls"] is None


def test_a_part_that_does_not_exist_is_named(service: Serving, name: str) -> None:
    refused = service.run("campaigns", "edit", name, "pace=20", "--json")
    assert refused.exit_code != 0
    assert "pace" in refused.output
    assert json.loads(service.run("campaigns", "show", name, "--json").stdout)["version"] == 1


def test_a_bad_value_changes_nothing(service: Serving, name: str) -> None:
    refused = service.run("campaigns", "edit", name, "day_zone=America/New_Yorc")
    assert refused.exit_code != 0
    assert "did you mean America/New_York?" in refused.output
