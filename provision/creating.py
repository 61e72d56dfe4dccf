"""Makes one thing upstream exactly once, whatever happens to the process or to the answer."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from pydantic import BaseModel

from partner import NotSent, PartnerClient, Refused, Unknown
from provision.errors import OutdatedPlanError
from provision.events import Phase
from provision.observing import listed, wire
from provision.recovery import made_by, the_one
from provision.state import Body, Intent, kind_of
from provision.state_file import StateFile

LOOKS: Final = (0.2, 1.0, 3.0)
"""Seconds to wait before each look for something whose answer was lost."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Creation:
    """A create: where it is kept, what it can be told by, and the request itself.

    Attributes:
        match: Fields of the upstream's object by which the new thing can be told.
        sent: What is remembered of the body.
        post: Sends the request once.
    """

    address: str
    match: Body
    sent: Body
    post: Callable[[], Awaitable[BaseModel]]


class Creator:
    """Creates things one after the other.

    Before a request goes out, the ids of its kind that exist are kept as an intent. Whoever
    comes after a lost answer, or after a killed process, finds the new thing as the only one
    that fits and isn't among them.

    Args:
        client: Of the business's organization.
        business: The business's id.
        book: The open state.
        named: Ids that the manifest names itself: of things that it didn't make.
        tell: Told each phase.
    """

    def __init__(
        self,
        *,
        client: PartnerClient,
        business: str,
        book: StateFile,
        named: frozenset[str],
        tell: Callable[[Phase], None],
    ) -> None:
        self._client = client
        self._business = business
        self._book = book
        self._named = named
        self._tell = tell

    async def create(self, creation: Creation) -> Body:
        """The thing as the upstream answered; its intent still stands.

        Raises:
            NotSent: It was not sent.
            Refused: The upstream did not act.
            Unknown: It may exist; the intent stands, so that the next run finds it.
            AmbiguousError: Several things could be the new one.
            OutdatedPlanError: What an earlier run lost has appeared since the plan was made.
        """
        earlier = self._book.state.creating.get(creation.address)
        await self._intend(creation, earlier)
        self._tell(Phase.SENDING)
        try:
            answer = wire(await creation.post())
        except (NotSent, Refused):
            self._withdraw(creation.address, earlier)
            raise
        except Unknown:
            self._tell(Phase.LOST)
            found = await self._look(creation.address)
            if found is None:
                raise
            answer = found
        self._tell(Phase.ANSWERED)
        return answer

    async def _intend(self, creation: Creation, earlier: Intent | None) -> None:
        things = await listed(self._client, self._business, kind_of(creation.address))
        known = tuple(sorted(things))
        if earlier is not None:
            if self._made_by(earlier, things):
                raise OutdatedPlanError(
                    f"{creation.address}: what an earlier run was creating has appeared since "
                    "the plan was made. Run again to adopt it",
                    changed="upstream",
                )
            # The lost request may still be acted on: its thing mustn't count as an old one.
            known = earlier.known_ids
        intent = Intent(known_ids=known, match=creation.match, sent=creation.sent)
        self._book.save(self._book.state.with_intent(creation.address, intent))

    def _made_by(self, intent: Intent, things: dict[str, Body]) -> list[str]:
        state = self._book.state
        return made_by(intent, things, state.owned_ids | self._named, salt=state.salt)

    def _withdraw(self, address: str, earlier: Intent | None) -> None:
        state = self._book.state
        if earlier is None:
            self._book.save(state.without_intent(address))
        else:
            self._book.save(state.with_intent(address, earlier))

    async def _look(self, address: str) -> Body | None:
        intent = self._book.state.creating[address]
        for pause in LOOKS:
            await asyncio.sleep(pause)
            things = await self._listed(address)
            if things is None:
                continue
            found = the_one(address, self._made_by(intent, things))
            if found is not None:
                return things[found]
        return None

    async def _listed(self, address: str) -> dict[str, Body] | None:
        try:
            return await listed(self._client, self._business, kind_of(address))
        except (NotSent, Refused, Unknown):
            # The create's own failure is the one to tell.
            return None
