"""The commands `outdial voices`: what an agent may sound like."""

from pathlib import Path
from typing import Annotated

import typer

from outdial.client import JsonOption
from outdial.login import HomeOption
from outdial.speech import out, table, write_json
from outdial.upstream.asking import ask
from outdial.upstream.faults import reported
from outdial.upstream.view import as_json, details

app = typer.Typer(help="Voices for agents: list, show.", no_args_is_help=True)


@app.callback()
def voices() -> None:
    """Voices for agents: list, show."""


@app.command(name="list")
def list_voices(*, json: JsonOption = False, home: HomeOption = Path(".outdial")) -> None:
    """List voices, each with a link to a preview to listen to."""
    with reported(json=json):
        found = ask(lambda client: client.list_voices(), home=home)
    if json:
        write_json([as_json(voice) for voice in found])
        return
    rows = [(v.id, v.name, v.category, v.description, v.preview_url) for v in found]
    out().print(table(("id", "name", "category", "description", "preview"), rows))


@app.command()
def show(
    voice_id: Annotated[str, typer.Argument(help="The voice's id.")],
    *,
    json: JsonOption = False,
    home: HomeOption = Path(".outdial"),
) -> None:
    """Show one voice."""
    with reported(json=json):
        voice = ask(lambda client: client.get_voice(voice_id), home=home)
    if json:
        write_json(as_json(voice))
        return
    names = ("id", "name", "category", "description")
    pairs = [(name, getattr(voice, name)) for name in names]
    out().print(details([*pairs, ("preview", voice.preview_url)]))
