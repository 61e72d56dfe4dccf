"""How tools are set up is checked where the guide is certain, and left alone where it isn't."""

from typing import Any

import pytest
from pydantic import ValidationError

from partner import (
    AppointmentConfig,
    CalendarOverride,
    CreateTool,
    HoldAudio,
    OpenHours,
    TransferDestination,
    TransferOverride,
    UpdateTool,
)

DESK = {"name": "Desk", "phoneNumber": "+12125550123"}


def made(override: object) -> CreateTool:
    """A creation with an override."""
    return CreateTool.model_validate({"templateToolId": "t-1", "configOverride": override})


def sent(override: object) -> object:
    """What of an override goes out."""
    return made(override).wire().get("configOverride")


def test_a_mapping_is_read_by_what_its_keys_show() -> None:
    assert isinstance(made({"destinations": [DESK]}).config_override, TransferOverride)
    assert isinstance(made({"appointmentConfig": {}}).config_override, CalendarOverride)
    assert isinstance(made({"appointment_config": {}}).config_override, CalendarOverride)
    assert made({"url": "https://example.com"}).config_override == {"url": "https://example.com"}


def test_what_is_unknown_goes_out_as_it_is() -> None:
    override = {"url": "https://example.com", "body": {"a": [1, None, 2.5]}, "async": None}
    assert sent(override) == override
    assert sent(None) is None


@pytest.mark.parametrize(
    "override", [{"a": float("nan")}, {"a": [float("inf")]}, {"a": "\ud800"}, {"\ud800": 1}]
)
def test_what_json_can_not_carry(override: dict[str, object]) -> None:
    with pytest.raises(ValidationError, match=r"JSON|utf-8"):
        made(override)


def test_a_transfer_in_words_of_python() -> None:
    desk = TransferDestination(
        name="Desk", phone_number="+12125550123", description="All", warm_transfer_enabled=True
    )
    override = TransferOverride(
        destinations=(desk,), messages=(HoldAudio(content="https://example.com/a.mp3"),)
    )
    assert sent(override) == {
        "destinations": [DESK | {"description": "All", "warmTransferEnabled": True}],
        "messages": [{"type": "request-complete", "content": "https://example.com/a.mp3"}],
    }


@pytest.mark.parametrize("number", ["+12125550123", "+19995550199"])
def test_a_number_by_the_guides_rule(number: str) -> None:
    assert TransferDestination(name="Desk", phone_number=number).phone_number == number


@pytest.mark.parametrize(
    "number",
    [
        "+12121550123",
        "+10125550123",
        "+11125550123",
        "+12120550123",
        "2125550123",
        "+1212555012",
        "+121255501234",
        "+441632960123",
        "+1 212 555 0123",
        "+12125550123\n",
        "+1212555012\u0663",
        "",
    ],
)
def test_no_number(number: str) -> None:
    with pytest.raises(ValidationError, match=r"a phone number is \+1 and ten digits"):
        made({"destinations": [DESK | {"phoneNumber": number}]})


@pytest.mark.parametrize(
    ("override", "words"),
    [
        ({"destinations": []}, "at least one destination"),
        ({"destinations": [DESK], "music": 1}, "Extra inputs"),
        ({"destinations": [{"name": "Desk"}]}, "phoneNumber"),
        ({"destinations": [DESK | {"warmTransferEnabled": "no"}]}, "boolean"),
        (
            {"destinations": [DESK], "messages": [{"type": "hello", "content": "x"}]},
            "request-complete",
        ),
    ],
)
def test_no_transfer(override: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        made(override)


@pytest.mark.parametrize(
    ("name", "least", "most"),
    [
        ("slotDurationMinutes", 10, 300),
        ("slotBufferMinutes", 0, 120),
        ("advanceNoticeMinutes", 0, 14_400),
    ],
)
def test_the_ranges_of_appointments(name: str, least: int, most: int) -> None:
    for minutes in (least, most):
        override = {"appointmentConfig": {name: minutes}}
        assert sent(override) == override
    for wrong in (least - 1, most + 1, str(least), float(most)):
        with pytest.raises(ValidationError, match=name):
            made({"appointmentConfig": {name: wrong}})


def test_hours_of_appointments_by_weekday() -> None:
    nine = OpenHours(open_time="09:00", close_time="12:00")
    config = AppointmentConfig(hours_json={"monday": (nine,), "sunday": ()})
    assert config.wire() == {
        "hoursJson": {"monday": [{"openTime": "09:00", "closeTime": "12:00"}], "sunday": []}
    }
    assert sent({"appointmentConfig": {"hoursJson": {"Monday": []}}}) == {
        "appointmentConfig": {"hoursJson": {"monday": []}}
    }
    with pytest.raises(ValidationError, match="monday"):
        made({"appointmentConfig": {"hoursJson": {"mon": []}}})


def test_a_change_of_a_tool() -> None:
    assert UpdateTool().wire() == {}
    assert UpdateTool(config_override=None).wire() == {"configOverride": None}
    with pytest.raises(ValidationError, match="Extra inputs"):
        UpdateTool.model_validate({"templateToolId": "t-2"})
