"""Places calls, and reads what became of them."""

import re
from collections.abc import Awaitable, Callable
from typing import Final

from partner.channel import Channel, Endpoint, path_of
from partner.errors import NotSent, Unknown
from partner.models.calls import CallPlaced, CallQuery, CallRecord, CallRequest
from partner.models.page import Page, read_one, read_page
from partner.reading import read_json, spot_call_id
from partner.transport import Answer
from partner.walk import Walk

_RING: Final = "voice-agents:update"  # a reading: the guide names no scope for the call
_READ: Final = "calls:read"
_EVERY_CALL: Final = CallQuery()
_CALL_ID: Final = re.compile(r"[!-~]{1,200}")


class CallEndpoints:
    """The call, and the history in both scopes."""

    _channel: Channel

    async def call(
        self,
        business_id: str,
        agent_id: str,
        request: CallRequest,
        *,
        request_id: str | None = None,
        before_send: Callable[[], Awaitable[None]] | None = None,
    ) -> CallPlaced:
        """Ring a person. Sent once, never again, whatever comes back.

        The token is had first, then a connection of the call's own is made, TLS included; then
        ``before_send`` is awaited, once; only if it returns does the first byte leave.
        Cancelling the waiting task surfaces as ``CancelledError``, and from ``before_send`` on a
        phone may ring all the same: shield the call.

        Args:
            business_id: The business.
            agent_id: Its OUTBOUND agent, deployed and on duty.
            request: Whom to ring, and what the agent should know.
            request_id: Sent as X-Request-Id, to be found in both sides' logs; the upstream does
                not recognise repeats by it.
            before_send: The last chance to stop. Whatever it raises reaches the caller as it
                is, and nothing is sent.

        Raises:
            NotSent: Nothing was sent.
            Refused: 400, 401, 403, 404 or 429: proof that no phone rang.
            Unknown: A phone may have rung.
        """
        path = path_of("businesses", business_id, "voice-agents", agent_id, "call")
        endpoint = Endpoint(method="POST", path=path, scope=_RING)
        try:
            answer = await self._channel.ring(
                endpoint, body=request.body(), request_id=request_id, before_send=before_send
            )
            return _read_placed(answer, request)
        except Unknown as error:
            error.call_id = spot_call_id(error.evidence)
            raise

    async def list_business_calls(self, business_id: str, query: CallQuery) -> Page[CallRecord]:
        """One page of a business's history, which moves while calls are placed.

        Raises:
            NotSent: It could not be asked, or the query names another business.
            Refused: The upstream refused.
            Unknown: No good answer came.
        """
        if query.business_id not in {None, business_id}:
            raise NotSent("invalid_request", "the query names another business than the path")
        asked = query.model_copy(update={"business_id": None})
        return await self._list(path_of("businesses", business_id, "calls"), asked)

    def iter_business_calls(
        self, business_id: str, query: CallQuery = _EVERY_CALL
    ) -> Walk[CallRecord]:
        """A business's whole history, page by page, from page 1 whatever ``query.page`` is."""
        return Walk(
            lambda page, size: self.list_business_calls(business_id, _turn(query, page, size)),
            page_size=query.page_size,
        )

    async def get_business_call(self, business_id: str, call_id: str) -> CallRecord:
        """One call of a business.

        Raises:
            NotSent: It could not be asked.
            Refused: 404 where it isn't in the history (yet).
            Unknown: No good answer came.
        """
        return await self._get(path_of("businesses", business_id, "calls", call_id))

    async def list_organization_calls(self, query: CallQuery) -> Page[CallRecord]:
        """One page of the organization's history; ``query.business_id`` narrows it.

        Raises:
            NotSent: It could not be asked.
            Refused: The upstream refused.
            Unknown: No good answer came.
        """
        return await self._list(path_of("organizations", "calls"), query)

    def iter_organization_calls(self, query: CallQuery = _EVERY_CALL) -> Walk[CallRecord]:
        """The organization's whole history, as :meth:`iter_business_calls` walks it."""
        return Walk(
            lambda page, size: self.list_organization_calls(_turn(query, page, size)),
            page_size=query.page_size,
        )

    async def get_organization_call(self, call_id: str) -> CallRecord:
        """One call of the organization.

        Raises:
            NotSent: It could not be asked.
            Refused: 404 where it isn't in the history (yet).
            Unknown: No good answer came.
        """
        return await self._get(path_of("organizations", "calls", call_id))

    async def _list(self, path: str, query: CallQuery) -> Page[CallRecord]:
        endpoint = Endpoint(method="GET", path=path, scope=_READ)
        answer = await self._channel.read(endpoint, query.pairs())
        return read_page(answer, CallRecord, page=query.page, page_size=query.page_size)

    async def _get(self, path: str) -> CallRecord:
        answer = await self._channel.read(Endpoint(method="GET", path=path, scope=_READ))
        return read_one(answer, CallRecord)


def _turn(query: CallQuery, page: int, page_size: int) -> CallQuery:
    return query.model_copy(update={"page": page, "page_size": page_size})


def _read_placed(answer: Answer, request: CallRequest) -> CallPlaced:
    """The only way to a placed call: 200, ``success: true`` and a ``callId``."""
    read = read_json(answer)
    body = read if isinstance(read, dict) else {}
    if body.get("success") is not True:
        message = "the upstream answered 200 without success: true"
        raise Unknown("not_successful", message, evidence=answer.evidence)
    call_id = body.get("callId")
    if not isinstance(call_id, str) or not _CALL_ID.fullmatch(call_id):
        message = "the upstream answered 200 without a usable callId"
        raise Unknown("no_call_id", message, evidence=answer.evidence)
    phone, status = body.get("phoneNumber"), body.get("status")
    return CallPlaced(
        call_id=call_id,
        phone_number=phone if isinstance(phone, str) else request.phone_number,
        status=status if isinstance(status, str) else None,
        evidence=answer.evidence,
    )
