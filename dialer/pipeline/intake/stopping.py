"""A word from the CRM: won, lost or do not call. Whatever it names is called no more."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection

from dialer.context import Context
from dialer.pipeline.compliance.suppress import bar
from dialer.rules.calling.stop_word import StopWord
from dialer.rules.errors import NotFoundError
from dialer.rules.lead import FINISHED, LeadState
from dialer.store import events
from dialer.store.compliance import suppressions
from dialer.store.intake import stop_words


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """What the CRM calls a lead: exactly one of the first three; the others narrow.

    Attributes:
        lead_id: Ours.
        external_id: The CRM's.
        phone: E.164.
        source_id: Only leads that came through this source.
        campaign_id: Only this campaign's.
    """

    lead_id: UUID | None = None
    external_id: str | None = None
    phone: str | None = None
    source_id: UUID | None = None
    campaign_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopped:
    """What became of the leads that a word named.

    Attributes:
        ended: Those that waited, or were held, and are finished now.
        in_call: Those that are being called: a claimed call is not armed, and one that is on its
            way is followed by nothing.
        finished: How many were finished before, at most 1,000.
        in_flight: Calls that nothing stops any more.
        suppressed: Numbers that nobody of the organization calls from now on.
    """

    ended: tuple[UUID, ...] = ()
    in_call: tuple[UUID, ...] = ()
    finished: int = 0
    in_flight: int = 0
    suppressed: tuple[str, ...] = ()

    @property
    def lead_id(self) -> UUID | None:
        """One of the leads; None where all were finished before, or there was none."""
        return next(iter((*self.ended, *self.in_call)), None)


async def stop(
    context: Context,
    *,
    organization_id: UUID,
    named: Named,
    word: StopWord,
    by: str | None = None,
) -> Stopped:
    """End every unfinished lead of a name.

    Once this returns, no call of them that was not armed before can be: an arm locks the lead's
    row, and this waits for it. With `do_not_call` that holds for every lead with their numbers,
    and for every number that is named itself, of a lead or not.

    Raises:
        NotFoundError: there is no such lead, nor a number to suppress.
    """
    async with context.engine.begin() as conn:
        found = await stop_words.named(
            conn,
            organization_id=organization_id,
            lead_id=named.lead_id,
            external_id=named.external_id,
            phone=named.phone,
            source_id=named.source_id,
            campaign_id=named.campaign_id,
        )
        phones = _barred(named, found, word)
        if not found and not phones:
            raise NotFoundError("there is no such lead")
        # Before the leads' own locks, as an arm and a suppression do.
        if phones:
            await suppressions.guard_all(conn, organization_id=organization_id, phones=phones)
        done = await _end(conn, found, word, by)
        if phones:
            scopes = [(phone, None) for phone in phones]
            await bar(conn, organization_id=organization_id, scopes=scopes, reason=word.reason)
    return Stopped(
        ended=tuple(lead["id"] for lead in done.ended),
        in_call=tuple(lead["id"] for lead in done.in_call),
        finished=sum(lead["state"] in FINISHED for lead in found),
        in_flight=done.in_flight,
        suppressed=phones,
    )


@dataclass(frozen=True, slots=True)
class _Done:
    ended: Sequence[RowMapping]
    in_call: Sequence[RowMapping]
    in_flight: int


def _barred(named: Named, found: Sequence[RowMapping], word: StopWord) -> tuple[str, ...]:
    if word is not StopWord.DO_NOT_CALL:
        return ()
    given = {named.phone} if named.phone else set()
    return tuple(sorted(given | {lead["phone"] for lead in found}))


async def _end(
    conn: AsyncConnection, found: Sequence[RowMapping], word: StopWord, by: str | None
) -> _Done:
    open_ids = [lead["id"] for lead in found if lead["state"] not in FINISHED]
    locked = await stop_words.lock(conn, open_ids)
    still = [lead for lead in locked if lead["state"] in (LeadState.WAITING, LeadState.HELD)]
    calling = [lead for lead in locked if lead["state"] == LeadState.CALLING]
    await stop_words.end(
        conn, [lead["id"] for lead in still], to=word.bucket.value, reason=word.reason
    )
    await stop_words.mark(conn, [lead["id"] for lead in calling], word=word.value)
    told = [_told(lead, f"lead.{word.bucket.value}", word, by) for lead in still]
    told += [_told(lead, "lead.stopped", word, by) for lead in calling]
    await events.append(conn, told)
    return _Done(still, calling, await stop_words.in_flight(conn, open_ids))


def _told(lead: RowMapping, name: str, word: StopWord, by: str | None) -> events.Values:
    return events.event(
        name,
        organization_id=lead["organization_id"],
        campaign_id=lead["campaign_id"],
        lead_id=lead["id"],
        body={"why": word.reason, **({"by": by} if by else {})},
    )
