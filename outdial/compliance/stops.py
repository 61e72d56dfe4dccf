"""The commands `outdial pause` and `outdial resume`: everything, a business, or a state."""

from pathlib import Path
from typing import Annotated
from urllib.parse import quote

import typer

from outdial.speaking.client import Client, JsonOption, KeyOption, UrlOption, target
from outdial.speaking.lines import moment, plain
from outdial.speaking.login import HomeOption
from outdial.speaking.speech import CommandError, Exit, counted, out, write_json
from outdial.speaking.told import told

BusinessOption = Annotated[
    str | None,
    typer.Option(help="Only this business (its id here; see the API's /v1/businesses)."),
]
StateOption = Annotated[
    str | None, typer.Option(help="Only people who may be in this state, such as FL.")
]
NoteOption = Annotated[str, typer.Option(help="Why, for the record; needed for a state.")]


def pause(
    *,
    business: BusinessOption = None,
    state: StateOption = None,
    note: NoteOption = "",
    json: JsonOption = False,
    url: UrlOption = None,
    key: KeyOption = None,
    home: HomeOption = Path(".outdial"),
) -> None:
    """Stop every new ring at once, and say what still flies and when the last phone rang."""
    path, body = _target("pause", business, state, note)
    with told(json=json), Client(target=target(url, key, home)) as client:
        found = client.post(path, body)
    if json:
        write_json(found)
        return
    flying = found["in_flight"]
    last = moment(found["last_ring_at"])
    told_flying = f"{counted(flying, 'call')} in flight" if flying else "no call in flight"
    out().print(f"paused: {_what(business, state)}; {told_flying}")
    out().print(f"The last phone rang at {last}; none rings later." if last else "No phone rang.")


def resume(
    *,
    business: BusinessOption = None,
    state: StateOption = None,
    note: NoteOption = "",
    json: JsonOption = False,
    url: UrlOption = None,
    key: KeyOption = None,
    home: HomeOption = Path(".outdial"),
) -> None:
    """Dial again; what is paused on a lower level stays paused."""
    path, body = _target("resume", business, state, note)
    with told(json=json), Client(target=target(url, key, home)) as client:
        found = client.post(path, body)
    if json:
        write_json(found)
        return
    out().print(f"dials again: {_what(business, state)}")


def _target(
    command: str, business: str | None, state: str | None, note: str
) -> tuple[str, dict[str, str] | None]:
    if business and state:
        raise CommandError("name a business or a state, not both", code=Exit.USAGE)
    if state:
        if not note:
            raise CommandError('say why: --note "..." is kept with the rules', code=Exit.USAGE)
        return f"/v1/states/{quote(state, safe='')}/{command}", {"note": note}
    if business:
        return f"/v1/businesses/{quote(business, safe='')}/{command}", None
    return f"/v1/{command}", None


def _what(business: str | None, state: str | None) -> str:
    if state:
        return f"the state {plain(state.upper())}"
    return f"the business {plain(business)}" if business else "everything"
