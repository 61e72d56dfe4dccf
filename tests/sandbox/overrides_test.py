"""What stands behind a tool's overrides: destinations, and when appointments can be booked."""

from typing import Any

import pytest

from sandbox.catalog.templates import CALENDAR_TEMPLATE, FUNCTION_TEMPLATE, TRANSFER_TEMPLATE
from sandbox.errors import ApiError
from sandbox.model.calendar import CalendarIntegration
from sandbox.model.tenants import Business
from sandbox.model.tools import (
    BUSINESS_HOURS,
    AppointmentConfig,
    OpenHours,
    Tool,
    TransferDestination,
)
from sandbox.overrides import appointment_config_of, destinations_of, stored_override
from sandbox.world import World
from tests.sandbox.worlds import forget

AT = "2026-03-02T15:00:00.000Z"
SHOP = Business(id="biz_shop", organization_id="org", name="Shop")
OTHER = Business(id="biz_other", organization_id="org", name="Other")
NINE_TO_FIVE = OpenHours(open_time="09:00", close_time="17:00")


@pytest.fixture
def world() -> World:
    kept = World(keep=forget)
    for business in (SHOP, OTHER):
        kept.put(business)
    kept.put(
        CalendarIntegration(
            id="calendar", business_id=SHOP.id, calendar_id="primary", acl_rule_id="acl"
        )
    )
    return kept


def book(world: World, given: dict[str, Any] | None) -> AppointmentConfig:
    """Make a calendar tool of the shop; when it can be booked then."""
    checked = {} if given is None else {"appointmentConfig": given}
    stored = stored_override(world, SHOP, CALENDAR_TEMPLATE, checked)
    world.together(put=stored.records)
    config = appointment_config_of(world, SHOP)
    assert config is not None
    assert stored.override == {"appointmentConfigId": config.id}
    return config


def test_destinations_are_records_of_the_business(world: World) -> None:
    full = {
        "name": "Sales",
        "phoneNumber": "+12125550123",
        "description": "Quotes",
        "warmTransferEnabled": True,
    }
    bare = {"name": "Office", "phoneNumber": "+12125550124"}
    stored = stored_override(world, SHOP, TRANSFER_TEMPLATE, {"destinations": [full, bare]})
    first, second = stored.records
    assert stored.override == {"destinationIds": [first.id, second.id]}
    assert first.model_dump(by_alias=True) == full | {"id": first.id, "businessId": SHOP.id}
    assert isinstance(second, TransferDestination)
    assert (second.description, second.warm_transfer_enabled) == ("", False)
    assert world.every(TransferDestination) == []


def test_a_tools_destinations_are_found_again(world: World) -> None:
    given = {"destinations": [{"name": "Office", "phoneNumber": "+12125550124"}]}
    stored = stored_override(world, SHOP, TRANSFER_TEMPLATE, given)
    tool = TRANSFER_TEMPLATE.instance(business_id=SHOP.id, override=stored.override, at=AT)
    assert destinations_of(world, tool) == []
    world.together(put=[*stored.records, tool])
    assert destinations_of(world, tool) == list(stored.records)


def test_appointments_have_the_guides_defaults(world: World) -> None:
    given: dict[str, Any] | None
    for given in (None, {}):
        config = book(world, given)
        assert config.slot_duration_minutes == 60
        assert config.slot_buffer_minutes == 0
        assert config.advance_notice_minutes == 1440
        assert config.hours_json == BUSINESS_HOURS


def test_business_hours_are_those_of_working_days() -> None:
    assert list(BUSINESS_HOURS) == ["monday", "tuesday", "wednesday", "thursday", "friday"]
    assert set(BUSINESS_HOURS.values()) == {(NINE_TO_FIVE,)}


def test_appointments_are_as_they_were_sent(world: World) -> None:
    spans = [
        {"openTime": "09:00", "closeTime": "12:00"},
        {"openTime": "13:00", "closeTime": "17:00"},
    ]
    config = book(
        world,
        {
            "slotDurationMinutes": 30,
            "slotBufferMinutes": 15,
            "advanceNoticeMinutes": 0,
            "hoursJson": {"saturday": spans, "sunday": []},
            "unheardOf": True,
        },
    )
    assert (config.slot_duration_minutes, config.slot_buffer_minutes) == (30, 15)
    assert config.advance_notice_minutes == 0
    assert config.hours_json == {
        "saturday": (
            OpenHours(open_time="09:00", close_time="12:00"),
            OpenHours(open_time="13:00", close_time="17:00"),
        ),
        "sunday": (),
    }


def test_a_second_config_takes_the_first_ones_place(world: World) -> None:
    first = book(world, {"slotDurationMinutes": 30, "slotBufferMinutes": 15})
    second = book(world, {"slotDurationMinutes": 90})
    assert second.id == first.id
    assert (second.slot_duration_minutes, second.slot_buffer_minutes) == (90, 0)
    assert world.every(AppointmentConfig) == [second]


def test_without_a_config_the_one_there_is_stays(world: World) -> None:
    first = book(world, {"slotDurationMinutes": 30})
    assert book(world, None) == first


def test_a_whole_number_written_as_a_fraction_is_one(world: World) -> None:
    assert book(world, {"slotDurationMinutes": 30.0}).slot_duration_minutes == 30


def test_another_businesss_calendar_does_not_count(world: World) -> None:
    with pytest.raises(ApiError, match="Google Calendar integration not configured") as refused:
        stored_override(world, OTHER, CALENDAR_TEMPLATE, {})
    assert refused.value.status == 400


@pytest.mark.parametrize("closes", ["09:00", "08:59", "00:00"])
def test_a_day_opens_before_it_closes(world: World, closes: str) -> None:
    hours = {"monday": [{"openTime": "09:00", "closeTime": closes}]}
    with pytest.raises(ApiError, match=r"hoursJson\.monday: openTime must be before closeTime"):
        book(world, {"hoursJson": hours})
    assert world.every(AppointmentConfig) == []


def test_other_templates_store_what_they_are_given(world: World) -> None:
    given = {"serverUrl": "https://hooks.example.com", "functionName": "f"}
    stored = stored_override(world, SHOP, FUNCTION_TEMPLATE, given)
    assert (stored.override, stored.records) == (given, ())


def test_overrides_are_laid_over_the_templates_config() -> None:
    tool = Tool(
        id="tool",
        business_id=SHOP.id,
        template_tool_id=None,
        name="x",
        display_name="X",
        type="x",
        config={"kept": 1, "deep": {"kept": 1, "over": 1}, "list": [1, 2]},
        config_override={"deep": {"over": 2}, "list": [3], "more": None},
    )
    merged = {"kept": 1, "deep": {"kept": 1, "over": 2}, "list": [3], "more": None}
    assert tool.effective_config == merged
    assert tool.config["deep"] == {"kept": 1, "over": 1}
