"""What FastAPI found wrong with a request, as faults with pointers and stable codes."""

import difflib
from collections.abc import Mapping, Sequence

from dialer.rules.errors import Fault
from dialer.rules.intake.wording import plain_words

_MAX_FAULTS = 50
_CODES: Mapping[str, str] = {
    "missing": "required",
    "extra_forbidden": "unknown_field",
    "value_error": "invalid",
}


def request_faults(
    found: Sequence[Mapping[str, object]], known: Sequence[str] = ()
) -> tuple[Fault, ...]:
    """Turn validation findings into faults, at most 50.

    Args:
        found: As `RequestValidationError.errors()` gives them.
        known: Names that a misspelt one is compared with.
    """
    return tuple(_fault(one, known) for one in found[:_MAX_FAULTS])


def _fault(found: Mapping[str, object], known: Sequence[str]) -> Fault:
    where = found.get("loc")
    path = [str(part) for part in where] if isinstance(where, Sequence) else []
    kind = str(found["type"])
    misspelt = kind == "extra_forbidden" and len(path) == len(("body", "name"))
    near = difflib.get_close_matches(path[-1][:100], known, 1, 0.6) if misspelt else []
    message = _message(kind, path, found, known if misspelt else ())
    return Fault(_pointer(path), _CODES.get(kind, kind), message, next(iter(near), None))


def _message(
    kind: str, path: Sequence[str], found: Mapping[str, object], known: Sequence[str]
) -> str:
    match kind:
        case "extra_forbidden":
            listed = f"; known: {', '.join(known)}" if known else ""
            return f"{path[-1][:100]!r} is not a field here{listed}"
        case "missing":
            return "this is required"
        case _:
            return plain_words(found)


def _pointer(path: Sequence[str]) -> str:
    place, *rest = path or ["body"]
    match place:
        case "query":
            return "?" + ".".join(rest)
        case "header":
            return ".".join(rest) + ":"
        case "path":
            return "{" + ".".join(rest) + "}"
        case _:
            escaped = (part.replace("~", "~0").replace("/", "~1")[:100] for part in rest)
            return "".join(f"/{part}" for part in escaped)
