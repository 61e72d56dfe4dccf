"""Writes manifests for tests, and tells what reading them gives."""

import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from provision.manifest import Fault, Manifest, ManifestError, read
from provision.manifest.tree import Node

AGENT = """\
business: biz_demo
agents:
  caller:
    name: Caller
    type: OUTBOUND
    conversationFlow: Say hello.
"""
"""The least that declares an agent."""


def written(folder: Path, text: str) -> Path:
    """A manifest with this text, dedented, in the folder."""
    path = folder / "agents.yaml"
    path.write_text(textwrap.dedent(text), encoding="utf-8")
    return path


def manifest_of(folder: Path, text: str, environ: Mapping[str, str] | None = None) -> Manifest:
    """What the text declares."""
    return read(written(folder, text), environ=environ or {})


def faults_of(
    folder: Path, text: str, environ: Mapping[str, str] | None = None
) -> tuple[Fault, ...]:
    """What is wrong with the text; empty where nothing is."""
    try:
        manifest_of(folder, text, environ)
    except ManifestError as error:
        return error.faults
    return ()


def told(
    folder: Path, text: str, environ: Mapping[str, str] | None = None
) -> list[tuple[str, str]]:
    """Codes and fields of what is wrong, in order."""
    return [(fault.code, fault.field) for fault in faults_of(folder, text, environ)]


def plain(node: Node) -> Any:  # noqa: ANN401 - any JSON value
    """The tree as JSON."""
    if isinstance(node.value, dict):
        return {key: plain(one) for key, one in node.value.items()}
    if isinstance(node.value, tuple):
        return [plain(one) for one in node.value]
    return node.value
