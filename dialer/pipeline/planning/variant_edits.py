"""What a campaign compares: variants are added, changed and retired, also while it runs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection

from dialer.context import Context
from dialer.rules.campaign import ACCEPTING
from dialer.rules.errors import ConflictError, Fault, InvalidInputError, NotFoundError
from dialer.rules.intake.briefing import template_faults
from dialer.rules.variants import MAX_ACTIVE, MAX_WEIGHT
from dialer.store import events
from dialer.store.dialing import agents, pacers
from dialer.store.planning import campaigns, variants
from dialer.store.reports import overview

TEMPLATES = ("context_template", "additional_info_template")
_QUOTED = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """A variant to be added.

    Attributes:
        name: For people, one of its kind in the campaign.
        weight: Its part in the draw, 0 to `MAX_WEIGHT`; 0 is drawn by nobody.
        agent_id: An agent of ours to call through; where neither id is given, the campaign's.
        partner_agent_id: The same by the calling platform's id, in the campaign's business; an
            agent that no campaign had yet is made known, as a campaign does it.
        context_template: None for the campaign's, as it stands at each call.
        additional_info_template: The same.
    """

    name: str
    weight: int = 1
    agent_id: UUID | None = None
    partner_agent_id: str | None = None
    context_template: str | None = None
    additional_info_template: str | None = None


@dataclass(frozen=True, slots=True)
class Retired:
    """A variant after its retirement, and how many leads it gave back to the draw."""

    variant: RowMapping
    freed: int


async def add(
    context: Context, *, organization_id: UUID, campaign_id: UUID, new: Variant, by: str | None
) -> RowMapping:
    """Let a campaign compare one more variant; leads that were never called are drawn from now on.

    A lead that was called before its campaign had variants stays as it is, so that what it was
    told before doesn't count for any of them.

    Raises:
        NotFoundError: there is no such campaign.
        ConflictError: it is finished.
        InvalidInputError: naming each part that can't be.
    """
    async with context.engine.begin() as conn:
        # Agents and pacers are locked before campaigns, by everybody.
        agent_id = await _agent(conn, organization_id, campaign_id, new)
        known = await _hold(conn, organization_id, campaign_id)
        others = [row for row in known if row["retired_at"] is None]
        values = {"name": new.name, "weight": new.weight}
        values |= {name: getattr(new, name) for name in TEMPLATES}
        _check([*_name_faults(new.name, known), *_share_faults(others, new.weight)], values)
        made = await variants.add(
            conn,
            organization_id=organization_id,
            campaign_id=campaign_id,
            values={**values, "agent_id": agent_id},
        )
        row = await _get(conn, organization_id, campaign_id, made)
        await _tell(conn, "added", row, by, **values, partner_agent_id=row["partner_agent_id"])
    return row


async def change(
    context: Context,
    *,
    organization_id: UUID,
    campaign_id: UUID,
    variant_id: UUID,
    values: Mapping[str, object],
    by: str | None,
) -> RowMapping:
    """Change a variant's `name`, `weight` or templates (None: the campaign's), from now on.

    A weight decides who is drawn, never who was: a lead keeps its variant.

    Raises:
        NotFoundError: there is no such campaign, or no such variant of it.
        ConflictError: the campaign is finished, or a retired variant was to be weighed.
        InvalidInputError: naming each part that can't be.
    """
    async with context.engine.begin() as conn:
        known = await _hold(conn, organization_id, campaign_id)
        was = _find(known, variant_id)
        others = [row for row in known if row["id"] != variant_id]
        active = [row for row in others if row["retired_at"] is None]
        if "weight" in values and was["retired_at"] is not None:
            raise ConflictError("the variant is retired: nobody is drawn to it, by any weight")
        faults = _name_faults(values.get("name"), others)
        if "weight" in values:
            faults += _share_faults(active, _whole(values["weight"]))
        _check(faults, values)
        if values:
            await variants.change(
                conn, organization_id=organization_id, variant_id=variant_id, values=values
            )
            await _tell(conn, "changed", was, by, **values)
        return await _get(conn, organization_id, campaign_id, variant_id)


async def retire(
    context: Context,
    *,
    organization_id: UUID,
    campaign_id: UUID,
    variant_id: UUID,
    by: str | None,
) -> Retired:
    """Draw nobody to a variant any more; asking again gives back leads that came to it since.

    Leads that it never called are drawn anew. Those that it did call stay with it, and with its
    agent where it has one.

    Raises:
        NotFoundError: there is no such campaign, or no such variant of it.
        ConflictError: the campaign is finished, or what is left of its variants has no weight.
    """
    async with context.engine.begin() as conn:
        known = await _hold(conn, organization_id, campaign_id)
        was = _find(known, variant_id)
        left = [r for r in known if r["retired_at"] is None and r["id"] != variant_id]
        if left and not any(row["weight"] for row in left):
            raise ConflictError("the other variants have no weight; give one of them some first")
        if await variants.retire(conn, organization_id=organization_id, variant_id=variant_id):
            await _tell(conn, "retired", was, by)
    freed = await _free(context, organization_id, campaign_id, variant_id)
    async with context.engine.connect() as conn:
        campaign = await campaigns.get(
            conn, organization_id=organization_id, campaign_id=campaign_id
        )
        row = await _get(conn, organization_id, campaign_id, variant_id)
    if freed and campaign is not None:
        await context.wakeups.lanes([campaign["agent_id"]])
    return Retired(row, freed)


async def _agent(
    conn: AsyncConnection, organization_id: UUID, campaign_id: UUID, new: Variant
) -> UUID | None:
    campaign = await campaigns.get(conn, organization_id=organization_id, campaign_id=campaign_id)
    if campaign is None:
        raise NotFoundError("there is no such campaign")
    if new.agent_id is not None and new.partner_agent_id is not None:
        raise _refusal("/agent_id", "agent_twice", "name the agent by one of its ids, not by both")
    if new.agent_id is not None:
        found = await _known_agent(conn, campaign, new.agent_id)
    elif new.partner_agent_id is not None:
        found = await _ensured_agent(conn, campaign, new.partner_agent_id)
    else:
        return None
    return None if found == campaign["agent_id"] else found


async def _known_agent(conn: AsyncConnection, campaign: RowMapping, agent_id: UUID) -> UUID:
    row = await overview.agent(
        conn, organization_id=campaign["organization_id"], agent_id=agent_id
    )
    if row is None:
        raise _refusal(
            "/agent_id",
            "unknown_agent",
            "there is no such agent; take an id of GET /v1/agents, or send partner_agent_id",
        )
    if row["business_id"] != campaign["business_id"]:
        raise _refusal(
            "/agent_id",
            "other_business",
            "the agent is another business's; a campaign calls for one business alone",
        )
    return agent_id


async def _ensured_agent(
    conn: AsyncConnection, campaign: RowMapping, partner_agent_id: str
) -> UUID:
    agent_id = await agents.ensure(
        conn,
        organization_id=campaign["organization_id"],
        business_id=campaign["business_id"],
        partner_agent_id=partner_agent_id,
        name="",
    )
    # Every lane has a pacer, since its lock is what makes claims of a lane take turns.
    if agent_id not in await pacers.lock(conn, [agent_id]):
        await pacers.set_limits(
            conn,
            organization_id=campaign["organization_id"],
            level="agent",
            subject_id=agent_id,
            calls_per_minute=None,
            concurrency=None,
        )
    return agent_id


async def _hold(
    conn: AsyncConnection, organization_id: UUID, campaign_id: UUID
) -> Sequence[RowMapping]:
    campaign = await variants.hold_campaign(
        conn, organization_id=organization_id, campaign_id=campaign_id
    )
    if campaign is None:
        raise NotFoundError("there is no such campaign")
    if campaign["state"] not in ACCEPTING:
        raise ConflictError(f"the campaign is {campaign['state']}; its variants are history")
    return await variants.of_campaign(
        conn, organization_id=organization_id, campaign_id=campaign_id
    )


def _find(known: Sequence[RowMapping], variant_id: UUID) -> RowMapping:
    row = next((row for row in known if row["id"] == variant_id), None)
    if row is None:
        raise NotFoundError("the campaign has no such variant")
    return row


async def _get(
    conn: AsyncConnection, organization_id: UUID, campaign_id: UUID, variant_id: UUID
) -> RowMapping:
    found = await variants.of_campaign(
        conn, organization_id=organization_id, campaign_id=campaign_id
    )
    return _find(found, variant_id)


async def _free(
    context: Context, organization_id: UUID, campaign_id: UUID, variant_id: UUID
) -> int:
    freed, after = 0, None
    while True:
        # Some at a time: a million rows at once would keep their locks for a minute.
        async with context.engine.begin() as conn:
            some = await variants.free_uncalled(
                conn,
                organization_id=organization_id,
                campaign_id=campaign_id,
                variant_id=variant_id,
                after=after,
            )
        if not some:
            return freed
        freed, after = freed + len(some), max(some)


def _check(faults: Sequence[Fault], values: Mapping[str, object]) -> None:
    found = [
        *faults,
        *(
            Fault(f"/{name}", "invalid_template", message)
            for name in TEMPLATES
            for message in template_faults(str(values.get(name) or ""))
        ),
    ]
    if found:
        raise InvalidInputError("the variant can't be so", faults=tuple(found))


def _name_faults(name: object, others: Sequence[RowMapping]) -> list[Fault]:
    if all(row["name"] != name for row in others):
        return []
    says = f"the campaign has a variant named {str(name)[:_QUOTED]!r} already; take another name"
    return [Fault("/name", "name_taken", says)]


def _share_faults(others: Sequence[RowMapping], weight: int) -> list[Fault]:
    faults = []
    if len(others) >= MAX_ACTIVE:
        says = f"a campaign draws {MAX_ACTIVE} variants at most; retire one first"
        faults.append(Fault("", "too_many_variants", says))
    if not 0 <= weight <= MAX_WEIGHT:
        faults.append(Fault("/weight", "out_of_range", f"a weight is 0 to {MAX_WEIGHT:,}"))
    elif not weight and not any(row["weight"] for row in others):
        says = "no variant would have a weight, and nobody could be drawn; send 1 or more"
        faults.append(Fault("/weight", "no_weight", says))
    return faults


def _whole(weight: object) -> int:
    return weight if isinstance(weight, int) else -1


def _refusal(pointer: str, code: str, message: str) -> InvalidInputError:
    return InvalidInputError(message, faults=(Fault(pointer, code, message),))


async def _tell(
    conn: AsyncConnection, what: str, row: RowMapping, by: str | None, **body: object
) -> None:
    happened = events.event(
        f"variant.{what}",
        organization_id=row["organization_id"],
        campaign_id=row["campaign_id"],
        body={"variant_id": row["id"], "by": by, "name": row["name"]} | body,
    )
    await events.append(conn, [happened])
