"""Rows of a delivery that end a lead instead of making one: won, lost, do not call."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import RowMapping

from dialer.context import Context
from dialer.pipeline.intake.stopping import Named, Stopped, stop
from dialer.rules.calling.stop_word import StopWord
from dialer.rules.errors import Fault, NotFoundError
from dialer.rules.intake.field_map import stop_word_of, to_lead
from dialer.rules.phones import phone as phones

Receipt = Mapping[str, object]
Stop = tuple[StopWord, Mapping[str, object]]
"""A word, and the fields of the lead that it is said of."""

_NAMELESS = Fault(
    "/external_id",
    "not_mapped",
    "the row says stop, but no field is mapped to external_id or phone",
)


def among(source: RowMapping, rows: Mapping[int, object]) -> dict[int, Stop]:
    """The rows that say stop by the source's map, by their place."""
    field_map = source["field_map"]
    return {
        place: (word, to_lead(row, field_map))
        for place, row in rows.items()
        if isinstance(row, Mapping) and (word := stop_word_of(row, field_map)) is not None
    }


async def take(
    context: Context, source: RowMapping, stops: Mapping[int, Stop]
) -> dict[int, Receipt]:
    """Obey rows that say stop; a receipt for each of them, by its place.

    A row names its lead by the external id that it has in this source, or by its number. One
    that names none is answered `no_such_lead`: a CRM tells of people who were never sent here.
    """
    return {
        place: {"index": place, "word": word.value, **await _obey(context, source, lead, word)}
        for place, (word, lead) in stops.items()
    }


async def _obey(
    context: Context, source: RowMapping, lead: Mapping[str, object], word: StopWord
) -> Receipt:
    names = _names(source["id"], lead, word)
    if not names:
        return {"status": "rejected", "errors": [_NAMELESS.as_dict()]}
    done = [await _stop(context, source, named, word) for named in names]
    lead_id = next((one.lead_id for one in done if one is not None and one.lead_id), None)
    found = any(one is not None for one in done)
    told: dict[str, object] = {"status": "stopped" if found else "no_such_lead"}
    told |= {"lead_id": str(lead_id)} if lead_id else {}
    return told | ({"external_id": names[0].external_id} if names[0].external_id else {})


def _names(source_id: UUID, lead: Mapping[str, object], word: StopWord) -> list[Named]:
    external_id = str(lead.get("external_id") or "").replace("\x00", "").strip()
    phone = _phone(lead.get("phone"))
    names = [Named(external_id=external_id, source_id=source_id)] if external_id else []
    # Whoever asks not to be called means the number, whatever it was sent under before.
    if phone and (not names or word is StopWord.DO_NOT_CALL):
        names.append(Named(phone=phone, source_id=source_id))
    return names


def _phone(given: object) -> str | None:
    match phones.normalise(str(given or "")[:100], allow_territories=True):
        case phones.Accepted(e164=e164):
            return e164
        case phones.Rejected():
            return None


async def _stop(
    context: Context, source: RowMapping, named: Named, word: StopWord
) -> Stopped | None:
    try:
        return await stop(
            context,
            organization_id=source["organization_id"],
            named=named,
            word=word,
            by=f"source {source['name']}",
        )
    except NotFoundError:
        return None
