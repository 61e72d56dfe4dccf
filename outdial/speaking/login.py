"""The command `outdial login`: a link that opens the pages without typing a key."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from dialer import clock
from outdial.machine.home import Home, HomeError, Runtime
from outdial.speaking.speech import CommandError, out
from service.pages.session import login_token

HomeOption = Annotated[Path, typer.Option(envvar="OUTDIAL_HOME", help="Folder of all local data.")]


def login(
    *,
    home: HomeOption = Path(".outdial"),
    env: Annotated[str | None, typer.Option(envvar="OUTDIAL_SECRET_KEY", hidden=True)] = None,
) -> None:
    """Print a link that opens the status page of the running `outdial up`, for 12 hours."""
    if not home.is_dir():
        raise CommandError(f"{home} does not exist: run this beside `outdial up`")
    try:
        place = Home(home)
        found = link(place.runtime(), secret_key(place, {"OUTDIAL_SECRET_KEY": env or ""}))
    except (HomeError, OSError) as error:
        raise CommandError(str(error)) from error
    if found is None:
        raise CommandError(f"nothing was started in {home} yet: run `outdial up`")
    out().print(found, soft_wrap=True)


def secret_key(home: Home, environ: Mapping[str, str]) -> str:
    """Finds the key that signs links and seals credentials.

    Args:
        home: The data folder.
        environ: OUTDIAL_SECRET_KEY goes before the folder's own.

    Returns:
        The key.
    """
    return environ.get("OUTDIAL_SECRET_KEY") or home.secret_key()


def link(runtime: Runtime, key: str) -> str | None:
    """Builds a link that opens the pages.

    Args:
        runtime: The tree's addresses and organization.
        key: The secret key.

    Returns:
        A URL, or None where there is no organization yet. It holds no API key.
    """
    address = runtime.addresses.get("api")
    if address is None or runtime.organization_id is None:
        return None
    token = login_token(key, UUID(runtime.organization_id), clock.wall())
    return f"{address}/login?token={token}"
