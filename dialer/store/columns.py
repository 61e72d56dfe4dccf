"""The kinds of columns that the tables are made of."""

from datetime import timedelta

from sqlalchemy import (
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Integer,
    Text,
    TextClause,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.sql.schema import SchemaItem

from dialer.rules.call import CallState
from dialer.rules.campaign import CampaignState
from dialer.rules.lead import LeadState

NOW = text("outdial_now()")
EMPTY = text("'{}'::jsonb")


def after(span: timedelta) -> TextClause:
    """The instant that lies a span of campaign time ahead."""
    return text("outdial_now() + :span").bindparams(span=span)


def key() -> Column[object]:
    """The primary key."""
    return Column("id", Uuid(), primary_key=True)


def organization() -> Column[object]:
    """The organization that a row belongs to."""
    return Column("organization_id", Uuid(), ForeignKey("organizations.id"), nullable=False)


def ref(name: str, table: str, *, required: bool = True) -> Column[object]:
    """A reference to another table's row."""
    return Column(name, Uuid(), ForeignKey(f"{table}.id"), nullable=not required)


def instant(name: str, *, required: bool = False, now: bool = False) -> Column[object]:
    """An instant, with its zone; `now` fills it in."""
    return Column(
        name,
        DateTime(timezone=True),
        nullable=not (required or now),
        server_default=NOW if now else None,
    )


def words(name: str, *, required: bool = False, default: str | None = None) -> Column[object]:
    """Text of any length; limits are checked where it comes in."""
    return Column(
        name,
        Text(),
        nullable=not (required or default is not None),
        server_default=default,
    )


def whole(name: str, *, default: int | None = None) -> Column[object]:
    """A whole number."""
    shown = None if default is None else text(str(default))
    return Column(name, Integer(), nullable=default is None, server_default=shown)


def members(name: str) -> Column[object]:
    """A JSON object, empty by default."""
    return Column(name, JSONB(none_as_null=True), nullable=False, server_default=EMPTY)


def probation() -> tuple[Column[object], ...]:
    """How far whoever was parked has come back.

    How many calls may be unanswered at once (`ramp`), the instant from which on claimed calls
    count, and how often in a row the breaker has opened.
    """
    return (whole("ramp"), instant("probation_from"), whole("breaker_trips", default=0))


def is_one_of(states: type[CallState | CampaignState | LeadState]) -> SchemaItem:
    """A check that the state is one of an enumeration."""
    listed = ", ".join(f"'{state}'" for state in states)
    return CheckConstraint(f"state IN ({listed})", name="state")
