"""Tells the tools that the upstream gives every agent by itself from those that were chosen."""

from collections.abc import Collection, Mapping
from typing import Final

from pydantic import JsonValue

from provision.state import Body

AUTOMATIC: Final = frozenset({"endCall", "knowledgeBaseQuery", "transferCall"})
"""Types of tools that the upstream adds (the guide's "Understanding Default Tools")."""


def own_tool_ids(
    agent: Mapping[str, JsonValue], tools: Mapping[str, Body], ours: Collection[str]
) -> list[str]:
    """The tools of an agent that somebody gave it.

    Args:
        agent: As the upstream shows it.
        tools: All tools of the business, by id.
        ours: Ids of tools that aren't automatic, whatever their type.
    """
    ids = agent.get("toolIds")
    given = [str(one) for one in ids] if isinstance(ids, list) else []
    return [one for one in given if one in ours or not _automatic(tools.get(one))]


def made_by_upstream(tool: Mapping[str, JsonValue]) -> bool:
    """Whether nobody can have chosen a tool, as far as its own fields tell.

    The default transfer goes to the business's own number, so it has no destinations.
    """
    if tool.get("type") != "transferCall":
        return tool.get("type") in AUTOMATIC
    override = tool.get("configOverride")
    return not (isinstance(override, dict) and override.get("destinationIds"))


def _automatic(tool: Body | None) -> bool:
    # One that no list shows can't have been made by anyone but the upstream.
    return tool is None or tool.get("type") in AUTOMATIC
