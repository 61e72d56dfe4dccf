"""The commands `outdial agents apply` and `destroy`: a plan is shown, agreed to, and done."""

from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from outdial.speaking.client import JsonOption
from outdial.speaking.coded import CodedError
from outdial.speaking.login import HomeOption
from outdial.speaking.speech import Exit, err, out, write_json
from outdial.upstream.apply_view import Teller, completed
from outdial.upstream.asking import YesOption, ask
from outdial.upstream.confirm import confirm
from outdial.upstream.faults import reported
from outdial.upstream.manifest_file import FileArgument, read_manifest
from outdial.upstream.plan_view import show_plan
from outdial.upstream.planning import (
    BUSINESS_LINE,
    FullOption,
    ReconnectOption,
    StateOption,
    check_scopes,
    make,
)
from partner import PartnerClient
from provision.applying import Result, without_anything
from provision.applying import apply as do_apply
from provision.events import OnEvent
from provision.manifest import Manifest
from provision.plan import Approval, Plan
from provision.saved import read_plan

AcceptDriftOption = Annotated[
    bool,
    typer.Option(
        "--accept-drift", help="Go on even if the platform has changed since the plan was made."
    ),
]
_PLANNED: Final = (
    "--reconnect-calendar is for making a plan: a kept one has it if `plan` was told it"
)
_INTERRUPTED: Final = "what was done is kept in the state file; run again to go on from there"


def apply(  # noqa: PLR0913 - one parameter for each option
    file: FileArgument,
    *,
    plan_file: Annotated[
        Path | None,
        typer.Option("--plan", metavar="PLAN", help="Do what `plan --out` kept, and no more."),
    ] = None,
    state: StateOption = None,
    yes: YesOption = False,
    accept_drift: AcceptDriftOption = False,
    reconnect_calendar: ReconnectOption = False,
    full: FullOption = False,
    json: JsonOption = False,
    home: HomeOption = Path(".outdial"),
) -> None:
    """Make the platform what a manifest says: shows the plan, asks, and does it step by step.

    It may be interrupted: run again, it goes on where it stopped and makes nothing twice.
    """
    with reported(json=json, interrupted=_INTERRUPTED):
        manifest = read_manifest(file)
        if plan_file is None:
            made = make(manifest, state, home, reconnect_calendar=reconnect_calendar)
            approved = _agreed(made, yes=yes, json=json, full=full)
        elif reconnect_calendar:
            raise CodedError(_PLANNED, reason="usage", code=Exit.USAGE)
        else:
            approved, _ = read_plan(plan_file)
            if accept_drift and not json:
                # Nobody is asked, as --accept-drift says yes; what it says yes to is shown.
                reconnect = approved.reconnect_calendar
                made = make(manifest, state, home, reconnect_calendar=reconnect)
                show_plan(out(), made, full=full)
        result = _do(manifest, state, home, approved, accept_drift=accept_drift, json=json)
    # That nothing is to be done was told by the plan, where one was shown.
    _tell(result, json=json, unseen=plan_file is not None)


def destroy(
    file: FileArgument,
    *,
    state: StateOption = None,
    yes: YesOption = False,
    accept_drift: AcceptDriftOption = False,
    full: FullOption = False,
    json: JsonOption = False,
    home: HomeOption = Path(".outdial"),
) -> None:
    """Delete all that a manifest's state file owns; what the manifest only uses stays."""
    with reported(json=json, interrupted=_INTERRUPTED):
        nothing = without_anything(read_manifest(file))
        made = make(nothing, state, home)
        approved = _agreed(made, yes=yes, json=json, full=full, destroying=True)
        result = _do(nothing, state, home, approved, accept_drift=accept_drift, json=json)
    _tell(result, json=json)


def _agreed(
    made: Plan, *, yes: bool, json: bool, full: bool, destroying: bool = False
) -> Approval:
    if not (json and yes):
        show_plan(err() if json else out(), made, destroying=destroying, full=full)
    check_scopes(made)
    if not made.empty:
        confirm(err(), "Destroy that?" if destroying else "Do that?", yes=yes)
    return made.approval


def _do(
    manifest: Manifest,
    state: Path | None,
    home: Path,
    approved: Approval,
    *,
    accept_drift: bool,
    json: bool,
) -> Result:
    def work(tell: OnEvent) -> Callable[[PartnerClient], Coroutine[Any, Any, Result]]:
        return lambda client: do_apply(
            client,
            manifest,
            state_path=state,
            approved=approved,
            accept_drift=accept_drift,
            on_event=tell,
        )

    with Teller(out(), hidden=json) as teller:
        return ask(work(teller), home=home, acting=True, business=BUSINESS_LINE)


def _tell(result: Result, *, json: bool, unseen: bool = False) -> None:
    if json:
        write_json(
            {
                "summary": {verb.value: count for verb, count in result.plan.summary.items()},
                "done": [action.as_json() for action in result.done],
                "state": str(result.state_path),
            }
        )
    elif result.done or unseen:
        out().print(completed(result.plan), style="bold green", soft_wrap=True)
