"""Variants from the command line: added, compared with bars, set, retired."""

import json
from typing import Any
from uuid import uuid4

import pytest

from outdial.planning.variants import BAR, bar, scale
from tests.outdial.serving import Serving


@pytest.fixture
def campaign(service: Serving) -> str:
    """The name of a campaign of the test's own."""
    name = f"campaign {uuid4().hex}"
    service.campaign(name)
    return name


def _json(service: Serving, *arguments: str) -> Any:  # noqa: ANN401 -- JSON
    result = service.run("variants", *arguments, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_variants_are_added_listed_set_and_retired(service: Serving, campaign: str) -> None:
    none = service.run("variants", "list", campaign)
    assert "outdial variants add" in none.stdout
    said = service.run("variants", "add", campaign, "As planned")
    assert "weight 1, calls through agent_demo" in said.stdout
    made = _json(
        service,
        *("add", campaign, "Shorter", "--weight", "3", "--agent", "agent_2"),
        *("--context", "Hi {{ name }}", "--info", "Be brief."),
    )
    assert (made["weight"], made["partner_agent_id"]) == (3, "agent_2")
    assert made["additional_info_template"] == "Be brief."
    shown = service.run("variants", "list", campaign)
    assert shown.exit_code == 0, shown.output
    for words in ("As planned", "25%", "75%", "agent_2", "0 to 100%", "Intervals at 95%"):
        assert words in shown.stdout
    changed = _json(
        service, "set", campaign, "Shorter", "--name", "Brief", "--weight", "1", "--no-context"
    )
    assert (changed["name"], changed["weight"]) == ("Brief", 1)
    assert changed["context_template"] is None
    assert changed["additional_info_template"] == "Be brief."
    retired = service.run("variants", "retire", campaign, str(made["id"]))
    assert retired.stdout == "Brief is retired; 0 leads drawn again\n"
    items = _json(service, "list", campaign)["items"]
    assert [item["share"] for item in items] == [1.0, 0.0]


def test_the_goal_may_be_several_outcomes(service: Serving, campaign: str) -> None:
    found = _json(service, "list", campaign, "--goal", "voicemail", "--goal", "busy")
    assert found["goal"] == ["busy", "voicemail"]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("set", "Nobody", "--weight", "1"), 1, 'no variant is named "Nobody"'),
        (("set", "A"), 2, "say what to change"),
        (("set", "A", "--context", "x", "--no-context"), 2, "not both"),
        (("add", "A"), 1, "/name: the campaign has a variant named 'A' already"),
        (("add", "B", "--weight", "1001"), 1, "/weight"),
        (("list", "--goal", "won"), 1, "'won' is no outcome"),
        (("retire", str(uuid4())), 1, "no such variant"),
    ],
)
def test_what_can_not_be_is_said(
    service: Serving, campaign: str, *, arguments: tuple[str, ...], code: int, said: str
) -> None:
    service.run("variants", "add", campaign, "A")
    command, *rest = arguments
    result = service.run("variants", command, campaign, *rest)
    assert result.exit_code == code, result.output
    assert said in " ".join(result.output.split())


def test_a_refusal_is_json_where_that_was_asked_for(service: Serving, campaign: str) -> None:
    result = service.run("variants", "add", campaign, "A", "--weight", "0", "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["error"]["code"] == "invalid_input"


@pytest.mark.parametrize(
    ("low", "value", "high", "top", "drawn"),
    [
        (0.0, 0.5, 1.0, 1.0, "-" * 15 + "o" + "-" * 14),
        (0.1, 0.2, 0.3, 1.0, "..." + "---o---" + "." * 20),
        (0.0, 0.0, 0.05, 0.1, "o" + "-" * 15 + "." * 14),
        (1.0, 1.0, 1.0, 1.0, "." * 29 + "o"),
    ],
)
def test_a_bar_shows_the_rate_in_its_interval(
    low: float, value: float, high: float, top: float, drawn: str
) -> None:
    found = bar({"low": low, "value": value, "high": high}, top)
    assert found == drawn
    assert len(found) == BAR


def test_nobody_called_has_no_bar() -> None:
    assert bar(None, 1.0) == ""


@pytest.mark.parametrize(
    ("highs", "top"),
    [((), 1.0), ((0.04,), 0.1), ((0.31, 0.12), 0.4), ((0.3,), 0.3), ((1.0,), 1.0)],
)
def test_bars_end_at_the_next_tenth(highs: tuple[float, ...], top: float) -> None:
    rates = [{"low": 0.0, "value": 0.0, "high": high} for high in highs]
    assert scale([None, *rates]) == pytest.approx(top)
