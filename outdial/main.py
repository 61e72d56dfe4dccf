"""The command `outdial`: lists its commands, and turns their faults into a line and a code."""

import errno
import os
import sys
from contextlib import suppress
from typing import Any

import typer
from typer._click.exceptions import UsageError  # Typer exports its subclasses alone
from typer.core import TyperGroup

from outdial.compliance import dnc, rules, suppressions
from outdial.compliance.stops import pause, resume
from outdial.demo.demo import demo
from outdial.leads import leads
from outdial.leads.phone import phone
from outdial.operating import held, keys
from outdial.operating.believe import believe
from outdial.operating.doctor import doctor
from outdial.operating.status import status
from outdial.planning import campaign_plan, campaigns, schedules, segments, variants
from outdial.planning.preflight import preflight
from outdial.planning.redial import redial, runs
from outdial.planning.why import why
from outdial.speaking.login import login
from outdial.speaking.speech import CommandError, Exit, say_fault, write_json
from outdial.tree.production import PASSED_ON, init, migrate, sandbox, serve, work
from outdial.tree.up import up
from outdial.upstream import agents, calls, knowledge, tools, voices, whoami

_LOST = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EPIPE})


class Commands(TyperGroup):
    """A group whose commands may raise `CommandError`; tells programs of wrong command lines."""

    def make_context(self, info_name: Any, args: Any, parent: Any = None, **extra: Any) -> Any:  # noqa: ANN401 - Typer doesn't export the types
        """Reads the command line up to the command's name.

        Args:
            info_name: The program's name.
            args: What follows it.
            parent: None.
            extra: Settings of Typer's.

        Returns:
            Typer's context.

        Raises:
            UsageError: It is wrong.
        """
        self._json = "--json" in _options(args)
        try:
            return super().make_context(info_name, args, parent, **extra)
        except UsageError as error:
            self._tell(error)
            raise

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401 - Typer doesn't export the types
        """Runs the chosen command.

        Args:
            ctx: Typer's context.

        Returns:
            What the command returned.

        Raises:
            Exit: With the fault's code, once its message was printed.
            UsageError: The rest of the command line is wrong.
        """
        try:
            return super().invoke(ctx)
        except CommandError as error:
            say_fault(error)
            raise typer.Exit(error.code) from error
        except UsageError as error:
            self._tell(error)
            raise

    def _tell(self, error: UsageError) -> None:
        if self._json:
            write_json({"error": {"code": "usage", "message": error.format_message()}})


def _options(arguments: list[str]) -> list[str]:
    end = arguments.index("--") if "--" in arguments else len(arguments)
    return arguments[:end]


app = typer.Typer(
    name="outdial",
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
    rich_markup_mode=None,
    help="Outbound calling campaigns: every lead called at a lawful moment, never twice.",
)
app.command()(up)
app.command()(demo)
app.command()(login)
campaigns.app.command()(preflight)
for edited in (campaign_plan.show, campaign_plan.edit, campaign_plan.versions):
    campaigns.app.command()(edited)
app.add_typer(campaigns.app, name="campaigns")
app.add_typer(variants.app, name="variants")
campaigns.app.command()(redial)
campaigns.app.command()(runs)
app.add_typer(segments.app, name="segments")
app.add_typer(schedules.app, name="schedules")
app.add_typer(leads.app, name="leads")
app.add_typer(held.app, name="held")
app.add_typer(agents.app, name="agents")
app.add_typer(calls.app, name="calls")
app.add_typer(voices.app, name="voices")
app.add_typer(tools.app, name="tools")
app.add_typer(knowledge.app, name="files")
app.add_typer(whoami.app, name="partner")
app.command()(status)
app.command()(why)
app.command()(pause)
app.command()(resume)
app.add_typer(rules.app, name="rules")
app.add_typer(suppressions.app, name="suppress")
app.add_typer(dnc.app, name="dnc")
app.command()(believe)
app.command()(doctor)
app.add_typer(keys.app, name="keys")
app.command()(phone)
app.command()(init)
app.command()(migrate)
for program in (serve, work, sandbox):
    app.command(context_settings=PASSED_ON)(program)


def run() -> None:
    """Runs the command line; the installed program `outdial`."""
    try:
        try:
            app()
        finally:
            sys.stdout.flush()
    except OSError as error:
        # Those of files that commands open name them.
        if error.errno not in _LOST or error.filename is not None:
            raise
        _give_up_stdout()
        # Whoever closes a pipe early, such as `head`, has all that they wanted.
        if error.errno != errno.EPIPE:
            with suppress(OSError):
                say_fault(CommandError(f"the output can't be written: {error.strerror}"))
        sys.exit(Exit.FAILED)


def _give_up_stdout() -> None:
    try:
        sys.stdout.flush()
    except OSError:
        # What is left over would be tried again when Python ends, with a traceback.
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
