"""The commands `outdial tools`: what a business's agents can do, and what tools are made from."""

from pathlib import Path
from typing import Final

import typer

from outdial.speaking.client import JsonOption
from outdial.speaking.login import HomeOption
from outdial.speaking.speech import out, write_json
from outdial.upstream.asking import BusinessOption, ask, business_of
from outdial.upstream.faults import reported
from outdial.upstream.listing import Column, show_list
from outdial.upstream.view import as_json, yes_no
from partner import PartnerClient
from partner.models.tools import Tool, ToolTemplate

_TOOLS: Final = (
    Column(name="id"),
    Column(name="name"),
    Column(name="type", spare=2),
    Column(name="template"),
    Column(name="enabled", spare=1),
)
_TEMPLATES: Final = (
    Column(name="id"),
    Column(name="name"),
    Column(name="type", spare=1),
    Column(name="for people", prose=True),
)

app = typer.Typer(help="Tools of agents: list, templates.", no_args_is_help=True)


@app.command(name="list")
def list_tools(
    *,
    business: BusinessOption = None,
    json: JsonOption = False,
    home: HomeOption = Path(".outdial"),
) -> None:
    """List the tools of a business, those that the platform added to agents included."""

    async def read(client: PartnerClient) -> list[Tool]:
        chosen = await business_of(client, business)
        return [tool async for tool in client.iter_tool_instances(chosen)]

    with reported(json=json):
        found = ask(read, home=home)
    if json:
        write_json([as_json(tool) for tool in found])
        return
    rows = [(t.id, t.name, t.type, t.template_tool_id, yes_no(t.enabled)) for t in found]
    show_list(out(), _TOOLS, rows, what="tools")


@app.command()
def templates(*, json: JsonOption = False, home: HomeOption = Path(".outdial")) -> None:
    """List the templates that tools are made from; `--json` shows what each can be told."""

    async def read(client: PartnerClient) -> list[ToolTemplate]:
        return [template async for template in client.iter_tool_templates()]

    with reported(json=json):
        found = ask(read, home=home, business="")
    if json:
        write_json([as_json(template) for template in found])
        return
    rows = [(t.id, t.name, t.type, t.display_name) for t in found]
    show_list(out(), _TEMPLATES, rows, what="templates")
