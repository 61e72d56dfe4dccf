"""The pages say what the code does: states, settings, events, the flow, the decisions."""

import re
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined
from typer.main import get_command

from dialer.pipeline.planning.plans import Plan
from dialer.rules import precall
from dialer.rules.call import CALL_TRANSITIONS, IN_FLIGHT, OPEN
from dialer.rules.calling.gate import BUCKETS
from dialer.rules.calling.window import WHY_CLOSED
from dialer.rules.campaign import ACCEPTING, CAMPAIGN_TRANSITIONS
from dialer.rules.law.row import CONFIDENCES
from dialer.rules.lead import FINISHED, LEAD_TRANSITIONS
from dialer.rules.proof import absence, restore
from dialer.settings import Settings
from dialer.store.events import NAMES
from outdial.main import app
from service.metrics import GAUGES

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
DECISIONS = sorted((DOCS / "decisions").glob("*.md"))
PAGES = [
    DOCS / f"{name}.md"
    for name in (
        *("states", "flow", "settings", "events", "runbook", "guarantees"),
        *("campaigns", "compliance"),
    )
]


def _page(name: str) -> str:
    return (DOCS / f"{name}.md").read_text("utf-8")


def _section(page: str, heading: str) -> str:
    return _page(page).split(f"\n## {heading}\n")[1].split("\n## ")[0]


TABLES: Mapping[str, Mapping[Any, frozenset[Any]]] = {
    "Leads": LEAD_TRANSITIONS,
    "Calls": CALL_TRANSITIONS,
    "Campaigns": CAMPAIGN_TRANSITIONS,
}


def _edges(heading: str) -> set[tuple[str, str]]:
    return {(str(a), str(b)) for a, onward in TABLES[heading].items() for b in onward}


@pytest.mark.parametrize("heading", TABLES)
def test_every_edge_is_explained_and_no_other(heading: str) -> None:
    rows = re.findall(
        r"^\| `(\w+)` \| `(\w+)` \| (.+) \|$", _section("states", heading), re.MULTILINE
    )
    assert len(rows) == len({row[:2] for row in rows})
    assert {row[:2] for row in rows} == _edges(heading)
    assert all(told.endswith(".") for *_, told in rows)


@pytest.mark.parametrize("heading", TABLES)
def test_the_picture_shows_every_edge_and_no_other(heading: str) -> None:
    section = _section("states", heading)
    drawn = re.findall(r"^ +(\w+) --> (\w+)$", section, re.MULTILINE)
    assert set(drawn) == _edges(heading)
    first = next(iter(TABLES[heading]))
    assert f"[*] --> {first}\n" in section


def _sentence(heading: str, end: str) -> set[str]:
    line = next(line for line in _section("states", heading).splitlines() if end in line)
    return set(re.findall(r"`(\w+)`", line.split(end)[0]))


@pytest.mark.parametrize("heading", TABLES)
def test_the_final_states_are_named(heading: str) -> None:
    final = {str(state) for state, onward in TABLES[heading].items() if not onward}
    assert _sentence(heading, " are final.") == final


def test_the_sets_of_states_are_named() -> None:
    calls = _section("states", "Calls")
    for start, states in (("Open are ", OPEN), ("In flight are ", IN_FLIGHT)):
        sentence = calls.split(start)[1].split(".")[0].split(":")[0]
        assert set(re.findall(r"`(\w+)`", sentence)) == _names(states)
    taken = _section("states", "Campaigns").split("Leads are taken in ")[1].split(".")[0]
    assert set(re.findall(r"`(\w+)`", taken)) == _names(ACCEPTING)
    assert _sentence("Leads", " are final.") == _names(FINISHED)


def _names(states: frozenset[Any]) -> set[str]:
    assert all(isinstance(state, StrEnum) for state in states)
    return {str(state) for state in states}


def test_every_event_is_told_in_the_codes_own_words() -> None:
    assert re.findall(r"^\| `([a-z_.]+)` \| (.+) \|$", _page("events"), re.MULTILINE) == [
        *NAMES.items()
    ]


def test_every_setting_is_told_with_its_type_default_and_range() -> None:
    rows = re.findall(
        r"^\| `OUTDIAL_(\w+)` \| ([a-z ]+) \| (\S+) \| (.+) \| (.+) \|$",
        _page("settings"),
        re.MULTILINE,
    )
    assert rows == [
        (name.upper(), _kind(field), _default(field), _range(field), field.description)
        for name, field in Settings.model_fields.items()
    ]


def _kind(field: FieldInfo) -> str:
    kinds = {
        "SecretStr": "secret",
        "Path": "path",
        "bool": "true or false",
        "int": "whole number",
        "float": "number",
    }
    return kinds.get(getattr(field.annotation, "__name__", ""), "word")


def _default(field: FieldInfo) -> str:
    if field.default is PydanticUndefined:
        return "–"  # noqa: RUF001 -- the docs' dash for nothing
    shown = str(field.default)
    return f"`{shown.lower() if isinstance(field.default, bool) else shown}`"


def _range(field: FieldInfo) -> str:
    bounds = {k: getattr(m, k) for m in field.metadata for k in ("ge", "le") if hasattr(m, k)}
    if bounds:
        return f"{bounds['ge']} to {bounds['le']}"
    words = get_args(field.annotation)
    return ", ".join(f"`{word}`" for word in words) or "–"  # noqa: RUF001 -- the docs' dash for nothing


def test_every_variable_that_the_code_names_is_on_the_page() -> None:
    told = set(re.findall(r"^\| `(OUTDIAL_\w+)` \|", _page("settings"), re.MULTILINE))
    named = set[str]()
    for folder in ("dialer", "service", "workers", "outdial", "migrations"):
        for file in (ROOT / folder).rglob("*.py"):
            named |= set(re.findall(r"\bOUTDIAL_[A-Z_]*[A-Z]\b", file.read_text("utf-8")))
    assert named <= told


@pytest.mark.parametrize("stage", ["intake", "claim", "place", "reconcile", "tidy"])
def test_the_flow_names_the_files_and_rules_that_exist(stage: str) -> None:
    row = re.search(rf"^\| {stage} \| (.+) \| (.+) \| (.+) \|$", _page("flow"), re.MULTILINE)
    assert row is not None
    for rule in re.findall(r"`(\w+)`", row[1]):
        assert list((ROOT / "dialer" / "rules").rglob(f"{rule}.py"))
    files = re.findall(r"`(\w+/\w+\.py)`", row[2])
    assert f"{stage}.py" in {file.rpartition("/")[2] for file in files}
    for file in files:
        assert (ROOT / "dialer" / "pipeline" / file).is_file()


@pytest.mark.parametrize("page", [*PAGES, *DECISIONS], ids=lambda page: page.stem)
def test_links_and_files_that_a_page_names_are_there(page: Path) -> None:
    text = page.read_text("utf-8")
    for link in re.findall(r"\]\(([^)#:]+)\)", text):
        assert (page.parent / link).is_file(), link
    folders = "dialer|partner|service|workers|outdial|migrations|sandbox"
    for named in re.findall(rf"`((?:{folders})/[\w/.]+)`", text):
        assert (ROOT / named).exists(), named


def test_the_runbook_explains_whatever_a_call_or_a_quarantine_waits_for() -> None:
    page = _page("runbook")
    for heading, codes in (
        ("Unknown calls", absence.WAITS),
        ("Quarantine after a restore", restore.WAITS),
    ):
        section = page.split(f"\n## {heading}\n")[1].split("\n## ")[0]
        assert set(re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)) == set(codes)


def test_the_runbook_says_of_every_gauge_whether_to_be_woken_for_it() -> None:
    section = _section("runbook", "What to be woken for")
    assert set(re.findall(r"^\| `(\w+)", section, re.MULTILINE)) == set(GAUGES)


def test_every_heading_that_a_page_links_to_is_there() -> None:
    for page in DOCS.glob("*.md"):
        for file, heading in re.findall(
            r"\]\(([\w-]*(?:\.md)?)#([\w-]+)\)", page.read_text("utf-8")
        ):
            text = (DOCS / (file or page.name)).read_text("utf-8")
            assert heading in {_anchor(line) for line in text.splitlines()}, (page.name, heading)


def _anchor(line: str) -> str:
    """A heading as links name it; nothing for other lines."""
    if not line.startswith("#"):
        return ""
    return re.sub(r"[^\w -]", "", line.lstrip("# ").lower()).replace(" ", "-")


@pytest.mark.parametrize("page", DECISIONS, ids=lambda page: page.stem)
def test_a_decision_is_one_page_of_context_decision_and_consequences(page: Path) -> None:
    text = page.read_text("utf-8")
    number = int(page.stem[:4])
    assert text.startswith(f"# {number}. ")
    headings = re.findall(r"^## (.+)$", text, re.MULTILINE)
    assert headings == ["Context", "Decision", "Consequences"]
    assert len(text.split()) <= 600


def test_decisions_are_numbered_without_gaps() -> None:
    assert [int(page.stem[:4]) for page in DECISIONS] == list(range(1, len(DECISIONS) + 1))


def test_every_scenario_that_the_guarantees_name_is_a_test_of_that_file() -> None:
    rows = re.findall(
        r"^\| [^|]+ \| (\w+): (.+) \|$", _section("guarantees", "The scenarios"), re.MULTILINE
    )
    told = {(file, name) for file, names in rows for name in re.findall(r"`(test_\w+)`", names)}
    assert len(told) > 80
    for file, name in told:
        text = (ROOT / "tests" / "faults" / f"{file}_test.py").read_text("utf-8")
        assert re.search(rf"^(async )?def {name}\(", text, re.MULTILINE), f"{file}: {name}"


def test_every_part_of_a_plan_is_told_to_the_campaign_manager() -> None:
    section = _section("campaigns", "What each setting does")
    told = set(re.findall(r"`(\w+)`", "".join(re.findall(r"^\| .+? \|", section, re.MULTILINE))))
    assert told == Plan.__dataclass_fields__.keys() - {"name", "lifts"}


def test_every_reason_of_a_gate_and_every_confidence_stands_in_compliance() -> None:
    gates = _section("compliance", "How a gate works")
    told = set(re.findall(r"`([a-z0-9_]+)`", gates))
    of_numbers = {"number_in_call", "number_gap", "number_cap_24h", "number_cap_7d"}
    of_leads = {"no_consent", "dnc_stale", precall.REFUSED, precall.UNREADABLE}
    assert {*WHY_CLOSED, *BUCKETS, *of_numbers, *of_leads} <= told
    table = _section("compliance", "The table of calling hours")
    assert tuple(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)) == CONFIDENCES


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_command_that_a_page_names_is_there(page: Path) -> None:
    for words in re.findall(r"\boutdial ((?:[a-z]+ ?)+)", page.read_text("utf-8")):
        command: Any = get_command(app)
        for word in words.split():
            inner = getattr(command, "commands", None)
            if not inner:
                break
            assert word in inner, (page.name, words)
            command = inner[word]
