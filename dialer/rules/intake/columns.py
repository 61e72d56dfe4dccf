"""Decides which column of a table becomes which field of a lead."""

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import chain, count

from dialer.rules.errors import Fault, InvalidInputError
from dialer.rules.intake import field_map
from dialer.rules.intake.lead_input import MAX_ATTRIBUTES, LeadInput
from dialer.rules.intake.places import state_of, zone_of

OURS = "outdial_"
"""Columns that a file of refused rows has on top; they are never read."""

_ATTRIBUTE = "attributes."
_MAX_KEY = 64
_SHOWN = 100
_MOST_LISTED = 50
_FIELDS = tuple(name for name in LeadInput.model_fields if name not in {"attributes", "consent"})
# What CRMs call things in their exports, beyond what they call them in their webhooks.
_MORE: Mapping[str, Sequence[str]] = {
    "phone": ("phoneno", "phonenumbers", "mobileno", "contactnumber", "bestphone", "number"),
    "name": ("contact", "customer", "lead", "fullcontactname"),
    "external_id": ("crmid", "crmleadid", "customerid", "leadnumber", "leadno", "reference"),
    "context": ("leadnotes", "details", "description", "remarks"),
    "image_urls": ("photolinks", "imagelinks", "attachments"),
    "postal_code": ("zippostalcode", "zip5", "postal"),
    "state": ("stateprovince", "region"),
}
# A CRM's priority is a word such as High; only who names the column means a number.
_ONLY_NAMED = frozenset({"priority"})
# Several numbers of a person are tried in turn; the rest has one place each.
_SEVERAL = frozenset({"phone"})
_PHONE = re.compile(r"phone|mobile|cell|telefono")
_NO_PHONE = re.compile(r"type|ext|status|valid|code|country|consent|carrier|opt")


@dataclass(frozen=True, slots=True)
class Columns:
    """How a table's rows are read.

    Attributes:
        header: The columns, each name once.
        fields: Lead field, or attributes.NAME -> its columns, in the order they are tried.
        unread: Columns that nothing is made of.
    """

    header: tuple[str, ...]
    fields: Mapping[str, tuple[str, ...]]
    unread: tuple[str, ...]

    def lead(self, cells: Sequence[str]) -> dict[str, object]:
        """Makes a lead of a row.

        Args:
            cells: One for each column.

        Returns:
            The fields that aren't blank, as `POST /v1/leads/bulk` takes them, not yet judged; a
            phone in any case.
        """
        row = dict(zip(self.header, cells, strict=True))
        for field, read in (("state", state_of), ("timezone", zone_of)):
            for name in self.fields.get(field, ()):
                row[name] = read(row[name])
        return {"phone": "", **field_map.to_lead(row, self._map())}

    def _map(self) -> dict[str, Sequence[str] | None]:
        # A name may be put together from first and last; nothing else is guessed a second time.
        guessed = () if "name" in self.fields else ("name",)
        never = dict.fromkeys(field for field in field_map.ALIASES if field not in guessed)
        return {**never, **self.fields}


def decide(names: Sequence[str], chosen: Mapping[str, str]) -> Columns:
    """Maps a header.

    Args:
        names: The header as written; a name may be empty or come twice.
        chosen: Lead field, or attributes.NAME -> the column that a person chose, "" for none.

    Returns:
        The mapping: what was chosen, the usual names, and an attribute for each other column.

    Raises:
        InvalidInputError: A field or column that is not there was chosen, or no column is the
            phone.
    """
    header = _unique(names)
    fields: dict[str, tuple[str, ...]] = {
        field: (_find(column, header),) for field, column in _checked(chosen) if column
    }
    free = [c for c in header if not c.startswith(OURS) and (c,) not in fields.values()]
    for field in (name for name in _FIELDS if name not in chosen and name not in _ONLY_NAMED):
        if found := _usual(field, free):
            fields[field] = found
            free = [column for column in free if column not in found]
    if "phone" not in fields:
        fields["phone"] = (_likely_phone(header, free, chosen),)
    rest = [column for column in free if column not in fields["phone"]]
    joined = [] if "name" in fields else [column for column in rest if _is_part_of_name(column)]
    rest = [column for column in rest if column not in joined]
    fields |= {n: (c,) for n, c in _attributes(rest[:MAX_ATTRIBUTES], chosen).items()}
    read = {*joined, *chain(*fields.values())}
    return Columns(header, fields, tuple(column for column in header if column not in read))


def parse_choices(given: Iterable[str]) -> dict[str, str]:
    """Reads choices of columns.

    Args:
        given: Such as `phone=Cell Phone`; `state=` takes no column for the state.

    Returns:
        Field -> column.

    Raises:
        InvalidInputError: One has no `=`.
    """
    chosen: dict[str, str] = {}
    for text in given:
        field, equals, column = text.partition("=")
        if not equals:
            raise _refused("unreadable_choice", f"{text[:_SHOWN]!r}: write FIELD=COLUMN")
        chosen[field.strip()] = column.strip()
    return chosen


def _unique(names: Sequence[str]) -> tuple[str, ...]:
    made: list[str] = []
    for place, name in enumerate(names, 1):
        wanted = name or f"column {place}"
        numbered = (f"{wanted} ({again})" for again in count(2))
        made.append(next(free for free in chain((wanted,), numbered) if free not in made))
    return tuple(made)


def _checked(chosen: Mapping[str, str]) -> list[tuple[str, str]]:
    for field in chosen:
        attribute = field.removeprefix(_ATTRIBUTE)
        if field in _FIELDS or (attribute != field and 0 < len(attribute) <= _MAX_KEY):
            continue
        near = get_close_matches(field[:_SHOWN], _FIELDS, 1, 0.6)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise _refused(
            "unknown_field",
            f"{field[:_SHOWN]!r} is not a field of a lead{hint} Known: {', '.join(_FIELDS)}, "
            "attributes.NAME",
        )
    return list(chosen.items())


def _find(wanted: str, header: Sequence[str]) -> str:
    if wanted in header:
        return wanted
    keys = [_key(name) for name in header]
    if _key(wanted) in keys:
        return header[keys.index(_key(wanted))]
    near = get_close_matches(_key(wanted[:_SHOWN]), keys, n=1)
    hint = f' Did you mean "{header[keys.index(near[0])]}"?' if near else ""
    raise _refused(
        "unknown_column",
        f'there is no column "{wanted[:_SHOWN]}". The file has: {_listed(header)}.{hint}',
    )


def _usual(field: str, free: Sequence[str]) -> tuple[str, ...]:
    by_key: dict[str, str] = {}
    for column in free:
        by_key.setdefault(_key(column), column)
    names = (*field_map.ALIASES.get(field, ()), *_MORE.get(field, ()))
    found = tuple(by_key[name] for name in names if name in by_key)
    return found if field in _SEVERAL else found[:1]


def _is_part_of_name(column: str) -> bool:
    return "name" in field_map.to_lead({column: "x"}, {})


def _likely_phone(header: Sequence[str], free: Sequence[str], chosen: Mapping[str, str]) -> str:
    if "phone" in chosen:
        raise _refused("no_phone", "a lead needs a phone; phone= can't be empty")
    likely = [
        column
        for column in free
        if _PHONE.search(column.casefold()) and not _NO_PHONE.search(column.casefold())
    ]
    if len(likely) == 1:
        return likely[0]
    which = "several columns look" if likely else "no column looks"
    raise _refused(
        "no_phone",
        f"{which} like a phone; choose one with phone=COLUMN. The file has: {_listed(header)}",
    )


def _attributes(free: Sequence[str], chosen: Mapping[str, str]) -> dict[str, str]:
    made: dict[str, str] = {}
    for column in free:
        name = slug(column)
        if chosen.get(_ATTRIBUTE + name) != "":
            made[_unused(name, {*made, *chosen})] = column
    return made


def _unused(name: str, taken: Collection[str]) -> str:
    numbered = (f"{name[: _MAX_KEY - 4]}_{again}" for again in count(2))
    named = (_ATTRIBUTE + free for free in chain((name,), numbered))
    return next(free for free in named if free not in taken)


def slug(column: str) -> str:
    """Makes an attribute's name of a column's: `Roof Type?` -> `roof_type`.

    Args:
        column: As written.

    Returns:
        Lower-case ASCII letters, digits and underscores, 1 to 64 of them.
    """
    plain = unicodedata.normalize("NFKD", column).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:_MAX_KEY] or "column"


def _key(name: str) -> str:
    return "".join(c for c in name.casefold() if c.isalnum())


def _listed(names: Sequence[str]) -> str:
    listed = ", ".join(f'"{name[:_SHOWN]}"' for name in names[:_MOST_LISTED])
    more = len(names) - _MOST_LISTED
    return f"{listed} and {more:,} more" if more > 0 else listed


def _refused(code: str, message: str) -> InvalidInputError:
    return InvalidInputError(message, faults=(Fault("", code, message),))
