"""Reads a manifest: every fault of it at once, or what it declares."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from provision.manifest.documents import find
from provision.manifest.faults import ManifestError, Place
from provision.manifest.grammar.root import EXISTING, MANIFEST
from provision.manifest.masking import masker
from provision.manifest.models import (
    AgentDeclaration,
    CalendarDeclaration,
    ExistingCalendar,
    ExistingFile,
    ExistingTool,
    FileDeclaration,
    Manifest,
    Reference,
    ToolDeclaration,
)
from provision.manifest.report import SENSITIVE, Report, UnreadableError
from provision.manifest.source import Source, load
from provision.manifest.tree import Node, parse
from provision.manifest.variables import Expansion

_OURS = frozenset({"voice", "tools", "files", "deploy", "onDuty"})
"""Fields of an agent that aren't the guide's."""


def read(path: Path, *, environ: Mapping[str, str]) -> Manifest:
    """The manifest in a file, with variables in place and everything checked that can be offline.

    Args:
        path: The manifest; the paths in it are relative to its folder.
        environ: Values for ``${NAME}``; each one that is used becomes a secret.

    Raises:
        ManifestError: It can't be used; all its faults are told at once.
    """
    report = Report()
    try:
        source = load(path, report)
    except UnreadableError as error:
        raise _refused(path, [], report, frozenset()) from error
    try:
        tree = parse(source.text, report)
    except UnreadableError as error:
        raise _refused(path, source.lines, report, frozenset()) from error
    expansion = Expansion(environ=environ, report=report)
    root = expansion.expand(tree)
    value = MANIFEST.read(root, (), report)
    declared = (value or {}).get("files") or {}
    files = find(declared, root, source.path.parent, report)
    secrets = expansion.secrets | _written_secrets(root)
    if report or value is None:
        raise _refused(path, source.lines, report, secrets)
    return _built(value, files=files, root=root, source=source, shown=str(path), secrets=secrets)


def _refused(
    path: Path, lines: list[str], report: Report, secrets: frozenset[str]
) -> ManifestError:
    mask: Callable[[str], str] = masker(secrets)
    return ManifestError(report.faults(shown=str(path), lines=lines, mask=mask))


def _written_secrets(node: Node) -> frozenset[str]:
    """Values under names such as ``accessToken``, wherever they came from."""
    found: set[str] = set()
    for key, one in node.entries().items():
        text = one.text()
        if text and SENSITIVE.search(key):
            found.add(text)
        found |= _written_secrets(one)
    for one in node.items():
        found |= _written_secrets(one)
    return frozenset(found)


def _built(
    value: Mapping[str, Any],
    *,
    files: Mapping[str, FileDeclaration | ExistingFile],
    root: Node,
    source: Source,
    shown: str,
    secrets: frozenset[str],
) -> Manifest:
    return Manifest(
        business=value["business"],
        calendar=_calendar(value.get("calendar")),
        tools={key: _tool(key, one) for key, one in value.get("tools", {}).items()},
        files=files,
        agents={key: _agent(key, one) for key, one in value.get("agents", {}).items()},
        source=source.path,
        shown=shown,
        secrets=secrets,
        places=_places(root),
        lines=tuple(source.lines),
    )


def _calendar(
    value: Mapping[str, Any] | str | None,
) -> CalendarDeclaration | ExistingCalendar | None:
    if value is None:
        return None
    if isinstance(value, str):
        return ExistingCalendar() if value == EXISTING else None
    token = SecretStr(value["accessToken"])
    return CalendarDeclaration(calendar_id=value["calendarId"], access_token=token)


def _tool(key: str, value: Mapping[str, Any]) -> ToolDeclaration | ExistingTool:
    if "id" in value:
        return ExistingTool(key=key, id=value["id"])
    template = value["template"].removeprefix("id:")
    return ToolDeclaration(key=key, template=template, config=value.get("config"))


def _agent(key: str, value: Mapping[str, Any]) -> AgentDeclaration:
    return AgentDeclaration(
        key=key,
        name=value["name"],
        type=value["type"],
        voice=value.get("voice"),
        voice_given="voice" in value,
        tools=_references(value, "tools"),
        files=_references(value, "files"),
        fields={name: one for name, one in value.items() if name not in _OURS},
        deploy=value.get("deploy", True),
        on_duty=value.get("onDuty"),
    )


def _references(value: Mapping[str, Any], section: str) -> tuple[Reference, ...] | None:
    if section not in value:
        return None
    return tuple(_reference(text) for text in value[section] or ())


def _reference(text: str) -> Reference:
    upstream = text.removeprefix("id:")
    return Reference(key=text) if upstream == text else Reference(id=upstream)


def _places(node: Node, path: str = "") -> dict[str, Place]:
    found = {path: node.place}
    inner = {**node.entries(), **{str(at): one for at, one in enumerate(node.items())}}
    for name, one in inner.items():
        found |= _places(one, f"{path}.{name}" if path else name)
    return found
