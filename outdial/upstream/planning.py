"""The command `outdial agents plan`: what an apply would change, before anything is."""

from pathlib import Path
from typing import Annotated, Final

import typer

from outdial.speaking.client import JsonOption
from outdial.speaking.lines import plain
from outdial.speaking.login import HomeOption
from outdial.speaking.speech import Exit, out, write_json
from outdial.upstream.asking import ask
from outdial.upstream.faults import reported, stopped
from outdial.upstream.manifest_file import FileArgument, read_manifest
from outdial.upstream.plan_view import show_plan
from provision.errors import MissingScopesError
from provision.manifest import Manifest
from provision.plan import Plan
from provision.planning import plan as make_plan
from provision.saved import write_plan
from provision.state_file import read_state, state_path_for

BUSINESS_LINE: Final = "`business` in the manifest"
"""What names the business to the commands that read a manifest."""

StateOption = Annotated[
    Path | None,
    typer.Option("--state", help="The state file; FILE's name with .state.json by default."),
]


FullOption = Annotated[bool, typer.Option("--full", help="Cut no long text short.")]
ReconnectOption = Annotated[
    bool,
    typer.Option(
        "--reconnect-calendar",
        help="Connect the calendar once more, with the token that the manifest has now.",
    ),
]


def plan(
    file: FileArgument,
    *,
    out_file: Annotated[
        Path | None,
        typer.Option("--out", metavar="PLAN", help="Keep the plan, for `apply --plan`."),
    ] = None,
    state: StateOption = None,
    reconnect_calendar: ReconnectOption = False,
    full: FullOption = False,
    detailed_exitcode: Annotated[
        bool,
        typer.Option("--detailed-exitcode", help="Exit code 4 where anything would be done."),
    ] = False,
    json: JsonOption = False,
    home: HomeOption = Path(".outdial"),
) -> None:
    """Show what an apply would create, change, replace and delete; nothing is changed."""
    with reported(json=json):
        manifest = read_manifest(file)
        made = make(manifest, state, home, reconnect_calendar=reconnect_calendar)
        if not json:
            show_plan(out(), made, full=full)
        check_scopes(made)
        if out_file is not None:
            write_plan(out_file, made)
    if json:
        write_json(made.as_json())
    elif out_file is not None:
        kept = f"Kept in {plain(str(out_file))}; to do it: outdial agents apply {plain(str(file))}"
        out().print(f"{kept} --plan {plain(str(out_file))}", soft_wrap=True)
    raise typer.Exit(Exit.CHANGES if detailed_exitcode and not made.empty else Exit.DONE)


def check_scopes(made: Plan) -> None:
    """Lets a plan pass whose scopes the credentials have.

    Args:
        made: The plan.

    Raises:
        CodedError: Some are lacking; the message names them.
    """
    if made.missing_scopes:
        raise stopped(MissingScopesError(made.missing_scopes))


def make(
    manifest: Manifest, state: Path | None, home: Path, *, reconnect_calendar: bool = False
) -> Plan:
    """Makes a plan.

    Args:
        manifest: What is wanted.
        state: The state file, or None for the usual one.
        home: The data folder, where an `outdial up` may run.
        reconnect_calendar: Whether the calendar is connected once more.

    Returns:
        What an apply would do.

    Raises:
        CommandError: It can't be made.
    """
    kept = read_state(state or state_path_for(manifest.source))
    return ask(
        lambda client: make_plan(client, manifest, kept, reconnect_calendar=reconnect_calendar),
        home=home,
        business=BUSINESS_LINE,
    )
