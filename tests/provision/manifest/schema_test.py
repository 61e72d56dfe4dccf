"""The JSON Schema: committed as generated, helpful everywhere, of one mind with the reader."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from provision.manifest import schema
from provision.manifest.report import Report
from provision.manifest.tree import parse
from tests.provision.manifest.manifests import AGENT, plain, told

ROOT = Path(__file__).parents[3]
COMMITTED = ROOT / "docs" / "schemas" / "agents.schema.json"
EXAMPLES = sorted((ROOT / "examples" / "agents").glob("*.yaml"))
VALIDATOR = jsonschema_rs.Draft202012Validator(schema(), validate_formats=True)


def fits(text: str) -> bool:
    return VALIDATOR.is_valid(plain(parse(text, Report())))


def properties(part: object, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(part, list):
        for one in part:
            yield from properties(one, path)
    if not isinstance(part, dict):
        return
    for name, one in part.get("properties", {}).items():
        if name not in {"if", "then"}:
            yield f"{path}.{name}", one
    for key, one in part.items():
        if key not in {"if", "then", "allOf"}:
            yield from properties(one, f"{path}.{key}")


def test_the_committed_file_is_the_generated_one() -> None:
    written = json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"
    assert COMMITTED.read_text("utf-8") == written


def test_it_is_a_schema() -> None:
    jsonschema_rs.meta.validate(schema())


def test_every_property_explains_itself() -> None:
    found = list(properties(schema()))
    assert len(found) > 50
    assert [path for path, one in found if not one.get("description")] == []


def test_no_unknown_field_is_taken() -> None:
    objects = [one for one in walk(schema()) if one.get("type") == "object"]
    assert len(objects) > 15
    assert all("additionalProperties" in one for one in objects)


def walk(part: object) -> Iterator[dict[str, Any]]:
    if isinstance(part, dict):
        yield part
        for one in part.values():
            yield from walk(one)
    elif isinstance(part, list):
        for one in part:
            yield from walk(one)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_the_examples_fit(path: Path) -> None:
    assert fits(path.read_text("utf-8"))


INBOUND = AGENT.replace("OUTBOUND", "INBOUND")
FLOW = "conversationFlow: Say hello."
TOOLS = "business: b\ncalendar: existing\ntools:\n  one: "
HOURS = "    activatedHours: {timezone: UTC, hours: [{day: %s, startTime: %s, endTime: %s}]}\n"
NUMBER = "{template: transferCall, config: {destinations: [{name: x, phoneNumber: %s}]}}"
SLOT = "{template: googleCal, config: {appointmentConfig: {slotDurationMinutes: %s}}}"
NODE = "workflow: {startNode: a, edges: [], nodes: [{id: a, type: tool, prompt: %s}]}"

AGREED = [
    ("business: b", True),
    ("business: 5", False),
    ("business: a/b", False),
    ("business: '${BUSINESS:-b}'", True),
    ("agents: {}", False),
    ("business: b\nx-anything: [1]", True),
    ("business: b\nanything: [1]", False),
    ("business: b\ncalendar: existing", True),
    ("business: b\ncalendar: {calendarId: primary, accessToken: t}", True),
    ("business: b\ncalendar: {calendarId: primary}", False),
    ("business: b\ncalendar: null", False),
    (AGENT, True),
    (INBOUND, True),
    (AGENT.replace("OUTBOUND", "outbound"), False),
    (AGENT.replace("Caller", "x" * 40), True),
    (AGENT.replace("Caller", "x" * 41), False),
    (AGENT.replace("Caller", "''"), False),
    (AGENT.replace("Caller", "' x'"), False),
    (AGENT.replace("  caller:", "  a caller:"), False),
    (AGENT.replace(FLOW, "deploy: true"), False),
    (AGENT.replace(FLOW, f"{FLOW}\n    {NODE % 'endCall'}"), False),
    (AGENT.replace(FLOW, NODE % "endCall"), True),
    (AGENT.replace(FLOW, NODE % "hangUp"), False),
    (AGENT + "    voice: null\n", True),
    (AGENT + "    name2: x\n", False),
    (AGENT + "    customInstructions: null\n", True),
    (AGENT + "    customInstructions: ''\n", False),
    (AGENT + "    multilingual: yes\n", False),
    (AGENT + "    multilingual: true\n", True),
    (AGENT + "    backgroundSound: office\n", True),
    (AGENT + "    backgroundSound: cafe\n", False),
    (AGENT + "    collectFields: [a, a]\n", False),
    (AGENT + "    collectFields: [a, b]\n", True),
    (AGENT + "    deploy: false\n", True),
    (AGENT + "    deploy: false\n    onDuty: true\n", False),
    (AGENT + "    tools: ['id:tool_1']\n", True),
    (AGENT + "    tools: ['a b']\n", False),
    (INBOUND + HOURS % ("Monday", "09:00", "24:00"), True),
    (INBOUND + HOURS % ("sunday", "CLOSED", "CLOSED"), True),
    (INBOUND + HOURS % ("mon", "09:00", "17:00"), False),
    (INBOUND + HOURS % ("monday", "9:00", "17:00"), False),
    (INBOUND + HOURS % ("monday", "24:00", "24:00"), False),
    (AGENT + HOURS % ("monday", "09:00", "17:00"), False),
    (TOOLS + NUMBER % "'+12125550142'", True),
    (TOOLS + NUMBER % "'+11125550142'", False),
    (TOOLS + NUMBER % "'+12121550142'", False),
    (TOOLS + NUMBER % "'(212) 555-0142'", False),
    (TOOLS + NUMBER % "12125550142", False),
    (TOOLS + "{template: transferCall}", False),
    (TOOLS + "{template: transferCall, config: {destinations: []}}", False),
    (TOOLS + SLOT % 10, True),
    (TOOLS + SLOT % 9, False),
    (TOOLS + SLOT % 301, False),
    (TOOLS + SLOT % "'60'", False),
    (TOOLS + "{template: googleCal}", True),
    (TOOLS + "{template: googlecal}", False),
    (TOOLS + "{template: 'id:template-1', config: {a: 1}}", True),
    (TOOLS + "{id: tool_1}", True),
    (TOOLS + "{id: tool_1, template: endCall}", False),
    (TOOLS + "{}", False),
    ("business: b\nfiles: {a: {id: file_1}}", True),
    ("business: b\nfiles: {a: {}}", False),
]


@pytest.mark.parametrize(("text", "good"), AGREED)
def test_schema_and_reader_agree(tmp_path: Path, text: str, *, good: bool) -> None:
    assert fits(text) is good
    assert (told(tmp_path, text) == []) is good
