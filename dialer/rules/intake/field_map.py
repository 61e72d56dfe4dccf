"""Which part of a CRM's payload becomes which field of a lead.

A source's map names paths; a field that it does not name is looked for under the names that
CRMs commonly use. Values that are blank count as absent, so the next name is tried.
"""

import re
from collections.abc import Iterator, Mapping, Sequence

from dialer.rules.calling import stop_word
from dialer.rules.calling.stop_word import StopWord
from dialer.rules.errors import Fault
from dialer.rules.intake.lead_input import LeadInput

FieldMap = Mapping[str, str | Sequence[str] | None]
"""A lead's field, attributes.NAME or stop_word -> a path, several to try in order, or None."""

STOP_WORD = "stop_word"
"""What a map names so that a payload can end a lead; it is never guessed."""

MAX_PATH = 200
MAX_ENTRIES = 150
MAX_FALLBACKS = 10
MAX_SEEN = 30

_ATTRIBUTE = re.compile(r"attributes\.[A-Za-z0-9_\- ]{1,64}")
_STEP = re.compile(r"([^.\[\]]+)((?:\[\d{1,4}\])*)(?:\.|\Z)")
_INDEX = re.compile(r"\d+")
_STATE = re.compile(r"[A-Za-z]{2}")
_ZONE = re.compile(r"[A-Za-z_]{1,40}/[A-Za-z_/\-]{1,60}")
_SEEN_DEPTH = 3

ALIASES: Mapping[str, Sequence[str]] = {
    "phone": (
        *("phone", "phonenumber", "mobile", "mobilephone", "mobilenumber", "cell"),
        *("cellphone", "tel", "telephone", "contactphone", "customerphone", "primaryphone"),
        *("homephone", "workphone"),
    ),
    "name": ("name", "fullname", "contactname", "customername", "leadname"),
    "email": ("email", "emailaddress", "contactemail", "customeremail"),
    "external_id": ("externalid", "id", "leadid", "contactid", "recordid"),
    "partner_lead_id": ("partnerleadid",),
    "context": ("context", "notes", "note", "comments", "comment", "message"),
    "additional_info": ("additionalinfo",),
    "image_urls": ("imageurls", "imageurl", "images", "photos", "photourls", "pictures"),
    "attributes": ("attributes",),
    "timezone": ("timezone", "tz"),
    "postal_code": ("postalcode", "zip", "zipcode", "postcode"),
    "state": ("state", "statecode", "usstate"),
    "priority": ("priority",),
    "not_before": ("notbefore",),
    "expires_at": ("expiresat",),
    "consent": ("consent",),
}
"""Names that are looked for at the top of a payload, without case and punctuation, in order."""

_FIRST = ("firstname", "first", "givenname", "fname")
_LAST = ("lastname", "last", "familyname", "surname", "lname")


def map_faults(given: FieldMap) -> tuple[Fault, ...]:
    """Name what is wrong with a map; empty when it is good."""
    if len(given) > MAX_ENTRIES:
        return (Fault("/field_map", "too_long", f"a map has at most {MAX_ENTRIES} entries"),)
    return tuple(_entry_faults(given))


def to_lead(row: Mapping[str, object], given: FieldMap) -> dict[str, object]:
    """The lead's fields that a payload's row holds; absent and blank ones are left out."""
    named = {field: _named(row, paths) for field, paths in given.items()}
    common = _common(row)
    plain = {f: named[f] if f in named else _guess(f, common) for f in ALIASES}
    extra = {
        f.removeprefix("attributes."): _scalar(v)
        for f, v in named.items()
        if f.startswith("attributes.") and v is not None
    }
    lead = {f: _shaped(f, v) for f, v in plain.items() if v is not None}
    attributes = lead.get("attributes")
    if extra:
        lead["attributes"] = {**(attributes if isinstance(attributes, dict) else {}), **extra}
    return lead


def stop_word_of(row: Mapping[str, object], given: FieldMap) -> StopWord | None:
    """The word by which a payload's row ends a lead: that of the first path that holds one."""
    paths = given.get(STOP_WORD)
    listed = [paths] if isinstance(paths, str) else paths or ()
    found = (stop_word.read(look_up(row, path), path=path) for path in listed)
    return next((word for word in found if word is not None), None)


def seen_keys(row: Mapping[str, object]) -> list[str]:
    """Paths that a payload offers, for the message that none of them was the phone."""
    return list(_paths(row, "", _SEEN_DEPTH))[:MAX_SEEN]


def look_up(row: Mapping[str, object], path: str) -> object | None:
    """The value at `a.b[0].c`; a key that is spelled like the whole path wins."""
    if path in row:
        return row[path]
    here: object = row
    for step in _STEP.finditer(path):
        if not isinstance(here, Mapping) or step[1] not in here:
            return None
        here = here[step[1]]
        for index in map(int, _INDEX.findall(step[2])):
            if not isinstance(here, list) or index >= len(here):
                return None
            here = here[index]
    return here


def _entry_faults(given: FieldMap) -> Iterator[Fault]:
    fields = (*LeadInput.model_fields, STOP_WORD)
    for field, paths in given.items():
        pointer = "/field_map/" + field[:100].replace("~", "~0").replace("/", "~1")
        if field not in fields and not _ATTRIBUTE.fullmatch(field):
            message = f"{field[:100]!r} is not a lead's field; known: {', '.join(fields)}"
            yield Fault(pointer, "unknown_field", f"{message}, attributes.NAME")
        listed = [paths] if isinstance(paths, str) else list(paths or ())
        if len(listed) > MAX_FALLBACKS:
            yield Fault(pointer, "too_long", f"at most {MAX_FALLBACKS} paths can be tried")
        for path in listed:
            if not _is_path(path):
                yield Fault(
                    pointer, "invalid_path", f"{path[:100]!r} is not a path such as a.b[0].c"
                )


def _is_path(path: str) -> bool:
    steps = "".join(step[0] for step in _STEP.finditer(path))
    return 0 < len(path) <= MAX_PATH and steps == path and not path.endswith(".")


def _named(row: Mapping[str, object], paths: str | Sequence[str] | None) -> object | None:
    listed = [paths] if isinstance(paths, str) else paths or ()
    found = (_present(look_up(row, path)) for path in listed)
    return next((value for value in found if value is not None), None)


def _present(value: object) -> object | None:
    if isinstance(value, str):
        return value.strip() or None
    return None if value in ({}, []) else value


def _common(row: Mapping[str, object]) -> dict[str, object]:
    found: dict[str, object] = {}
    for key, value in row.items():
        if (present := _present(value)) is not None:
            found.setdefault("".join(c for c in key.lower() if c.isalnum()), present)
    return found


def _guess(field: str, common: Mapping[str, object]) -> object | None:
    found = next((common[n] for n in ALIASES[field] if n in common), None)
    if field == "name" and not isinstance(found, str):
        return _joined_name(common)
    return found if found is not None and _looks_like(field, found) else None


def _joined_name(common: Mapping[str, object]) -> str | None:
    parts = (next((common[n] for n in names if n in common), None) for names in (_FIRST, _LAST))
    return " ".join(str(p) for p in parts if isinstance(p, str)) or None


def _looks_like(field: str, value: object) -> bool:
    # A CRM's own `state: "open"` or `priority: "High"` must not cost it the lead; a path that
    # the map names is taken as it is, and refused if it does not fit.
    match field:
        case "state":
            return isinstance(value, str) and bool(_STATE.fullmatch(value))
        case "timezone":
            return isinstance(value, str) and bool(_ZONE.fullmatch(value))
        case "priority":
            return isinstance(value, int) and not isinstance(value, bool)
        case "attributes" | "consent":
            return isinstance(value, Mapping)
        case "image_urls":
            return isinstance(value, str | list)
        case _:
            return isinstance(value, str | int | float) and not isinstance(value, bool)


def _shaped(field: str, value: object) -> object:
    if field == "image_urls" and isinstance(value, str):
        return [part for part in re.split(r"[\s,]+", value) if part]
    if field in {"context", "additional_info"} and isinstance(value, int | float):
        return str(value)
    return value


def _scalar(value: object) -> object:
    if isinstance(value, list):
        return ", ".join(str(item) for item in value)[:1_000]
    return value


def _paths(value: Mapping[str, object], prefix: str, depth: int) -> Iterator[str]:
    for key, inner in value.items():
        path = f"{prefix}{key[:60]}"
        if isinstance(inner, Mapping) and depth > 1:
            yield from _paths(inner, f"{path}.", depth - 1)
        elif isinstance(inner, list) and inner and isinstance(inner[0], Mapping) and depth > 1:
            yield from _paths(inner[0], f"{path}[0].", depth - 1)
        else:
            yield path
