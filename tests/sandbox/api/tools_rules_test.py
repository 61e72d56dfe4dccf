"""What a tool's overrides may hold, template by template: the guide's rules and ours."""

from typing import Any

import pytest

from tests.sandbox.workshop import (
    API_REQUEST,
    CALENDAR,
    END_CALL,
    FUNCTION,
    LOOKUP,
    ON_HOLD,
    REQUEST,
    SALES,
    TRANSFER,
    Workshop,
    refused,
)

# Transfer


def test_a_transfer_tool_keeps_destinations_by_id(workshop: Workshop) -> None:
    office = {"name": "Office", "phoneNumber": "+12125550124"}
    tool = workshop.make(TRANSFER, {"destinations": [SALES, office], "messages": [ON_HOLD]})
    override = tool["configOverride"]
    assert set(override) == {"destinationIds", "messages"}
    assert len(set(override["destinationIds"])) == 2
    assert override["messages"] == [ON_HOLD]
    assert tool["effectiveConfig"] == tool["config"] | override
    assert tool["message"]


def test_on_hold_audio_is_optional(workshop: Workshop) -> None:
    tool = workshop.make(TRANSFER, {"destinations": [SALES]})
    assert set(tool["configOverride"]) == {"destinationIds"}
    assert tool["effectiveConfig"]["messages"] == []


@pytest.mark.parametrize("override", [None, {}, {"destinations": []}, {"messages": [ON_HOLD]}])
def test_a_transfer_tool_needs_a_destination(workshop: Workshop, override: object) -> None:
    refused(workshop.post(TRANSFER, override), "destinations")


@pytest.mark.parametrize(
    "number",
    [
        "+15551234567",  # the exchange starts with 1
        "+12120550123",  # the exchange starts with 0
        "+11125550123",  # the area code starts with 1
        "+10125550123",  # the area code starts with 0
        "2125550123",
        "12125550123",
        "+1212555012",
        "+121255501234",
        "+442071838750",
        "+1 212 555 0123",
        "+1(212)5550123",
        "+12125550123\n",
        "+1212555012\u0663",
        "",
        12125550123,
        None,
    ],
)
def test_a_destinations_number_is_us_e164(workshop: Workshop, number: object) -> None:
    answer = workshop.post(TRANSFER, {"destinations": [SALES, SALES | {"phoneNumber": number}]})
    refused(answer, "configOverride.destinations.1.phoneNumber")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"name": ""}, "destinations.0.name"),
        ({"name": "   "}, "destinations.0.name"),
        ({"name": None}, "destinations.0.name"),
        ({"name": "x" * 101}, "destinations.0.name"),
        ({"description": 7}, "destinations.0.description"),
        ({"warmTransferEnabled": "yes"}, "destinations.0.warmTransferEnabled"),
    ],
)
def test_a_destinations_parts_are_checked(
    workshop: Workshop, change: dict[str, Any], says: str
) -> None:
    refused(workshop.post(TRANSFER, {"destinations": [SALES | change]}), says)


@pytest.mark.parametrize("left_out", ["name", "phoneNumber"])
def test_a_destination_has_a_name_and_a_number(workshop: Workshop, left_out: str) -> None:
    partial = {name: value for name, value in SALES.items() if name != left_out}
    refused(workshop.post(TRANSFER, {"destinations": [partial]}), left_out)


@pytest.mark.parametrize(
    ("message", "says"),
    [
        (ON_HOLD | {"type": "request-start"}, "messages.0.type"),
        (ON_HOLD | {"content": "on-hold.mp3"}, "messages.0.content"),
        (ON_HOLD | {"content": "ftp://audio.example.com/a.mp3"}, "messages.0.content"),
        (ON_HOLD | {"content": "javascript:alert(1)"}, "messages.0.content"),
        (ON_HOLD | {"content": "https://"}, "messages.0.content"),
        ({"type": "request-complete"}, "messages.0"),
        ({"content": ON_HOLD["content"]}, "messages.0"),
        ("on-hold.mp3", "messages.0"),
    ],
)
def test_on_hold_audio_is_a_web_address(workshop: Workshop, message: object, says: str) -> None:
    answer = workshop.post(TRANSFER, {"destinations": [SALES], "messages": [message]})
    refused(answer, f"configOverride.{says}")


def test_an_error_does_not_repeat_what_was_sent(workshop: Workshop) -> None:
    answer = workshop.post(TRANSFER, {"destinations": [SALES | {"phoneNumber": "not-told"}]})
    assert answer.status_code == 400
    assert "not-told" not in answer.text


# Google Calendar


def test_a_calendar_tool_needs_the_integration(workshop: Workshop) -> None:
    refused(workshop.post(CALENDAR, {}), "Google Calendar integration not configured")
    workshop.connect_calendar()
    assert workshop.post(CALENDAR, {}).status_code == 201


def test_a_calendar_tool_keeps_its_config_by_id(workshop: Workshop) -> None:
    workshop.connect_calendar()
    hours = {"monday": [{"openTime": "09:00", "closeTime": "17:00"}], "sunday": []}
    tool = workshop.make(CALENDAR, {"appointmentConfig": {"hoursJson": hours}})
    assert set(tool["configOverride"]) == {"appointmentConfigId"}
    assert tool["effectiveConfig"] == tool["config"] | tool["configOverride"]
    assert tool["effectiveConfig"]["tools"] == [
        "scheduleAppointment",
        "searchAppointments",
        "cancelAppointment",
    ]


@pytest.mark.parametrize("override", [None, {}, {"appointmentConfig": {}}])
def test_the_appointment_config_is_optional(workshop: Workshop, override: object) -> None:
    workshop.connect_calendar()
    assert workshop.make(CALENDAR, override)["configOverride"]["appointmentConfigId"]


def test_a_business_has_one_appointment_config(workshop: Workshop) -> None:
    workshop.connect_calendar()
    first = workshop.make(CALENDAR)
    second = workshop.make(CALENDAR, {"appointmentConfig": {"slotDurationMinutes": 30}})
    assert first["configOverride"] == second["configOverride"]


@pytest.mark.parametrize(
    ("field", "least", "most"),
    [
        ("slotDurationMinutes", 10, 300),
        ("slotBufferMinutes", 0, 120),
        ("advanceNoticeMinutes", 0, 14_400),
    ],
)
def test_minutes_stay_in_their_ranges(
    workshop: Workshop, field: str, least: int, most: int
) -> None:
    workshop.connect_calendar()
    for minutes in (least, most):
        assert workshop.post(CALENDAR, {"appointmentConfig": {field: minutes}}).is_success
    for wrong in (least - 1, most + 1, least + 0.5, str(least), True, None):
        answer = workshop.post(CALENDAR, {"appointmentConfig": {field: wrong}})
        refused(answer, f"configOverride.appointmentConfig.{field}")


@pytest.mark.parametrize(
    "hours",
    [
        {"someday": [{"openTime": "09:00", "closeTime": "17:00"}]},
        {"Monday": [{"openTime": "09:00", "closeTime": "17:00"}]},
        {"monday": {"openTime": "09:00", "closeTime": "17:00"}},
        {"monday": [{"openTime": "09:00"}]},
        {"monday": [{"closeTime": "17:00"}]},
        {"monday": [{"openTime": "9:00", "closeTime": "17:00"}]},
        {"monday": [{"openTime": "09:00", "closeTime": "24:00"}]},
        {"monday": [{"openTime": "09:60", "closeTime": "17:00"}]},
        {"monday": [{"openTime": "09:00", "closeTime": "17:00\n"}]},
        {"monday": [{"openTime": "CLOSED", "closeTime": "CLOSED"}]},
        {"monday": [{"openTime": "17:00", "closeTime": "09:00"}]},
        {"monday": [{"openTime": "09:00", "closeTime": "09:00"}]},
        {"monday": [None]},
        ["monday"],
    ],
)
def test_hours_are_days_with_spans_of_hh_mm(workshop: Workshop, hours: object) -> None:
    workshop.connect_calendar()
    answer = workshop.post(CALENDAR, {"appointmentConfig": {"hoursJson": hours}})
    refused(answer, "configOverride.appointmentConfig.hoursJson")


# The other templates


def test_an_end_call_tool_has_no_settings(workshop: Workshop) -> None:
    assert workshop.make(END_CALL)["effectiveConfig"] == {}
    refused(workshop.post(END_CALL, {"afterSeconds": 5}), "configOverride")


def test_a_function_tool_keeps_its_settings(workshop: Workshop) -> None:
    parameters = {"type": "object", "properties": {"order": {"default": None}}}
    tool = workshop.make(FUNCTION, LOOKUP | {"parameters": parameters, "unheardOf": 1})
    assert tool["configOverride"] == LOOKUP | {"parameters": parameters}
    assert tool["effectiveConfig"] == tool["config"] | tool["configOverride"]


def test_a_request_tool_keeps_its_settings(workshop: Workshop) -> None:
    override = REQUEST | {"headers": {"X-Shop": "1"}, "timeoutSeconds": 5}
    tool = workshop.make(API_REQUEST, override)
    assert tool["configOverride"] == override
    assert tool["effectiveConfig"]["timeoutSeconds"] == 5


@pytest.mark.parametrize(
    ("template", "override", "says"),
    [
        (FUNCTION, {}, "serverUrl"),
        (FUNCTION, {"serverUrl": LOOKUP["serverUrl"]}, "functionName"),
        (FUNCTION, LOOKUP | {"serverUrl": "hooks.example.com"}, "serverUrl"),
        (FUNCTION, LOOKUP | {"functionName": "look up"}, "functionName"),
        (FUNCTION, LOOKUP | {"timeoutSeconds": 0}, "timeoutSeconds"),
        (API_REQUEST, {}, "url"),
        (API_REQUEST, {"url": REQUEST["url"]}, "method"),
        (API_REQUEST, REQUEST | {"method": "SHOUT"}, "method"),
        (API_REQUEST, REQUEST | {"url": "file:///etc/hosts"}, "url"),
        (API_REQUEST, REQUEST | {"headers": {"X-Shop": 1}}, "headers"),
    ],
)
def test_function_and_request_tools_follow_their_schemas(
    workshop: Workshop, template: str, override: object, says: str
) -> None:
    refused(workshop.post(template, override), says)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e999"])
def test_numbers_that_json_can_not_write_are_400(workshop: Workshop, number: str) -> None:
    function = (
        f'"serverUrl":"https://a.example.com","functionName":"f","parameters":{{"x":{number}}}'
    )
    body = f'{{"templateToolId":"{FUNCTION}","configOverride":{{{function}}}}}'
    refused(workshop.api.post(workshop.tools, content=body), "configOverride")
