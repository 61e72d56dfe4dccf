"""What a tool is told is held against its template before anything is sent."""

from typing import Any

import pytest
from pydantic import JsonValue

from provision.manifest import Fault, ManifestError
from provision.observing import Upstream
from provision.plan import Plan
from provision.state import Body, Entry, State
from tests.provision.drafting.scenes import drafted, manifest, state, tool, upstream

FUNCTION: Body = {
    "type": "object",
    "properties": {
        "serverUrl": {"type": "string"},
        "functionName": {"type": "string", "pattern": "^[a-z]+$"},
        "timeoutSeconds": {"type": "integer", "maximum": 120},
    },
    "required": ["serverUrl", "functionName"],
}
GIVEN: dict[str, Any] = {"serverUrl": "https://example.com/f", "functionName": "quote"}


def library(schema: JsonValue, config: Body | None = None, *tools: Body) -> Upstream:
    """An upstream whose one template, function, has this schema."""
    template: Body = {"id": "t-1", "name": "function", "configSchema": schema}
    template["config"] = config or {}
    return Upstream(templates=(template,), tools={str(one["id"]): one for one in tools})


def planned(config: dict[str, Any], found: Upstream | None = None) -> Plan:
    declared = tool(template="function", **config)
    return drafted(manifest(declared), found=found or library(FUNCTION))


def faults(config: dict[str, Any], found: Upstream | None = None) -> list[Fault]:
    with pytest.raises(ManifestError) as caught:
        planned(config, found)
    return list(caught.value.faults)


def test_what_the_template_takes_passes() -> None:
    made = planned(GIVEN | {"timeoutSeconds": 5})
    assert (len(made.changes), made.warnings) == (1, ())


def test_a_missing_field_is_a_fault_at_the_misspelt_one() -> None:
    (fault,) = faults({"severUrl": "https://example.com/f", "functionName": "quote"})
    assert (fault.code, fault.field) == ("missing_field", "tools.desk.config.severUrl")
    assert fault.suggestion == "did you mean serverUrl?"


def test_without_any_config_what_is_needed_is_missing() -> None:
    assert [(one.code, one.field) for one in faults({})] == [
        ("missing_field", "tools.desk.config"),
        ("missing_field", "tools.desk.config"),
    ]


def test_what_the_template_brings_is_not_missing() -> None:
    assert planned({"serverUrl": "x"}, library(FUNCTION, {"functionName": "quote"})).changes


def test_a_value_that_does_not_fit_is_a_fault_that_does_not_repeat_it() -> None:
    (fault,) = faults(GIVEN | {"functionName": "hunter2-hunter2"})
    assert (fault.code, fault.field) == ("bad_config", "tools.desk.config.functionName")
    assert "hunter2" not in fault.message


def test_a_field_that_is_refused_is_a_fault_of_its_own() -> None:
    closed = FUNCTION | {"additionalProperties": False}
    (fault,) = faults(GIVEN | {"timeoutSecond": 5}, library(closed))
    assert (fault.code, fault.field) == ("unknown_field", "tools.desk.config.timeoutSecond")
    assert fault.suggestion == 'did you mean "timeoutSeconds"?'


def test_a_field_that_may_be_dropped_is_a_warning() -> None:
    (warning,) = planned(GIVEN | {"apiKey": "k"}).warnings
    assert warning.startswith('tools.desk: "apiKey" is no setting of "function"')


@pytest.mark.parametrize(
    "schema",
    [None, {"type": "nonsense"}, {"$ref": "https://example.com/schema"}, {"$ref": "#/no"}],
)
def test_a_schema_that_can_not_be_read_refuses_nothing(schema: JsonValue) -> None:
    assert planned({"anything": 1}, library(schema)).changes


def kept(config: Body) -> State:
    sent: Body = {"templateToolId": "t-1", "configOverride": config}
    return state(tools_desk=Entry(id="tool_1", sent=sent))


def test_what_the_upstream_did_not_keep_is_a_warning() -> None:
    config: dict[str, Any] = {**GIVEN, "apiKey": "k"}
    shown: Body = {"id": "tool_1", "effectiveConfig": {**GIVEN}}
    declared = manifest(tool(template="function", **config))
    made = drafted(declared, kept(config), library({}, None, shown))
    assert made.warnings == ('tools.desk: the upstream did not keep "apiKey"',)


def test_destinations_are_judged_by_the_guide() -> None:
    config = {"destinations": [{"name": "Desk", "phoneNumber": "12"}]}
    (fault,) = faults(config)
    assert (fault.code, fault.field) == (
        "bad_config",
        "tools.desk.config.destinations.0.phoneNumber",
    )


def booking(thing_id: str, settings: str) -> Body:
    return {"id": thing_id, "configOverride": {"appointmentConfigId": settings}}


def test_appointment_settings_that_another_tool_uses_too_are_a_warning() -> None:
    declared = manifest(tool(appointmentConfig={"slotDurationMinutes": 60}))
    made = drafted(declared, found=upstream(tools=[booking("tool_9", "appt_1")]))
    (warning,) = made.warnings
    assert warning.startswith("tools.desk: a business has one set of appointment settings")
    assert "tool_9" in warning


def test_appointment_settings_of_its_own_are_none() -> None:
    declared = manifest(tool(appointmentConfig={"slotDurationMinutes": 60}))
    sent: Body = {
        "templateToolId": "template-transfer-001",
        "configOverride": {"appointmentConfig": {"slotDurationMinutes": 60}},
    }
    owned = state(tools_desk=Entry(id="tool_1", sent=sent))
    there = [booking("tool_1", "appt_1"), booking("tool_2", "appt_2")]
    assert drafted(declared, owned, upstream(tools=there)).warnings == ()
