"""The commands `outdial agents validate` and `schema`; reads manifests for all the others."""

import os
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from outdial.speaking.client import JsonOption
from outdial.speaking.coded import CodedError
from outdial.speaking.lines import plain
from outdial.speaking.speech import Exit, counted, err, out, write_json
from outdial.upstream.faults import reported
from provision.manifest import Fault, Manifest, ManifestError, read, schema, snippet

FileArgument = Annotated[
    Path, typer.Argument(metavar="FILE", help="The manifest, a YAML file.", show_default=False)
]


def validate(file: FileArgument, *, json: JsonOption = False) -> None:
    """Check a manifest as far as that can be done offline; nothing is sent.

    Voices, templates and ids that only the platform knows are checked by `plan`.
    """
    with reported(json=json):
        manifest = read_manifest(file)
    counts = {
        "tools": len(manifest.tools),
        "files": len(manifest.files),
        "agents": len(manifest.agents),
    }
    if json:
        write_json({"valid": True, "business": manifest.business, **counts})
        return
    told = ", ".join(counted(count, name.removesuffix("s")) for name, count in counts.items())
    out().print(f"{plain(str(file))} is valid: {told}.", soft_wrap=True)


def print_schema(*, json: JsonOption = False) -> None:
    """Print the JSON Schema of manifests, by which editors complete and check them."""
    write_json(schema(), indent=None if json else 2)


def read_manifest(path: Path) -> Manifest:
    """Reads a manifest with the environment's variables in place.

    Args:
        path: The file.

    Returns:
        What it declares.

    Raises:
        CodedError: It can't be used; each fault was shown on stderr.
    """
    try:
        return read(path, environ=os.environ)
    except ManifestError as error:
        raise manifest_refused(error) from error


def manifest_refused(error: ManifestError) -> CodedError:
    """Shows all faults of a manifest on stderr, each with its line.

    Args:
        error: What is wrong.

    Returns:
        The fault to raise.
    """
    console = err()
    for fault in error.faults:
        _show(console, fault)
    first = error.faults[0]
    return CodedError(
        f"{first.file} has {counted(len(error.faults), 'fault')}; nothing was sent",
        reason=error.code,
        code=Exit.USAGE,
        details={"faults": [_as_dict(fault) for fault in error.faults]},
    )


def _show(console: Console, fault: Fault) -> None:
    for line in snippet(fault).splitlines():
        console.print(plain(line), soft_wrap=True)


def _as_dict(fault: Fault) -> dict[str, object]:
    names = ("code", "file", "line", "column", "field", "message", "suggestion")
    return {name: getattr(fault, name) for name in names}
