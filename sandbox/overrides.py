"""Decides what a tool's overrides are stored as, and which records stand behind them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.catalog.templates import CALENDAR_TEMPLATE, TRANSFER_TEMPLATE
from sandbox.errors import ApiError
from sandbox.model.base import Record, new_id
from sandbox.model.calendar import CalendarIntegration
from sandbox.model.tenants import Business
from sandbox.model.tools import (
    AppointmentConfig,
    OpenHours,
    Tool,
    ToolTemplate,
    TransferDestination,
)
from sandbox.world import World

DESTINATION_IDS = "destinationIds"
APPOINTMENT_CONFIG_ID = "appointmentConfigId"
APPOINTMENT_FIELDS = frozenset(
    {"slotDurationMinutes", "slotBufferMinutes", "advanceNoticeMinutes", "hoursJson"}
)


@dataclass(frozen=True, slots=True)
class Stored:
    """A tool's overrides as it keeps them, and the records to be kept with it."""

    override: dict[str, Any]
    records: tuple[Record, ...] = ()


def stored_override(
    world: World, business: Business, template: ToolTemplate, checked: Mapping[str, Any]
) -> Stored:
    """What becomes of overrides; nothing is changed yet.

    Args:
        world: Knows the business's calendar and when it can be booked so far.
        business: Whose tool it is.
        template: What it is made from.
        checked: Overrides that fit the template's schema.

    Raises:
        ApiError: The business has no calendar, or a day closes before it opens (400).
    """
    match template.id:
        case TRANSFER_TEMPLATE.id:
            return _destinations(business, checked)
        case CALENDAR_TEMPLATE.id:
            return _appointments(world, business, checked.get("appointmentConfig"))
        case _:
            return Stored(dict(checked))


def destinations_of(world: World, tool: Tool) -> list[TransferDestination]:
    """Where a tool can transfer to; no other tool uses these records."""
    ids = tool.config_override.get(DESTINATION_IDS, ())
    found = (world.find(TransferDestination, destination_id) for destination_id in ids)
    return [destination for destination in found if destination is not None]


def appointment_config_of(world: World, business: Business) -> AppointmentConfig | None:
    """When the business can be booked, if it has said so."""
    every = world.every(AppointmentConfig)
    return next((found for found in every if found.business_id == business.id), None)


def _destinations(business: Business, checked: Mapping[str, Any]) -> Stored:
    destinations = tuple(_destination(business, given) for given in checked["destinations"])
    override: dict[str, Any] = {DESTINATION_IDS: [record.id for record in destinations]}
    if "messages" in checked:
        override["messages"] = [
            {"type": message["type"], "content": message["content"]}
            for message in checked["messages"]
        ]
    return Stored(override, destinations)


def _destination(business: Business, given: Mapping[str, Any]) -> TransferDestination:
    return TransferDestination(
        id=new_id("destination"),
        business_id=business.id,
        name=given["name"],
        phone_number=given["phoneNumber"],
        description=given.get("description", ""),
        warm_transfer_enabled=given.get("warmTransferEnabled", False),
    )


def _appointments(world: World, business: Business, given: Mapping[str, Any] | None) -> Stored:
    integrations = world.every(CalendarIntegration)
    if all(found.business_id != business.id for found in integrations):
        raise ApiError(400, "Google Calendar integration not configured")
    before = appointment_config_of(world, business)
    if before is not None and given is None:
        return Stored({APPOINTMENT_CONFIG_ID: before.id})
    config_id = before.id if before else new_id("appointments")
    config = _appointment_config(config_id, business, given or {})
    return Stored({APPOINTMENT_CONFIG_ID: config.id}, (config,))


def _appointment_config(
    config_id: str, business: Business, given: Mapping[str, Any]
) -> AppointmentConfig:
    chosen = {name: given[name] for name in given if name in APPOINTMENT_FIELDS}
    if "hoursJson" in chosen:
        chosen["hoursJson"] = {
            day: tuple(_span(day, span) for span in spans)
            for day, spans in chosen["hoursJson"].items()
        }
    return AppointmentConfig.model_validate({"id": config_id, "businessId": business.id, **chosen})


def _span(day: str, span: Mapping[str, str]) -> OpenHours:
    if not span["openTime"] < span["closeTime"]:
        raise ApiError(
            400,
            f"configOverride.appointmentConfig.hoursJson.{day}: openTime must be before closeTime",
        )
    return OpenHours(open_time=span["openTime"], close_time=span["closeTime"])
