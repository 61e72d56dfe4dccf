"""The states of a campaign, and the only table of its legal transitions."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class CampaignState(StrEnum):
    """What a campaign manager asked for. Only `running` lets a phone ring."""

    DRAFT = "draft"
    RUNNING = "running"
    PAUSED = "paused"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


_S = CampaignState

CAMPAIGN_TRANSITIONS: Mapping[CampaignState, frozenset[CampaignState]] = MappingProxyType(
    {
        _S.DRAFT: frozenset({_S.RUNNING, _S.CANCELLED}),
        _S.RUNNING: frozenset({_S.PAUSED, _S.COMPLETED, _S.CANCELLED}),
        _S.PAUSED: frozenset({_S.RUNNING, _S.COMPLETED, _S.CANCELLED}),
        _S.COMPLETED: frozenset(),
        _S.CANCELLED: frozenset(),
    }
)
"""From each state, the states a campaign may move to."""

ACCEPTING: frozenset[CampaignState] = frozenset({_S.DRAFT, _S.RUNNING, _S.PAUSED})
"""States in which a campaign takes new leads."""


def sources_of(target: CampaignState) -> tuple[CampaignState, ...]:
    """The states from which a campaign may move to `target`, for a conditional update."""
    return tuple(s for s, onward in CAMPAIGN_TRANSITIONS.items() if target in onward)
