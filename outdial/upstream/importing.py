"""The command `outdial agents import`: writes a manifest of what a business has already."""

import os
import re
import shlex
from pathlib import Path
from typing import Annotated, Final

import typer

from outdial.machine.files import create_private
from outdial.speaking.client import JsonOption
from outdial.speaking.coded import CodedError
from outdial.speaking.lines import plain
from outdial.speaking.login import HomeOption
from outdial.speaking.speech import counted, out, write_json
from outdial.upstream.asking import ask
from outdial.upstream.faults import reported
from outdial.upstream.plan_view import show_plan
from outdial.upstream.planning import StateOption
from provision.importing import Imported, import_business

_ODD: Final = re.compile(r"[^\w.-]+")


def import_existing(
    business: Annotated[str, typer.Argument(help="The business's id.")],
    *,
    out_file: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="The manifest; BUSINESS.yaml by default."),
    ] = None,
    state: StateOption = None,
    json: JsonOption = False,
    home: HomeOption = Path(".outdial"),
) -> None:
    """Write a manifest and a state file of what a business has; nothing is changed there."""
    path = out_file or Path(f"{_ODD.sub('-', business).strip('.-') or 'business'}.yaml")
    with reported(json=json):
        secrets_path = path.with_suffix(".env")
        _refuse_existing(secrets_path)
        made = ask(
            lambda client: import_business(
                client, business, manifest_path=path, state_path=state, environ=os.environ
            ),
            home=home,
        )
        kept = _keep_secrets(secrets_path, made)
    if json:
        write_json(_as_dict(made, kept))
    else:
        _tell(made, kept)


def _refuse_existing(path: Path) -> None:
    if path.exists():
        raise CodedError(
            f"{path} exists already: give another name, or take it away first",
            reason="import_refused",
        )


def _keep_secrets(path: Path, made: Imported) -> Path | None:
    if not made.variables:
        return None
    lines = [f"export {name}={shlex.quote(value)}\n" for name, value in made.variables.items()]
    if not create_private(path, "".join(lines)):
        _refuse_existing(path)
    return path


def _tell(made: Imported, kept: Path | None) -> None:
    console = out()
    manifest = plain(str(made.manifest_path))
    owned = counted(len(made.owned), "thing")
    console.print(f"Wrote {manifest}, which owns {owned} from now on.", soft_wrap=True)
    console.print(f"Wrote {plain(str(made.state_path))}; keep both together.", soft_wrap=True)
    if kept is not None:
        name = plain(str(kept))
        told = f"Wrote {name} with secrets found in it; before a plan: . {name}"
        console.print(told, style="yellow", soft_wrap=True)
    for warning in made.warnings:
        console.print(f"Warning: {plain(warning)}", style="yellow", soft_wrap=True)
    show_plan(console, made.plan)


def _as_dict(made: Imported, kept: Path | None) -> dict[str, object]:
    return {
        "manifest": str(made.manifest_path),
        "state": str(made.state_path),
        "secrets": None if kept is None else str(kept),
        "variables": list(made.variables),
        "owned": list(made.owned),
        "warnings": list(made.warnings),
        "plan": made.plan.as_json(),
    }
