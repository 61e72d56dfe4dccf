"""The rules over all campaigns: read them for a gate, change them as a new version."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection

from dialer.context import Context
from dialer.rules import rulebook as rules
from dialer.rules.errors import ConflictError, Fault, InvalidInputError, NotFoundError
from dialer.rules.law.law import Law
from dialer.rules.law.row import LawError
from dialer.rules.outcomes.meaning import OutcomeMap
from dialer.rules.outcomes.table import OutcomeMapError
from dialer.rules.rulebook import Limits, Rulebook
from dialer.store import clock, events
from dialer.store.compliance import rulebooks
from dialer.store.intake import leads

GATES = (
    "outside_calling_hours",
    "holiday",
    "closed_date",
    "state_paused",
    "no_common_window",
    "number_gap",
    "number_cap_24h",
    "number_cap_7d",
    "no_consent",
    "dnc_stale",
    "precall_refused",
    "precall_unreadable",
    "campaign_not_started",
    "campaign_ended",
    "gate_unreadable",
)
"""Reasons for which a lead waits that an edit may lift: it is looked at again at once."""

Row = Mapping[Any, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """What a person changes; None leaves a part as it is.

    Attributes:
        calling_hours: The law's table as CSV; an empty text takes the shipped one again.
        outcomes: The table of outcomes as CSV; an empty text takes the shipped one again.
        limits: The limits that change, by name.
        version: The version that the edit was made on; another one by now is a conflict.
        note: Why, for the record.
        by: Who.
    """

    calling_hours: str | None = None
    outcomes: str | None = None
    limits: Mapping[str, object] | None = None
    version: int | None = None
    note: str | None = None
    by: str | None = None


async def of(conn: AsyncConnection, organization_id: UUID) -> Rulebook:
    """The version in force.

    Raises:
        ValueError: it can't be read; whoever decides by it decides nothing.
    """
    row = await rulebooks.current(conn, organization_id=organization_id)
    return rules.shipped() if row is None else _read(row)


async def show(conn: AsyncConnection, organization_id: UUID, number: int | None) -> Rulebook:
    """A version for people to look at; None is the one in force.

    Raises:
        NotFoundError: there is no such version.
        ConflictError: it can't be read, so the gates are shut where it is in force.
    """
    if number == rules.SHIPPED_VERSION:
        return rules.shipped()
    if number is None:
        row = await rulebooks.current(conn, organization_id=organization_id)
        return rules.shipped() if row is None else _readable(row)
    row = await rulebooks.get(conn, organization_id=organization_id, version=number)
    if row is None:
        raise NotFoundError(f"there is no version {number} of the rules")
    return _readable(row)


def read_outcomes(text: str) -> OutcomeMap:
    """A table of outcomes as it was sent; an empty text is the shipped one.

    Raises:
        InvalidInputError: naming each row and field that can't be.
    """
    try:
        return OutcomeMap.parse(text) if text else OutcomeMap.shipped()
    except OutcomeMapError as error:
        faults = tuple(_fault("outcomes", p.row, p.field, p.message) for p in error.problems)
        raise InvalidInputError("the table can't be so", faults=faults) from error


async def change(context: Context, *, organization_id: UUID, edit: Edit) -> Rulebook:
    """Put a new version in force.

    Once this returns, no call that was claimed under an older version can be armed: it is
    released, and its lead meets the gates anew. Leads that a gate put off are looked at again.

    Raises:
        InvalidInputError: naming each row and field that can't be.
        ConflictError: somebody else changed the rules since `edit.version`.
    """
    faults = _faults(edit)
    if faults:
        raise InvalidInputError("the rules can't be so", faults=faults)
    async with context.engine.begin() as conn:
        number = await rulebooks.hold(conn, organization_id=organization_id)
        if edit.version is not None and edit.version != number:
            raise ConflictError(
                f"the rules are at version {number} by now, not {edit.version}: read them again"
            )
        row = await rulebooks.current(conn, organization_id=organization_id)
        values = {**_merged(row, edit), "version": number + 1}
        made = _readable(values)
        await rulebooks.add(
            conn,
            organization_id=organization_id,
            version=made.version,
            calling_hours=values["calling_hours"],
            outcomes=values["outcomes"],
            limits=made.limits.as_dict(),
            note=edit.note,
            by=edit.by,
        )
        happened = events.event(
            "rules.changed",
            organization_id=organization_id,
            body={"version": made.version, "by": edit.by, "note": edit.note, **_told(edit)},
        )
        await events.append(conn, [happened])
    await reconsider(context, organization_id=organization_id)
    return made


async def reconsider(
    context: Context,
    *,
    organization_id: UUID,
    campaign_id: UUID | None = None,
    reasons: Sequence[str] = GATES,
) -> None:
    """Let leads that a gate put off until now be looked at again, some at a time."""
    async with context.engine.connect() as conn:
        before = await clock.now(conn)
    while True:
        async with context.engine.begin() as conn:
            lanes = await leads.reconsider(
                conn,
                organization_id=organization_id,
                campaign_id=campaign_id,
                reasons=reasons,
                before=before,
            )
        if not lanes:
            return
        await context.wakeups.lanes(lanes)


def _readable(row: Row) -> Rulebook:
    try:
        return _read(row)
    except ValueError as error:
        raise ConflictError(
            f"version {row['version']} of the rules can't be read ({str(error)[:100]}): send the "
            "table anew, or empty for the shipped one"
        ) from error


def _read(row: Row) -> Rulebook:
    return rules.read(
        version=row["version"],
        calling_hours=row["calling_hours"],
        outcomes=row["outcomes"],
        limits=row["limits"],
    )


def _merged(row: RowMapping | None, edit: Edit) -> dict[str, Any]:
    was: Row = row or {}
    return {
        "calling_hours": _taken(edit.calling_hours, was.get("calling_hours")),
        "outcomes": _taken(edit.outcomes, was.get("outcomes")),
        "limits": {**was.get("limits", {}), **(edit.limits or {})},
    }


def _taken(given: str | None, was: str | None) -> str | None:
    return was if given is None else given or None


def _told(edit: Edit) -> dict[str, object]:
    parts = [name for name in ("calling_hours", "outcomes") if getattr(edit, name) is not None]
    return {"changed": [*parts, *sorted(edit.limits or {})]}


def _faults(edit: Edit) -> tuple[Fault, ...]:
    found: list[Fault] = []
    try:
        Law.parse(edit.calling_hours) if edit.calling_hours else None
    except LawError as error:
        found += [_fault("calling_hours", p.row, p.field, p.message) for p in error.problems]
    try:
        read_outcomes(edit.outcomes or "")
    except InvalidInputError as error:
        found += error.faults
    try:
        Limits.parse(edit.limits or {})
    except ValueError as error:
        found.append(Fault("/limits", "invalid_limits", str(error)))
    return tuple(found)


def _fault(table: str, row: int | None, field: str, message: str) -> Fault:
    return Fault(f"/{table}/{row or 0}/{field}".rstrip("/"), f"invalid_{table}", message)
