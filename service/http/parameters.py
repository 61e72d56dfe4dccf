"""Parameters that several operations share."""

import difflib
from collections.abc import Iterator, Sequence
from typing import Annotated

from fastapi import Header, Query, Request
from fastapi.dependencies.models import Dependant
from pydantic import AfterValidator

from dialer.rules.errors import Fault, InvalidInputError
from dialer.rules.intake.payload import clean_text

_MAX_FAULTS = 20
_SHOWN = 100

Filter = Annotated[
    str | None, Query(max_length=300), AfterValidator(lambda t: t and clean_text(t))
]
"""A text that a list is narrowed by."""

PhoneFilter = Annotated[
    str | None,
    Query(max_length=100, description="A number as typed; it is normalised as a lead's is."),
    AfterValidator(lambda t: t and (clean_text(t).strip() or None)),
]
"""A number that a list is narrowed by; blank for none."""

IdempotencyKey = Annotated[
    str | None,
    Header(
        min_length=1,
        max_length=200,
        pattern=r"^[ -~]+$",
        description="The same key is answered once; a repetition gets the first answer again.",
    ),
]


def known_only(request: Request) -> None:
    """Refuse query parameters that the operation does not take: a misspelt filter is no filter.

    Raises:
        InvalidInputError: naming each of them, and the nearest that there is.
    """
    known = sorted(set(_names(request.scope["route"].dependant)))
    odd = [name for name in dict.fromkeys(request.query_params) if name not in known]
    if odd:
        faults = tuple(_unknown(name, known) for name in odd[:_MAX_FAULTS])
        raise InvalidInputError(faults[0].message, faults=faults)


def _names(dependant: Dependant) -> Iterator[str]:
    yield from (field.alias for field in dependant.query_params)
    for inner in dependant.dependencies:
        yield from _names(inner)


def _unknown(name: str, known: Sequence[str]) -> Fault:
    near = difflib.get_close_matches(name[:_SHOWN], known, 1, 0.6)
    takes = f"known: {', '.join(known)}" if known else "this operation takes none"
    message = f"{name[:_SHOWN]!r} is not a query parameter here; {takes}"
    return Fault(f"?{name[:_SHOWN]}", "unknown_parameter", message, next(iter(near), None))
