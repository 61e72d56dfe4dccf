"""The timeline: append-only events of leads, calls and campaigns, and evidence of answers."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection

from dialer.store.engine import rows, run, run_many

NAMES: Mapping[str, str] = {
    "lead.accepted": "A lead was accepted and waits.",
    "lead.deferred": "A gate asked to look at the lead again later.",
    "lead.waiting": "The lead waits for its next attempt.",
    "lead.held": "A call of the lead can't be proven; a person decides.",
    "lead.done": "The lead is finished, with its reason.",
    "lead.suppressed": "The lead's number may not be called.",
    "lead.expired": "The lead was not reached before it expired.",
    "lead.cancelled": "The lead was cancelled, alone or with its campaign.",
    "lead.stopped": "The CRM's word came while the lead is called; nothing follows that call.",
    "call.claimed": "The decision to ring was written down; nothing is sent yet.",
    "call.released": "A gate closed, or nothing could be sent; no phone rang.",
    "call.dialing": "The call was armed: the request may leave now.",
    "call.placed": "The upstream accepted the call.",
    "call.refused": "The upstream refused the call; no phone rang.",
    "call.unknown": "The call may or may not have rung.",
    "call.live": "The call was seen in progress.",
    "call.ended": "The call ended, with its outcome.",
    "call.absent": "The call was proven not to have been placed.",
    "call.held": "The call can't be proven; a person decides.",
    "call.stale": "The call was placed but never seen to end.",
    "call.decided": "A person decided what became of a held or stale call.",
    "call.found_late": "A call that a person had decided appeared in the history after all.",
    "answer.disbelieved": "An answer that counted as a refusal had rung: it proves nothing now.",
    "answer.believed": "A person decided that such an answer counts as a refusal again.",
    "campaign.created": "A campaign was created, as a draft.",
    "campaign.changed": "A campaign's plan was changed.",
    "campaign.running": "The campaign was started or resumed.",
    "campaign.paused": "The campaign was paused.",
    "campaign.completed": "The campaign's end came.",
    "campaign.cancelled": "The campaign was cancelled.",
    "campaign.parked": "The campaign can't dial until someone looks at it.",
    "run.filled": "All leads of a run were copied into its campaign, or it was given up.",
    "schedule.created": "A campaign's runs were scheduled.",
    "schedule.changed": "A schedule was changed, paused or resumed.",
    "schedule.deleted": "A schedule was deleted; the campaigns of its runs stay.",
    "schedule.skipped": "A scheduled run was left out, and why.",
    "variant.added": "A campaign compares one more variant.",
    "variant.changed": "A variant's name, weight or templates were changed.",
    "variant.retired": "A variant is drawn no more; leads that it called stay with it.",
    "rules.changed": "The rules over all campaigns were changed, as a new version.",
    "agent.parked": "The agent can't dial; its leads wait and no attempt is spent.",
    "agent.resumed": "The agent dials again.",
    "organization.paused": "A person paused everything.",
    "organization.unpaused": "A person let everything dial again.",
    "business.paused": "A person paused a business.",
    "business.unpaused": "A person let a business dial again.",
    "organization.restored": "The database went back; nothing dials until its calls are found.",
    "organization.recovered": "What the database had lost was looked for; calls go out again.",
    "organization.parked": "Nothing dials: our credentials are refused, or most calls go wrong.",
    "organization.resumed": "The organization dials again, one call first.",
    "number.suppressed": "A number was put on the do-not-call list.",
    "number.unsuppressed": "A number was taken off the do-not-call list.",
    "registry.declared": "The copy of the do-not-call registry was said to be of a day.",
    "registry.cleared": "The copy of the do-not-call registry was taken out of force.",
    "delivery.needs_attention": "A delivery was stored but made no lead; it can be replayed.",
}
"""Every event and what it says."""

Values = dict[str, object]


def event(
    name: str,
    *,
    organization_id: UUID,
    campaign_id: UUID | None = None,
    lead_id: UUID | None = None,
    call_id: UUID | None = None,
    body: Mapping[str, object] | None = None,
) -> Values:
    """One event, ready for `append`."""
    if name not in NAMES:
        raise KeyError(name)
    return {
        "organization_id": organization_id,
        "campaign_id": campaign_id,
        "lead_id": lead_id,
        "call_id": call_id,
        "name": name,
        "body": json.dumps(body or {}, default=_plain),
    }


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


async def append(conn: AsyncConnection, events: Sequence[Values]) -> None:
    """Write events, in order."""
    await run_many(
        conn,
        """
        INSERT INTO events (organization_id, campaign_id, lead_id, call_id, name, body)
        VALUES (:organization_id, :campaign_id, :lead_id, :call_id, :name,
                CAST(:body AS jsonb))
        """,
        events,
    )


async def timeline(
    conn: AsyncConnection, *, organization_id: UUID, lead_id: UUID, limit: int = 500
) -> Sequence[RowMapping]:
    """A lead's events, oldest first."""
    return await rows(
        conn,
        """
        SELECT id, at, name, call_id, body FROM events
        WHERE organization_id = :organization_id AND lead_id = :lead_id
        ORDER BY id LIMIT :limit
        """,
        organization_id=organization_id,
        lead_id=lead_id,
        limit=limit,
    )


async def since(
    conn: AsyncConnection, *, organization_id: UUID, after: int, limit: int = 200
) -> Sequence[RowMapping]:
    """The organization's events after an event's id, oldest first."""
    return await rows(
        conn,
        """
        SELECT id, at, name, campaign_id, lead_id, call_id, body FROM events
        WHERE organization_id = :organization_id AND id > :after
        ORDER BY id LIMIT :limit
        """,
        organization_id=organization_id,
        after=after,
        limit=limit,
    )


async def latest(
    conn: AsyncConnection, *, organization_id: UUID, limit: int = 50
) -> Sequence[RowMapping]:
    """The organization's newest events, newest first."""
    return await rows(
        conn,
        """
        SELECT id, at, name, campaign_id, lead_id, call_id, body FROM events
        WHERE organization_id = :organization_id ORDER BY id DESC LIMIT :limit
        """,
        organization_id=organization_id,
        limit=limit,
    )


async def keep_evidence(
    conn: AsyncConnection,
    *,
    organization_id: UUID,
    call_id: UUID,
    kind: str,
    body: Mapping[str, object],
) -> None:
    """Append what was seen of a call; evidence is never changed.

    Whoever did not hear of the commit writes the same again: it is kept once.
    """
    await run(
        conn,
        """
        INSERT INTO evidence (organization_id, call_id, kind, body)
        SELECT :organization_id, :call_id, :kind, CAST(:body AS jsonb) WHERE NOT EXISTS (
            SELECT FROM evidence
            WHERE call_id = :call_id AND kind = :kind AND body = CAST(:body AS jsonb)
        )
        """,
        organization_id=organization_id,
        call_id=call_id,
        kind=kind,
        body=json.dumps(body, default=_plain),
    )


async def evidence_of(
    conn: AsyncConnection, *, organization_id: UUID, call_id: UUID
) -> Sequence[RowMapping]:
    """What was seen of a call, oldest first."""
    return await rows(
        conn,
        """
        SELECT at, kind, body FROM evidence
        WHERE organization_id = :organization_id AND call_id = :call_id ORDER BY id
        """,
        organization_id=organization_id,
        call_id=call_id,
    )
