"""The table of a campaign's states: every edge by name, and no other."""

import pytest

from dialer.rules.campaign import ACCEPTING, CAMPAIGN_TRANSITIONS, CampaignState, sources_of

EDGES = [
    "draft_to_running",
    "draft_to_cancelled",
    "running_to_paused",
    "running_to_completed",
    "running_to_cancelled",
    "paused_to_running",
    "paused_to_completed",
    "paused_to_cancelled",
]


@pytest.mark.parametrize("edge", EDGES)
def test_edge(edge: str) -> None:
    here, there = map(CampaignState, edge.split("_to_"))
    assert there in CAMPAIGN_TRANSITIONS[here]


def test_there_are_no_other_edges() -> None:
    table = {f"{a}_to_{b}" for a, onward in CAMPAIGN_TRANSITIONS.items() for b in onward}
    assert table == set(EDGES)
    assert set(CAMPAIGN_TRANSITIONS) == set(CampaignState)


@pytest.mark.parametrize("target", CampaignState)
def test_sources_are_the_table_read_backwards(target: CampaignState) -> None:
    assert set(sources_of(target)) == {a for a, to in CAMPAIGN_TRANSITIONS.items() if target in to}


def test_leads_are_taken_until_the_campaign_is_over() -> None:
    over = {state for state, onward in CAMPAIGN_TRANSITIONS.items() if not onward}
    assert set(CampaignState) - over == ACCEPTING
