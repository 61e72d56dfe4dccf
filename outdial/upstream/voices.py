"""The commands `outdial voices`: what an agent may sound like."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console

from outdial.speaking.client import JsonOption
from outdial.speaking.login import HomeOption
from outdial.speaking.speech import cell, out, write_json
from outdial.upstream.asking import ask
from outdial.upstream.faults import reported
from outdial.upstream.listing import Column, show_list
from outdial.upstream.view import address, as_json, details
from partner import Voice

_PREVIEW: Final = "preview"
_INDENT: Final = len("description  ")
_COLUMNS: Final = (
    Column(name="id"),
    Column(name="name", prose=True),
    Column(name="category"),
    Column(name="description", prose=True, spare=1),
    Column(name=_PREVIEW, spare=2),
)

app = typer.Typer(help="Voices for agents: list, show.", no_args_is_help=True)


@app.callback()
def voices() -> None:
    """Voices for agents: list, show."""


@app.command(name="list")
def list_voices(*, json: JsonOption = False, home: HomeOption = Path(".outdial")) -> None:
    """List voices, each with a link to a preview to listen to."""
    with reported(json=json):
        found = ask(lambda client: client.list_voices(), home=home, business="")
    if json:
        write_json([as_json(voice) for voice in found])
        return
    rows = [(v.id, v.name, v.category, v.description, v.preview_url) for v in found]
    console = out()
    if _PREVIEW in show_list(console, _COLUMNS, rows, what="voices"):
        _show_previews(console, found)


@app.command()
def show(
    voice_id: Annotated[str, typer.Argument(help="The voice's id.")],
    *,
    json: JsonOption = False,
    home: HomeOption = Path(".outdial"),
) -> None:
    """Show one voice."""
    with reported(json=json):
        voice = ask(lambda client: client.get_voice(voice_id), home=home, business="")
    if json:
        write_json(as_json(voice))
        return
    names = ("id", "name", "category", "description")
    console = out()
    console.print(details((name, getattr(voice, name)) for name in names))
    if voice.preview_url:
        console.print(address(_PREVIEW, voice.preview_url, indent=_INDENT), soft_wrap=True)


def _show_previews(console: Console, voices: Iterable[Voice]) -> None:
    # A link that the terminal breaks by itself can still be clicked and copied.
    console.print("\nListen to them:")
    for voice in voices:
        if voice.preview_url:
            console.print(cell(f"  {voice.name}  {voice.preview_url}"), soft_wrap=True)
