"""The command `outdial agents call`: one test call, rung once, governed by no campaign."""

from pathlib import Path
from typing import Annotated, Final

import typer
from pydantic import ValidationError

from dialer.rules.phones.phone import REJECTED_CODES, Rejected, normalise
from outdial.speaking.client import JsonOption
from outdial.speaking.coded import CodedError
from outdial.speaking.login import HomeOption
from outdial.speaking.speech import Exit, err, out, write_json
from outdial.upstream.asking import (
    AgentArgument,
    BusinessOption,
    YesOption,
    agent_of,
    ask,
    business_of,
)
from outdial.upstream.confirm import confirm
from outdial.upstream.faults import reported
from outdial.upstream.view import details
from partner import CallPlaced, CallRequest, PartnerClient, Unknown

_WARNING: Final = (
    "This rings {phone} now: a real phone, unless the Partner API is a sandbox. Calling hours, "
    "the do-not-call list and the limits of campaigns don't apply to it. Go on?"
)


def call(
    agent: AgentArgument,
    phone: Annotated[str, typer.Argument(help="A US number, as people write it.")],
    *,
    business: BusinessOption = None,
    name: Annotated[str | None, typer.Option(help="The person's name, for the agent.")] = None,
    context: Annotated[str | None, typer.Option(help="What the agent should know.")] = None,
    yes: YesOption = False,
    json: JsonOption = False,
    home: HomeOption = Path(".outdial"),
) -> None:
    """Ring a phone once, as a test: a real one, unless the Partner API is a sandbox.

    No campaign governs it: neither calling hours nor the do-not-call list nor limits are heeded.
    It is sent once and never again, whatever comes back.
    """
    with reported(json=json, interrupted="if it was sent, it rings: see outdial calls list"):
        request = _request(_number(phone), name, context)
        confirm(err(), _WARNING.format(phone=request.phone_number), yes=yes)
        placed = ask(
            lambda client: _place(client, business, agent, request), home=home, acting=True
        )
    if json:
        members = {"callId": placed.call_id, "phoneNumber": placed.phone_number}
        write_json({**members, "status": placed.status})
        return
    pairs = [("call", placed.call_id), ("rings", placed.phone_number), ("status", placed.status)]
    out().print(details(pairs))
    out().print(f"Its transcript: outdial calls show {placed.call_id} --wait", soft_wrap=True)


def _request(phone: str, name: str | None, context: str | None) -> CallRequest:
    try:
        return CallRequest(phone_number=phone, name=name, context=context)
    except ValidationError as error:
        raise CodedError(
            "--name and --context must be text in UTF-8", reason="usage", code=Exit.USAGE
        ) from error


def _number(raw: str) -> str:
    read = normalise(raw)
    if not isinstance(read, Rejected):
        return read.e164
    meant = f"; meant {read.suggestion}?" if read.suggestion else ""
    raise CodedError(
        f'"{raw}" can\'t be called: {REJECTED_CODES[read.code]}{meant}',
        reason=read.code,
        code=Exit.USAGE,
        details={"suggestion": read.suggestion},
    )


async def _place(
    client: PartnerClient, business: str | None, agent: str, request: CallRequest
) -> CallPlaced:
    chosen = await business_of(client, business)
    found = await agent_of(client, chosen, agent)
    try:
        return await client.call(chosen, found.id, request)
    except Unknown as error:
        known = f" as {error.call_id}" if error.call_id else ""
        raise CodedError(
            f"it isn't known whether {request.phone_number} rings{known} ({error.code}). Don't "
            f"place it again before you looked: outdial calls list --business {chosen} --since 1h",
            reason=error.code,
            details={"may_have_acted": True, "call_id": error.call_id},
        ) from error
