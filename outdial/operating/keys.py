"""The commands `outdial keys`: who may use the API, and for what."""

from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from dialer.pipeline.access.keys import SCOPES
from outdial.speaking.client import Client, JsonOption, KeyOption, UrlOption, target
from outdial.speaking.login import HomeOption
from outdial.speaking.speech import out, table, write_json

app = typer.Typer(help="API keys: create, list, revoke.", no_args_is_help=True)


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="What it is for, for people.")],
    *,
    scope: Annotated[
        list[str] | None,
        typer.Option(help=f"What it may do, repeated: {', '.join(SCOPES)}. All by default."),
    ] = None,
    json: JsonOption = False,
    url: UrlOption = None,
    key: KeyOption = None,
    home: HomeOption = Path(".outdial"),
) -> None:
    """Create an API key. Its secret is shown this once."""
    body = {"name": name, "scopes": scope or list(SCOPES)}
    with Client(target=target(url, key, home)) as client:
        made = client.post("/v1/keys", body)
    if json:
        write_json(made)
        return
    out().print(made["secret"], soft_wrap=True)


@app.command(name="list")
def list_keys(
    *,
    json: JsonOption = False,
    url: UrlOption = None,
    key: KeyOption = None,
    home: HomeOption = Path(".outdial"),
) -> None:
    """List API keys, without their secrets."""
    with Client(target=target(url, key, home)) as client:
        items = client.get("/v1/keys")["items"]
    if json:
        write_json(items)
        return
    rows = [
        (
            item["id"],
            item["name"],
            item["prefix"],
            ", ".join(item["scopes"]),
            item["last_used_at"],
            "revoked" if item["revoked_at"] else "in force",
        )
        for item in items
    ]
    out().print(table(("id", "name", "prefix", "may", "last used", "state"), rows))


@app.command()
def revoke(
    key_id: Annotated[UUID, typer.Argument(help="The key's id.")],
    *,
    url: UrlOption = None,
    key: KeyOption = None,
    home: HomeOption = Path(".outdial"),
) -> None:
    """Take a key out of force, at once and for good."""
    with Client(target=target(url, key, home)) as client:
        client.delete(f"/v1/keys/{key_id}")
    out().print("revoked")
