"""Shows one agent: the facts, how it comes across, and by name what it speaks with and uses."""

from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence

from outdial.speaking.speech import counted
from outdial.upstream.view import yes_no
from partner import PartnerClient, Refused, VoiceAgent
from partner.models.agents import AgentPersonality
from partner.models.hours import AgentHours

_HIDDEN_FROM_US = frozenset({"forbidden", "not_found"})


def duty_of(agent: VoiceAgent) -> str:
    """Says whether an agent works.

    Args:
        agent: The agent.

    Returns:
        `not deployed`, `on duty` or `off duty`.
    """
    if not agent.deployed:
        return "not deployed"
    return "on duty" if agent.on_duty else "off duty"


def brief(agent: VoiceAgent) -> list[tuple[str, object]]:
    """What matters once an agent's duty was changed.

    Args:
        agent: The agent.

    Returns:
        Names and values for `details`.
    """
    return [
        ("agent", agent.id),
        ("name", agent.name),
        ("duty", duty_of(agent)),
        ("number", agent.phone_number),
    ]


def facts(agent: VoiceAgent, names: Mapping[str, str]) -> list[tuple[str, object]]:
    """All that an agent was told.

    Args:
        agent: The agent.
        names: Of its voice, tools and files, by ids, as `names_of` gives them.

    Returns:
        Names and values for `details`.
    """
    nodes = agent.workflow.nodes if agent.workflow else None
    voices = [agent.voice_id] if agent.voice_id else []
    return [
        *brief(agent),
        ("type", agent.type),
        ("business", agent.business_id),
        ("voice", _named(voices, names)),
        ("first message", agent.first_message),
        ("conversation flow", agent.conversation_flow),
        ("workflow", counted(len(nodes), "step") if nodes else None),
        ("instructions", agent.custom_instructions),
        ("personality", _personality(agent.personality)),
        ("collects", ", ".join(agent.collect_fields or ())),
        ("tools", _named(agent.tool_ids or (), names)),
        ("files", _named(agent.knowledge_base_document_ids or (), names)),
        ("hours", _hours(agent.activated_hours)),
        ("background", agent.background_sound),
        ("multilingual", agent.multilingual),
        ("created", agent.created_at),
        ("changed", agent.updated_at),
    ]


async def names_of(client: PartnerClient, business: str, agent: VoiceAgent) -> dict[str, str]:
    """Reads what an agent's voice, tools and files are called, as far as that may be known.

    Args:
        client: The Partner API.
        business: The agent's.
        agent: The agent.

    Returns:
        Names by ids; what is gone, or lacks a scope to read it, is missing.

    Raises:
        PartnerError: The upstream fails.
    """

    async def voices() -> AsyncIterator[tuple[str, str | None]]:
        for voice in await client.list_voices():
            yield voice.id, voice.name

    async def tools() -> AsyncIterator[tuple[str, str | None]]:
        async for tool in client.iter_tool_instances(business):
            yield tool.id, tool.name

    async def files() -> AsyncIterator[tuple[str, str | None]]:
        async for file in client.iter_files(business):
            yield file.id, file.name

    wanted = (
        (agent.voice_id, voices),
        (agent.tool_ids, tools),
        (agent.knowledge_base_document_ids, files),
    )
    found: dict[str, str] = {}
    for ids, read in wanted:
        if ids:
            found |= await _readable(read)
    return found


async def _readable(
    read: Callable[[], AsyncIterator[tuple[str, str | None]]],
) -> dict[str, str]:
    try:
        return {thing_id: name async for thing_id, name in read() if name}
    except Refused as error:
        if error.code not in _HIDDEN_FROM_US:
            raise
        return {}


def _named(ids: Sequence[str], names: Mapping[str, str]) -> str:
    return "\n".join(f"{names[one]} ({one})" if one in names else one for one in ids)


def _personality(personality: AgentPersonality | None) -> str:
    if personality is None:
        return ""
    told: Iterable[tuple[str, object]] = (
        ("tone", personality.tone),
        ("style", personality.style),
        ("shows empathy", yes_no(personality.use_empathy)),
        ("jokes", yes_no(personality.use_humor)),
        ("in words", personality.description),
    )
    return "\n".join(f"{name}: {value}" for name, value in told if value)


def _hours(hours: AgentHours | None) -> str:
    if hours is None:
        return ""
    spans = [f"{one.day} {one.start_time}-{one.end_time}" for one in hours.hours or ()]
    return "\n".join([*spans, *([f"in {hours.timezone}"] if hours.timezone else [])])
