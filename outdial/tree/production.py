"""The commands that run one part each, on servers that somebody else keeps."""

import asyncio
import os
import sys
from collections.abc import Mapping
from typing import Annotated, Any, NoReturn

import typer
from alembic.util import CommandError as MigrationError
from sqlalchemy.exc import SQLAlchemyError

from dialer.pipeline.access import setup
from outdial.machine.database import upgrade
from outdial.speaking.client import JsonOption
from outdial.speaking.speech import CommandError, Exit, out, write_json
from outdial.tree import addresses, contexts, first_steps

PASSED_ON: dict[str, Any] = {
    "allow_extra_args": True,
    "ignore_unknown_options": True,
    "help_option_names": [],
}
"""Typer settings of a command whose arguments are another program's."""

# A wake-up is sent by nobody here, so the queue's address may be missing.
_NO_QUEUE = "redis://127.0.0.1:1/0"

# Of two --port the last counts, so that a port the user names comes before this one.
_SANDBOX_PORT = "8700"


def migrate() -> None:
    """Bring the database of OUTDIAL_DATABASE_URL to the newest schema; `outdial up` does so."""
    _upgrade(_database(os.environ))
    out().print("The schema is current.")


def init(
    *,
    new_key: Annotated[
        bool, typer.Option("--new-key", help="Make a key even where there is one: lost keys.")
    ] = False,
    json: JsonOption = False,
) -> None:
    """Migrate, make the first organization and its API key, and keep Partner credentials.

    For servers of your own; `outdial up` does the same by itself. It reads OUTDIAL_DATABASE_URL,
    OUTDIAL_SECRET_KEY and the OUTDIAL_PARTNER_* variables. The key is shown once.
    """
    addresses.check(os.environ)
    url = _database(os.environ)
    secret_key = _needed(os.environ, "OUTDIAL_SECRET_KEY")
    _upgrade(url)
    made = asyncio.run(_init(url, secret_key, new_key=new_key))
    if json:
        write_json(made)
        return
    for name, value in made.items():
        out().print(f"{name}: {value or '-'}", soft_wrap=True)


async def _init(url: str, secret_key: str, *, new_key: bool) -> dict[str, str | None]:
    told = contexts.settings(
        database_url=url,
        redis_url=addresses.redis_url(os.environ) or _NO_QUEUE,
        secret_key=secret_key,
    )
    async with contexts.opened(told) as context:
        first = await setup.ensure_first_organization(context, name=first_steps.ORGANIZATION)
        owner = first.organization_id
        base_url = await first_steps.connect(context, owner, environ=os.environ, sandbox=None)
        key = first.api_key
        if key is None and new_key:
            key = await setup.mint_key(context, organization_id=owner, name="outdial init")
    return {"organization_id": str(owner), "api_key": key, "partner_base_url": base_url}


def serve(ctx: typer.Context) -> None:
    """Run the API and its pages alone: outdial serve --host 0.0.0.0 --port 8000."""
    addresses.check(os.environ)
    _become("service", ctx.args)


def work(ctx: typer.Context) -> None:
    """Run one worker alone; any number of them may run."""
    addresses.check(os.environ)
    _become("workers", ctx.args)


def sandbox(ctx: typer.Context) -> None:
    """Run the Partner API's simulator alone, on port 8700; --help lists its options."""
    os.environ["SANDBOX_PROGRAM"] = "outdial sandbox"
    _become("sandbox", ["--port", _SANDBOX_PORT, *ctx.args])


def _become(module: str, arguments: list[str]) -> NoReturn:
    # No process in between: signals and the exit code are the program's own. -P: a folder of that
    # name where the user stands must not be run instead.
    sys.stdout.flush()
    program = [sys.executable, "-P", "-m", module, *arguments]
    os.execv(sys.executable, program)  # noqa: S606 - our own program; no shell is involved


def _upgrade(url: str) -> None:
    asyncio.run(addresses.ask_database(url))
    try:
        upgrade(url)
    except (SQLAlchemyError, MigrationError, OSError, ValueError) as error:
        raise CommandError(f"the database can't be migrated: {addresses.brief(error)}") from error


def _database(environ: Mapping[str, str]) -> str:
    _needed(environ, addresses.DATABASE)
    return addresses.database_url(environ) or ""


def _needed(environ: Mapping[str, str], name: str) -> str:
    value = environ.get(name)
    if not value:
        raise CommandError(f"{name} is not set; see docs/settings.md", code=Exit.USAGE)
    return value
