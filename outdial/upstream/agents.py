"""The commands `outdial agents`: look at agents, put them to work, keep them as code."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

import typer

from outdial.speaking.client import JsonOption
from outdial.speaking.login import HomeOption
from outdial.speaking.speech import out, write_json
from outdial.upstream.agent_view import brief, duty_of, facts, names_of
from outdial.upstream.applying import apply, destroy
from outdial.upstream.asking import AgentArgument, BusinessOption, agent_of, ask, business_of
from outdial.upstream.faults import reported
from outdial.upstream.importing import import_existing
from outdial.upstream.listing import Column, show_list
from outdial.upstream.manifest_file import print_schema, validate
from outdial.upstream.place_call import call
from outdial.upstream.planning import plan
from outdial.upstream.view import as_json, details
from partner import PartnerClient, VoiceAgent

_COLUMNS: Final = (
    Column(name="id"),
    Column(name="name", prose=True),
    Column(name="type"),
    Column(name="duty"),
    Column(name="number"),
    Column(name="voice", spare=1),
)

app = typer.Typer(help="Voice agents, by hand and as code.", no_args_is_help=True)


@app.command(name="list")
def list_agents(
    *,
    business: BusinessOption = None,
    json: JsonOption = False,
    home: HomeOption = Path(".outdial"),
) -> None:
    """List the agents of a business with their numbers and their duty."""

    async def read(client: PartnerClient) -> list[VoiceAgent]:
        chosen = await business_of(client, business)
        return [agent async for agent in client.iter_voice_agents(chosen)]

    with reported(json=json):
        found = ask(read, home=home)
    if json:
        write_json([as_json(agent) for agent in found])
        return
    rows = [(a.id, a.name, a.type, duty_of(a), a.phone_number, a.voice_id) for a in found]
    show_list(out(), _COLUMNS, rows, what="agents")


@app.command()
def show(
    agent: AgentArgument,
    *,
    business: BusinessOption = None,
    json: JsonOption = False,
    home: HomeOption = Path(".outdial"),
) -> None:
    """Show one agent with all that it was told."""

    async def read(client: PartnerClient) -> tuple[VoiceAgent, dict[str, str]]:
        chosen = await business_of(client, business)
        wanted = await agent_of(client, chosen, agent)
        whole = await client.get_voice_agent(chosen, wanted.id)
        return whole, {} if json else await names_of(client, chosen, whole)

    with reported(json=json):
        found, names = ask(read, home=home)
    if json:
        write_json(as_json(found))
        return
    out().print(details(facts(found, names)))


@app.command(name="on")
def switch_on(
    agent: AgentArgument,
    *,
    business: BusinessOption = None,
    json: JsonOption = False,
    home: HomeOption = Path(".outdial"),
) -> None:
    """Put a deployed agent on duty: it calls, or is called, from now on."""
    _change(PartnerClient.set_on_duty, agent, business, home=home, json=json)


@app.command(name="off")
def switch_off(
    agent: AgentArgument,
    *,
    business: BusinessOption = None,
    json: JsonOption = False,
    home: HomeOption = Path(".outdial"),
) -> None:
    """Take an agent off duty, which stops new calls at once."""
    _change(PartnerClient.set_off_duty, agent, business, home=home, json=json)


@app.command()
def deploy(
    agent: AgentArgument,
    *,
    business: BusinessOption = None,
    json: JsonOption = False,
    home: HomeOption = Path(".outdial"),
) -> None:
    """Give an agent a phone number and let it go live, on duty."""
    _change(PartnerClient.deploy_voice_agent, agent, business, home=home, json=json)


app.command()(call)
app.command()(validate)
app.command(name="schema")(print_schema)
app.command()(plan)
app.command()(apply)
app.command()(destroy)
app.command(name="import")(import_existing)


def _change(
    change: Callable[[PartnerClient, str, str], Awaitable[VoiceAgent]],
    wanted: str,
    business: str | None,
    *,
    home: Path,
    json: bool,
) -> None:
    async def act(client: PartnerClient) -> VoiceAgent:
        chosen = await business_of(client, business)
        found = await agent_of(client, chosen, wanted)
        return await change(client, chosen, found.id)

    with reported(json=json):
        changed = ask(act, home=home, acting=True)
    if json:
        write_json(as_json(changed))
        return
    out().print(details(brief(changed)))
