"""Manifests, states and upstreams without files and without a network."""

from pathlib import Path
from typing import Any

from pydantic import SecretStr

from provision.manifest.models import (
    AgentDeclaration,
    CalendarDeclaration,
    FileDeclaration,
    Manifest,
    Reference,
    ToolDeclaration,
)
from provision.observing import Upstream
from provision.plan import Plan
from provision.planning import draft
from provision.state import Body, Entry, State

TEMPLATES: tuple[Body, ...] = (
    {"id": "template-transfer-001", "name": "transferCall"},
    {"id": "template-function-001", "name": "function"},
)
VOICES: tuple[Body, ...] = (
    {"id": "voice-1", "name": "Sarah"},
    {"id": "voice-2", "name": "Michael"},
    {"id": "voice-3", "name": "michael"},
)
FLOW = {"conversationFlow": "Say hello."}


def agent(key: str = "desk", **more: Any) -> AgentDeclaration:  # noqa: ANN401 - fields differ
    """An agent called Desk, OUTBOUND, with the fields of FLOW."""
    told: dict[str, Any] = {"name": "Desk", "type": "OUTBOUND", "fields": FLOW} | more
    if "tools" in told:
        told["tools"] = tuple(Reference(key=one) for one in told["tools"])
    return AgentDeclaration(key=key, **told)


def tool(key: str = "desk", template: str = "transferCall", **config: Any) -> ToolDeclaration:  # noqa: ANN401 - any JSON value
    """A tool of a template."""
    return ToolDeclaration(key=key, template=template, config=config)


def file(key: str = "prices", sha256: str = "0" * 64) -> FileDeclaration:
    """A file called a.md of three bytes."""
    return FileDeclaration(
        key=key, path=Path("/a.md"), name="a.md", size=3, sha256=sha256, mime="text/markdown"
    )


def manifest(
    *things: AgentDeclaration | ToolDeclaration | FileDeclaration,
    calendar: str | None = None,
    secrets: frozenset[str] = frozenset(),
) -> Manifest:
    """A manifest of these things."""
    token = SecretStr("ya29.invented")
    return Manifest(
        business="biz_1",
        calendar=calendar and CalendarDeclaration(calendar_id=calendar, access_token=token),
        tools={one.key: one for one in things if isinstance(one, ToolDeclaration)},
        files={one.key: one for one in things if isinstance(one, FileDeclaration)},
        agents={one.key: one for one in things if isinstance(one, AgentDeclaration)},
        source=Path("/agents.yaml"),
        shown="agents.yaml",
        secrets=secrets,
    )


def seen(thing_id: str = "agent_1", **more: Any) -> Body:  # noqa: ANN401 - any JSON value
    """The agent of :func:`agent` as the upstream shows it, live and on duty."""
    shown: Body = {"id": thing_id, "name": "Desk", "type": "OUTBOUND", **FLOW}
    return shown | {"phoneNumber": "+12125550100", "onDuty": True} | more


def upstream(*agents: Body, **more: Any) -> Upstream:  # noqa: ANN401 - fields of Upstream
    """An upstream with these agents."""
    return Upstream(
        agents={str(one["id"]): one for one in agents},
        templates=TEMPLATES,
        voices=VOICES,
        **{
            name: {one["id"]: one for one in things} if isinstance(things, list) else things
            for name, things in more.items()
        },
    )


def state(**entries: Entry) -> State:
    """A state that owns these; ``agents_desk`` stands for ``agents.desk``."""
    kept = State.fresh(base_url="https://example.com/v1", business="biz_1")
    for name, entry in entries.items():
        kept = kept.with_entry(name.replace("_", ".", 1), entry)
    return kept


def known(
    sent: Body | None = None,
    observed: Body | None = None,
    **more: Any,  # noqa: ANN401 - fields of Entry
) -> Entry:
    """The entry of the agent that :func:`seen` shows."""
    body: Body = {"name": "Desk", **FLOW}
    return Entry(
        id="agent_1",
        sent={"type": "OUTBOUND", **body} | (sent or {}),
        observed=body | (observed or {}),
        **more,
    )


def drafted(declared: Manifest, kept: State | None = None, found: Upstream | None = None) -> Plan:
    """The plan; of a state that owns nothing and an upstream that has nothing, unless given."""
    return draft(declared, kept or state(), found or upstream())
