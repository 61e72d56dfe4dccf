"""Webhook deliveries: stored first as they came, then mapped to leads, replayed at will.

A map that doesn't fit, a paused source or a finished campaign is our trouble, not the
sender's: the delivery stays stored, shows as needing attention, and can be replayed.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal
from uuid import UUID

from sqlalchemy import RowMapping

from dialer.context import Context
from dialer.pipeline.intake import hook_stops
from dialer.pipeline.intake.intake import MAX_BULK, Door, Once, Receipt, accept
from dialer.rules.errors import (
    ConflictError,
    Fault,
    IdempotencyMismatchError,
    InvalidInputError,
    NotFoundError,
)
from dialer.rules.intake.field_map import seen_keys, to_lead
from dialer.rules.intake.payload import clean_text, read_delivery
from dialer.store import events
from dialer.store.intake import sources

State = Literal["accepted", "partial", "needs_attention"]

FRESH_ROWS = 10
"""A delivery of more leads is an export, not people who have just asked for something."""
_GOOD = ("accepted", "duplicate", "stopped", "no_such_lead")


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """What became of a delivery.

    Attributes:
        delivery_id: The stored delivery.
        state: `accepted` when every row made (or met) a lead, `partial` when some did.
        many: Whether the sender sent a list.
        rows: A receipt for each row, as JSON members; empty while nothing could be read.
        problem: What needs attention: `code`, `detail`; None when nothing does.
        replayed: Whether this is the answer that an earlier delivery got.
    """

    delivery_id: UUID
    state: State
    many: bool
    rows: tuple[Mapping[str, object], ...] = ()
    problem: Mapping[str, object] | None = None
    replayed: bool = False


async def deliver(
    context: Context,
    *,
    source: RowMapping,
    content_type: str,
    body: bytes,
    idempotency_key: str | None,
) -> Delivered:
    """Store a delivery, commit, and then map it.

    Raises:
        json.JSONDecodeError: the body is broken JSON; nothing is stored.
        InvalidInputError: the form is broken, or there are too many rows; nothing is stored.
        UnsupportedMediaError: the body is neither JSON nor a form; nothing is stored.
        IdempotencyMismatchError: the key came before with another body.
    """
    content = read_delivery(content_type, body)
    if isinstance(content, list) and len(content) > MAX_BULK:
        fault = Fault("", "row_count", f"a delivery has at most {MAX_BULK} rows")
        raise InvalidInputError(fault.message, faults=(fault,))
    async with context.engine.begin() as conn:
        delivery_id, was = await sources.keep_delivery(
            conn,
            organization_id=source["organization_id"],
            source_id=source["id"],
            content_type=clean_text(content_type[:200]),
            body=body,
            dedupe_key=idempotency_key,
        )
    if was is not None and was["body"] != body:
        raise IdempotencyMismatchError(
            "this Idempotency-Key came with a different delivery; take a new key for a new one"
        )
    if was is not None and was["answer"]:
        return replace(_from_answer(was), replayed=True)
    return await _settle(context, source, delivery_id, content, ())


async def replay(context: Context, *, organization_id: UUID, delivery_id: UUID) -> Delivered:
    """Map a stored delivery again, with the source's present map and campaign.

    Rows that made a lead before keep it and are not mapped again.

    Raises:
        NotFoundError: there is no such delivery.
    """
    async with context.engine.connect() as conn:
        row = await sources.delivery(
            conn, organization_id=organization_id, delivery_id=delivery_id
        )
        if row is None:
            raise NotFoundError("there is no such delivery")
        source = await sources.get(
            conn, organization_id=organization_id, source_id=row["source_id"]
        )
    if row["state"] == "accepted":
        return replace(_from_answer(row), replayed=True)
    if source is None:
        raise NotFoundError("the delivery's source is gone")
    content = read_delivery(row["content_type"] or "", row["body"])
    kept = tuple(r for r in row["answer"].get("rows", ()) if r["status"] in _GOOD)
    return await _settle(context, source, delivery_id, content, kept)


def _from_answer(row: RowMapping) -> Delivered:
    answer = row["answer"]
    return Delivered(
        delivery_id=row["id"],
        state=row["state"],
        many=bool(answer.get("many")),
        rows=tuple(answer.get("rows", ())),
        problem=row["problem"] or None,
    )


async def _settle(
    context: Context,
    source: RowMapping,
    delivery_id: UUID,
    content: object,
    kept: Sequence[Mapping[str, object]],
) -> Delivered:
    made = await _map(context, source, delivery_id, content, kept)
    async with context.engine.begin() as conn:
        await sources.settle_delivery(
            conn,
            delivery_id=delivery_id,
            state=made.state,
            problem=made.problem or {},
            answer={"many": made.many, "rows": list(made.rows)},
        )
        if made.problem is not None:
            happened = events.event(
                "delivery.needs_attention",
                organization_id=source["organization_id"],
                campaign_id=source["campaign_id"],
                body={
                    "delivery_id": delivery_id,
                    "source": source["name"],
                    "code": made.problem["code"],
                },
            )
            await events.append(conn, [happened])
    return made


async def _map(
    context: Context,
    source: RowMapping,
    delivery_id: UUID,
    content: object,
    kept: Sequence[Mapping[str, object]],
) -> Delivered:
    many = isinstance(content, list)
    listed = content if isinstance(content, list) else [content]
    done: dict[object, Mapping[str, object]] = {r["index"]: r for r in kept}
    todo = {i: row for i, row in enumerate(listed) if i not in done}
    stops = hook_stops.among(source, todo)
    leads = {i: row for i, row in todo.items() if i not in stops}
    made, problem = await _bring_in(context, source, delivery_id, leads, empty=not listed)
    # After the leads, which they may name; and even where leads are stopped at the door: nobody
    # is called on who asked not to be.
    for receipts in (made, await hook_stops.take(context, source, stops)):
        done.update(receipts.items())
    rows = tuple(done[i] for i in range(len(listed)) if i in done)
    if problem is not None:
        return _stuck(delivery_id, problem, rows, many=many)
    return _sum_up(delivery_id, rows, many=many)


async def _bring_in(
    context: Context,
    source: RowMapping,
    delivery_id: UUID,
    leads: Mapping[int, object],
    *,
    empty: bool,
) -> tuple[dict[int, Mapping[str, object]], Mapping[str, object] | None]:
    closed = _closed(source, empty=empty) if leads or empty else None
    if closed is not None:
        return {}, closed
    try:
        receipts = await _take(context, source, delivery_id, leads)
    except (ConflictError, NotFoundError) as error:
        return {}, {"code": "campaign_closed", "detail": error.message}
    return {r.index: json.loads(json.dumps(r.as_dict())) for r in receipts}, None


def _closed(source: RowMapping, *, empty: bool) -> Mapping[str, object] | None:
    if source["state"] == "paused":
        return {"code": "source_paused", "detail": "the source is paused; resume it and replay"}
    if source["campaign_id"] is None:
        return {"code": "no_campaign", "detail": "the source feeds no campaign; give it one"}
    if empty:
        return {"code": "no_rows", "detail": "the delivery is an empty list"}
    return None


def _stuck(
    delivery_id: UUID,
    problem: Mapping[str, object],
    kept: Sequence[Mapping[str, object]],
    *,
    many: bool,
) -> Delivered:
    return Delivered(
        delivery_id=delivery_id,
        state="partial" if kept else "needs_attention",
        many=many,
        rows=tuple(kept),
        problem=problem,
    )


async def _take(
    context: Context, source: RowMapping, delivery_id: UUID, todo: Mapping[int, object]
) -> list[Receipt]:
    unreadable = {i: fault for i, row in todo.items() if (fault := _unreadable(source, row))}
    given = {
        i: to_lead(row, source["field_map"])
        for i, row in todo.items()
        if isinstance(row, Mapping) and i not in unreadable
    }
    receipts = [
        Receipt(index=i, status="rejected", faults=(fault,)) for i, fault in unreadable.items()
    ]
    if given:
        # The same rows under the same map are taken once, however often and however
        # concurrently they come; a changed map is a new request.
        seal = hashlib.sha256(json.dumps(given, sort_keys=True).encode()).hexdigest()
        taken = await accept(
            context,
            door=Door(
                organization_id=source["organization_id"],
                campaign_id=source["campaign_id"],
                source_id=source["id"],
                fresh=len(given) <= FRESH_ROWS,
            ),
            given=list(given.values()),
            once=Once(scope="delivery", key=f"{delivery_id}:{seal}", body=seal.encode()),
        )
        receipts += [replace(r, index=i) for i, r in zip(given, taken, strict=True)]
    return receipts


def _unreadable(source: RowMapping, row: object) -> Fault | None:
    if not isinstance(row, Mapping):
        return Fault("", "not_an_object", "a lead must be an object with fields")
    if to_lead(row, source["field_map"]).get("phone") is None:
        seen = ", ".join(seen_keys(row)) or "none"
        return Fault("/phone", "not_mapped", f"no field mapped to phone; saw keys {seen}")
    return None


def _sum_up(delivery_id: UUID, rows: tuple[Mapping[str, object], ...], *, many: bool) -> Delivered:
    bad = [row for row in rows if row["status"] not in _GOOD]
    if not bad:
        return Delivered(delivery_id=delivery_id, state="accepted", many=many, rows=rows)
    return Delivered(
        delivery_id=delivery_id,
        state="partial" if len(bad) < len(rows) else "needs_attention",
        many=many,
        rows=rows,
        problem=_first_problem(bad, len(rows)),
    )


def _first_problem(bad: Sequence[Mapping[str, object]], rows: int) -> Mapping[str, object]:
    errors = bad[0].get("errors")
    first = errors[0] if isinstance(errors, list) and errors else {}
    detail = first.get("message", "a row was refused")
    return {
        "code": first.get("code", "rejected"),
        "detail": detail if rows == 1 else f"{len(bad)} of {rows} rows: {detail}",
    }
