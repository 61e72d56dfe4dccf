"""What an agent's structured data says of a call: an opt-out, a wrong number, a callback.

The fields are whatever the agent was told to collect (`collectFields`), so names are read
without case, blanks, accents and punctuation, and values in the spellings that models write.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

CALLBACK_WITHIN = timedelta(days=60)

_MEMBERS = 500
_DEPTH = 3
_TEXT = 200
_ISO = 40

_OPT_OUT = frozenset(
    (
        *("donotcall", "donotcallagain", "dontcall", "dontcallagain", "dnc", "donotcontact"),
        *("dontcontact", "nocontact", "nocalls", "stopcalling", "stopcalls", "stopcontact"),
        *("optout", "optedout", "optingout", "callsoptout", "unsubscribe", "unsubscribed"),
        *("removefromlist", "removemefromlist", "takeofflist", "addtodnc", "nollamar"),
        *("donotcalllist", "addtodonotcalllist", "dnclist", "addtodnclist", "nomellamen"),
    )
)
_WRONG = frozenset(
    ("wrongnumber", "wrongperson", "wrongparty", "wrongcontact", "numeroequivocado")
)
_WANTED = frozenset(
    ("callback", "callbackneeded", "callmeback", "wantscallback", "callbackwanted")
)
_AT = frozenset(
    (
        *("callbackat", "callbacktime", "callback", "callbackdate", "callbackdatetime"),
        *("callbackdateandtime", "callbackrequestedat", "requestedcallbackat", "callmebackat"),
        *("requestedcallbacktime", "preferredcallbacktime", "callbackscheduledat", "callagainat"),
    )
)
_AROUND = re.compile(r"^(?:is|has|wants|customer|caller|lead|user)*|(?:requested|request|flag)?$")
_PLAIN = re.compile(r"[^a-z0-9]+")
_YES = re.compile(r"(?:yes|yeah|y|true|t|1|1\.0|on|si|checked)\b")
_REQUESTED = frozenset(
    ("requested", "opted out", "opt out", "do not call", "dnc", "asked", "wrong number")
)
_NO = re.compile(r"(?:no|n|false|f|0|off|none|null|never)\b")


@dataclass(frozen=True, slots=True)
class Extracted:
    """What was found; each text is the member that says so, None where none does.

    Attributes:
        callback_at: The exact instant (UTC) that was asked for.
    """

    opted_out: str | None = None
    wrong_number: str | None = None
    callback: str | None = None
    callback_at: datetime | None = None


def extract(
    data: Mapping[str, object] | None, *, ended_at: datetime | None, zone: str | None = None
) -> Extracted:
    """Read structured data.

    Args:
        data: As it came, untrusted: 500 members and three levels are looked at.
        ended_at: The call's end; a callback is at most 60 days after it. None: no time is taken.
        zone: The lead's IANA zone, in which a time without an offset is read; None: such a
            time is no instant and isn't taken.
    """
    members = list(islice(_members(data or {}, _DEPTH), _MEMBERS))
    at = _callback_at(members, ended_at, zone)
    return Extracted(
        opted_out=_first_true(members, _OPT_OUT),
        wrong_number=_first_true(members, _WRONG),
        callback=at[0] if at else _first_true(members, _WANTED),
        callback_at=at[1] if at else None,
    )


_Member = tuple[str, object]


def _members(data: Mapping[str, object], depth: int) -> Iterator[_Member]:
    name = data.get("name")
    if isinstance(name, str):
        # The shape {"name": ..., "result": ...}, in which some platforms wrap each member.
        yield from ((name, data[key]) for key in ("result", "value") if key in data)
    for place, (key, value) in enumerate(data.items()):
        if place >= _MEMBERS:
            return
        if isinstance(value, Mapping):
            yield from ((str(key), value[k]) for k in ("result", "value") if k in value)
            if depth > 1:
                yield from _members(value, depth - 1)
        else:
            yield str(key), value


def _first_true(members: list[_Member], names: frozenset[str]) -> str | None:
    for name, value in members:
        if _key(name) in names and _is_true(value):
            return f"{name[:100]}: {str(value)[:_TEXT]}"
    return None


def _callback_at(
    members: list[_Member], ended_at: datetime | None, zone: str | None
) -> tuple[str, datetime] | None:
    if ended_at is None or any(_key(n) in _WANTED and _is_false(v) for n, v in members):
        return None
    for name, value in members:
        at = _instant(value, zone) if _key(name) in _AT else None
        if at is not None and ended_at < at <= ended_at + CALLBACK_WITHIN:
            return f"{name[:100]}: {str(value)[:_TEXT]}", at
    return None


def _instant(value: object, zone: str | None) -> datetime | None:
    if not isinstance(value, str) or len(value) > _ISO:
        return None
    try:
        read = datetime.fromisoformat(value.strip())
        if read.tzinfo is None:
            return read.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC) if zone else None
        return read.astimezone(UTC)
    except (ValueError, OverflowError, KeyError):
        return None


def _is_true(value: object) -> bool:
    match value:
        case bool():
            return value
        case int() | float():
            return value == 1
        case str():
            text = _folded(value).strip(" .!\"'")
            return text in _REQUESTED or _YES.match(text) is not None
        case _:
            return False


def _is_false(value: object) -> bool:
    if isinstance(value, str):
        return _NO.match(_folded(value).strip()) is not None
    return value is False or (isinstance(value, int) and value == 0)


def _key(name: str) -> str:
    plain = _PLAIN.sub("", _folded(name))
    if plain in _OPT_OUT | _WRONG | _AT | _WANTED:
        return plain
    return _AROUND.sub("", plain)


def _folded(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text[:_TEXT])
    return "".join(c for c in decomposed if not unicodedata.combining(c)).casefold()
