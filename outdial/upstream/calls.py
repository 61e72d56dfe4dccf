"""The commands `outdial calls`: the history that the Partner API keeps, and what was said."""

import asyncio
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import typer

from outdial.machine import clock
from outdial.speaking.client import JsonOption
from outdial.speaking.coded import CodedError
from outdial.speaking.login import HomeOption
from outdial.speaking.speech import Exit, out, write_json
from outdial.upstream import moments
from outdial.upstream.asking import BusinessOption, ask, first
from outdial.upstream.call_list import agent_names, show_calls
from outdial.upstream.call_view import show_call
from outdial.upstream.faults import BUSINESS, reported
from outdial.upstream.view import as_json
from partner import CallQuery, CallRecord, PartnerClient, Refused

_LATEST: Final = "latest"
_OVER: Final = frozenset({"COMPLETED", "FAILED"})
_WAIT_SECONDS: Final = 900.0
_PAUSE_SECONDS: Final = 1.0

app = typer.Typer(help="Calls in the platform's history: list, show.", no_args_is_help=True)


class Status(StrEnum):
    """Where a call can stand."""

    SCHEDULED = "SCHEDULED"
    IN_PROGRESS = "IN_PROGRESS"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"


class Direction(StrEnum):
    """Who called whom."""

    INBOUND = "INBOUND"
    OUTBOUND = "OUTBOUND"


@app.command(name="list")
def list_calls(
    *,
    business: BusinessOption = None,
    status: Annotated[
        str | None, typer.Option(metavar="|".join(Status), help="Only calls that stand there.")
    ] = None,
    kind: Annotated[
        str | None,
        typer.Option("--type", metavar="|".join(Direction), help="Only calls in this direction."),
    ] = None,
    since: Annotated[
        str | None, typer.Option(help="Started after this: a date, a time with its zone, or 2h.")
    ] = None,
    until: Annotated[str | None, typer.Option(help="Started before this, likewise.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="How many at most.")] = 20,
    json: JsonOption = False,
    home: HomeOption = Path(".outdial"),
) -> None:
    """List calls, the newest first: of a business, or of the whole organization."""
    with reported(json=json):
        now = clock.now()
        query = CallQuery(
            page_size=min(limit, 100),
            status=_one_of(Status, status, option="--status"),
            type=_one_of(Direction, kind, option="--type"),
            start=moments.read(since, option="--since", now=now) if since else None,
            end=moments.read(until, option="--until", now=now) if until else None,
            order_by="startedAt",
            direction="desc",
        )

        async def read(client: PartnerClient) -> tuple[list[CallRecord], dict[str, str]]:
            calls = await _newest(client, business, query, limit)
            return calls, {} if json else await agent_names(client, calls)

        found, names = ask(read, home=home, business=BUSINESS if business else "")
    if json:
        write_json([as_json(call) for call in found])
        return
    show_calls(out(), found, names)


@app.command()
def show(
    call_id: Annotated[
        str, typer.Argument(help=f"The call's id, or `{_LATEST}` for the one placed last.")
    ],
    *,
    business: BusinessOption = None,
    wait: Annotated[
        bool, typer.Option("--wait", help="Wait until the call is over, 15 minutes at most.")
    ] = False,
    json: JsonOption = False,
    home: HomeOption = Path(".outdial"),
) -> None:
    """Show a call: what was said, what was collected, what the agent had been told."""

    async def read(client: PartnerClient) -> CallRecord:
        chosen = call_id if call_id != _LATEST else (await _latest(client, business)).id
        if wait:
            return await _ended(client, business, chosen)
        return await _read(client, business, chosen)

    with reported(json=json):
        call = ask(read, home=home, business=BUSINESS if business else "")
    if json:
        write_json(as_json(call))
        return
    show_call(out(), call)


def _one_of(kinds: type[StrEnum], given: str | None, *, option: str) -> str | None:
    if given is None or given.upper() in list(kinds):
        return given and given.upper()
    raise CodedError(
        f'{option} "{given}": choose {", ".join(list(kinds)[:-1])} or {list(kinds)[-1]}',
        reason="usage",
        code=Exit.USAGE,
    )


async def _newest(
    client: PartnerClient, business: str | None, query: CallQuery, limit: int
) -> list[CallRecord]:
    if business is None:
        return await first(client.iter_organization_calls(query), limit)
    return await first(client.iter_business_calls(business, query), limit)


async def _latest(client: PartnerClient, business: str | None) -> CallRecord:
    query = CallQuery(page_size=1, order_by="startedAt", direction="desc")
    found = await _newest(client, business, query, 1)
    if not found:
        raise CodedError("there is no call yet", reason="not_found")
    return found[0]


async def _read(client: PartnerClient, business: str | None, call_id: str) -> CallRecord:
    if business is None:
        return await client.get_organization_call(call_id)
    return await client.get_business_call(business, call_id)


async def _ended(client: PartnerClient, business: str | None, call_id: str) -> CallRecord:
    try:
        async with asyncio.timeout(_WAIT_SECONDS):
            while True:
                call = await _listed(client, business, call_id)
                if call is not None and call.status in _OVER:
                    return call
                await asyncio.sleep(_PAUSE_SECONDS)
    except TimeoutError as error:
        minutes = int(_WAIT_SECONDS // 60)
        raise CodedError(
            f"{call_id} was not over after {minutes} minutes; look again later",
            reason="still_going",
            code=Exit.FAILED,
        ) from error


async def _listed(client: PartnerClient, business: str | None, call_id: str) -> CallRecord | None:
    try:
        return await _read(client, business, call_id)
    except Refused as error:
        if error.code == "not_found":
            return None
        raise
