"""Writes a manifest from what exists upstream.

Whatever comes from upstream, the text that is written can be read: what the grammar doesn't take
is left out, and a comment says so. A field that is left out is left alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from partner import CalendarIntegration, KnowledgeFile, Tool, ToolTemplate, Voice, VoiceAgent
from provision.manifest.emitting import Noted, comment, emit
from provision.manifest.faults import visible
from provision.manifest.grammar.agent import AGENT
from provision.manifest.grammar.root import EXISTING, MANIFEST
from provision.manifest.grammar.tools import TEMPLATES
from provision.manifest.naming import Keys
from provision.manifest.records import known
from provision.manifest.report import Path, Report, UnreadableError
from provision.manifest.sealing import Seal
from provision.manifest.source import MAX_BYTES
from provision.manifest.tree import grown, parse

_ESSENTIAL = frozenset({"name", "type", "conversationFlow", "workflow"})
_KEPT = (
    "What it is set to can't be read back: it is used as it is. To keep it here, write template "
    "and config instead of id."
)
_SECTIONS = ("tools", "files", "agents")


@dataclass(frozen=True, slots=True, kw_only=True)
class Existing:
    """What a business has upstream.

    Attributes:
        tools: All of the business's instances, those that the platform made by itself included.
        templates: The tool library; an instance whose template isn't in it is only referred to.
        voices: For their names; an agent whose voice isn't in it names it by its id.
    """

    business: str
    calendar: CalendarIntegration | None = None
    tools: Sequence[Tool] = ()
    templates: Sequence[ToolTemplate] = ()
    files: Sequence[KnowledgeFile] = ()
    agents: Sequence[VoiceAgent] = ()
    voices: Sequence[Voice] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A manifest as text, and what it speaks of.

    Attributes:
        text: The YAML.
        ids: Upstream ids by address, such as ``agents.caller``, of everything that is declared.
        left_out: A sentence for each thing that isn't declared.
        variables: The secrets that the text takes from the environment, by variable; they are
            nowhere in the text.
    """

    text: str
    ids: Mapping[str, str]
    left_out: tuple[str, ...] = ()
    variables: Mapping[str, str] = field(repr=False)


def write(existing: Existing) -> Written:
    """The manifest of what exists.

    Raises:
        ValueError: The business's id can't be one, or there is too much for one manifest.
    """
    return _Writer(existing).written()


class _Writer:
    def __init__(self, existing: Existing) -> None:
        self._existing = existing
        self._seal = Seal()
        self._ids: dict[str, str] = {}
        self._notes: dict[str, str] = {}
        self._left_out: list[str] = []
        self._document: dict[str, Any] = {"business": existing.business}

    def written(self) -> Written:
        if self._existing.calendar is not None:
            self._document["calendar"] = EXISTING
            self._notes["calendar"] = _calendar_note(self._existing.calendar)
        tools = self._tools()
        files = self._files()
        self._agents(tools, files)
        self._prune()
        return Written(
            text=self._text(),
            ids=self._ids,
            left_out=tuple(visible(one) for one in self._left_out),
            variables=self._seal.used(self._document),
        )

    def _tools(self) -> dict[str, str | None]:
        """Keys by upstream id; None for tools that the platform adds by itself."""
        keys, found = Keys(), dict[str, str | None]()
        for tool in self._existing.tools:
            if tool.template_tool_id is None:
                found[tool.id] = None
                continue
            key = keys.take(tool.display_name or tool.name or "", "tool")
            found[tool.id] = key
            self._declare("tools", key, tool.id, self._tool(key, tool), _tool_note(tool))
        return found

    def _tool(self, key: str, tool: Tool) -> dict[str, Any]:
        template = next(
            (one for one in self._existing.templates if one.id == tool.template_tool_id), None
        )
        if template is None:
            return {"id": tool.id}
        named = template.name if template.name in TEMPLATES else f"id:{template.id}"
        entry: dict[str, Any] = {"template": named}
        if tool.config_override:
            entry["config"] = self._seal.sealed(tool.config_override, key)
        return entry

    def _files(self) -> dict[str, str]:
        keys, found = Keys(), dict[str, str]()
        for file in self._existing.files:
            key = keys.take((file.name or "").rpartition(".")[0] or file.name or "", "file")
            found[file.id] = key
            self._declare("files", key, file.id, {"id": file.id}, _file_note(file))
        return found

    def _agents(self, tools: Mapping[str, str | None], files: Mapping[str, str]) -> None:
        keys = Keys()
        for agent in self._existing.agents:
            key = keys.take(agent.name or "", "agent")
            entry = self._agent(key, agent, tools, files)
            self._declare("agents", key, agent.id, entry, "")

    def _agent(
        self,
        key: str,
        agent: VoiceAgent,
        tools: Mapping[str, str | None],
        files: Mapping[str, str],
    ) -> dict[str, Any]:
        given = agent.model_dump(mode="json", by_alias=True, exclude_none=True)
        if given.get("conversationFlow"):
            given.pop("workflow", None)
        else:
            given.pop("conversationFlow", None)
        if agent.type != "INBOUND":
            given.pop("activatedHours", None)
        given |= {
            "voice": self._voice(agent.voice_id),
            "tools": _references(agent.tool_ids, tools),
            "files": _references(agent.knowledge_base_document_ids, files),
            "deploy": agent.deployed,
            "onDuty": agent.on_duty if agent.type == "OUTBOUND" else None,
        }
        fields: dict[str, Any] = known(AGENT, given)
        if "backgroundSound" in fields:
            fields["backgroundSound"] = self._seal.sealed(
                fields["backgroundSound"], key, "backgroundSound"
            )
        return {name: one for name, one in fields.items() if one not in ("", [], {})}

    def _voice(self, voice_id: str | None) -> str | None:
        named = [one for one in self._existing.voices if one.id == voice_id and one.name]
        if not named:
            return voice_id
        name = named[0].name or ""
        alike = [one for one in self._existing.voices if _same(name, one.name) or one.id == name]
        return name if len(alike) == 1 else voice_id

    def _declare(self, section: str, key: str, upstream: str, entry: Any, note: str) -> None:  # noqa: ANN401 - any JSON value
        self._document.setdefault(section, {})[key] = entry
        self._ids[f"{section}.{key}"] = upstream
        if note:
            self._notes[f"{section}.{key}"] = note

    def _prune(self) -> None:
        """Take out what the grammar doesn't take, until nothing of that kind is left."""
        while True:
            report = Report()
            MANIFEST.read(grown(self._seal.opened(self._document)), (), report)
            if not report.paths:
                return
            # One step for each thing: with its first fault gone, the others may be too.
            for section, key, name in {_thing(path): None for path in report.paths}:
                self._take_out(section, key, name)

    def _take_out(self, section: str, key: str, name: str) -> None:
        if section not in _SECTIONS or not key:
            raise ValueError(f"what the business has as its {section} can't be written")
        entries = self._document.get(section, {})
        address = f"{section}.{key}"
        if key not in entries:
            return
        if section == "tools" and "id" not in entries[key]:
            entries[key] = {"id": self._ids[address]}
        elif section == "agents" and name and name not in _ESSENTIAL:
            self._drop_field(entries[key], address, name)
        else:
            self._drop_entry(section, key)

    def _drop_field(self, entry: dict[str, Any], address: str, name: str) -> None:
        if entry.pop(name, None) is not None:
            note = f"{name} is left out: what it holds upstream can't be written in a manifest."
            self._notes[address] = f"{self._notes.get(address, '')}\n{note}".strip()

    def _drop_entry(self, section: str, key: str) -> None:
        del self._document[section][key]
        upstream = self._ids.pop(f"{section}.{key}")
        self._notes.pop(f"{section}.{key}", None)
        self._left_out.append(
            f"{section}.{key} is left out ({upstream}): what it is upstream can't be written in a "
            "manifest, or another one has its name."
        )
        if not self._document[section]:
            del self._document[section]

    def _text(self) -> str:
        business = self._existing.business
        head = (
            f"What business {business} has. A field that is left out is left alone.",
            *self._left_out,
        )
        noted = {
            name: self._noted(name, self._section(name, value))
            for name, value in self._document.items()
        }
        text = "\n".join(comment("\n".join(head), 0)) + "\n\n" + emit(noted, spaced=2)
        _refuse_unreadable(text)
        return text

    def _section(self, name: str, value: Any) -> Any:  # noqa: ANN401 - any JSON value
        if name not in _SECTIONS:
            return value
        return {key: self._noted(f"{name}.{key}", one) for key, one in value.items()}

    def _noted(self, address: str, value: Any) -> Any:  # noqa: ANN401 - any JSON value
        notes = [self._notes.get(address, "")]
        if address.startswith("tools.") and "id" in value:
            notes.append(_KEPT)
        note = "\n".join(one for one in notes if one)
        return Noted(value=value, note=note) if note else value


def _refuse_unreadable(text: str) -> None:
    report = Report()
    if len(text.encode()) > MAX_BYTES:
        raise ValueError("there is too much to be written in one manifest")
    try:
        parse(text, report)
    except UnreadableError as error:
        raise ValueError("there is too much to be written in one manifest") from error


def _thing(path: Path) -> tuple[str, str, str]:
    """The section, the key and, of an agent, the field that a fault is in."""
    section, key, name, *_ = (*path, "", "", "")
    return section, key, name if section == "agents" else ""


def _references(
    ids: Sequence[str] | None, keys: Mapping[str, str | None] | Mapping[str, str]
) -> list[str]:
    """Keys of what is declared, ids of what isn't, nothing of what the platform adds itself."""
    found = [keys.get(one, f"id:{one}") for one in dict.fromkeys(ids or ())]
    return [one for one in found if one is not None]


def _same(name: str, other: str | None) -> bool:
    return other is not None and name.casefold() == other.casefold()


def _calendar_note(calendar: CalendarIntegration) -> str:
    return (
        f"Connected: {calendar.calendar_id or calendar.id}. A token can't be read back. To "
        "connect a calendar from here, write instead of existing:\n"
        f"  calendarId: {calendar.calendar_id or 'primary'}\n"
        "  accessToken: ${GOOGLE_ACCESS_TOKEN}"
    )


def _tool_note(tool: Tool) -> str:
    return tool.display_name or tool.name or ""


def _file_note(file: KnowledgeFile) -> str:
    size = "" if file.size_bytes is None else f", {file.size_bytes:,} bytes"
    return (
        f"{file.name or file.id}{size}, {file.status or 'status unknown'}. Its content can't be "
        "read back: it is used as it is. To keep it here, write path and a file instead of id."
    )
