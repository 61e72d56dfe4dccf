"""The commands `outdial files`: documents that agents can quote."""

from pathlib import Path
from typing import Annotated, Final

import typer

from outdial.speaking.client import JsonOption
from outdial.speaking.lines import plain
from outdial.speaking.login import HomeOption
from outdial.speaking.speech import err, out, write_json
from outdial.upstream.asking import BusinessOption, YesOption, ask, business_of
from outdial.upstream.confirm import confirm
from outdial.upstream.faults import reported
from outdial.upstream.listing import Column, show_list
from outdial.upstream.progress import upload_bar
from outdial.upstream.view import as_json, details, moment, size
from partner import PartnerClient
from partner.models.files import KnowledgeFile

_READY_SECONDS: Final = 300.0
_COLUMNS: Final = (
    Column(name="id"),
    Column(name="name", prose=True),
    Column(name="status"),
    Column(name="size", right=True),
    Column(name="uploaded", spare=1),
)

app = typer.Typer(help="Files of agents' knowledge: upload, list, show, delete.")

FileArgument = Annotated[str, typer.Argument(help="The file's id.")]


@app.command()
def upload(
    path: Annotated[Path, typer.Argument(help="A PDF, DOCX or text file.", dir_okay=False)],
    *,
    business: BusinessOption = None,
    wait: Annotated[
        bool,
        typer.Option(help="Wait until the platform has read it, five minutes at most."),
    ] = True,
    json: JsonOption = False,
    home: HomeOption = Path(".outdial"),
) -> None:
    """Upload a file, and wait until agents can be given it."""

    async def act(client: PartnerClient) -> KnowledgeFile:
        chosen = await business_of(client, business)
        with upload_bar(err(), path.name, hidden=json) as advance:
            sent = await client.upload_file(chosen, path, on_progress=advance)
        if not wait:
            return sent
        return await client.wait_for_file(chosen, sent.id, timeout=_READY_SECONDS)

    with reported(json=json):
        sent = ask(act, home=home, acting=True)
    _tell(sent, json=json)


@app.command(name="list")
def list_files(
    *,
    business: BusinessOption = None,
    json: JsonOption = False,
    home: HomeOption = Path(".outdial"),
) -> None:
    """List the files of a business and how far the platform is with each."""

    async def read(client: PartnerClient) -> list[KnowledgeFile]:
        chosen = await business_of(client, business)
        return [file async for file in client.iter_files(chosen)]

    with reported(json=json):
        found = ask(read, home=home)
    if json:
        write_json([as_json(file) for file in found])
        return
    rows = [(f.id, f.name, f.status, size(f.size_bytes), moment(f.created_at)) for f in found]
    show_list(out(), _COLUMNS, rows, what="files")


@app.command()
def show(
    file_id: FileArgument,
    *,
    business: BusinessOption = None,
    json: JsonOption = False,
    home: HomeOption = Path(".outdial"),
) -> None:
    """Show one file."""

    async def read(client: PartnerClient) -> KnowledgeFile:
        return await client.get_file(await business_of(client, business), file_id)

    with reported(json=json):
        found = ask(read, home=home)
    _tell(found, json=json)


@app.command()
def delete(
    file_id: FileArgument,
    *,
    business: BusinessOption = None,
    yes: YesOption = False,
    json: JsonOption = False,
    home: HomeOption = Path(".outdial"),
) -> None:
    """Delete a file that no agent uses."""

    async def act(client: PartnerClient) -> None:
        await client.delete_file(await business_of(client, business), file_id)

    with reported(json=json):
        confirm(err(), f"Delete {plain(file_id)} for good?", yes=yes)
        ask(act, home=home, acting=True)
    if json:
        write_json({"id": file_id, "deleted": True})
        return
    out().print("deleted")


def _tell(file: KnowledgeFile, *, json: bool) -> None:
    if json:
        write_json(as_json(file))
        return
    pairs = [
        ("file", file.id),
        ("name", file.name),
        ("status", file.status),
        ("size", size(file.size_bytes)),
        ("media type", file.mime_type),
        ("uploaded", file.created_at),
    ]
    out().print(details(pairs))
