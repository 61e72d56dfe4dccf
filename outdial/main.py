"""The command `outdial`: lists its commands, and turns their faults into a line and a code."""

from typing import Any

import typer
from typer.core import TyperGroup

from outdial import campaigns, keys, leads
from outdial.demo import demo
from outdial.doctor import doctor
from outdial.login import login
from outdial.phone import phone
from outdial.production import PASSED_ON, init, migrate, sandbox, serve, work
from outdial.speech import CommandError, say_fault
from outdial.status import status
from outdial.up import up
from outdial.upstream import agents, calls, knowledge, tools, voices, whoami


class Commands(TyperGroup):
    """A group whose commands may raise `CommandError`."""

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401 - Typer doesn't export the types
        """Runs the chosen command.

        Args:
            ctx: Typer's context.

        Returns:
            What the command returned.

        Raises:
            Exit: With the fault's code, once its message was printed.
        """
        try:
            return super().invoke(ctx)
        except CommandError as error:
            say_fault(error)
            raise typer.Exit(error.code) from error


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
app.add_typer(campaigns.app, name="campaigns")
app.add_typer(leads.app, name="leads")
app.add_typer(agents.app, name="agents")
app.add_typer(calls.app, name="calls")
app.add_typer(voices.app, name="voices")
app.add_typer(tools.app, name="tools")
app.add_typer(knowledge.app, name="files")
app.add_typer(whoami.app, name="partner")
app.command()(status)
app.command()(doctor)
app.add_typer(keys.app, name="keys")
app.command()(phone)
app.command()(init)
app.command()(migrate)
for program in (serve, work, sandbox):
    app.command(context_settings=PASSED_ON)(program)


def run() -> None:
    """Runs the command line; the installed program `outdial`."""
    app()
