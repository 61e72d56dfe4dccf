"""Asks the Partner API on a command's behalf: one client, opened and closed around it."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from outdial.speaking.coded import CodedError
from outdial.speaking.speech import Exit
from outdial.upstream.connection import Upstream, find
from outdial.upstream.faults import BUSINESS, explain, stopped
from outdial.upstream.manifest_file import manifest_refused
from partner import CallQuery, PartnerClient, PartnerError, VoiceAgent
from provision.errors import ProvisionError
from provision.manifest import ManifestError

Found = TypeVar("Found")
Item = TypeVar("Item")

BusinessOption = Annotated[
    str | None,
    typer.Option("--business", help="The business's id in the calling platform."),
]
AgentArgument = Annotated[str, typer.Argument(help="The agent's id, or its exact name.")]
YesOption = Annotated[bool, typer.Option("--yes", help="Don't ask.")]

_SUGGESTED = 5


def ask(
    work: Callable[[PartnerClient], Awaitable[Found]],
    *,
    home: Path,
    acting: bool = False,
    business: str = BUSINESS,
) -> Found:
    """Finds the Partner API, does some work with a client of it, and closes that.

    Args:
        work: What to do.
        home: The data folder, where an `outdial up` may run.
        acting: Whether the work changes something.
        business: What names the business on that command line; empty where nothing does.

    Returns:
        What the work returns.

    Raises:
        CommandError: There is no Partner API, or it failed.
    """
    upstream = find(os.environ, home)
    return asyncio.run(_ask(work, upstream, acting=acting, business=business))


async def _ask(
    work: Callable[[PartnerClient], Awaitable[Found]],
    upstream: Upstream,
    *,
    acting: bool,
    business: str,
) -> Found:
    async with upstream.client() as client:
        try:
            return await work(client)
        except PartnerError as error:
            raise explain(error, upstream, acting=acting, business=business) from error
        except ProvisionError as error:
            raise stopped(error, upstream, business=business) from error
        except ManifestError as error:
            raise manifest_refused(error) from error


async def first(items: AsyncIterator[Item], limit: int) -> list[Item]:
    """Reads the first of a list.

    Args:
        items: A list that is read page by page.
        limit: How many at most.

    Returns:
        They.
    """
    found: list[Item] = []
    async for item in items:
        found.append(item)
        if len(found) >= limit:
            break
    return found


async def business_of(client: PartnerClient, given: str | None) -> str:
    """Decides which business a command is about.

    Args:
        client: The Partner API, asked for a suggestion where none was given.
        given: From `--business`.

    Returns:
        Its id.

    Raises:
        CodedError: None was given; the message names those that the call history knows.
    """
    if given:
        return given
    known = await _known_businesses(client)
    shown = f", such as --business {' or '.join(known)}" if known else ""
    raise CodedError(
        f"name the business with --business ID{shown}",
        reason="business_missing",
        code=Exit.USAGE,
        details={"known": known},
    )


async def agent_of(client: PartnerClient, business: str, wanted: str) -> VoiceAgent:
    """Finds an agent.

    Args:
        client: The Partner API.
        business: Its business.
        wanted: Its id, or its exact name.

    Returns:
        The agent.

    Raises:
        CodedError: No agent, or several, are called so.
    """
    agents = [agent async for agent in client.iter_voice_agents(business)]
    found = [agent for agent in agents if agent.id == wanted]
    found = found or [agent for agent in agents if agent.name == wanted]
    if len(found) == 1:
        return found[0]
    many = "several agents are" if found else "no agent is"
    raise CodedError(
        f'{many} called "{wanted}" in {business}; see `outdial agents list --business {business}`',
        reason="agent_ambiguous" if found else "agent_not_found",
    )


async def _known_businesses(client: PartnerClient) -> list[str]:
    # There is no list of businesses: the newest calls are all that tells of any.
    try:
        page = await client.list_organization_calls(CallQuery(page_size=100))
    except PartnerError:
        return []
    return sorted({call.business_id for call in page.items if call.business_id})[:_SUGGESTED]
