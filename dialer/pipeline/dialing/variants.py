"""Who calls a lead: the variant that it draws, and the lane which that one calls in."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection

from dialer.pipeline.compliance.binding import Row
from dialer.rules.variants import Weighted, draw
from dialer.store.planning import variants


@dataclass(frozen=True, slots=True)
class Settled:
    """Due leads after the draw.

    Attributes:
        here: Those that this lane calls, in their order, with their `variant_id`.
        woken: Lanes that got the others; to be woken after the commit.
    """

    here: list[Row]
    woken: set[UUID]


async def settle(
    conn: AsyncConnection,
    lane_agent_id: UUID,
    due: Sequence[RowMapping],
    campaigns: Mapping[UUID, RowMapping],
) -> Settled:
    """Draw a variant for each due lead that has none, and send it to the lane that calls it.

    Only leads that nobody has called are drawn: those without a variant, and those of one that
    was retired in the meantime. At most two statements, whatever their number.

    Args:
        conn: In a transaction that holds the leads' locks.
        lane_agent_id: Whose lane it is.
        due: Waiting leads of one organization.
        campaigns: Their campaigns, by id.
    """
    fresh = [lead for lead in due if _is_uncalled(lead)]
    if not fresh:
        return Settled(list(due), set())
    organization_id = fresh[0]["organization_id"]
    found = await variants.drawn_for(
        conn,
        organization_id=organization_id,
        campaign_ids=sorted({lead["campaign_id"] for lead in fresh}),
    )
    drawn = _drawn(fresh, found, campaigns)
    if drawn:
        moves = [(lead_id, place.variant_id, place.queue) for lead_id, place in drawn.items()]
        await variants.assign(conn, organization_id=organization_id, drawn=moves)
    return _split(lane_agent_id, due, drawn)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a lead is called: by which variant, in which variant's queue, by which agent."""

    variant_id: UUID | None
    queue: UUID | None
    agent_id: UUID


def _is_uncalled(lead: Row) -> bool:
    # As `variants.UNCALLED` says it to the database.
    return lead["attempts"] == 0 and lead["last_outcome"] is None


def _drawn(
    fresh: Iterable[Row], found: Sequence[Row], campaigns: Mapping[UUID, Row]
) -> dict[UUID, _Place]:
    active = {row["id"]: row for row in found}
    among: dict[UUID, list[Weighted]] = {}
    for row in found:
        among.setdefault(row["campaign_id"], []).append(Weighted(row["id"], row["weight"]))
    places: dict[UUID, _Place] = {}
    for lead in fresh:
        key = lead["campaign_id"]
        if lead["variant_id"] in active or (lead["variant_id"] is None and key not in among):
            continue
        chosen = draw(key, lead["phone"], among.get(key, ()))
        places[lead["id"]] = _place(active.get(chosen), campaigns[key])
    return places


def _place(variant: Row | None, campaign: Row) -> _Place:
    if variant is None:
        return _Place(None, None, campaign["agent_id"])
    own = variant["agent_id"]
    if own is None or own == campaign["agent_id"]:
        return _Place(variant["id"], None, campaign["agent_id"])
    return _Place(variant["id"], variant["id"], own)


def _split(lane_agent_id: UUID, due: Sequence[Row], drawn: Mapping[UUID, _Place]) -> Settled:
    settled = Settled([], set())
    for lead in due:
        place = drawn.get(lead["id"])
        if place is None:
            settled.here.append(lead)
        elif place.agent_id == lane_agent_id:
            settled.here.append(
                {**lead, "variant_id": place.variant_id, "lane_variant_id": place.queue}
            )
        else:
            settled.woken.add(place.agent_id)
    return settled
