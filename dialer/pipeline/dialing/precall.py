"""Ask a campaign's own address, just before a call, whether it may be made. Unclear is no."""

import json

import structlog
from sqlalchemy import RowMapping

from dialer import clock
from dialer.context import Context
from dialer.rules import precall
from dialer.rules.errors import UnavailableError
from dialer.rules.precall import Allowed, NotNow
from dialer.webhooks import WebhookError

log = structlog.get_logger(__name__)

_MEMBER = "secret"


async def ask(context: Context, call: RowMapping) -> NotNow | None:
    """Ask once whether a call may be made; None where it may, or where nobody is to be asked.

    No transaction may be open: the answer takes up to two seconds. What the answer allows is
    allowed by it alone: every gate is looked at again when the call is armed.

    Args:
        context: What the process holds.
        call: A row of `calls.to_place`.
    """
    if call["precall_url"] is None:
        return None
    answer = await _ask(context, call)
    if isinstance(answer, Allowed):
        return None
    log.info("precall_closed", call_id=str(call["id"]), why=answer.why, said=answer.said)
    return answer


async def _ask(context: Context, call: RowMapping) -> Allowed | NotNow:
    url: str = call["precall_url"]
    faults = precall.url_faults(url)
    if faults:
        return precall.unreadable(faults[0])
    body = _body(call)
    try:
        secret = _secret(context, call)
        signed = precall.signature(secret, body, at=int(clock.wall()))
        reply = await context.webhooks.post(
            url,
            body=body,
            headers={precall.SIGNATURE_HEADER: signed},
            seconds=precall.PATIENCE_SECONDS,
            limit=precall.MAX_ANSWER,
            peer_fault=precall.peer_fault,
        )
    except (WebhookError, UnavailableError, KeyError) as error:
        return precall.unreadable(str(error))
    return precall.read_answer(reply.status, reply.body)


def _secret(context: Context, call: RowMapping) -> str:
    if call["precall_secret"] is None:
        raise UnavailableError("no secret is stored to sign the question with")
    return context.vault.open(call["precall_secret"])[_MEMBER]


def _body(call: RowMapping) -> bytes:
    asked = {
        "call_id": str(call["id"]),
        "campaign_id": str(call["campaign_id"]),
        "lead_id": str(call["lead_id"]),
        "external_id": call["external_id"],
        "phone": call["phone"],
        "attempt": call["attempt"],
        "attributes": call["attributes"],
    }
    return json.dumps(asked, ensure_ascii=True, separators=(",", ":")).encode()
