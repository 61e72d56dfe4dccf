"""The command `outdial believe`: an answer counts as a refusal again, as a person says."""

from pathlib import Path
from typing import Annotated
from urllib.parse import quote

import typer

from outdial.speaking.client import Client, JsonOption, KeyOption, UrlOption, target
from outdial.speaking.lines import plain
from outdial.speaking.login import HomeOption
from outdial.speaking.speech import err, out, write_json
from outdial.speaking.told import told
from outdial.upstream.confirm import confirm


def believe(
    answer: Annotated[str, typer.Argument(help="Such as bad_request, as `status` shows it.")],
    *,
    note: Annotated[
        str, typer.Option(help="What was found out, for the timeline; at most 500 characters.")
    ],
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask.")] = False,
    json: JsonOption = False,
    url: UrlOption = None,
    key: KeyOption = None,
    home: HomeOption = Path(".outdial"),
) -> None:
    """Let an answer count as proof again that no phone rang, once the platform is mended."""
    question = (
        f"From now on {plain(answer)} is proof that no phone rang, and its leads are called "
        "again at once. If the platform is not mended, some phones ring twice. Do that?"
    )
    with told(json=json), Client(target=target(url, key, home)) as client:
        confirm(err(), question, yes=yes)
        status = client.post(f"/v1/answers/{quote(answer, safe='')}/believe", {"note": note})
    if json:
        write_json(status)
        return
    left = ", ".join(plain(one["answer"]) for one in status["disbelieved"])
    out().print(f"believed: {plain(answer)}; still not believed: {left or 'none'}")
