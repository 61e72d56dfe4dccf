"""Finds the files that a manifest names, and makes sure that they can be uploaded."""

import hashlib
from collections.abc import Mapping
from pathlib import Path as FilePath
from typing import Any, cast

from partner import UnfitFile, Upload
from partner.errors import FileCode
from partner.upload import open_fit
from provision.manifest.faults import quoted
from provision.manifest.models import ExistingFile, FileDeclaration
from provision.manifest.report import Path, Report
from provision.manifest.tree import Node

_PIECE = 1024 * 1024


def find(
    declared: Mapping[str, Mapping[str, Any] | None],
    root: Node,
    folder: FilePath,
    report: Report,
) -> dict[str, FileDeclaration | ExistingFile]:
    """What ``files`` declares, by key; what can't be uploaded is left out and reported.

    Args:
        declared: What was read of ``files``; None stands for what had faults already.
        root: The whole tree.
        folder: The manifest's own, absolute and with links resolved.
        report: Takes the faults.
    """
    found: dict[str, FileDeclaration | ExistingFile] = {}
    for key, entry in declared.items():
        given = entry or {}
        node = root.child("files", key, "path")
        if given.get("id") is not None:
            found[key] = ExistingFile(key=key, id=given["id"])
        elif node is not None and given.get("path") is not None:
            path = _located(given["path"], folder, ("files", key, "path"), node, report)
            one = _described(key, path, node, report) if path else None
            if one is not None:
                found[key] = one
    _find_repeated(found, root, report)
    return found


def _located(
    text: str, folder: FilePath, path: Path, node: Node, report: Report
) -> FilePath | None:
    """The absolute path, unless a relative one leads out of the manifest's folder."""
    try:
        resolved = (folder / text).resolve()
    except (OSError, RuntimeError):
        report.add(path, node.place, "file_not_readable", "expected a path that can be followed")
        return None
    if FilePath(text).is_absolute() or resolved.is_relative_to(folder):
        return resolved
    message = "expected a file within the manifest's folder"
    meant = "write the absolute path where a file elsewhere is meant"
    report.add(path, node.place, "file_outside", message, meant)
    return None


def _described(key: str, path: FilePath, node: Node, report: Report) -> FileDeclaration | None:
    try:
        with open_fit(Upload(path=path)) as document:
            digest = hashlib.sha256()
            while piece := document.handle.read(_PIECE):
                digest.update(piece)
            return FileDeclaration(
                key=key,
                path=path,
                name=document.name,
                size=document.size,
                sha256=digest.hexdigest(),
                mime=document.mime_type,
            )
    except UnfitFile as error:
        code = cast("FileCode", error.code)
        report.add(("files", key, "path"), node.place, code, _without_path(error))
        return None


def _without_path(error: UnfitFile) -> str:
    """The client's own words; where the file lies on this machine is left out."""
    why = error.message.removeprefix(f"{str(error.path)!r} ")
    return f"expected a file that can be uploaded; {quoted(error.path.name)} {why}"


def _find_repeated(
    found: dict[str, FileDeclaration | ExistingFile], root: Node, report: Report
) -> None:
    first: dict[object, str] = {}
    for key, one in found.items():
        what = one.path if isinstance(one, FileDeclaration) else one.id
        field = "path" if isinstance(one, FileDeclaration) else "id"
        node = root.child("files", key, field)
        if first.setdefault(what, key) != key and node is not None:
            message = f"files.{first[what]} is the same file"
            report.add(("files", key, field), node.place, "repeated_file", message)
