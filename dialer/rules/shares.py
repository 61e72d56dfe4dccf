"""Whose turn it is: the urgent first, then by priority, then campaigns in turn by weight.

Campaigns of one lane with the same priority share its slots by start-time fair queueing (Goyal,
Vin and Cheng 1996): a call of a campaign costs it 1/weight of virtual time, and the campaign
that has had the least goes next. A campaign that had nothing to do saves nothing up.
"""

import heapq
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from dialer.rules.lead import Urgency


@dataclass(frozen=True, slots=True)
class Claimant:
    """A campaign that wants slots of a lane.

    Attributes:
        weight: Its part of the slots, against the others' weights; 1 or more.
        priority: Higher comes first, whatever the weights.
        share: The virtual time that it has used.
    """

    weight: int
    priority: int
    share: float = 0.0


Lead = Mapping[Any, Any]


def in_turn(
    due: Sequence[Lead], claimants: Mapping[UUID, Claimant], *, floor: float
) -> list[Lead]:
    """Leads in the order in which they get their slots.

    Args:
        due: Leads with `campaign_id`, `urgency`, `rank` and `due_at`.
        claimants: Their campaigns, by id.
        floor: The lane's virtual time: nobody starts from further back.
    """
    queues: dict[UUID, list[Lead]] = {}
    for lead in sorted(due, key=lambda one: (one["rank"], one["due_at"]), reverse=True):
        queues.setdefault(lead["campaign_id"], []).append(lead)
    used = {key: max(claimants[key].share, floor) for key in queues}
    heads = [_head(queues[key][-1], key, claimants[key], used[key]) for key in queues]
    heapq.heapify(heads)
    ordered: list[Lead] = []
    while heads:
        key = heads[0][-1]
        ordered.append(queues[key].pop())
        used[key] += 1 / claimants[key].weight
        if queues[key]:
            following = _head(queues[key][-1], key, claimants[key], used[key])
            heapq.heapreplace(heads, following)
        else:
            heapq.heappop(heads)
    return ordered


def _head(lead: Lead, key: UUID, claimant: Claimant, used: float) -> tuple[int, int, float, UUID]:
    hurry = lead["urgency"] if lead["urgency"] >= Urgency.FRESH else 0
    return (-hurry, -claimant.priority, used, key)


def charged(
    claimants: Mapping[UUID, Claimant], made: Mapping[UUID, int], *, floor: float
) -> tuple[dict[UUID, float], float]:
    """What the campaigns have used after their calls, and the lane's virtual time then.

    Args:
        claimants: The campaigns that had due leads, by id.
        made: How many slots each got; those that got none may be left out.
        floor: The lane's virtual time before.
    """
    used = {
        key: max(one.share, floor) + made.get(key, 0) / one.weight
        for key, one in claimants.items()
    }
    return {key: used[key] for key in used if made.get(key)}, max(
        floor, min(used.values(), default=floor)
    )
