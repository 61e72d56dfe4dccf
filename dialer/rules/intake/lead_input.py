"""What a lead looks like when it comes in, and the faults of one that can't be taken."""

import difflib
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    StringConstraints,
    ValidationError,
)

from dialer.rules.errors import Fault
from dialer.rules.intake.briefing import MAX_CONTEXT, MAX_IMAGES, MAX_INFO
from dialer.rules.intake.wording import plain_words
from dialer.rules.phones import phone as phones
from dialer.rules.where.zones import STATES, known_zones, unknown_zone

MAX_ATTRIBUTES = 100
MAX_ATTRIBUTE = 1_000
MAX_URL = 2_000
MAX_PHONE = 100
FIRST_YEAR, LAST_YEAR = 2000, 2099
MAX_FAULTS = 20
"""Faults told of one lead; a body of junk must not be answered with a larger one."""

_SHOWN = 100


def _no_nul(value: object) -> object:
    # PostgreSQL's text cannot hold it; nobody means it.
    return value.replace("\x00", "") if isinstance(value, str) else value


def _blank_is_none(value: object) -> object:
    return None if isinstance(value, str) and not value.replace("\x00", "").strip() else value


def _as_text(value: object) -> object:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return _no_nul(value)


def _no_bool(value: object) -> object:
    # Forms and files hold digits as text, so text is read; true is nobody's number.
    if isinstance(value, bool):
        raise ValueError("a priority is a whole number from -100 to 100")  # noqa: TRY004 -- pydantic reports a ValueError
    return value


def _zone(name: str) -> str:
    if name not in known_zones():
        raise ValueError(unknown_zone(name))
    return name


def _state(code: str) -> str:
    if code.upper() not in STATES:
        raise ValueError(
            f"{code[:_SHOWN]!r} is not the two-letter code of a US state or territory"
        )
    return code.upper()


def _https(url: str) -> str:
    try:
        parts = urlsplit(url)
        good = parts.scheme == "https" and bool(parts.hostname) and not parts.username
    except ValueError:
        good = False
    if not good or any(c.isspace() or not c.isprintable() for c in url):
        raise ValueError("an image must be a plain https:// address")
    return url


def _attribute(value: object) -> object:
    match _no_nul(value):
        case None | bool() | int() as plain:
            return plain
        case float() as number if math.isfinite(number):
            return number
        case str() as text if len(text) <= MAX_ATTRIBUTE and _is_unicode(text):
            return text
    raise ValueError(
        f"an attribute is a text of at most {MAX_ATTRIBUTE:,} characters, a finite number, "
        "true, false or null"
    )


def _is_unicode(text: str) -> bool:
    return not any("\ud800" <= c <= "\udfff" for c in text)


def _near(at: datetime) -> datetime:
    # Year 1 or 9999 with an offset is an instant that neither Python nor the database can hold.
    if not FIRST_YEAR <= at.year <= LAST_YEAR:
        raise ValueError(f"the year must be {FIRST_YEAR} to {LAST_YEAR}")
    return at


Word = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=300), BeforeValidator(_as_text)
]
Optional = Annotated[Word | None, BeforeValidator(_blank_is_none)]
Url = Annotated[str, StringConstraints(max_length=MAX_URL), AfterValidator(_https)]
Context = Annotated[str | None, BeforeValidator(_no_nul), BeforeValidator(_blank_is_none)]
AttributeName = Annotated[str, StringConstraints(max_length=64), BeforeValidator(_no_nul)]
Attribute = Annotated[
    str | bool | int | float | None,
    PlainValidator(
        _attribute,
        json_schema_input_type=Annotated[str, StringConstraints(max_length=MAX_ATTRIBUTE)]
        | bool
        | int
        | float
        | None,
    ),
]
Instant = Annotated[
    Annotated[AwareDatetime, AfterValidator(_near)] | None, BeforeValidator(_blank_is_none)
]


Priority = Annotated[int, BeforeValidator(_no_bool)]


class Consent(BaseModel):
    """Evidence that the person agreed to be called."""

    model_config = ConfigDict(extra="forbid")

    given: bool = Field(description="Whether consent was given.")
    at: Instant = Field(default=None, description="When, with an offset.")
    source: Optional = Field(default=None, description="Where: a form, a page, a recording.")
    text: Optional = Field(
        default=None, description="The words agreed to, at most 300 characters."
    )


class LeadInput(BaseModel):
    """A person to call. Only `phone` is required."""

    model_config = ConfigDict(extra="forbid", str_max_length=MAX_CONTEXT)

    phone: Annotated[str, StringConstraints(max_length=MAX_PHONE), BeforeValidator(_as_text)] = (
        Field(description="As typed; it is normalised to +1XXXXXXXXXX or refused with a reason.")
    )
    name: Optional = Field(default=None, description="The person's name.")
    external_id: Optional = Field(
        default=None, description="Your id; the same one from a source is accepted once."
    )
    email: Optional = Field(
        default=None, description="Kept with the lead; sent only where a template names it."
    )
    partner_lead_id: Optional = Field(
        default=None, description="A lead's id inside the calling platform, never a CRM's."
    )
    context: Context = Field(
        default=None,
        max_length=MAX_CONTEXT,
        description="What the agent should know, at most 8,000 characters.",
    )
    additional_info: Context = Field(
        default=None,
        max_length=MAX_INFO,
        description="Appended to the context, at most 4,000 characters.",
    )
    image_urls: list[Url] = Field(
        default_factory=list,
        max_length=MAX_IMAGES,
        description="Pictures for the agent: https addresses, at most 10.",
    )
    attributes: dict[AttributeName, Attribute] = Field(
        default_factory=dict,
        max_length=MAX_ATTRIBUTES,
        description="Fields of your own, for templates as attributes.NAME.",
    )
    timezone: Annotated[
        Annotated[str, AfterValidator(_zone)] | None, BeforeValidator(_blank_is_none)
    ] = Field(default=None, description="IANA name; believed over the area code.")
    postal_code: Optional = Field(default=None, description="US ZIP code.")
    state: Annotated[
        Annotated[str, AfterValidator(_state)] | None, BeforeValidator(_blank_is_none)
    ] = Field(default=None, description="Two-letter US state.")
    priority: Priority = Field(default=0, ge=-100, le=100, description="Higher is called sooner.")
    not_before: Instant = Field(default=None, description="Not called before this instant.")
    expires_at: Instant = Field(default=None, description="Not called from this instant on.")
    consent: Consent | None = Field(default=None, description="Evidence of consent.")


@dataclass(frozen=True, slots=True)
class ReadLead:
    """A lead that can be taken: its fields, and its number in E.164 with what was repaired."""

    fields: LeadInput
    e164: str
    phone_code: str


def read_lead(
    given: Mapping[str, object], *, now: datetime, allow_territories: bool = False
) -> ReadLead | tuple[Fault, ...]:
    """Read one lead, or name everything that is wrong with it."""
    try:
        fields = LeadInput.model_validate(dict(given))
    except ValidationError as error:
        return faults_of(error, known=tuple(LeadInput.model_fields))
    faults = _late(fields, now)
    match phones.normalise(fields.phone, allow_territories=allow_territories):
        case phones.Rejected(code=code, suggestion=suggestion):
            message = phones.REJECTED_CODES[code]
            return (*faults, Fault("/phone", f"phone.{code}", message, suggestion))
        case phones.Accepted(e164=e164, code=code):
            return faults or ReadLead(fields, e164, code)


def faults_of(error: ValidationError, *, known: tuple[str, ...]) -> tuple[Fault, ...]:
    """Turn pydantic's findings into faults with pointers, plain words and stable codes.

    At most `MAX_FAULTS` are told.
    """
    findings = error.errors(include_url=False, include_input=False)
    return tuple(_fault(dict(found), known) for found in findings[:MAX_FAULTS])


_CODES = {"missing": "required", "extra_forbidden": "unknown_field", "value_error": "invalid"}
_KEY = "[key]"


def _fault(found: Mapping[str, object], known: tuple[str, ...]) -> Fault:
    where = found.get("loc")
    path = [str(part) for part in where if part != _KEY] if isinstance(where, tuple) else []
    if path[:1] == ["consent"]:
        known = tuple(Consent.model_fields)
    kind = str(found["type"])
    message = plain_words(found)
    near: list[str] = []
    if kind == "extra_forbidden":
        near = difflib.get_close_matches(path[-1], known, 1, 0.6)
        message = f"{path[-1][:_SHOWN]!r} is not a field here; known: {', '.join(known)}"
    escaped = [part.replace("~", "~0").replace("/", "~1")[:_SHOWN] for part in path]
    pointer = "".join(f"/{part}" for part in escaped)
    return Fault(pointer, _CODES.get(kind, kind), message, near[0] if near else None)


def _late(fields: LeadInput, now: datetime) -> tuple[Fault, ...]:
    if fields.expires_at and fields.expires_at <= now:
        return (Fault("/expires_at", "already_past", "the lead would be expired on arrival"),)
    if fields.expires_at and fields.not_before and fields.expires_at <= fields.not_before:
        return (Fault("/expires_at", "before_not_before", "it expires before it may be called"),)
    return ()
